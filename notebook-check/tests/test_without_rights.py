"""What may not be read or written, by a user who is not root: a line each, and nothing is lost."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notebook_check.cli.sources import named_notebooks
from notebook_check.errors import NotebookError
from notebook_check.pytest_plugin import ledger
from notebook_check.stored import read_notebook

pytestmark = pytest.mark.quick
NOBODY = 65534


@contextmanager
def as_a_user() -> Iterator[None]:
    """Be someone for whom rights count, which they do not for root."""
    user = os.geteuid()
    if user:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may list, with a notebook in it and one in `closed`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "closed").mkdir()
        for path in (folder / "a.ipynb", folder / "closed" / "b.ipynb"):
            path.write_text("{}")
        (folder / "closed").chmod(0)
        yield folder
        (folder / "closed").chmod(0o755)


def test_a_folder_that_may_not_be_listed_stands_for_its_notebooks(folder: Path) -> None:
    with as_a_user():
        assert named_notebooks([str(folder)]) == [folder / "a.ipynb", folder / "closed"]
        with pytest.raises(NotebookError, match="a folder that cannot be listed"):
            read_notebook(folder / "closed")
        with pytest.raises(NotebookError, match="cannot be read: Permission denied"):
            read_notebook(folder / "closed" / "b.ipynb")


def test_a_ledger_is_looked_for_where_that_may_be(folder: Path) -> None:
    with as_a_user():
        assert ledger.folder_of(folder / "closed" / "b.ipynb", folder) == folder
        assert ledger.gone({"closed/b.ipynb": 1}, folder) == ["closed/b.ipynb"]


def test_a_ledger_that_may_not_be_read_is_not_taken_for_a_broken_one(folder: Path) -> None:
    file = folder / ledger.NAME
    file.write_text("broken")
    assert ledger.readable_ledger(folder) == {}
    file.chmod(0)
    with as_a_user(), pytest.raises(NotebookError, match="cannot be read: Permission denied"):
        ledger.readable_ledger(folder)
