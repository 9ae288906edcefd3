"""What a user of the package sees of it: its public names, each in one list, and nothing else."""

import pydoc
import re
import subprocess
import sys

import pytest

import d2l_autograd as d2l
from d2l_autograd import GradientError, grad

pytestmark = pytest.mark.quick

PUBLIC = set(d2l.__all__)


def test_dir_is_the_public_names() -> None:
    assert dir(d2l) == sorted(PUBLIC)
    assert {"start", "grad", "GradientError"} <= PUBLIC


@pytest.mark.parametrize("name", d2l.__all__)
def test_public_name_is_documented(name: str) -> None:
    assert getattr(d2l, name).__doc__
    assert getattr(d2l, name) is getattr(d2l, name)


def test_star_import_gives_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from d2l_autograd import *", names)
    assert set(names) - {"__builtins__"} == PUBLIC
    assert (names["grad"], names["GradientError"]) == (grad, GradientError)


def test_help_begins_with_the_public_names() -> None:
    text = pydoc.plain(pydoc.render_doc(d2l))
    start = text[: text.index("PACKAGE CONTENTS")]
    listed = re.findall(r"^ +[A-Z][a-z ]+: +([\w, ]+)$", start, re.MULTILINE)
    assert {name for names in listed for name in names.split(", ")} == PUBLIC


def test_other_names_are_no_attributes() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'gradient'"):
        d2l.gradient  # type: ignore[attr-defined]  # noqa: B018


def test_python_m_runs_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "d2l_autograd", "--version"], capture_output=True, text=True
    )
    assert done.stdout == f"d2l-autograd, version {d2l.__version__}\n"
