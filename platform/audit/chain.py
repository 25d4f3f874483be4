"""The chain of one school's audit rows. Pure: values in, hashes and verdicts out, no framework.

Each row's hash covers its id, its content and the hash before it, keyed, so nobody without the key can forge a row; the
head carries the length and is keyed too, so cutting the newest rows shows. Setting a whole school back to an older *and*
complete state (a restored backup) shows only against a head noted elsewhere: ``audit_verify`` prints it for that.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

GENESIS: Final = bytes(32)
FORM: Final = 2
"""How ``canonical`` spells a row. A row of the first form fits only where no row of this form stands before it."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a row says. ``at`` is aware; ``facts`` are already plain JSON values (see ``audit.facts``)."""

    id: UUID
    tenant_id: UUID
    seq: int
    at: datetime
    actor_id: UUID | None
    actor_kind: str
    action: str
    object_type: str
    object_id: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """A stored row: content and the two hashes beside it."""

    content: Content
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that does not fit, and why: ``gap, order, altered, unlinked, head_missing, head_forged, truncated``."""

    seq: int
    why: str


def chain_key(secret: bytes, tenant_id: UUID) -> bytes:
    """The key of one school's chain."""
    return hmac.new(secret, f"xinqiao audit {tenant_id}".encode(), hashlib.sha256).digest()


def canonical(content: Content) -> bytes:
    """One spelling for one content: sorted keys, no blanks, UTC with microseconds."""
    return _spelled({"form": FORM, "id": str(content.id), **_told(content)})


def _canonical_without_id(content: Content) -> bytes:
    """The first form, in which rows were written before their ids were covered."""
    return _spelled(_told(content))


def _told(content: Content) -> dict[str, Any]:
    return {
        "tenant": str(content.tenant_id),
        "seq": content.seq,
        "at": content.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": str(content.actor_id) if content.actor_id else None,
        "actor_kind": content.actor_kind,
        "action": content.action,
        "object_type": content.object_type,
        "object_id": content.object_id,
        "facts": content.facts,
    }


def _spelled(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def entry_hash(key: bytes, content: Content, prev_hash: bytes) -> bytes:
    """HMAC-SHA-256 of the content and the hash before it."""
    return hmac.new(key, canonical(content) + prev_hash, hashlib.sha256).digest()


def _hash_without_id(key: bytes, content: Content, prev_hash: bytes) -> bytes:
    return hmac.new(key, _canonical_without_id(content) + prev_hash, hashlib.sha256).digest()


def head_mac(key: bytes, seq: int, last_hash: bytes) -> bytes:
    """Proof that somebody with the key said: the chain has ``seq`` rows and ends in ``last_hash``."""
    return hmac.new(key, b"head" + seq.to_bytes(8) + last_hash, hashlib.sha256).digest()


class Walk:
    """Goes along a chain row by row and keeps only the last hash, so memory is flat."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.seq = 0
        self.last_hash = GENESIS
        self._may_lack_id = True

    def step(self, link: Link) -> Broken | None:
        """The fault of ``link`` as the next row, or None when it fits."""
        expected = self.seq + 1
        if link.content.seq != expected:
            return Broken(expected, "gap" if link.content.seq > expected else "order")
        if hmac.compare_digest(entry_hash(self._key, link.content, link.prev_hash), link.hash):
            self._may_lack_id = False
        elif not self._may_lack_id or not self._fits_first_form(link):
            return Broken(expected, "altered")
        if not hmac.compare_digest(link.prev_hash, self.last_hash):
            return Broken(expected, "unlinked")
        self.seq, self.last_hash = expected, link.hash
        return None

    def _fits_first_form(self, link: Link) -> bool:
        return hmac.compare_digest(_hash_without_id(self._key, link.content, link.prev_hash), link.hash)

    def close(self, head: tuple[int, bytes, bytes] | None) -> Broken | None:
        """Compare the end with the head ``(seq, hash, mac)``; None when all is whole."""
        if head is None:
            return Broken(self.seq, "head_missing") if self.seq else None
        seq, last_hash, mac = head
        if not hmac.compare_digest(head_mac(self._key, seq, last_hash), mac):
            return Broken(self.seq, "head_forged")
        if seq > self.seq:
            return Broken(self.seq + 1, "truncated")
        if seq < self.seq or not hmac.compare_digest(last_hash, self.last_hash):
            return Broken(self.seq, "head_forged")
        return None
