"""Where an answer ends on a connection that is to carry the next message (RFC 9112 §6): found while its bytes come in."""

import re
from enum import Enum, auto
from http import HTTPStatus
from typing import Final

_END: Final = re.compile(rb"\r?\n\r?\n")
_STATUS: Final = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?![0-9])")
_LENGTH: Final = re.compile(rb"\ncontent-length:[ \t]*([^\r\n]*?)[ \t]*\r?(?=\n|$)")
_CODING: Final = re.compile(rb"\ntransfer-encoding:[ \t]*([^\r\n]*?)[ \t]*\r?(?=\n|$)")
_CLOSE: Final = re.compile(rb"\nconnection:[^\n]*close")
_NUMBER: Final = re.compile(rb"[0-9]{1,9}")
_SIZE: Final = re.compile(rb"([0-9a-fA-F]{1,7})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LINE: Final = re.compile(rb"[^\n]*\n")
_LONGEST_LINE: Final = 8_192
_BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class NoAnswer(Exception):
    """What came is no answer of HTTP/1."""


class _In(Enum):
    """Where in a body the next byte belongs."""

    PLAIN = auto()
    SIZE = auto()
    PIECE = auto()
    PIECE_END = auto()
    TRAILER = auto()
    WHOLE = auto()


class Ending:
    """Fed with what comes; knows the status as soon as the head is whole, and later when the answer is.

    ``is_kept``: whether the connection may carry another message once it is whole. False for what says that it closes, for an
    older protocol, for a length that is none or two, and as soon as a byte comes that nobody asked for.
    """

    __slots__ = ("_at", "_got", "_left", "is_kept", "status")

    def __init__(self) -> None:
        self.status: int | None = None
        self.is_kept = True
        self._got = bytearray()
        self._at, self._left = _In.PLAIN, 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is still to come."""
        return self.status is not None and self._at is _In.WHOLE

    def feed(self, part: bytes) -> None:
        """NoAnswer for what does not begin as one."""
        self._got += part
        while self.status is None:
            end = _END.search(self._got)
            if end is None:
                return
            self._head(bytes(self._got[: end.start()]))
            del self._got[: end.end()]
        while self.is_kept and self._go_on():
            pass
        if not self.is_kept:
            self._got.clear()

    def _head(self, head: bytes) -> None:
        said = _STATUS.match(head)
        if said is None:
            raise NoAnswer
        status = int(said[2])
        if status < HTTPStatus.OK and status != HTTPStatus.SWITCHING_PROTOCOLS:
            return  # said on the way to an answer
        self.status = status
        lower = head.lower()
        lengths, codings = set(_LENGTH.findall(lower)), _CODING.findall(lower)
        if said[1] != b"1" or _CLOSE.search(lower) or status == HTTPStatus.SWITCHING_PROTOCOLS:
            self.is_kept = False
        elif status in _BODILESS:
            self._at = _In.WHOLE
        elif codings:
            self._at, self.is_kept = _In.SIZE, codings == [b"chunked"] and not lengths
        elif len(lengths) == 1 and _NUMBER.fullmatch(number := lengths.pop()):
            self._left = int(number)
            self._at = _In.PLAIN if self._left else _In.WHOLE
        else:
            self.is_kept = False  # it ends when the connection does, or nobody knows where

    def _go_on(self) -> bool:
        """One step through what has come; whether there may be another."""
        match self._at:
            case _In.PLAIN | _In.PIECE:
                taken = min(self._left, len(self._got))
                del self._got[:taken]
                self._left -= taken
                if self._left:
                    return False
                self._at = _In.WHOLE if self._at is _In.PLAIN else _In.PIECE_END
                return True
            case _In.SIZE:
                return self._size()
            case _In.PIECE_END | _In.TRAILER:
                return self._line()
            case _In.WHOLE:
                self.is_kept = not self._got
                return False

    def _size(self) -> bool:
        said = _SIZE.match(self._got)
        if said is None:
            self.is_kept = b"\n" not in self._got and len(self._got) <= _LONGEST_LINE
            return False
        self._left = int(said[1], 16)
        self._at = _In.PIECE if self._left else _In.TRAILER
        del self._got[: said.end()]
        return True

    def _line(self) -> bool:
        said = _LINE.match(self._got)
        if said is None:
            self.is_kept = len(self._got) <= _LONGEST_LINE
            return False
        is_empty = not said[0].strip(b"\r\n")
        if self._at is _In.PIECE_END:
            self.is_kept, self._at = is_empty, _In.SIZE
        elif is_empty:
            self._at = _In.WHOLE
        del self._got[: said.end()]
        return True
