"""Whether a file begins as files of its name do: a page of HTML that calls itself a film is nobody's film."""

from pathlib import PurePath
from typing import IO, Any, Final

_HEAD: Final = 4096
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_BEGINS: Final[dict[str, tuple[bytes, ...]]] = {
    ".pdf": (b"%PDF",),
    ".docx": _ZIP, ".xlsx": _ZIP, ".pptx": _ZIP, ".odt": _ZIP, ".zip": _ZIP,
    ".webm": (b"\x1a\x45\xdf\xa3",),
    ".mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"),
    ".vtt": (b"WEBVTT", b"\xef\xbb\xbfWEBVTT"),
}  # fmt: skip
_BOXED: Final = frozenset({".mp4", ".m4a"})
"""Begin with the length of a box called ``ftyp``."""


def is_what_it_says(file: Any) -> bool:
    """By the first 4 KB of ``file``; its place is left where it was. Text holds no zero byte, whatever its encoding."""
    suffix = PurePath(file.name or "").suffix.lower()
    head = _head(file)
    if suffix in _BEGINS:
        return head.startswith(_BEGINS[suffix])
    if suffix in _BOXED:
        return head[4:8] == b"ftyp"
    return b"\x00" not in head


def _head(file: IO[bytes]) -> bytes:
    at = file.tell()
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(at)
    return head
