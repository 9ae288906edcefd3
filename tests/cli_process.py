"""The command line as a process, on a course made for the test."""

import os
import pty
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import d2l_autograd

PACKAGE = Path(d2l_autograd.__file__).parent


def write_notebook(path: Path, *sources: str, title: str = "Title", tag: str = "") -> Path:
    """A notebook with a heading and code cells, the last of which has the tag."""
    cells = [new_markdown_cell(f"# {title}"), *map(new_code_cell, sources)]
    if tag:
        cells[-1].metadata["tags"] = [tag]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)
    return path


@dataclass(frozen=True)
class Course:
    """An installed copy of the package, with chapters of its own, and the reader's folder."""

    site: Path
    reader: Path

    @classmethod
    def install(cls, folder: Path, *, wheel: bool = True) -> "Course":
        """Lay the package out as a wheel does, or as a checkout, where the notebooks are beside."""
        course = cls(folder / "site", folder / "reader")
        ignored = shutil.ignore_patterns("__pycache__", "notebooks")
        shutil.copytree(PACKAGE, course.site / "d2l_autograd", ignore=ignored)
        notebooks = (
            course.site / "d2l_autograd" / "notebooks" if wheel else course.site / "notebooks"
        )
        write_notebook(notebooks / "en" / "01_start.ipynb", "1 + 1", title="Start here")
        write_notebook(notebooks / "en" / "02_autograd.ipynb", "2 + 2", title="Gradients")
        write_notebook(notebooks / "zh" / "01_start.ipynb", "1 + 1", title="由此开始")
        course.reader.mkdir()
        (folder / "home").mkdir()
        return course

    @property
    def chapters(self) -> Path:
        """The folder of the chapters in English, as installed in a wheel."""
        return self.site / "d2l_autograd" / "notebooks" / "en"

    def add_module(self, name: str, source: str) -> None:
        """Put a module first on the path, before the real one of that name."""
        path = self.site / f"{name}.py"
        path.write_text(source, encoding="utf-8")

    def pretend_python(self, version: tuple[int, int], before: str = "") -> None:
        """Let the process believe that it is another Python, once it has run ``before``."""
        self.add_module(
            "sitecustomize",
            # click has code for each version, so it is imported as what it is.
            f"import click, collections, sys\n{before}\n"
            "fields = 'major minor micro releaselevel serial'\n"
            "Version = collections.namedtuple('Version', fields)\n"
            f"sys.version_info = Version(*{version}, 0, 'final', 0)\n",
        )

    def environment(self, **variables: str) -> dict[str, str]:
        """The variables of the process: nothing of the user's Jupyter or locale is left."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "JUPYTER"))}
        home = self.site.parent / "home"
        return {
            **kept,
            "PYTHONPATH": str(self.site),
            "LANG": "C.UTF-8",
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "IPYTHONDIR": str(home / "ipython"),
            **variables,
        }

    def run(self, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``d2l-autograd`` with the arguments in the reader's folder."""
        return subprocess.run(
            command(*arguments),
            cwd=self.reader,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )

    def shown_on_terminal(self, *arguments: str | Path) -> tuple[int, bytes]:
        """Run ``d2l-autograd`` with stderr on a terminal; return its status and what it shows."""
        terminal, ours = pty.openpty()
        process = subprocess.Popen(
            command(*arguments),
            cwd=self.reader,
            env=self.environment(TERM="xterm", COLUMNS="120"),
            stdout=subprocess.DEVNULL,
            stderr=ours,
        )
        os.close(ours)
        shown = b""
        try:
            while chunk := os.read(terminal, 4096):
                shown += chunk
        except OSError:  # how Linux says that the other end of a terminal is closed
            pass
        os.close(terminal)
        return process.wait(timeout=30), shown

    def start(
        self,
        *arguments: str | Path,
        log: Path,
        stdin: int = subprocess.DEVNULL,
        start_new_session: bool = False,
        **variables: str,
    ) -> subprocess.Popen[str]:
        """Start ``d2l-autograd``, to be interrupted; it writes stdout and stderr to ``log``."""
        with log.open("w") as stream:
            return subprocess.Popen(
                command(*arguments),
                cwd=self.reader,
                env=self.environment(**variables),
                stdin=stdin,
                stdout=stream,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=start_new_session,
                # A shell starts what runs in its background with Ctrl-C ignored.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )


def command(*arguments: str | Path) -> list[str]:
    """The command line, under the interpreter of the tests."""
    return [sys.executable, "-m", "d2l_autograd", *map(str, arguments)]
