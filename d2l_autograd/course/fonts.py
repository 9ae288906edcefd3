"""The Chinese font of the figures, which comes with the course: figures are the same everywhere."""

import dataclasses
from functools import cache
from pathlib import Path

from matplotlib.font_manager import FontProperties, fontManager

_FILE = Path(__file__).parent / "noto_sans_sc" / "NotoSansSC-Common.otf"


@cache
def chinese_font() -> str:
    """Return the name of a font with Chinese characters, which Matplotlib then knows."""
    fontManager.addfont(_FILE)
    # It stands in for its bold cut: Matplotlib says on stderr that it misses one.
    fontManager.ttflist.append(dataclasses.replace(fontManager.ttflist[-1], weight=700))
    return FontProperties(fname=_FILE).get_name()


def with_chinese(families: list[str]) -> list[str]:
    """Return families of fonts with the Chinese one last, for characters that the others lack."""
    return [*(family for family in families if family != chinese_font()), chinese_font()]
