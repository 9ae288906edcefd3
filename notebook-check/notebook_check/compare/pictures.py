"""Stored pictures: whether they are any, and whether they are the ones that were stored."""

import base64
import binascii
import hashlib
import io
import warnings

SEALED = ("image/png", "image/jpeg", "image/gif")
"""Pictures whose digest is stored with a figure's description."""

_LARGEST = 50_000_000  # pixels; a small file can claim far more
_LARGEST_OF_ALL = 500_000_000  # pixels of all frames of an animation


def decode(text: str) -> bytes:
    """Return the bytes of a picture in base64.

    Raises:
        ValueError: It is no base64.
    """
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise ValueError("is not base64") from None


def size_of(mime: str, text: str) -> tuple[int, int]:
    """Return width and height, in pixels, of a picture in base64 that is decoded to its end.

    Of an animation, all frames are.

    Raises:
        ValueError: It is no picture of this type; the message completes "the picture …".
    """
    from PIL import Image

    content = decode(text)
    kind = mime.removeprefix("image/").upper()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=[kind])
        if picture.width * picture.height > _LARGEST:
            raise ValueError(f"claims {picture.width} x {picture.height} pixels")
        frames = getattr(picture, "n_frames", 1)
        if picture.width * picture.height * frames > _LARGEST_OF_ALL:
            raise ValueError(f"claims {frames} frames of {picture.width} x {picture.height} pixels")
        for number in range(frames):
            picture.seek(number)
            picture.load()
    except ValueError:
        raise
    except Exception:  # Pillow's decoders raise many kinds, for garbage
        raise ValueError(f"is no {kind} that can be decoded") from None
    return picture.width, picture.height


def digest(picture: str | bytes) -> str:
    """Return what identifies a picture, also one in base64: stored with a figure's description.

    It ties the stored picture to the stored description; a new picture may have another.
    """
    content = decode(picture) if isinstance(picture, str) else picture
    return hashlib.sha256(content).hexdigest()
