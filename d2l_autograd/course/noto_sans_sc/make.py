"""Make the Chinese font of the figures from Noto Sans CJK.

    python make.py NotoSansCJK-Regular.ttc

The file is in Debian's package fonts-noto-cjk. Kept are the 6763 characters of GB 2312, Chinese
punctuation and ASCII; what Matplotlib does not use, such as hints, is left out.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
from fontTools.ttLib import TTCollection  # type: ignore[import-untyped]

_SIMPLIFIED = "Noto Sans CJK SC"
_KEPT_NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]
_UNUSED_TABLES = ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS"]


def kept_characters() -> set[str]:
    """Return the characters of the font."""
    bytes_pairs = [bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    hanzi = b"".join(bytes_pairs).decode("gb2312", errors="ignore")
    punctuation = [chr(code) for code in (*range(0x3000, 0x3040), *range(0xFF00, 0xFFF0))]
    ascii_characters = [chr(code) for code in range(0x20, 0x7F)]
    return {*hanzi, *punctuation, *ascii_characters, *"“”‘’…—·"}


def main(source: str) -> None:
    """Write the font beside this file."""
    collection = TTCollection(source)
    font = next(one for one in collection if one["name"].getDebugName(4) == _SIMPLIFIED)
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.name_IDs = _KEPT_NAMES
    options.drop_tables += _UNUSED_TABLES
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(kept_characters())))
    subsetter.subset(font)
    names = font["name"]
    names.names = [
        record for record in names.names if (record.platformID, record.langID) == (3, 0x409)
    ]
    for number, name in (
        (1, "Noto Sans SC Common"),
        (4, "Noto Sans SC Common"),
        (6, "NotoSansSC-Common"),
    ):
        names.setName(name, number, 3, 1, 0x409)
    font.recalcTimestamp = False
    font.save(Path(__file__).with_name("NotoSansSC-Common.otf"))


if __name__ == "__main__":
    main(*sys.argv[1:])
