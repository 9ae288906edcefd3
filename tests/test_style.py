"""The repository passes its own pre-commit hooks."""

import os
import shlex
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
CONFIG = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
HOOKS = {hook["id"]: hook for repo in CONFIG["repos"] for hook in repo["hooks"]}
STYLE = ("ruff-check", "ruff-format", "mypy")


def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    # The tools live beside this interpreter, whether or not its environment is activated.
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    return subprocess.run(
        [*shlex.split(command), *arguments],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("hook", STYLE)
def test_hook_passes(hook: str) -> None:
    result = run(HOOKS[hook]["entry"])
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_other_hook_is_a_test() -> None:
    # notebook-check is what pytest does with the notebooks of testpaths.
    others = [h for h in HOOKS.values() if h["id"] not in (*STYLE, "notebook-check")]
    assert [shlex.split(hook["entry"])[0] for hook in others] == ["pytest"] * len(others)
    assert all((ROOT / shlex.split(hook["entry"])[-1]).is_file() for hook in others)
