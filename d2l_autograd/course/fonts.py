"""Whether Matplotlib can show Chinese text here, and with which font."""

from functools import cache

from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font


def chinese_font() -> str | None:
    """Return the name of a font with Chinese characters that Matplotlib knows, if there is one."""
    return _first_chinese(tuple((font.name, font.fname) for font in fontManager.ttflist))


@cache
def _first_chinese(fonts: tuple[tuple[str, str], ...]) -> str | None:
    for name, path in fonts:
        glyphs = FT2Font(path).get_charmap()
        first, second = (glyphs.get(ord(character)) for character in "梯度")
        # A font of last resort, as Matplotlib brings one, has the same box for both.
        if first is not None and second is not None and first != second:
            return name
    return None
