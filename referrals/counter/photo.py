"""A photo of a voucher, for phones whose browser has no camera for pages (WeChat on iOS): the text of its QR code.

The picture is read in memory and forgotten with the answer; neither it nor what it shows is stored or logged.
"""

from typing import Final

import zxingcpp
from django.core.files.uploadedfile import UploadedFile
from PIL import Image
from pillow_heif import register_heif_opener

from referrals.codes import MAX_TEXT

MAX_BYTES: Final = 15 * 1024 * 1024
MAX_PIXELS: Final = 30_000_000
"""More than a phone takes unless told to; seen in the file's head before a pixel is unpacked, which then needs 90 MB."""
_KINDS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
"""What phones make. Pillow reads fifty more, some by starting other programs."""
_SIDE: Final = 2000
"""Pixels of the longer side that are searched: a code that fills a fifth of the picture is still found."""

register_heif_opener()


def text_in_photo(photo: UploadedFile) -> str | None:
    """What the QR code in ``photo`` says; None when it is no picture, too large, or holds no code that can be read."""
    if not photo.size or photo.size > MAX_BYTES:
        return None
    try:
        with Image.open(photo, formats=_KINDS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return None
            picture.draft("L", (_SIDE, _SIDE))  # a JPEG is unpacked at this size, not at its own
            grey = picture.convert("L")  # as it lies: a code is found whichever way is up
    except Exception:  # noqa: BLE001 - decoders raise a dozen kinds for a broken or hostile file
        return None
    grey.thumbnail((_SIDE, _SIDE))
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return next((code.text for code in found if 0 < len(code.text) <= MAX_TEXT), None)
