"""How strictly a cell is checked: by the project, its notebook, its metadata and its tags.

The project's settings are options in pytest's ini file. A notebook and a cell have theirs under
`nbval` in their metadata; a cell may also say `nbval-rtol=1e-3` in a tag. The nearest one counts.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from notebook_check.compare.sanitizing import named_rules, normaliser
from notebook_check.errors import NotebookError
from notebook_check.tolerance import Tolerance

METADATA = "nbval"
NUMBERS = ("rtol", "atol", "pixels", "timeout")
_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "reason": (str, "a text"),
    "allow_errors": (bool, "true or false"),
    "stderr": (bool, "true or false"),
    "normalise": (dict, 'a table such as {"day": ["[0-9]+ May", "a day"]}'),
}
INI = (*NUMBERS, "allow_errors", "stderr")
"""What pytest's ini file may say of all notebooks in a word, as `nbval_rtol` and so on."""

_NUMBER = ((int, float), "a number")


@dataclass(frozen=True)
class Settings:
    """How a cell is run, and what it is compared with.

    `pixels` is how much of a picture without a description may differ, from 0 to 1; None is
    the default. `timeout` is how many seconds the cell may take; None is the limit of the run.
    With `allow_errors` the cell may raise without a tag, and without `stderr` nothing written
    there is compared. `normalise` has, by name, a pattern and what replaces it in every text,
    stored and new; None switches one of the project's or the notebook's off. `reason` says why a
    cell is skipped, or its output ignored.
    """

    rtol: float | None = Tolerance.rtol
    atol: float | None = Tolerance.atol
    pixels: float | None = None
    timeout: float | None = None
    allow_errors: bool = False
    stderr: bool = True
    normalise: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    @property
    def tolerance(self) -> Tolerance:
        """Within what numbers are the same."""
        return Tolerance(self.rtol, self.atol)


def change(settings: Settings, values: Mapping[str, Any], where: str) -> Settings:
    """Return the settings with some of them changed, `where` being what asks for it.

    Raises:
        NotebookError: A name that is no setting, or a value that it cannot have.
    """
    known = [one.name for one in fields(Settings)]
    for name, value in values.items():
        if name not in known:
            raise NotebookError(f"{where}: no setting {name!r}; there are {', '.join(known)}")
        expected, kind = _TYPES.get(name, _NUMBER)
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            raise NotebookError(f"{where}: {name} is {kind}, not {str(value)[:40]!r}")
    normalise = {**settings.normalise, **values.get("normalise", {})}
    settings = replace(settings, **{**values, "normalise": normalise})
    try:
        _ = settings.tolerance
        normaliser(normalise)
        if settings.pixels is not None and not 0 <= settings.pixels < 1:
            raise ValueError(f"pixels is a fraction from 0 to 1; got {settings.pixels}")
        if settings.timeout is not None and not 0 < settings.timeout < math.inf:
            raise ValueError(f"timeout is a number of seconds above 0; got {settings.timeout}")
    except ValueError as error:
        raise NotebookError(f"{where}: {error}") from None
    return settings


def ini_settings(getini: Callable[[str], Any]) -> Settings:
    """Return the settings of pytest's ini file, of which `getini` gives an option."""
    where = "pytest's nbval options"
    texts = {name: getini(f"nbval_{name}") for name in INI}
    given = {name: text for name, text in texts.items() if text}
    values: dict[str, Any] = dict(_numbers({k: v for k, v in given.items() if k in NUMBERS}, where))
    for name in given.keys() - NUMBERS:
        if given[name].lower() not in ("true", "false"):
            raise NotebookError(f"{where}: {name} is true or false, not {given[name][:40]!r}")
        values[name] = given[name].lower() == "true"
    try:
        values["normalise"] = named_rules(getini("nbval_normalise"))
    except ValueError as error:
        raise NotebookError(f"{where}: normalise: {error}") from None
    return change(Settings(), values, where)


def notebook_settings(project: Settings, notebook: Mapping[str, Any]) -> Settings:
    """Return the settings of a notebook."""
    return change(project, _own(notebook, "the notebook's metadata"), "the notebook's metadata")


def cell_settings(notebook: Settings, cell: Mapping[str, Any]) -> Settings:
    """Return the settings of a cell, by its metadata and, before these, its tags."""
    settings = change(notebook, _own(cell, "the cell's metadata"), "the cell's metadata")
    for tag in cell["metadata"].get("tags", []):
        if (name := setting_of(tag)) is not None:
            where = f"the tag {tag}"
            settings = change(settings, _numbers({name: tag.partition("=")[2]}, where), where)
    return settings


def setting_of(tag: str) -> str | None:
    """Return which setting a tag such as nbval-rtol=1e-3 is for, if it is for any."""
    name, equals, _ = tag.removeprefix("nbval-").partition("=")
    return name if tag.startswith("nbval-") and equals and name in NUMBERS else None


def _own(node: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    values = node["metadata"].get(METADATA, {})
    if not isinstance(values, Mapping):
        raise NotebookError(f'{where}: {METADATA} is a table such as {{"rtol": 1e-3}}')
    return values


def _numbers(values: Mapping[str, str], where: str) -> dict[str, float]:
    numbers = {}
    for name, value in values.items():
        try:
            numbers[name] = float(value)
        except ValueError:
            raise NotebookError(f"{where}: not a number in {name}: {value}") from None
    return numbers
