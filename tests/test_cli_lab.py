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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from cli_process import Course

PATIENCE = 120  # seconds for Jupyter to start or end, on a busy machine


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
        path.write_text(path.read_text().replace("# ", "# More of "))
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
    assert "--ServerApp.ip=127.0.0.1" in options
    assert not any("token" in option or "password" in option for option in options)
    assert "--no-browser" not in course.run("lab").stdout


def test_options_after_two_dashes_are_jupyters_own(course: Course) -> None:
    ours, theirs = ("--ip", "0.0.0.0"), ("--ServerApp.max_body_size=9", "--debug", "x")
    options = json.loads(course.run("lab", *ours, "--", *theirs).stdout.splitlines()[-1])
    assert "--ServerApp.ip=0.0.0.0" in options
    assert options[-3:] == list(theirs)


def test_what_jupyterhub_starts_is_a_server_of_its_own(course: Course) -> None:
    module = course.site / "jupyterhub" / "singleuser.py"
    module.parent.mkdir()
    (module.parent / "__init__.py").touch()
    module.write_text("import sys; print('for the hub:', sys.argv[-1])")
    done = course.run("lab", "--", "--last", JUPYTERHUB_API_TOKEN="of the hub")
    assert done.stdout.splitlines()[-1] == "for the hub: --last"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["02_autograd"], "'02_autograd' is no option; what follows -- goes to Jupyter Lab."),
        (["--no-such-option"], "No such option"),
    ],
)
def test_what_jupyter_is_not_given(course: Course, arguments: list[str], said: str) -> None:
    done = course.run("lab", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_chapters_are_fresh_until_outputs_are_asked_for(course: Course) -> None:
    stored = course.chapters / "01_start.ipynb"
    notebook = nbformat.read(stored, as_version=4)
    notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", text="2\n")]
    nbformat.write(notebook, stored)
    mine = course.reader / "d2l-autograd-notebooks" / "en" / "01_start.ipynb"
    for option, outputs in ((None, 0), ("--outputs", 1), (None, 1), ("--fresh", 0), (None, 0)):
        done = course.run("lab", *filter(None, [option]))
        assert ("without outputs" in done.stdout) is not bool(outputs)
        assert len(nbformat.read(mine, as_version=4).cells[-1].outputs) == outputs


def test_chapters_are_signed(course: Course) -> None:
    course.run("lab", "--outputs")
    mine = course.reader / "d2l-autograd-notebooks" / "en" / "01_start.ipynb"
    code = (
        "import nbformat, sys\nfrom nbformat.sign import NotebookNotary\n"
        "print(NotebookNotary().check_signature(nbformat.read(sys.argv[1], as_version=4)))"
    )
    signed = subprocess.run(
        [sys.executable, "-c", code, mine],
        env=course.environment(),
        capture_output=True,
        text=True,
    )
    assert signed.stdout == "True\n", signed.stderr


def test_root_is_told_that_jupyter_is_told(course: Course) -> None:
    for uid, allowed in ((0, True), (1000, False)):
        course.add_module("sitecustomize", f"import os; os.geteuid = lambda: {uid}")
        done = course.run("lab")
        assert ("--allow-root" in json.loads(done.stdout.splitlines()[-1])) is allowed
        assert ("You are root" in done.stdout) is allowed
        assert ("answers this machine only" in done.stdout) is allowed
        anywhere = course.run("lab", "--ip", "0.0.0.0").stdout
        assert "answers this machine only" not in anywhere


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
    said: str

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


@contextmanager
def running_lab(folder: Path) -> Iterator[Server]:
    """A lab on a free port; the reader's Jupyter knows a kernel python3 that is another Python."""
    course = Course.install(folder)
    environment = course.environment(JUPYTER_PREFER_ENV_PATH="0")
    kernel = Path(environment["JUPYTER_DATA_DIR"], "kernels", "python3", "kernel.json")
    kernel.parent.mkdir(parents=True)
    kernel.write_text('{"argv": ["false"], "display_name": "another Python", "language": "python"}')
    log = course.reader / "log"
    # On a terminal, as readers start it; only there does Jupyter ask whether Ctrl-C was meant.
    terminal, stdin = pty.openpty()
    process = course.start(
        *("lab", "--no-browser", "--port", "0"),
        log=log,
        stdin=stdin,
        JUPYTER_PREFER_ENV_PATH="0",
    )
    try:
        yield Server(process, *where_it_answers(process, log))
    finally:
        process.kill()
        process.wait()
        os.close(stdin)
        os.close(terminal)


def where_it_answers(process: "subprocess.Popen[str]", log: Path) -> tuple[str, str, str]:
    """The address, the token and all that the lab has printed, once it listens there."""
    url = re.compile(r"(http://127\.0\.0\.1:(\d+))\S+01_start\.ipynb\?token=(\w+)")
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        # Jupyter prints its address a moment before it listens.
        if found := url.search(log.read_text()):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(found[2]))) == 0:
                    return found[1], found[3], found.string
        time.sleep(0.1)
    pytest.fail(f"no answer within {PATIENCE} s:\n{log.read_text()}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


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


def test_the_address_is_what_the_lab_prints_last(server: Server) -> None:
    last = server.said.rstrip().splitlines()[-1]
    assert last.strip() == f"{server.address}/lab/tree/01_start.ipynb?token={server.token}"


def test_ctrl_c_ends_the_lab(tmp_path: Path) -> None:
    with running_lab(tmp_path) as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE) == 0
