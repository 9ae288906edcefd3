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


@pytest.mark.parametrize("hook", ["ruff-check", "ruff-format", "mypy"])
def test_hook_passes(hook: str) -> None:
    result = run(HOOKS[hook]["entry"])
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_other_hook_is_a_test() -> None:
    others = [h for h in HOOKS.values() if h["id"] not in ("ruff-check", "ruff-format", "mypy")]
    assert [shlex.split(hook["entry"])[0] for hook in others] == ["pytest"] * len(others)
    assert all((ROOT / shlex.split(hook["entry"])[-1]).is_file() for hook in others)


@pytest.mark.parametrize(
    ("hook", "name", "text"),
    [
        ("ruff-check", "unused.py", '"""Unused import."""\n\nimport os\n'),
        ("ruff-format", "quotes.py", "x = 'single'\n"),
        ("mypy", "types.py", 'x: int = "not a number"\n'),
    ],
)
def test_hook_fails_on_a_planted_violation(hook: str, name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert run(HOOKS[hook]["entry"], str(tmp_path / name)).returncode == 1
