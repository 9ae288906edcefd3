"""What docs/check.md gives to authors of notebooks is what this project uses itself."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from d2l_autograd.cli.group import cli

pytestmark = pytest.mark.quick

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
OWN_HOOKS: list[Any] = [
    hook
    for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    for hook in repo["hooks"]
]


def example(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found, f"no example below <!-- {name} -->"
    return found[1]


def test_workflow_of_the_page_is_the_projects_own() -> None:
    own = ROOT / ".github" / "workflows" / "notebooks.yml"
    assert example("workflow-example") == own.read_text(encoding="utf-8")


def test_hook_of_the_page_is_the_one_offered_and_used() -> None:
    (repo,) = yaml.safe_load(example("hook-example"))["repos"]
    offered = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert repo["hooks"] == offered
    assert offered[0] in OWN_HOOKS


def test_commands_and_options_in_the_examples_exist() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    steps = yaml.safe_load(example("workflow-example"))["jobs"]["check"]["steps"]
    lines = [hook["entry"], *(step.get("run", "") for step in steps)]
    used = [shlex.split(line)[1:] for line in lines if line.startswith("d2l-autograd ")]
    assert len(used) == 2
    for name, *arguments in used:
        options = {option for parameter in cli.commands[name].params for option in parameter.opts}
        assert {word for word in arguments if word.startswith("-")} <= options
