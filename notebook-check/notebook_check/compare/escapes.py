"""Characters that a terminal would obey, shown instead."""

import re

COLOUR = re.compile(r"\x1b\[[\d;:]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SPACES = {" ": "␣", "\n": "⏎", "\t": "⇥", "\u00a0": "⍽"}


def printable(text: str) -> str:
    """Return a text that shows its control characters, and nothing but them otherwise.

    Line ends and tabs stay as they are; of ASCII's control characters their pictures are shown,
    such as ␛, and of the others their number.
    """
    return _CONTROL.sub(_picture, text)


def visible(text: str) -> str:
    """Return a text on one line, in which white space is seen as well."""
    return printable("".join(_SPACES.get(character, character) for character in text))


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨{code:04X}⟩"
