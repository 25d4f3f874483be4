"""The chain of the record: whatever is changed, the first broken row is named."""

import random
import uuid
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


def test_a_whole_chain_holds():
    links, head = built(50)
    assert chain.first_broken(KEY, links, head) is None
    assert chain.first_broken(KEY, [], None) is None


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
    )
    for turn in range(200):
        at = pick.randrange(300)
        forged = list(links)
        forged[at] = replace(links[at], content=replace(links[at].content, **changes[turn % len(changes)]))
        assert chain.first_broken(KEY, forged, head) == chain.Broken(at + 1, "altered")


@pytest.mark.parametrize("at", [0, 1, 150, 298])
def test_delete_reorder_insert_and_truncate_are_found(at):
    links, head = built(300)
    assert chain.first_broken(KEY, links[:at] + links[at + 1 :], head) == chain.Broken(at + 1, "gap")
    swapped = list(links)
    swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
    assert chain.first_broken(KEY, swapped, head) == chain.Broken(at + 1, "gap")
    assert chain.first_broken(KEY, [*links[: at + 1], *links[at:]], head) == chain.Broken(at + 2, "order")
    assert chain.first_broken(KEY, links[: at + 1], head) == chain.Broken(at + 2, "truncated")


def test_a_row_forged_without_the_key_does_not_fit():
    links, head = built(10)
    content = replace(links[9].content, seq=11)
    forged = chain.Link(content, links[9].hash, chain.entry_hash(b"guess" * 8, content, links[9].hash))
    assert chain.first_broken(KEY, [*links, forged], head) == chain.Broken(11, "altered")


def test_a_head_set_back_without_the_key_does_not_fit():
    links, (_, _, mac) = built(10)
    assert chain.first_broken(KEY, links[:9], (9, links[8].hash, mac)) == chain.Broken(9, "head_forged")
    assert chain.first_broken(KEY, links[:9], None) == chain.Broken(9, "head_missing")


def test_rows_renumbered_after_a_deletion_do_not_fit():
    links, head = built(10)
    renumbered = links[:4] + [
        replace(link, content=replace(link.content, seq=link.content.seq - 1)) for link in links[5:]
    ]
    assert chain.first_broken(KEY, renumbered, head) == chain.Broken(5, "altered")


def test_another_schools_chain_has_another_key():
    assert chain.chain_key(b"k" * 32, uuid.UUID(int=6)) != KEY
