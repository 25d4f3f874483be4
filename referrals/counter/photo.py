"""A photo of a voucher, for phones whose browser has no camera for pages (WeChat on iOS): the text of its QR code.

The picture is read in memory and forgotten with the answer; neither it nor what it shows is stored or logged.
"""

from collections.abc import Iterator
from typing import Final

import zxingcpp
from django.core.files.uploadedfile import UploadedFile
from PIL import Image
from pillow_heif import register_heif_opener

from referrals.codes import secrets_in

MAX_BYTES: Final = 15 * 1024 * 1024
MAX_PIXELS: Final = 30_000_000
"""More than a phone takes unless told to; seen in the file's head before a pixel is unpacked, which then needs 90 MB."""
_SIDE: Final = 2000
"""Pixels of the longer side that are searched: a code that fills a fifth of the picture is still found."""
_WHITE, _BLACK = (255, 255, 255, 255), (0, 0, 0, 255)
_DEEP: Final = ("I", "F")
"""Modes with more than eight bits, ``I;16`` among them: Pillow cuts at 255 when it makes them grey."""

register_heif_opener()
Image.init()

KINDS: Final = tuple(kind for kind in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP") if kind in Image.OPEN)
"""What phones and screens make. Pillow reads fifty more, some by starting other programs; not every build reads AVIF."""


def text_in_photo(photo: UploadedFile) -> str | None:
    """What the vouchers' QR codes in ``photo`` say, one in a line; codes of others beside them are passed over.

    None when it is no picture, too large, or holds no code of ours that can be read.
    """
    if not photo.size or photo.size > MAX_BYTES:
        return None
    try:
        with Image.open(photo, formats=KINDS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return None
            picture.draft("L", (_SIDE, _SIDE))  # a JPEG is unpacked at this size, not at its own
            return next((text for grey in _grounds(picture) if (text := _ours(grey))), None)
    except Exception:  # noqa: BLE001 - decoders raise a dozen kinds for a broken or hostile file
        return None


def _grounds(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture in grey, as it lies: a code is found whichever way is up, and light on dark as well.

    A picture with holes is laid on white, as a screen shows it, then on black.
    """
    if picture.mode.startswith(_DEEP):
        yield _shrunk(_in_eight_bits(picture))
    elif picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture.thumbnail((_SIDE, _SIDE))
        for ground in (_WHITE, _BLACK):
            yield Image.alpha_composite(Image.new("RGBA", picture.size, ground), picture).convert("L")
    else:
        yield _shrunk(picture.convert("L"))


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Its darkest point black and its lightest white, whatever scale it was made in."""
    whole = picture.convert("F")
    low, high = whole.getextrema()
    if not isinstance(low, float) or not isinstance(high, float) or high <= low:
        return Image.new("L", picture.size)
    scale = 255 / (high - low)
    return whole.point(lambda value: value * scale - low * scale).convert("L")


def _shrunk(grey: Image.Image) -> Image.Image:
    grey.thumbnail((_SIDE, _SIDE))
    return grey


def _ours(grey: Image.Image) -> str:
    """The texts that hold a voucher's secret, addresses before all else: any long word may look like a token alone."""
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    texts = [code.text for code in found if secrets_in(code.text)]
    links = [text for text in texts if "/v/" in text]
    return "\n".join(dict.fromkeys(links or texts))
