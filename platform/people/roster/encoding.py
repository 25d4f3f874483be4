"""Detects the encoding of a text file. A doubtful one is refused or reported, never guessed silently. Pure."""

import codecs
from typing import Final

from kernel.errors import Invalid
from kernel.fold import has_private_use

GUESSED: Final = "gb18030"
"""What a file is read as that is no UTF-8: what Excel saves on a Chinese desktop."""

_COMMON_SHARE: Final = 0.9
_SAMPLE: Final = 100_000  # bytes
_BLOCK: Final = 1024 * 1024


def encoding_of(content: bytes) -> str:
    """``utf-8-sig``, or ``gb18030`` where that makes sense of it. Invalid ``roster_encoding`` otherwise.

    Bytes of Big5 or of a European alphabet decode as GB 18030 too, into signs nobody wrote. A first line in Chinese
    proves itself by its headings; below one of plain letters the words must be common ones.
    """
    if b"\x00" not in content:
        if _decodes(content, "utf-8-sig"):
            return "utf-8-sig"
        if _decodes(content, GUESSED) and (not is_unproved(content, GUESSED) or _is_plausible(content[:_SAMPLE])):
            return GUESSED
    raise Invalid("roster_encoding")


def _decodes(content: bytes, encoding: str) -> bool:
    """Bit by bit: a text of 20 MB as a whole would stand four times that in memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _BLOCK):
            decoder.decode(content[start : start + _BLOCK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def is_unproved(content: bytes, encoding: str) -> bool:
    """Whether the alphabet was guessed and not even the headings speak for it."""
    return encoding == GUESSED and content.lstrip().split(b"\n", 1)[0].split(b"\r", 1)[0].isascii()


def _is_plausible(sample: bytes) -> bool:
    """Whether most signs are of the 6 763 characters of GB 2312, and Big5 does not explain the bytes better."""
    text = _beginning(sample, GUESSED)
    signs = [sign for sign in text if not sign.isascii()]
    if has_private_use(text) or _share(signs, "gb2312", 0xB0, 0xF7) < _COMMON_SHARE:
        return False
    try:
        other = [sign for sign in _beginning(sample, "big5") if not sign.isascii()]
    except UnicodeDecodeError:
        return True
    return _share(signs, "gb2312", 0xB0, 0xD7) >= _share(other, "big5", 0xA4, 0xC6)


def _beginning(sample: bytes, encoding: str) -> str:
    """The text of a sample that may end within a sign."""
    return codecs.getincrementaldecoder(encoding)().decode(sample)


def _share(signs: list[str], encoding: str, first: int, last: int) -> float:
    """How many of the signs stand in the rows ``first`` to ``last`` of a table, of 1; punctuation counts as well."""
    if not signs:
        return 1.0
    heads = (sign.encode(encoding, "ignore")[:1] for sign in signs)
    return sum(bool(head) and (first <= head[0] <= last or head[0] < 0xA4) for head in heads) / len(signs)
