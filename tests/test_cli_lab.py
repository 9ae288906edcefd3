"""The lab gives readers chapters of their own, and Jupyter Lab on this machine with a token."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_process import Course

from d2l_autograd.cli.lab import MANIFEST, copy_chapters
from notebook_check.files import write_atomically


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "data").mkdir(parents=True)
    (folder / "01.ipynb").write_text("one")
    (folder / "data" / "02.csv").write_text("two")
    for hidden in (".ipynb_checkpoints", "__pycache__"):
        (folder / hidden).mkdir()
        (folder / hidden / "01.ipynb").write_text("hidden")
    return folder


def contents(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def test_copy_is_complete_and_again_does_nothing(source: Path, tmp_path: Path) -> None:
    copied = copy_chapters(source, tmp_path / "mine")
    assert copied.new == ["01.ipynb", "data/02.csv"]
    assert contents(tmp_path / "mine") == {"01.ipynb": "one", "data/02.csv": "two"}
    again = copy_chapters(source, tmp_path / "mine")
    assert (again.new, again.updated, again.kept) == ([], [], [])


def test_unchanged_copy_follows_the_course(source: Path, tmp_path: Path) -> None:
    copy_chapters(source, tmp_path / "mine")
    for version in ("newer", "newest"):
        (source / "01.ipynb").write_text(version)
        assert copy_chapters(source, tmp_path / "mine").updated == ["01.ipynb"]
        assert contents(tmp_path / "mine")["01.ipynb"] == version


def test_changed_copy_is_kept_until_the_reader_removes_it(source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "01.ipynb"
    copy_chapters(source, mine.parent)
    mine.write_text("my notes")
    for version in ("one", "newer", "newest"):
        (source / "01.ipynb").write_text(version)
        assert copy_chapters(source, mine.parent).kept == ["01.ipynb"]
        assert mine.read_text() == "my notes"
    mine.unlink()
    assert copy_chapters(source, mine.parent).new == ["01.ipynb"]
    assert mine.read_text() == "newest"


@pytest.mark.parametrize("manifest", [None, "", "{", "[]", '{"01.ipynb": 1}', "\x00"])
def test_without_a_readable_manifest_every_other_file_is_kept(
    manifest: str | None, source: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    copy_chapters(source, mine)
    (source / "01.ipynb").write_text("newer")
    (mine / MANIFEST).unlink() if manifest is None else (mine / MANIFEST).write_text(manifest)
    assert copy_chapters(source, mine).kept == ["01.ipynb"]
    assert contents(mine)["01.ipynb"] == "one"


def test_file_the_reader_had_before_is_kept(source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "01.ipynb").write_text("another course")
    assert copy_chapters(source, mine).kept == ["01.ipynb"]
    assert contents(mine) == {"01.ipynb": "another course", "data/02.csv": "two"}


@pytest.mark.parametrize("obstacle", ["folder", "dangling link"])
def test_what_is_no_file_is_kept(obstacle: str, source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    if obstacle == "folder":
        (mine / "01.ipynb").mkdir()
    else:
        (mine / "01.ipynb").symlink_to(tmp_path / "nowhere")
    assert copy_chapters(source, mine).kept == ["01.ipynb"]


def test_the_course_is_not_copied_over_itself(source: Path) -> None:
    before = contents(source)
    assert copy_chapters(source, source).new == []
    assert contents(source) == before
    assert not (source / MANIFEST).exists()


def test_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    write_atomically(tmp_path / "file", b"old")
    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file", b"new")
    assert contents(tmp_path) == {"file": "old"}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course whose Jupyter Lab only prints its arguments."""
    course = Course.install(tmp_path)
    course.add_module("jupyterlab", "import json, sys; print(json.dumps(sys.argv[1:]))")
    return course


def test_changed_chapter_is_named_and_kept_and_the_other_updated(course: Course) -> None:
    assert "2 new, 0 updated" in course.run("lab").stdout
    mine = course.reader / "d2l-autograd-notebooks" / "en"
    (mine / "01_start.ipynb").write_text("my notes")
    for path in course.chapters.iterdir():
        path.write_text(path.read_text() + "\n")
    done = course.run("lab")
    assert "0 new, 1 updated" in done.stdout
    assert "Kept as you changed them: 01_start.ipynb." in done.stdout
    assert (mine / "01_start.ipynb").read_text() == "my notes"
    newer = (course.chapters / "02_autograd.ipynb").read_text()
    assert (mine / "02_autograd.ipynb").read_text() == newer


def test_options_reach_jupyter(course: Course) -> None:
    done = course.run("lab", "--lang", "zh", "--dir", "here", "--port", "9999", "--no-browser")
    options = json.loads(done.stdout.splitlines()[-1])
    assert f"--ServerApp.root_dir={course.reader / 'here' / 'zh'}" in options
    assert "--LabApp.default_url=/lab/tree/01_start.ipynb" in options
    assert "--ServerApp.port=9999" in options
    assert "--no-browser" in options
    assert not any("token" in option or "password" in option for option in options)
    assert "--no-browser" not in course.run("lab").stdout


def test_root_is_told_that_jupyter_is_told(course: Course) -> None:
    for uid, allowed in ((0, True), (1000, False)):
        course.add_module("sitecustomize", f"import os; os.geteuid = lambda: {uid}")
        done = course.run("lab")
        assert ("--allow-root" in json.loads(done.stdout.splitlines()[-1])) is allowed
        assert ("You are root" in done.stdout) is allowed


def test_folder_that_cannot_be_made_is_a_sentence(course: Course) -> None:
    (course.reader / "file").write_text("")
    done = course.run("lab", "--dir", "file/folder")
    assert done.returncode == 1
    assert "Name another folder with --dir." in done.stderr
    assert "Traceback" not in done.stderr


@dataclass
class Server:
    """A running lab."""

    process: "subprocess.Popen[str]"
    address: str
    token: str

    def status(self, path: str, token: str = "", host: str = "127.0.0.1") -> int:
        """The HTTP status of a page, with redirections not followed."""

        class NoRedirect(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_: object) -> None:
                return None

        request = urllib.request.Request(self.address.replace("127.0.0.1", host) + path)
        if token:
            request.add_header("Authorization", f"token {token}")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
        try:
            with opener.open(request, timeout=30) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A lab on a free port; the reader's Jupyter knows a kernel python3 that is another Python."""
    course = Course.install(tmp_path_factory.mktemp("lab"))
    environment = course.environment(JUPYTER_PREFER_ENV_PATH="0")
    kernel = Path(environment["JUPYTER_DATA_DIR"], "kernels", "python3", "kernel.json")
    kernel.parent.mkdir(parents=True)
    kernel.write_text('{"argv": ["false"], "display_name": "another Python", "language": "python"}')
    log = course.reader / "log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    # On a terminal, as readers start it; only there does Jupyter ask whether Ctrl-C was meant.
    terminal, stdin = pty.openpty()
    process = course.start(
        *("lab", "--no-browser", "--port", port),
        log=log,
        stdin=stdin,
        JUPYTER_PREFER_ENV_PATH="0",
    )
    try:
        url = re.compile(r"(http://127\.0\.0\.1:\d+)\S+01_start\.ipynb\?token=(\w+)")
        found = None
        deadline = time.monotonic() + 90
        while found is None and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
            found = url.search(log.read_text())
        assert found is not None, log.read_text()
        # Jupyter prints its address a moment before it listens.
        port = found[1].rsplit(":", 1)[1]
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(port))) == 0:
                    break
            time.sleep(0.1)
        yield Server(process, found[1], found[2])
    finally:
        process.kill()
        process.wait()
        os.close(stdin)
        os.close(terminal)


def test_lab_answers_with_its_token(server: Server) -> None:
    assert server.status("/api/contents/01_start.ipynb", server.token) == 200
    assert server.status("/lab/tree/01_start.ipynb", server.token) == 200


@pytest.mark.parametrize("token", ["", "wrong"])
def test_lab_refuses_without_its_token(server: Server, token: str) -> None:
    assert server.status("/api/contents", token) == 403
    assert server.status("/lab", token) in (302, 403)


def test_lab_listens_on_this_machine_only(server: Server) -> None:
    port = int(server.address.rsplit(":", 1)[1])
    # All of 127.0.0.0/8 is this machine, but only one of its addresses is the server's.
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port)):
        pass


def test_lab_has_the_kernel_of_this_environment(server: Server) -> None:
    request = urllib.request.Request(f"{server.address}/api/kernelspecs")
    request.add_header("Authorization", f"token {server.token}")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
        kernels = json.load(response)
    assert kernels["default"] == "python3"
    assert kernels["kernelspecs"]["python3"]["spec"]["argv"][0] in ("python", sys.executable)


def test_ctrl_c_ends_the_lab(server: Server) -> None:
    """Last, as it ends the server of the tests above."""
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(timeout=30) == 0
