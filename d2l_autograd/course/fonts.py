"""The Chinese font of the figures, which comes with the course: figures are the same everywhere."""

import dataclasses
from functools import cache

from matplotlib.font_manager import FontProperties, fontManager

from d2l_autograd.course.noto_sans_sc import FONT

# The font of the course has the 6763 characters of everyday writing. Where one of these is
# installed, rarer ones, in names above all, come out as well.
_LARGER = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
)


@cache
def chinese_font() -> str:
    """Return the name of a font with Chinese characters, which Matplotlib then knows."""
    fontManager.addfont(FONT)
    # It stands in for its bold cut: Matplotlib says on stderr that it misses one.
    fontManager.ttflist.append(dataclasses.replace(fontManager.ttflist[-1], weight=700))
    return FontProperties(fname=FONT).get_name()


def with_chinese(families: list[str]) -> list[str]:
    """Return families of fonts with Chinese ones last, for characters that the others lack."""
    known = set(fontManager.get_font_names())
    chinese = [chinese_font(), *[name for name in _LARGER if name in known][:1]]
    return [*(family for family in families if family not in chinese), *chinese]
