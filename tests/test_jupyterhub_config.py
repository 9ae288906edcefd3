"""The configuration of JupyterHub for a class: what it says is understood, and fits the course.

JupyterHub itself is not installed here: with its version 6 the names below were compared, and two
students were logged in.
"""

import re
from pathlib import Path

import pytest
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from test_packaging import ROOT, block
from traitlets.config import Config

from d2l_autograd.cli.lab import lab
from d2l_autograd.course.chapters import LANGUAGES, chapters

pytestmark = pytest.mark.quick

CONFIG = ROOT / "docs" / "jupyterhub" / "jupyterhub_config.py"
NAMES = {
    "JupyterHub": {
        "active_server_limit",
        "authenticator_class",
        "concurrent_spawn_limit",
        "load_roles",
        "services",
        "spawner_class",
    },
    "Spawner": {
        "args",
        "cmd",
        "cpu_limit",
        "default_url",
        "http_timeout",
        "mem_guarantee",
        "mem_limit",
        "start_timeout",
    },
    "SystemdSpawner": {"disable_user_sudo", "isolate_tmp"},
    "PAMAuthenticator": {"admin_groups", "allowed_groups"},
}


def config(language: str = "en") -> Config:
    source = CONFIG.read_text(encoding="utf-8")
    changed, times = re.subn(r'^LANGUAGE = "en"', f'LANGUAGE = "{language}"', source, flags=re.M)
    assert times == 1
    found = Config()
    exec(compile(changed, CONFIG, "exec"), {"get_config": lambda: found})
    return found


def test_every_name_is_one_of_jupyterhubs() -> None:
    assert {name: set(values) for name, values in config().items()} == NAMES


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_server_is_the_lab_with_options_that_it_and_jupyter_know(lang: str) -> None:
    spawner = config(lang).Spawner
    program, command = spawner.cmd
    assert Path(program).name == "d2l-autograd"
    assert command == lab.name
    asked = lab.make_context("lab", list(spawner.args)).params
    assert (asked["lang"], asked["no_browser"], str(asked["folder"])) == (lang, True, "course")
    known = MappingKernelManager.class_trait_names(config=True)
    options = [option.partition("=")[0].split(".") for option in asked["more"]]
    assert options
    assert all(owner == "--MappingKernelManager" and name in known for owner, name in options)
    assert spawner.default_url == f"/lab/tree/{chapters(lang)[0].path.name}"


def test_the_idle_culler_may_do_what_it_has_to() -> None:
    hub = config().JupyterHub
    (service,), (role,) = hub.services, hub.load_roles
    assert role["services"] == [service["name"]]
    assert {"list:users", "read:servers", "delete:servers"} <= set(role["scopes"])
    assert "jupyterhub_idle_culler" in service["command"]


def test_teachers_are_told_the_limits_and_the_file() -> None:
    spawner = config().Spawner
    for name in ("teachers.md", "teachers.zh.md"):
        page = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert spawner.mem_limit.replace("G", " GB") in page
        assert str(CONFIG.relative_to(ROOT)) in block("hub-command", page)[-1]
