"""A file sealed piece by piece, so that one of any size costs the memory of one piece.

Each piece is a token of ``vault.cipher``, its length before it. Its place holds its number, and the last one says that it
is the last: pieces cannot be cut off, swapped or brought from another file.
"""

import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from vault import cipher, keyring

PIECE: Final = 1024 * 1024  # bytes
_LENGTH: Final = struct.Struct(">I")


def write_sealed(path: Path, blocks: Iterable[bytes], place: cipher.Place) -> None:
    """Seal ``blocks``, of any sizes, into ``path``; nothing stands there when it fails. OSError as the disk says."""
    version, key = keyring.current_key(place.tenant_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and renamed: a reader never meets half a file.
    half = path.with_suffix(f".{os.getpid()}.part")
    try:
        with half.open("wb") as out:
            half.chmod(0o600)
            pieces = _pieces(blocks)
            piece, number = next(pieces, b""), 0
            while piece is not None:
                following = next(pieces, None)
                token = cipher.seal(key, version, piece, _at(place, number, is_last=following is None))
                out.write(_LENGTH.pack(len(token)) + token)
                piece, number = following, number + 1
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def read_sealed(path: Path, place: cipher.Place) -> Iterator[bytes]:
    """The pieces of what ``write_sealed`` was given. FileNotFoundError when it is gone, cipher.Unreadable when touched."""
    with path.open("rb") as source:
        number, head = 0, source.read(_LENGTH.size)
        while True:
            if len(head) != _LENGTH.size:
                raise cipher.Unreadable
            (length,) = _LENGTH.unpack(head)
            if length > 2 * PIECE:
                raise cipher.Unreadable
            token = source.read(length)
            head = source.read(_LENGTH.size)
            key = keyring.key_of(place.tenant_id, cipher.key_version_of(token))
            yield cipher.unseal(key, token, _at(place, number, is_last=not head))
            if not head:
                return
            number += 1


def _pieces(blocks: Iterable[bytes]) -> Iterator[bytes | None]:
    waiting = bytearray()
    for block in blocks:
        waiting += block
        while len(waiting) > PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    yield bytes(waiting)


def _at(place: cipher.Place, number: int, *, is_last: bool) -> cipher.Place:
    return replace(place, field=f"{place.field}.{number}{'.end' if is_last else ''}")
