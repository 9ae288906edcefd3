"""How strictly a cell is checked: by the project, its notebook, its metadata and its tags.

The project's settings are options in pytest's ini file. A notebook and a cell have theirs under
`nbval` in their metadata; a cell may also say `nbval-rtol=1e-3` in a tag. The nearest one counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from notebook_check.compare.normalising import NORMALISERS
from notebook_check.errors import NotebookError
from notebook_check.tolerance import Tolerance

METADATA = "nbval"
NUMBERS = ("rtol", "atol", "pixels", "timeout")
WORDS = ("stderr", "normalise")
OF_PROJECTS = ("rtol", "atol", "pixels", *WORDS)
"""What pytest's ini file can set; it has an option of nbval for the time limit."""

_EXECUTION = "execution"
"""Where nbmake and nbclient look for a notebook's time limit, and whether its cells may raise."""


@dataclass(frozen=True)
class Settings:
    """What a cell is executed and compared with.

    `rtol` and `atol` are None where nothing is said: then the digits that are shown decide.
    `pixels` is which part of a picture without a description may differ, from 0 to 1. `timeout` is
    the seconds that a cell may take. `stderr` is "compare" or "ignore". `normalise` names kinds of
    text that are not compared, such as dates. `allow_errors` lets every cell raise. `reason` says
    why a cell is skipped, or its output ignored.
    """

    rtol: float | None = None
    atol: float | None = None
    pixels: float = 0.002
    timeout: float | None = None
    stderr: str = "compare"
    normalise: tuple[str, ...] = ()
    allow_errors: bool = False
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
    known = [field.name for field in fields(Settings)]
    for name, value in values.items():
        if name not in known:
            raise NotebookError(f"{where}: no setting {name!r}; there are {', '.join(known)}")
        _require_kind(name, value, where)
    values = {k: _listed(v) if k == "normalise" else v for k, v in values.items()}
    settings = replace(settings, **values)
    try:
        _ = settings.tolerance
        if not 0 <= settings.pixels <= 1:
            raise ValueError(f"pixels is a fraction from 0 to 1; got {settings.pixels}")
        if settings.timeout is not None and not settings.timeout > 0:
            raise ValueError(f"timeout is a number of seconds above 0; got {settings.timeout}")
        if settings.stderr not in ("compare", "ignore"):
            raise ValueError(f"stderr is 'compare' or 'ignore'; got {settings.stderr[:40]!r}")
        for name in settings.normalise:
            if name not in NORMALISERS:
                there = ", ".join(NORMALISERS)
                raise ValueError(f"normalise knows {there}; got {name[:40]!r}")
    except ValueError as error:
        raise NotebookError(f"{where}: {error}") from None
    return settings


def ini_settings(getini: Callable[[str], str]) -> Settings:
    """Return the settings of pytest's ini file, of which `getini` gives an option as text."""
    texts = {name: getini(f"nbval_{name}") for name in OF_PROJECTS}
    where = "pytest's nbval options"
    return change(Settings(), _values({k: v for k, v in texts.items() if v}, where), where)


def notebook_settings(project: Settings, notebook: Mapping[str, Any]) -> Settings:
    """Return the settings of a notebook, nbmake's for a notebook among them."""
    where = "the notebook's metadata"
    theirs = notebook["metadata"].get(_EXECUTION)
    if isinstance(theirs, Mapping):
        known = {name: theirs[name] for name in ("timeout", "allow_errors") if name in theirs}
        project = change(project, known, f"{where}, {_EXECUTION}")
    return change(project, _own(notebook, where), where)


def cell_settings(notebook: Settings, cell: Mapping[str, Any]) -> Settings:
    """Return the settings of a cell, by its metadata and, before these, its tags."""
    settings = change(notebook, _own(cell, "the cell's metadata"), "the cell's metadata")
    for tag in tags_of(cell):
        if (name := setting_of(tag)) is not None:
            where = f"the tag {tag}"
            settings = change(settings, _values({name: tag.partition("=")[2]}, where), where)
    return settings


def tags_of(cell: Mapping[str, Any]) -> list[str]:
    """Return the tags of a cell."""
    tags = cell["metadata"].get("tags", [])
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def setting_of(tag: str) -> str | None:
    """Return which setting a tag such as nbval-rtol=1e-3 is for, if it is for any."""
    name, equals, _ = tag.removeprefix("nbval-").partition("=")
    return name if tag.startswith("nbval-") and equals and name in (*NUMBERS, *WORDS) else None


def _require_kind(name: str, value: Any, where: str) -> None:
    kinds: dict[str, tuple[Any, str]] = {
        "reason": (str, "a text"),
        "stderr": (str, "a text"),
        "normalise": ((str, list, tuple), "a list of names"),
        "allow_errors": (bool, "true or false"),
    }
    expected, told = kinds.get(name, ((int, float), "a number"))
    if not isinstance(value, expected) or (isinstance(value, bool) and name != "allow_errors"):
        raise NotebookError(f"{where}: {name} is {told}, not {str(value)[:40]!r}")


def _listed(value: Any) -> tuple[str, ...]:
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    return tuple(map(str, words))


def _own(node: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    values = node["metadata"].get(METADATA, {})
    if not isinstance(values, Mapping):
        raise NotebookError(f'{where}: {METADATA} is a table such as {{"rtol": 1e-3}}')
    return values


def _values(texts: Mapping[str, str], where: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in texts.items():
        if name in WORDS:
            values[name] = text
            continue
        try:
            values[name] = float(text)
        except ValueError:
            raise NotebookError(f"{where}: not a number in {name}: {text}") from None
    return values
