"""The command ``record``: notebooks executed again, and their outputs stored in them."""

from __future__ import annotations

import copy
import io
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from notebook_check.cli.bar import progress_bar
from notebook_check.cli.check import CannotCheck, for_pytest, kernel_options
from notebook_check.compare.visible import in_a_line, without_control
from notebook_check.files import write_all_atomically
from notebook_check.quick import import_nbformat

if TYPE_CHECKING:
    from rich.progress import Progress

    from notebook_check.rules import Project
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
            "--once",
            is_flag=True,
            help="Do not execute a second time what was stored, to see whether it will hold.",
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            help="Notebooks to run at the same time.",
        ),
        click.option(
            "--timeout",
            type=click.IntRange(min=1),
            show_default="60, or what pytest is configured with there",
            help="Seconds that one cell may take.",
        ),
        *kernel_options(),
    )
    for option in reversed(options):
        command = option(command)
    return command


def run_record(
    groups: Sequence[Sequence[Path]],
    *,
    yes: bool,
    everything: bool,
    once: bool,
    jobs: int,
    timeout: int | None,
    current_kernel: bool,
    kernel: str | None,
    pytest_options: Sequence[str] = (),
) -> int:
    """Record notebooks as the command does; return its exit status.

    Each group is of files that have the same code, and all of them are written or none.
    """
    if not yes and not sys.stdin.isatty():
        raise click.UsageError(
            "record asks before it writes, and here is no terminal to ask on: add --yes."
        )
    options = for_pytest(timeout=timeout, current_kernel=current_kernel, kernel=kernel)
    project = _project(groups, [*pytest_options, *options])
    well = True
    with progress_bar() as progress:
        runner = _Runner(progress)
        recordings = [_Recording(tuple(files), project, runner) for files in groups]
        pool = ThreadPoolExecutor(min(jobs, len(groups)))
        try:
            futures = [pool.submit(recording.execute) for recording in recordings]
            for recording, future in zip(recordings, futures, strict=True):
                asked = {"yes": yes, "everything": everything, "once": once}
                well &= _store(recording, future, progress, **asked)
        finally:
            runner.stop.set()
            pool.shutdown(cancel_futures=True)
    return int(not well)


def _project(groups: Sequence[Sequence[Path]], options: Sequence[str]) -> Project:
    """What pytest's ini file and the options ask of the notebooks, as the check is asked."""
    import_nbformat()
    from notebook_check.cli.pytest_run import project_around

    said = io.StringIO()
    project = project_around([path for files in groups for path in files], options, said)
    if project is None:
        # Of a wrong setting, pytest has spoken on stderr.
        raise CannotCheck(said.getvalue().strip() or "Nothing is recorded.")
    return project


@dataclass(frozen=True)
class Executed:
    """A file's notebook before and after its cells were run."""

    before: Notebook
    after: Notebook


class _Recording:
    """Files that have the same code, on their way from their execution into the files."""

    def __init__(self, files: tuple[Path, ...], project: Project, runner: _Runner) -> None:
        self.files = files
        self.project = project
        self.runner = runner
        self.name = _shown(files[0]) if len(files) == 1 else in_a_line(files[0].stem)
        self.seconds = 0.0

    def execute(self) -> dict[Path, Executed]:
        """Run the notebooks as they are stored now; a NotebookError or CellFailed if they fail."""
        from notebook_check.execution import raise_failure
        from notebook_check.storing import require_promised

        began = time.monotonic()
        done = {}
        for path, (_, notebook) in self._read().items():
            executed = copy.deepcopy(notebook)
            run = self._run(executed, path)
            raise_failure(executed, run)
            require_promised(executed, run)
            done[path] = Executed(notebook, executed)
        self.seconds = time.monotonic() - began
        return done

    def store(self, done: Mapping[Path, Executed], *, yes: bool, everything: bool) -> set[Path]:
        """Show what differs, ask, and write; return the notebooks that changed."""
        click.echo(f"{self.name}: executed in {self.seconds:.1f} s")
        agreed = None
        while True:
            read, contents, lines = self._merged(done, everything=everything)
            if agreed is None:
                for line in lines:
                    click.echo(without_control(line))
                if not contents:
                    click.echo("Stored already.\n")
                    return set()
                names = ", ".join(map(_shown, contents))
                agreed = yes or click.confirm(f"Write {names}?")
            if not agreed:
                click.echo("Nothing written.\n")
                return set()
            if all(path.read_bytes() == data for path, data in read.items()):
                write_all_atomically({Path(p).resolve(): d for p, d in contents.items()})
                click.echo(f"Written: {', '.join(map(_shown, contents))}\n")
                return {*contents}

    def will_not_hold(self, changed: set[Path]) -> list[str]:
        """Run what was stored once more, and say what then differs."""
        from notebook_check.storing import will_not_hold

        lines = []
        for path, (_, notebook) in self._read().items():
            if path in changed:
                again = copy.deepcopy(notebook)
                self._run(again, path)
                rules = self.project.rules(notebook)
                lines += [f"{_shown(path)}: {x}" for x in will_not_hold(notebook, again, rules)]
        return lines

    def _run(self, notebook: Notebook, path: Path) -> Any:
        from notebook_check.errors import NotebookError
        from notebook_check.execution import working_folder

        with working_folder(path, copied=len(self.files) > 1) as folder:
            rules = self.project.rules(notebook)
            try:
                return self.runner.run(rules, notebook, path.stem, folder)
            except NotebookError as error:
                raise NotebookError(f"{_shown(path)}: {error}") from None

    def _read(self) -> dict[Path, tuple[bytes, Notebook]]:
        """The bytes and notebooks of the files, if they are ones that can be recorded together."""
        from notebook_check.errors import NotebookError
        from notebook_check.stored import parse_notebook, read_bytes
        from notebook_check.storing import require_recordable, require_same_code

        read: dict[Path, tuple[bytes, Notebook]] = {}
        for path in self.files:
            try:
                data = read_bytes(path)
                notebook = parse_notebook(data)
                require_recordable(notebook, self.project)
                read[path] = data, notebook
                require_same_code(read[self.files[0]][1], notebook)
            except NotebookError as error:
                raise NotebookError(f"{_shown(path)}: {error}") from None
        return read

    def _merged(
        self, done: Mapping[Path, Executed], *, everything: bool
    ) -> tuple[dict[Path, bytes], dict[Path, bytes], list[str]]:
        """The files as they are now, those that change, and what there is to say of them.

        Whoever saved a notebook while it ran finds the own text in it, beside the new outputs.
        """
        from notebook_check.errors import NotebookError
        from notebook_check.storing import (
            like_the_first,
            require_same_code,
            store_outputs,
            with_outputs,
        )

        read, stored, contents = self._read(), {}, {}
        first = read[self.files[0]][1]
        for path, (_, notebook) in read.items():
            try:
                require_same_code(done[path].before, notebook)
            except NotebookError as error:
                raise NotebookError(
                    f"{_shown(path)} was saved with other code while it ran ({error}): "
                    "nothing is stored; record it again"
                ) from None
            rules = self.project.rules(notebook)
            after = done[path].after
            stored[path] = store_outputs(notebook, after, rules, everything=everything)
            like_the_first(first, notebook)
        for path, (data, notebook) in read.items():
            if (content := with_outputs(data, notebook)) != data:
                contents[path] = content
        try:
            ledgers, moves = _ledgers({path: notebook for path, (_, notebook) in read.items()})
        except NotebookError as error:
            raise NotebookError(f"{self.name}: {error}") from None
        lines = [*_told(stored), *moves]
        return {path: data for path, (data, _) in read.items()}, contents | ledgers, lines


class _Runner:
    """Runs notebooks, several at once if they are given from several threads, with a bar."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.stop = threading.Event()

    def run(self, rules: Any, notebook: Notebook, name: str, folder: Path) -> Any:
        """Execute a notebook in place."""
        from notebook_check.execution import with_bar

        with with_bar(self.progress, notebook, name) as report:
            return rules.execute(notebook, folder=folder, report=report, stop=self.stop)


def _store(
    recording: _Recording,
    future: Future[dict[Path, Executed]],
    progress: Progress,
    *,
    yes: bool,
    everything: bool,
    once: bool,
) -> bool:
    """Store what was executed, and say whether all went well."""
    from notebook_check.errors import NotebookError
    from notebook_check.execution import CellFailed

    try:
        done = future.result()
        progress.stop()
        try:
            changed = recording.store(done, yes=yes, everything=everything)
        finally:
            progress.start()
        lines = recording.will_not_hold(changed) if changed and not once else []
    except CellFailed as failure:
        message = f"{recording.name} {failure}"
    except NotebookError as error:
        message = str(error)
    except OSError as error:
        message = f"{recording.name} cannot be recorded: {error.strerror or error}"
    else:
        if not lines:
            return True
        message = (
            f"{recording.name}: executed again, it shows something else, and so the check will "
            "fail. Make it the same each time, or tag the cell nbval-ignore-output, with a "
            "reason in its metadata:\n  " + "\n  ".join(lines)
        )
    click.ClickException(without_control(message)).show()
    return False


def _ledgers(notebooks: Mapping[Path, Notebook]) -> tuple[dict[Path, bytes], list[str]]:
    """The ledgers that change, and a line for each entry."""
    from notebook_check.pytest_plugin.ledger import ledger_text, read_ledger
    from notebook_check.storing import ledger_change

    ledgers: dict[Path, dict[str, int]] = {}
    lines = []
    for path, notebook in notebooks.items():
        if change := ledger_change(notebook, path):
            file, name, count = change
            ledger = ledgers.setdefault(file, read_ledger(file.parent))
            lines.append(f"{file.name}: {name}: {ledger.get(name, 'not listed')}, now {count}")
            ledger[name] = count
    return {file: ledger_text(ledger).encode() for file, ledger in ledgers.items()}, lines


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
    return in_a_line(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))
