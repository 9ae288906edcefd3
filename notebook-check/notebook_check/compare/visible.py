"""Texts of a notebook as a terminal may show them: what steers it, or is not seen, has a sign."""

import unicodedata

_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")  # Unicode's categories
_SIGNS = {"\x1b": "␛", "\t": "⇥", "\r": "␍", "\x7f": "␡", "\x00": "␀"}


def visible(text: str, *, newline: str = "\n", spaces: bool = True) -> str:
    """Return a text with signs for what no one sees; nothing is left that a terminal obeys.

    Args:
        text: any text.
        newline: what stands for the end of a line.
        spaces: whether spaces have a sign where there are several, or one at an end.
    """
    if spaces:
        inner = text.strip(" ")
        before, after = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
        if not inner:
            return "␣" * len(text)
        text = "␣" * before + inner.replace("  ", "␣␣") + "␣" * after
    return "".join(_sign(c, newline) for c in text)


def without_control(text: str) -> str:
    """Return a text of several lines with signs for control characters alone."""
    return "".join(_sign(character, "\n") for character in text)


def in_a_line(text: str) -> str:
    """Return a name or a reason with signs for control characters and ends of lines."""
    return visible(text, newline="⏎", spaces=False)


def _sign(character: str, newline: str) -> str:
    if character == "\n":
        return newline
    if character in (" ", "\u3000") or (character.isprintable() and character != "\u00a0"):
        return character
    if character in _SIGNS:
        return _SIGNS[character]
    if ord(character) < 32:
        return chr(0x2400 + ord(character))
    if unicodedata.category(character) in _UNSEEN:
        return f"<U+{ord(character):04X}>"
    return character
