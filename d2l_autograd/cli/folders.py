"""The folder that a command writes into, named with ``--to``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Make the folder, and say in a sentence why it cannot be written into."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise click.ClickException(
            f"Cannot write into {folder}: {error.strerror or error}. Name another folder with --to."
        ) from error
