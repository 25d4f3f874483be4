"""The chain of the record: whatever is changed, the first broken row is named."""

import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from audit import chain

TENANT = uuid.UUID(int=5)
KEY = chain.chain_key(b"k" * 32, TENANT)
START = datetime(2026, 9, 1, tzinfo=UTC)


def built(count: int) -> tuple[list[chain.Link], tuple[int, bytes, bytes]]:
    links, last = [], chain.GENESIS
    for seq in range(1, count + 1):
        content = chain.Content(
            uuid.UUID(int=seq << 64),
            TENANT,
            seq,
            START + timedelta(seconds=seq),
            uuid.UUID(int=seq),
            "member",
            "voucher.redeem",
            "x",
            str(seq),
            {"fen": seq},
        )
        digest = chain.entry_hash(KEY, content, last)
        links.append(chain.Link(content, last, digest))
        last = digest
    return links, (count, last, chain.head_mac(KEY, count, last))


def first_broken(key: bytes, links: Iterable[chain.Link], head: tuple[int, bytes, bytes] | None) -> chain.Broken | None:
    """Walk a whole chain, as ``audit.verify`` walks one in parts."""
    walk = chain.Walk(key)
    return next((fault for link in links if (fault := walk.step(link))), None) or walk.close(head)


def test_a_whole_chain_holds():
    links, head = built(50)
    assert first_broken(KEY, links, head) is None
    assert first_broken(KEY, [], None) is None


def test_any_of_200_alterations_is_found_at_its_row():
    links, head = built(300)
    pick = random.Random(20260901)
    changes = (
        {"action": "voucher.reverse"},
        {"facts": {"fen": 0}},
        {"actor_id": None},
        {"actor_kind": "system"},
        {"object_id": "other"},
        {"object_type": "y"},
        {"at": START},
        {"tenant_id": uuid.UUID(int=6)},
        {"id": uuid.UUID(int=7)},
    )
    for turn in range(200):
        at = pick.randrange(300)
        forged = list(links)
        forged[at] = replace(links[at], content=replace(links[at].content, **changes[turn % len(changes)]))
        assert first_broken(KEY, forged, head) == chain.Broken(at + 1, "altered")


@pytest.mark.parametrize("at", [0, 1, 150, 298])
def test_delete_reorder_insert_and_truncate_are_found(at):
    links, head = built(300)
    assert first_broken(KEY, links[:at] + links[at + 1 :], head) == chain.Broken(at + 1, "gap")
    swapped = list(links)
    swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
    assert first_broken(KEY, swapped, head) == chain.Broken(at + 1, "gap")
    assert first_broken(KEY, [*links[: at + 1], *links[at:]], head) == chain.Broken(at + 2, "order")
    assert first_broken(KEY, links[: at + 1], head) == chain.Broken(at + 2, "truncated")


def test_a_row_forged_without_the_key_does_not_fit():
    links, head = built(10)
    content = replace(links[9].content, seq=11)
    forged = chain.Link(content, links[9].hash, chain.entry_hash(b"guess" * 8, content, links[9].hash))
    assert first_broken(KEY, [*links, forged], head) == chain.Broken(11, "altered")


def test_a_head_set_back_without_the_key_does_not_fit():
    links, (_, _, mac) = built(10)
    assert first_broken(KEY, links[:9], (9, links[8].hash, mac)) == chain.Broken(9, "head_forged")
    assert first_broken(KEY, links[:9], None) == chain.Broken(9, "head_missing")


def test_rows_renumbered_after_a_deletion_do_not_fit():
    links, head = built(10)
    renumbered = links[:4] + [
        replace(link, content=replace(link.content, seq=link.content.seq - 1)) for link in links[5:]
    ]
    assert first_broken(KEY, renumbered, head) == chain.Broken(5, "altered")


def test_another_schools_chain_has_another_key():
    assert chain.chain_key(b"k" * 32, uuid.UUID(int=6)) != KEY


def in_the_first_form(links: list[chain.Link], last: bytes = chain.GENESIS) -> list[chain.Link]:
    """The same rows, after ``last``, as they were written before ids were covered."""
    old = []
    for link in links:
        told = {
            "tenant": str(TENANT), "seq": link.content.seq, "at": link.content.at.isoformat(timespec="microseconds"),
            "actor": str(link.content.actor_id), "actor_kind": "member", "action": "voucher.redeem",
            "object_type": "x", "object_id": link.content.object_id, "facts": dict(link.content.facts),
        }  # fmt: skip
        spelled = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
        digest = hmac.new(KEY, spelled + last, hashlib.sha256).digest()
        old.append(chain.Link(link.content, last, digest))
        last = digest
    return old


def test_rows_written_before_ids_were_covered_hold_until_the_first_one_that_covers_it():
    links, _ = built(6)
    old = in_the_first_form(links)
    assert first_broken(KEY, old, (6, old[-1].hash, chain.head_mac(KEY, 6, old[-1].hash))) is None
    altered = [*old[:2], replace(old[2], content=replace(old[2].content, action="voucher.reverse"))]
    assert first_broken(KEY, altered, None) == chain.Broken(3, "altered")
    fifth = chain.Link(links[4].content, old[3].hash, chain.entry_hash(KEY, links[4].content, old[3].hash))
    grown = [*old[:4], fifth]
    assert first_broken(KEY, grown, (5, fifth.hash, chain.head_mac(KEY, 5, fifth.hash))) is None
    # From there on the first form fits no more, not even with the key of this chain.
    late = in_the_first_form(links[5:], fifth.hash)
    assert first_broken(KEY, [*grown, *late], None) == chain.Broken(6, "altered")
