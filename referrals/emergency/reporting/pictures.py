"""A picture that goes with a report: its pixels alone, written anew. Place, time, camera and name of a file stay behind."""

import base64
from io import BytesIO
from threading import Lock
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

MAX_BYTES: Final = 15 * 1024 * 1024
MAX_PIXELS: Final = 60_000_000
"""Of a JPEG, which is made smaller while it is read."""
MAX_PIXELS_WHOLE: Final = 40_000_000
"""Of all others: a few kilobytes sent may be as many pixels, and each of them takes room. A screen of thirty heights has fewer."""
_PATIENCE_SECONDS: Final = 5.0
_turn: Final = Lock()
"""One picture at a time in a process: many large ones at once would take the room of everything else that it answers."""


class InMemoryOnly(MemoryFileUploadHandler):
    """Keeps what is sent in memory, whatever its size: as it came, with its place and time, it never lies on a disk.

    A form that is longer than ``MAX_BYTES`` brings no file; the words in it are read all the same.
    """

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        """Whether there is room."""
        self.activated = content_length <= MAX_BYTES


def is_left_behind(request: HttpRequest) -> bool:
    """Whether what was sent is so long that its file was not read: nothing but a file makes a form of ours so long."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    return length.isascii() and length.isdigit() and int(length) > MAX_BYTES


_SIDE: Final = 1600
_QUALITY: Final = 80

register_heif_opener()
Image.init()

_KINDS: Final = tuple(kind for kind in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF") if kind in Image.OPEN)
"""What telephones and screens make."""
_SCALED: Final = frozenset({"JPEG", "MPO"})
_PLAIN: Final = frozenset({"RGB", "RGBA", "L", "LA"})
"""What is made smaller as it is; a palette has first to be read as colours."""


def clean_picture(file: UploadedFile | None) -> str:
    """The picture as a small JPEG in base64; ``""`` for none, for what cannot be read as one or is too large, and when too many
    come at once: the words go all the same.
    """
    if file is None or not file.size or file.size > MAX_BYTES or not _turn.acquire(timeout=_PATIENCE_SECONDS):
        return ""
    try:
        return _small(file)
    except Exception:  # noqa: BLE001 - decoders raise a dozen kinds for a broken or hostile file
        return ""
    finally:
        _turn.release()


def _small(file: UploadedFile) -> str:
    with Image.open(file, formats=_KINDS) as picture:
        if picture.width * picture.height > (MAX_PIXELS if picture.format in _SCALED else MAX_PIXELS_WHOLE):
            return ""
        picture.draft("RGB", (_SIDE, _SIDE))
        if picture.mode in _PLAIN:  # before anything is copied
            picture.thumbnail((_SIDE, _SIDE))
        upright = ImageOps.exif_transpose(picture)
        # Copied onto a new one: whatever the file carried besides pixels has no way across.
        plain = Image.new("RGB", upright.size, "white")
        shown = upright.convert("RGBA")
        plain.paste(shown, mask=shown.getchannel("A"))
        plain.thumbnail((_SIDE, _SIDE))
        out = BytesIO()
        plain.save(out, "JPEG", quality=_QUALITY)
    return base64.b64encode(out.getvalue()).decode()
