"""The wheel, installed outside the checkout, carries the whole course."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(p.relative_to(ROOT) for p in ROOT.glob("notebooks/*/*.ipynb"))


def run(*command: str | Path, cwd: Path) -> str:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheels of both projects, each built from its sdist."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "hatchling", "build", "-d", folder, "-t")
    for project in (ROOT, ROOT / "notebook-check"):
        run(*build, "sdist", cwd=project)
    for sdist in folder.glob("*.tar.gz"):
        run("tar", "-xzf", sdist, cwd=folder)
        run(*build, "wheel", cwd=folder / sdist.name.removesuffix(".tar.gz"))
    wheels = [*folder.glob("*.whl")]
    assert len(wheels) == 2

    environment = folder / "environment"
    run(sys.executable, "-m", "venv", environment, cwd=folder)
    install = ("-m", "pip", "install", "--no-index", "--no-deps", "--disable-pip-version-check")
    run(environment / "bin" / "python", *install, *wheels, cwd=folder)
    # MindSpore is too big to install twice: the dependencies are this environment's. A folder
    # named in a .pth file does not have its own .pth files read, so an editable install of the
    # checkout stays out.
    (packages,) = environment.glob("lib/python*/site-packages")
    ours = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "dependencies.pth").write_text("\n".join(sorted(ours)))
    return environment


def test_import_is_the_wheel(environment: Path, tmp_path: Path) -> None:
    for name in ("d2l_autograd", "notebook_check"):
        code = f"import {name}; print({name}.__file__)"
        imported = Path(run(environment / "bin" / "python", "-c", code, cwd=tmp_path).strip())
        assert imported.is_relative_to(environment)
        assert (imported.parent / "py.typed").is_file()


def test_wheel_has_every_notebook(environment: Path) -> None:
    (package,) = environment.glob("lib/python*/site-packages/d2l_autograd")
    carried = sorted(p.relative_to(package) for p in package.glob("notebooks/*/*.ipynb"))
    assert carried == NOTEBOOKS != []
    assert not (package / "notebooks" / "teachers").exists()
    for path in NOTEBOOKS:
        assert (package / path).read_bytes() == (ROOT / path).read_bytes()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_wheel_lists_and_executes_its_chapters(
    lang: str, environment: Path, tmp_path: Path
) -> None:
    program = environment / "bin" / "d2l-autograd"
    names = [path.stem for path in NOTEBOOKS if path.parent.name == lang]
    listed = run(program, "list", "--lang", lang, cwd=tmp_path).splitlines()
    assert [line.split()[0] for line in listed] == names
    executed = run(program, "run", "--lang", lang, names[0], cwd=tmp_path)
    assert executed.startswith(names[0])


def test_wheel_differentiates(environment: Path, tmp_path: Path) -> None:
    script = tmp_path / "gradient.py"
    script.write_text(
        "import d2l_autograd as d2l\n"
        "d2l.start()\n"
        "import mindspore as ms\n"
        "def f(x): return 2 * (x @ x)\n"
        "print(d2l.grad(f)(ms.Tensor([0.0, 1.0, 2.0, 3.0])).tolist())\n"
    )
    printed = run(environment / "bin" / "python", script, cwd=tmp_path)
    assert printed.splitlines()[-1] == "[0.0, 4.0, 8.0, 12.0]"
