"""install.sh says in a sentence why it cannot go on, and then leaves nothing behind."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.quick

ROOT = Path(__file__).parents[1]
TOOLS = ("awk", "cat", "df", "dirname", "env", "id", "ls", "mkdir", "mktemp", "rm", "tail")
USAGE = "usage: sh install.sh [--test] [--uv] [--bundle DIR | --from DIR]\n"

# A python3 that is asked for its version, for what venv needs, and for an environment.
PYTHON = """
case "$*" in
    *"(3, 10)"*) exit {unsupported} ;;
    *print*) echo 3.13 ;;
    *ensurepip*) exit {bare} ;;
    *numpy*) exit {old_numpy} ;;
    "-m venv "*)
        mkdir -p $3/bin && cp "$0" $3/bin/python
        echo "$PIP" > $3/bin/pip && chmod +x $3/bin/pip ;;
esac
"""
PIP = """#!/bin/sh
case "$*" in
    *" install "* | *" wheel "*) echo pip $* $PIP_NO_INDEX $PIP_FIND_LINKS ;;
    *" download "*) exit ${REFUSED_DOWNLOAD:-${REFUSED:-0}} ;;
esac
exit ${REFUSED:-0}
"""


@dataclass
class Machine:
    """A machine on which only these commands are, and a checkout on it."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.checkout, self.bin = self.folder / "checkout", self.folder / "bin"
        self.checkout.mkdir()
        self.bin.mkdir()
        shutil.copy(ROOT / "install.sh", self.checkout)
        for tool in (*TOOLS, "cp", "chmod"):
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.command("id", "echo 0")
        self.command("df", "echo; echo x x x 9000000")

    def command(self, name: str, script: str) -> None:
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def python(self, unsupported: int = 0, bare: int = 0, old_numpy: int = 1) -> None:
        script = PYTHON.format(unsupported=unsupported, bare=bare, old_numpy=old_numpy)
        self.command("python3", script)

    def install(self, *options: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["/bin/sh", self.checkout / "install.sh", *options],
            env={"PATH": str(self.bin), "TMPDIR": str(self.folder), "PIP": PIP, **self.variables},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def left(self) -> set[str]:
        here = {path.name for path in self.folder.iterdir()}
        return (here | {path.name for path in self.checkout.iterdir()}) - {
            "checkout",
            "bin",
            "install.sh",
        }


def no_python(machine: Machine) -> None:
    pass


def new_python(machine: Machine) -> None:
    machine.python(unsupported=1)


def no_sudo(machine: Machine) -> None:
    machine.python(bare=1)
    machine.command("id", "echo 1000")
    machine.command("apt-get", "exit 0")


def no_package_manager(machine: Machine) -> None:
    machine.python(bare=1)


def full_disk(machine: Machine) -> None:
    machine.python()
    machine.command("df", "echo; echo x x x 2900000")


def no_index(machine: Machine) -> None:
    machine.python()
    machine.variables["REFUSED"] = "1"


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (no_python, "There is no python3 here."),
        (new_python, "This is Python 3.13, and there is MindSpore for 3.10, 3.11 and 3.12 only."),
        (no_sudo, "Have someone run  apt-get install python3-venv libgomp1  and try again."),
        (no_package_manager, "Install both (Debian calls them python3-venv libgomp1)"),
        (full_disk, "has 2 GB free, and this takes 5 GB there. Make room."),
        (no_index, "Is there a network?"),
    ],
)
def test_what_is_missing_is_one_sentence(fault: object, sentence: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert callable(fault)
    fault(machine)
    done = machine.install()
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.startswith("install.sh: ")
    assert done.stderr.count("\n") == 1
    assert machine.left() == set()


def test_a_failure_of_apt_is_shown(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.python(bare=1)
    machine.command("apt-get", "echo Temporary failure resolving; exit 100")
    done = machine.install()
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "Temporary failure resolving"
    assert "apt-get could not install python3-venv libgomp1" in done.stderr
    assert machine.left() == set()


def test_an_environment_of_another_python_is_named_and_kept(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.python()
    (machine.checkout / ".venv").mkdir()
    done = machine.install()
    assert (done.returncode, machine.left()) == (1, {".venv"})
    assert "rm -r .venv" in done.stderr


def test_an_older_python_beside_one_that_is_too_new_is_found(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.python()
    (machine.bin / "python3").rename(machine.bin / "python3.11")
    machine.python(unsupported=1)
    done = machine.install()
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.left() == {".venv"}


@pytest.mark.parametrize(
    ("options", "installed"), [([], "-e ."), (["--test"], "-e .[test]")], ids=["course", "tests"]
)
def test_what_is_installed_and_said(options: list[str], installed: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.python(old_numpy=0)
    done = machine.install(*options)
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    (pip,) = [line for line in said if line.startswith("pip ")]
    assert pip.endswith(f"install -e ./notebook-check {installed}")
    assert any("NumPy 2" in line for line in said)
    assert any("pip is silent for a minute or two" in line for line in said)
    assert any("half an hour" in line for line in said) is bool(options)


def test_unknown_option(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.python()
    done = machine.install("--help")
    assert (done.returncode, done.stderr) == (2, USAGE)


@pytest.mark.parametrize("option", ["--bundle", "--from"])
def test_a_folder_has_to_be_named(option: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.python()
    done = machine.install(option)
    assert (done.returncode, done.stderr) == (2, USAGE)


def test_what_a_bundle_collects_is_installed_without_an_index(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.python()
    wheels = tmp_path / "all wheels"
    done = machine.install("--bundle", str(wheels))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"wheel --quiet --wheel-dir {wheels} -r" in done.stdout
    (wheels / "mindspore-2.10.0-cp311.whl").touch()
    machine.variables["REFUSED_DOWNLOAD"] = "1"
    done = machine.install("--from", str(wheels))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"install -e ./notebook-check -e . 1 {wheels}\n" in done.stdout


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.python()
    done = machine.install("--from", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert f"install.sh: There are no packages in {tmp_path / 'nowhere'}." in done.stderr
    assert machine.left() == set()


def test_without_a_network_no_environment_is_left(tmp_path: Path) -> None:
    """With the real Python and its pip, which no index answers."""
    machine = Machine(tmp_path)
    machine.command("python3", f'exec "{sys.executable}" "$@"')
    machine.variables = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/"}
    done = machine.install()
    assert done.returncode == 1
    assert "pip reaches no package index: ERROR: No matching distribution" in done.stderr
    assert machine.left() == set()
