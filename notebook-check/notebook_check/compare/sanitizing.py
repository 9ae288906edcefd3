"""What is replaced in texts before they are compared: by nbval's files of rules, and by names."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from notebook_check.errors import NotebookError

_COMMENTS = ("#", ";", "[")  # of the last, a heading such as [regex1]


def read_rules(path: Path) -> Callable[[str], str]:
    """Return what applies the rules of a file to a text.

    A rule is a line `regex: …` and, right below, a line `replace: …`; there may be blank lines,
    headings in brackets, and comments.

    Raises:
        NotebookError: A file that cannot be read, or a line that is neither.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise NotebookError(f"the sanitizing file {path} cannot be read: {error}") from None
    rules: list[tuple[re.Pattern[str], str]] = []
    pattern: re.Pattern[str] | None = None
    for number, line in enumerate(lines, 1):
        where = f"{path.name}, line {number}"
        expected = "regex" if pattern is None else "replace"
        key, colon, value = line.partition(": ")
        if pattern is None and (not line.strip() or line.startswith(_COMMENTS)):
            continue
        if not colon or key != expected:
            raise NotebookError(f"{where}: expected '{expected}: …', found {line[:60]!r}")
        try:
            if pattern is None:
                pattern = re.compile(value)
            else:
                rules.append(_rule(pattern, value))
                pattern = None
        except (re.error, IndexError) as error:
            raise NotebookError(f"{where}: {error}") from None
    if pattern is not None:
        raise NotebookError(f"{path.name}: the last rule has no line 'replace: …'")

    return _applied(rules)


def normaliser(named: Mapping[str, Any]) -> Callable[[str], str]:
    """Return what applies named rules to a text, in their order.

    Args:
        named: for each name `[pattern, replacement]`, as `re.sub` takes them; None for one that
            is switched off.

    Raises:
        ValueError: A rule that is none; the message names it.
    """
    rules = []
    for name, rule in named.items():
        if rule is None:
            continue
        if not (
            isinstance(rule, list) and len(rule) == 2 and all(isinstance(x, str) for x in rule)
        ):
            raise ValueError(f"normalise: {name!r} is [pattern, replacement] or null")
        try:
            rules.append(_rule(re.compile(rule[0]), rule[1]))
        except (re.error, IndexError) as error:
            raise ValueError(f"normalise: {name!r}: {error}") from None
    return _applied(rules)


def named_rules(lines: list[str]) -> dict[str, list[str]]:
    """Return the rules of an ini file, a line `name: pattern => replacement` for each.

    Raises:
        ValueError: A line that is none.
    """
    rules = {}
    for line in lines:
        name, colon, rule = line.partition(":")
        pattern, arrow, replacement = rule.partition("=>")
        if not (name.strip() and colon and pattern.strip() and arrow):
            raise ValueError(f"expected 'name: pattern => replacement', found {line[:60]!r}")
        rules[name.strip()] = [pattern.strip(), replacement.strip()]
    return rules


def _rule(pattern: re.Pattern[str], replacement: str) -> tuple[re.Pattern[str], str]:
    """A rule whose replacement can be read, also where nothing matches: re.error if not."""
    pattern.sub(replacement, "")
    return pattern, replacement


def _applied(rules: list[tuple[re.Pattern[str], str]]) -> Callable[[str], str]:
    def apply(text: str) -> str:
        for pattern, replacement in rules:
            text = pattern.sub(replacement, text)
        return text

    return apply
