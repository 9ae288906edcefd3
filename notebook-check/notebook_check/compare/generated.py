"""Names that each run makes anew: addresses of objects, and ids that libraries draw at random."""

import re

_ADDRESS = re.compile(r"(?<=\bat )0x[0-9a-fA-F]{6,16}\b")
_LINK = re.compile(r"(?<=\x1b\]8;id=)\d+")  # of a link that rich prints
_UUID = r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])"
_ID = re.compile(
    _UUID  # plotly, bokeh, xarray
    + r"|(?<=[_g-zG-Z-])[0-9a-f]{32}(?![0-9a-f])"  # animations, altair, folium, widgets
    + r"|(?<=\bT_)[0-9a-f]{5}(?=[_\"'\s]|$)"  # pandas' Styler
    + r"|(?<=\bid=\")el\d{6,}(?=\")|(?<=\bfig_el)\d{6,}"  # mpld3
)


class Names:
    """What replaces generated names by numbers, in the order in which they are met.

    One for all outputs of a cell, so that what was the same name stays one.
    """

    def __init__(self) -> None:
        """Start with no name met."""
        self._numbers: dict[str, int] = {}

    def replace(self, text: str, *, code: bool) -> str:
        """Return a text with its generated names replaced.

        Args:
            text: any text.
            code: whether it is HTML or the like, in which ids are not seen. Elsewhere, as in
                what is printed, a row of random digits may be the very result.
        """
        if "0x" in text:
            text = _ADDRESS.sub(self._number, text)
        if "\x1b]8" in text:
            text = _LINK.sub(self._number, text)
        return _ID.sub(self._number, text) if code else text

    def _number(self, found: re.Match[str]) -> str:
        return f"…{self._numbers.setdefault(found[0], len(self._numbers) + 1)}"
