"""The command ``record``: notebooks executed again, and their outputs stored in them."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notebook_check.cli.check import Command, kernel_options, run_with_kernel, shown
from notebook_check.errors import NotebookError
from notebook_check.files import FileChanged, write_all_atomically

if TYPE_CHECKING:
    from notebook_check.execution import Execution
    from notebook_check.project import Project
    from notebook_check.storing import Change, Stored

    Run = tuple[Project, Execution] | str  # or the line that says why nothing came of it

Notebook = Any  # nbformat's NotebookNode, whose fields are attributes
_MOST_TOLD = 20


def record_options(command: Command) -> Command:
    """Give a command the options that `run_record` takes."""
    command = kernel_options(command)
    command = click.option(
        "--check/--no-check",
        "checks",
        default=True,
        help="Whether what was written is run once more, and cells are named that do not hold.",
    )(command)
    command = click.option(
        "--all",
        "everything",
        is_flag=True,
        help="Store also outputs that the check takes for the same, "
        "such as a figure in another font.",
    )(command)
    return click.option("--yes", is_flag=True, help="Store without asking.")(command)


def run_record(
    groups: Iterable[Sequence[Path]],
    problems: Mapping[Path, str] | None = None,
    *,
    yes: bool,
    everything: bool,
    checks: bool,
    **kernel: Any,
) -> int:
    """Record notebooks as the command does; return its exit status.

    Each group is of files that have the same code: each is executed, and all are written or none.
    ``problems`` says of other files why they cannot be.
    """
    if not yes and not sys.stdin.isatty():
        raise click.UsageError(
            "record asks before it writes, and here is no terminal to ask on: add --yes."
        )
    failed = False
    for path, problem in (problems or {}).items():
        _tell_failure(f"{shown(path)}: {problem}")
        failed = True
    read = []
    for files in groups:
        try:
            read.append(_Group.read(files))
        except NotebookError as error:
            _tell_failure(str(error))
            failed = True
    written: list[Path] = []
    if read:
        runs = _executed([path for group in read for path in group.before], kernel)
        for group in read:
            try:
                written += _store(group, runs, yes=yes, everything=everything)
            except (NotebookError, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                _tell_failure(f"{shown(group.first)}: {reason}")
                failed = True
    if written and checks:
        failed |= _check_again(written, kernel)
    return int(failed)


@dataclass(frozen=True)
class _Group:
    """Files that have the same code, with what was in them before anything ran."""

    before: dict[Path, bytes]

    @property
    def first(self) -> Path:
        return next(iter(self.before))

    @classmethod
    def read(cls, files: Sequence[Path]) -> _Group:
        """Read files; a NotebookError if they cannot be recorded together."""
        from notebook_check.stored import read_notebook
        from notebook_check.storing import require_recordable, require_same_code

        before, first = {}, None
        for path in files:
            try:
                before[path] = path.read_bytes()
                notebook = read_notebook(path)
                first = first or notebook
                require_recordable(notebook)
                require_same_code(first, notebook)
            except OSError as error:
                raise NotebookError(f"{shown(path)}: cannot be read: {error.strerror}") from None
            except NotebookError as error:
                raise NotebookError(f"{shown(path)}: {error}") from None
        return cls(before)


def _executed(notebooks: Sequence[Path], kernel: Mapping[str, Any]) -> dict[Path, Run]:
    """Execute notebooks: what came of each, or the line that says why nothing did."""
    from notebook_check.storing import read_recorded

    with tempfile.TemporaryDirectory() as folder:
        finished = run_with_kernel(notebooks, [f"--nbval-record={folder}"], **kernel)
        if finished.status == 2:
            raise click.ClickException(finished.text or "pytest could not be run")
        return dict(map(read_recorded, Path(folder).glob("*.json")))


def _store(group: _Group, runs: Mapping[Path, Run], *, yes: bool, everything: bool) -> list[Path]:
    """Show what changes in the files of a group, ask, and write; return what was written."""
    from notebook_check.stored import read_notebook
    from notebook_check.storing import CellsFailed, patched_text, store_outputs

    name = shown(group.first)
    stored, texts = {}, {}
    for path, before in group.before.items():
        where = "" if path == group.first else f"{shown(path)}: "
        run = runs.get(path, "it was not executed to its end")
        if isinstance(run, str):
            raise NotebookError(where + run)
        if path.read_bytes() != before:
            raise NotebookError(_changed(path))
        project, execution = run
        notebook = read_notebook(path)
        try:
            stored[path] = store_outputs(notebook, execution, project, everything=everything)
        except CellsFailed as error:
            raise NotebookError(f"{where}cannot be recorded:\n{error}") from None
        texts[path] = notebook, patched_text(before.decode(), notebook)
    contents, moves = _contents(group, texts)
    click.echo(f"{name}: executed")
    for line in (*_told(stored), *moves):
        click.echo(line)
    if not contents:
        click.echo("Stored already.\n")
        return []
    if not (yes or click.confirm(f"Write {', '.join(map(shown, contents))}?")):
        click.echo("Nothing written.\n")
        return []
    try:
        write_all_atomically(contents, group.before)
    except FileChanged as error:
        raise NotebookError(_changed(Path(str(error)))) from None
    except OSError as error:
        raise NotebookError(f"cannot be written: {error.strerror}") from None
    click.echo(f"Written: {', '.join(map(shown, contents))}\n")
    return [path for path in contents if path in group.before]


def _changed(path: Path) -> str:
    return f"{shown(path)} was saved while it ran, and is left as it is now: record it again"


def _contents(
    group: _Group, texts: Mapping[Path, tuple[Notebook, str]]
) -> tuple[dict[Path, bytes], list[str]]:
    """The files that change, ledgers among them, and a line for each entry of a ledger."""
    from notebook_check.pytest_plugin.ledger import ledger_text, read_ledger
    from notebook_check.storing import ledger_change

    contents = {}
    ledgers: dict[Path, dict[str, int]] = {}
    lines = []
    for path, (notebook, text) in texts.items():
        if text.encode() != group.before[path]:
            contents[path] = text.encode()
        if change := ledger_change(notebook, path):
            file, name, count = change
            counts = ledgers.setdefault(file, read_ledger(file.parent))
            lines.append(f"{file.name}: {name}: {counts.get(name, 'not listed')}, now {count}")
            counts[name] = count
    contents |= {file: ledger_text(counts).encode() for file, counts in ledgers.items()}
    return contents, lines


def _check_again(written: Sequence[Path], kernel: Mapping[str, Any]) -> bool:
    """Run what was written once more, and name the cells that do not hold."""
    finished = run_with_kernel(written, [], **kernel)
    lines = [f"  {name}: {line}" for name, line in finished.failures.items()]
    if not lines:
        click.echo("Run once more: what was written holds.")
        return False
    click.echo("Run once more, this does not hold:")
    for line in lines[:_MOST_TOLD]:
        click.echo(line)
    if len(lines) > _MOST_TOLD:
        click.echo(f"  … and {len(lines) - _MOST_TOLD} more")
    click.echo(
        "Seed what is random, or tag the cell nbval-ignore-output and say why in its metadata: "
        '"nbval": {"reason": "…"}.'
    )
    return True


def _told(stored: Mapping[Path, Stored]) -> Iterator[str]:
    """How the stored outputs change; what is the same in a second language is told once."""
    told: list[Change] = []
    for path, one in stored.items():
        if changes := [change for change in one.changes if change not in told]:
            yield f"{shown(path)}: {_cells(len(changes))} with other outputs\n"
            yield from map(_change, changes)
            told += changes
    if kept := max(one.kept for one in stored.values()):
        yield f"{_cells(kept)} the same to the check, and kept; --all stores also these anew."


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _change(change: Change) -> str:
    from notebook_check.pytest_plugin.rendering import render_differences

    how = render_differences(change.differences) if change.differences else "was never run"
    return f"{change.cell}\n{how.rstrip()}\n"


def _tell_failure(line: str) -> None:
    click.echo(f"Error: {line}", err=True)
