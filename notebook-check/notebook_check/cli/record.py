"""The command ``record``: notebooks executed again, and their outputs stored in them."""

# nbformat is typed in part.
# mypy: allow-untyped-calls

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from notebook_check.files import write_all_atomically

if TYPE_CHECKING:
    from notebook_check.storing import Change, Recorded

    Notebook = Any  # nbformat's NotebookNode, whose fields are attributes


Command = TypeVar("Command", bound=Callable[..., object])


def record_options(command: Command) -> Command:
    """Give a command the options that `run_record` takes."""
    options = (
        click.option("--yes", is_flag=True, help="Store without asking."),
        click.option(
            "--all",
            "everything",
            is_flag=True,
            help="Store also outputs that the check takes for the same, "
            "such as a figure in another font.",
        ),
        click.option(
            "--timeout",
            type=click.IntRange(min=1),
            default=600,
            show_default=True,
            help="Seconds that one cell may take.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def run_record(
    groups: Sequence[Sequence[Path]], *, yes: bool, everything: bool, timeout: int
) -> int:
    """Record notebooks as the command does; return its exit status.

    Each group is of files that have the same code, and all of them are written or none.
    """
    if not yes and not sys.stdin.isatty():
        raise click.UsageError(
            "record asks before it writes, and here is no terminal to ask on: add --yes."
        )
    failed = False
    for files in groups:
        try:
            _record(files, yes=yes, everything=everything, timeout=timeout)
        except click.ClickException as error:
            error.show()
            failed = True
    return int(failed)


def _record(files: Sequence[Path], *, yes: bool, everything: bool, timeout: int) -> None:
    from notebook_check.errors import NotebookError
    from notebook_check.execution import CellFailed
    from notebook_check.storing import store_outputs

    began = time.monotonic()
    name = files[0].stem
    try:
        notebooks = _read(files)
        stored = {}
        for path, notebook in notebooks.items():
            executed = _executed(notebook, path, timeout, copied=len(files) > 1)
            stored[path] = store_outputs(notebook, executed, everything=everything)
        contents, moves = _contents(notebooks)
    except CellFailed as failure:
        raise click.ClickException(f"{name} {failure}") from failure
    except NotebookError as error:
        raise click.ClickException(f"{name}: {error}") from error
    click.echo(f"{name}: executed in {time.monotonic() - began:.1f} s")
    for line in (*_told(stored), *moves):
        click.echo(line)
    if not contents:
        click.echo("Stored already.\n")
    elif yes or click.confirm(f"Write {', '.join(map(_shown, contents))}?"):
        write_all_atomically(contents)
        click.echo(f"Written: {', '.join(map(_shown, contents))}\n")
    else:
        click.echo("Nothing written.\n")


def _read(files: Sequence[Path]) -> dict[Path, Notebook]:
    """The notebooks, if they are ones that can be recorded together."""
    from notebook_check.errors import NotebookError
    from notebook_check.stored import read_notebook
    from notebook_check.storing import require_recordable, require_same_code

    notebooks: dict[Path, Notebook] = {}
    for path in files:
        try:
            notebooks[path] = read_notebook(path)
            require_recordable(notebooks[path])
            require_same_code(notebooks[files[0]], notebooks[path])
        except NotebookError as error:
            raise NotebookError(f"{_shown(path)}: {error}") from None
    return notebooks


def _executed(notebook: Notebook, path: Path, timeout: int, *, copied: bool) -> Notebook:
    from notebook_check.execution import execute_with_bar, working_folder
    from notebook_check.markers import is_skipped
    from notebook_check.storing import may_raise

    executed = copy.deepcopy(notebook)
    with working_folder(path, copied=copied) as folder:
        execute_with_bar(
            executed,
            path.stem,
            folder=folder,
            timeout=timeout,
            skips=is_skipped,
            may_raise=may_raise,
        )
    return executed


def _contents(notebooks: Mapping[Path, Notebook]) -> tuple[dict[Path, bytes], list[str]]:
    """The files that change, ledgers among them, and a line for each entry of a ledger."""
    import nbformat

    from notebook_check.pytest_plugin.ledger import ledger_text, read_ledger
    from notebook_check.storing import ledger_change

    contents = {}
    ledgers: dict[Path, dict[str, int]] = {}
    lines = []
    for path, notebook in notebooks.items():
        content = (nbformat.writes(notebook) + "\n").encode()
        if content != path.read_bytes():
            contents[path] = content
        if change := ledger_change(notebook, path):
            file, name, count = change
            ledger = ledgers.setdefault(file, read_ledger(file.parent))
            lines.append(f"{file.name}: {name}: {ledger.get(name, 'not listed')}, now {count}")
            ledger[name] = count
    contents |= {file: ledger_text(ledger).encode() for file, ledger in ledgers.items()}
    return contents, lines


def _told(stored: Mapping[Path, Recorded]) -> Iterator[str]:
    """How the stored outputs change; what is the same in a second language is told once."""
    told: list[Change] = []
    for path, recorded in stored.items():
        if changes := [change for change in recorded.changes if change not in told]:
            yield f"{_shown(path)}: {_cells(len(changes))} with other outputs\n"
            yield from map(_change, changes)
            told += changes
    if kept := max(recorded.kept for recorded in stored.values()):
        yield f"{_cells(kept)} the same to the check, and kept; --all stores also these anew."


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _change(change: Change) -> str:
    from notebook_check.pytest_plugin.rendering import render_differences

    how = render_differences(change.differences) if change.differences else "was never run"
    return f"{change.cell}\n{how.rstrip()}\n"


def _shown(path: Path) -> str:
    """A path as the reader would write it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
