"""``d2l-autograd grade``: the notebooks that students hand in, marked."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import click

from d2l_autograd.cli.language import language_option
from d2l_autograd.course.chapters import ChapterError, find_chapter
from d2l_autograd.grading.results import OUTCOMES, Marked
from d2l_autograd.grading.words import word
from notebook_check.compare.visible import in_a_line


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the marks: a line for each student, a column for each exercise.",
)
@click.option(
    "--html",
    "html_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the marks as web pages: a table, and a page for each student.",
)
@language_option
@click.option(
    "--chapter",
    metavar="NAME",
    show_default="the one whose exercises a notebook has",
    help="The chapter that all notebooks are of.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    show_default="the cores there are",
    help="Notebooks to mark at the same time.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds that one cell, or the check of one answer, may compute.",
)
@click.option(
    "--memory",
    type=click.FloatRange(min=0.5),
    default=4.0,
    show_default=True,
    help="Gigabytes that the processes of one notebook may take.",
)
def grade(
    folder: Path,
    csv_file: Path | None,
    html_folder: Path | None,
    lang: str,
    chapter: str | None,
    jobs: int | None,
    timeout: float,
    memory: float,
) -> None:
    """Mark the notebooks in FOLDER, at any depth, which students have handed in.

    Each runs in processes of its own, and its answers are checked in others, as
    d2l.check_answer would. What its code does wrong costs its own marks only. It runs as you,
    though, and can read what you can read; where the system cannot keep it from the network and
    from other submissions, the command says so. docs/grading.md shows how a container can.
    """
    from d2l_autograd.grading.submissions import notebooks_in

    if sys.platform != "linux":
        raise click.ClickException(
            "grade watches and ends processes as only Linux can. Use a container, or WSL."
        )
    number = _number(chapter, lang) if chapter else None
    paths = notebooks_in(folder)
    if not paths:
        there = "There is no notebook in" if folder.is_dir() else "There is no folder"
        raise click.ClickException(f"{there} {folder}.")
    for target in (csv_file and csv_file.parent, html_folder):
        _make(target)
    found = _marked(paths, folder, number, lang, jobs, timeout, memory)
    _tell(folder, found, csv_file, html_folder, lang)


def _number(chapter: str, lang: str) -> str:
    from d2l_autograd.course.answers import chapter_numbers

    try:
        number = find_chapter(chapter, lang).id[:2]
    except ChapterError as error:
        raise click.BadParameter(str(error), param_hint="--chapter") from error
    if number not in chapter_numbers():
        raise click.BadParameter(f"Chapter {number} has no exercises.", param_hint="--chapter")
    return number


def _make(folder: Path | None) -> None:
    """Make a folder for results, before the marking takes its time."""
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(
            f"Cannot make the folder {folder}: {error.strerror}. Name another."
        ) from error


def _marked(
    paths: list[Path],
    folder: Path,
    number: str | None,
    lang: str,
    jobs: int | None,
    timeout: float,
    memory: float,
) -> dict[Path, Marked]:
    from d2l_autograd.grading.marking import CannotGrade, Settings, hidden_with, mark_all
    from notebook_check.cli.bar import progress_bar

    settings = Settings(lang, timeout, memory * 1e9, number, hidden_with(folder))
    jobs = jobs or len(os.sched_getaffinity(0))
    found = {}
    with progress_bar() as progress:
        task = progress.add_task(f"{len(paths)} notebooks", total=len(paths), line="starting")

        def began(path: Path) -> None:
            progress.update(task, line=in_a_line(str(path.relative_to(folder)))[:60])

        try:
            for path, marked in mark_all(paths, settings, jobs, began, _tell_of_isolation):
                found[path] = marked
                progress.advance(task)
        except KeyboardInterrupt:
            raise click.Abort from None
        except CannotGrade as error:
            raise click.ClickException(str(error)) from error
    return found


def _tell_of_isolation(apart: bool) -> None:
    if not apart:
        click.echo(
            "This system gives submissions no namespaces of their own: they can use the network, "
            "read what you can read, other submissions as well, and end your processes. In a "
            "container that has nothing else they cannot: see docs/grading.md.",
            err=True,
        )


def _tell(
    folder: Path,
    found: dict[Path, Marked],
    csv_file: Path | None,
    html_folder: Path | None,
    lang: str,
) -> None:
    """Write the files, and print a line for each student."""
    from d2l_autograd.grading.marks import as_csv, marks
    from d2l_autograd.grading.pages import pages
    from notebook_check.files import write_all_atomically

    table = marks(folder, found, lang)
    files = {}
    if csv_file is not None:
        files[csv_file] = as_csv(table, lang)
    if html_folder is not None:
        made = pages(table, lang)
        files |= {html_folder / name: text.encode() for name, text in made.items()}
    try:
        write_all_atomically(files)
    except OSError as error:
        raise click.ClickException(
            f"The marks cannot be written: {error.strerror or error}."
        ) from error
    for student in table:
        outcomes = Counter(result.outcome for result in student.results.values())
        told = ", ".join(f"{outcomes[one]} {word(one, lang)}" for one in OUTCOMES if outcomes[one])
        click.echo(f"{in_a_line(student.name)}: {told}")
