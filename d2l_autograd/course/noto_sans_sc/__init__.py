"""The Chinese font that comes with the course."""

from pathlib import Path

FONT = Path(__file__).with_name("NotoSansSC-Common.otf")
