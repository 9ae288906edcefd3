"""What a page in Chromium complains of, asks for elsewhere, or cannot show."""

from typing import Any


def complaints_of(page: Any) -> list[str]:
    """Return a list that is filled while the page is open: errors, and requests of a network."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: complaints.append(r.url) if r.url[:4] == "http" else None)
    return complaints


def brings_chinese(page: Any) -> bool:
    """Say whether a page has a font for its Chinese characters, on whatever machine."""
    return bool(page.evaluate("document.fonts.load('16px course', '导').then(f => f.length)") == 1)
