"""What the rules of some legs can ask of their school, read in one message and never kept (``emergency_facts``, chain §2).

Rows and no judgements: who is reached by them is decided in ``resolving``.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from accounts.models import Membership, User
from families.models import Relative
from referrals.emergency.models import Answer, LegStep
from referrals.emergency.rules.sending import VOICE_AFTER
from referrals.emergency.selectors import Excluded, excluded_by
from tenancy.messages import Part, from_json, know, send

_LEAVES: Final = (Answer.DECLINED, Answer.WRONG_NUMBER)


class Step(NamedTuple):
    """A leg's step as it is needed here (``LegStep``); ``pk`` in text, ``rule`` as it is stored."""

    pk: str
    purpose: str
    position: int
    rule: Mapping[str, Any]
    wait_seconds: int | None
    channels: Sequence[str]


AnyStep = LegStep | Step


class Held(NamedTuple):
    """A shift or a seat: a colleague or a line, and who stands in for them."""

    holder: UUID | None
    line: UUID | None
    deputy: UUID | None = None
    deputy_line: UUID | None = None


class Agreed(NamedTuple):
    """A contact who has said yes and not taken it back. ``fault``: why the number is not called, or ""."""

    grades: Collection[str]
    fault: str
    relative: Relative


@dataclass(frozen=True, slots=True)
class LegFacts:
    """One school at one moment. ``gone``: by incident who said no or was the wrong number, by leg who answered otherwise.

    ``never``: of a person, ``left_out``: of an incident alone.
    ``members``: the places of everybody named here, also of those who left, and all that tells whose they are. ``partners``: number of each institution with
    an agreement that binds today. ``has_wecom``: the school has entered it. Of drills alone, by incident: ``players``, who plays
    which part, and ``faults``, what goes wrong with a step, by leg and position. ``voice_after``: how long after the silent
    channels a call follows here.
    """

    today: date
    shifts: Mapping[int, Held]
    seats: Mapping[str, Held]
    lines: Mapping[UUID, str]
    operator: UUID | None
    owners: Mapping[UUID, UUID | None]
    gone: Mapping[UUID, frozenset[bytes]]
    never: Mapping[UUID, Excluded]
    left_out: Mapping[UUID, Excluded]
    contacts: Mapping[tuple[UUID, int], Agreed]
    homes: Mapping[UUID, UUID]
    partners: Mapping[UUID, str]
    members: Mapping[UUID, Membership]
    has_wecom: bool
    players: Mapping[UUID, Mapping[str, frozenset[UUID]]] = field(default_factory=dict)
    faults: Mapping[UUID, Mapping[tuple[str, int], str]] = field(default_factory=dict)
    voice_after: timedelta = VOICE_AFTER

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Of what ``emergency_facts`` answers. The school must be open: sealed words are bound to it."""
        members = {row.pk: row for row in (_place(one) for one in told["members"] or ())}
        never, left_out = (
            [
                (UUID(about), bytes.fromhex(number) if number else None, members[UUID(member)] if member else None)
                for about, number, member in told.get(key) or ()
            ]
            for key in ("never", "left_out")
        )
        return cls(
            today=date.fromisoformat(told["today"]),
            shifts={row["layer"]: Held(_key(row["holder"]), _key(row["line"])) for row in told["shifts"] or ()},
            seats={row["kind"]: _seat(row) for row in told["seats"] or ()},
            lines={UUID(pk): number for pk, number in (told["lines"] or {}).items()},
            operator=_key(told["operator"]),
            owners={UUID(incident): _key(owner) for incident, owner in (told["owners"] or {}).items()},
            gone=_gone(told["answers"] or ()),
            never=excluded_by(never),
            left_out=excluded_by(left_out),
            contacts={
                (UUID(person), rank): Agreed(grades, fault, from_json(Relative, relative))
                for person, rank, grades, fault, relative in told.get("contacts") or ()
            },
            homes={UUID(person): UUID(pk) for person, pk in (told.get("homes") or {}).items()},
            partners={UUID(pk): number for pk, number in (told.get("partners") or {}).items()},
            members=members,
            has_wecom=told["wecom"],
            players=_players(told.get("players") or ()),
            faults=_faults(told.get("faults") or ()),
            voice_after=VOICE_AFTER if (own := told.get("voice_seconds")) is None else timedelta(seconds=own),
        )


def facts_of(
    incidents: Collection[UUID],
    moment: datetime,
    *,
    legs: Collection[UUID] = (),
    colleagues: Collection[Membership] = (),
    partners: Mapping[UUID, str] | None = None,
) -> LegFacts:
    """The facts of the open school for ``incidents``. ``legs``: whose steps may name an institution.

    ``colleagues`` and ``partners`` (number by institution): whom a person may choose besides, beyond what the rules name.
    """
    [[[told]]] = send(Part("SELECT emergency_facts(%s, %s, %s)", (list(legs), list(incidents), moment)))
    facts = LegFacts.from_json(json.loads(told))
    members = {row.pk: row for row in colleagues} | dict(facts.members)
    return replace(facts, members=members, partners=dict(facts.partners) | dict(partners or {}))


def _place(row: Mapping[str, Any]) -> Membership:
    place, account = from_json(Membership, row), row["account"]
    if account is not None:
        know(place, "user", from_json(User, account))
    return place


def _key(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _seat(row: Mapping[str, Any]) -> Held:
    return Held(*(_key(row[name]) for name in ("holder", "holder_line", "deputy", "deputy_line")))


def _players(rows: Collection[Sequence[str]]) -> Mapping[UUID, Mapping[str, frozenset[UUID]]]:
    found: dict[UUID, dict[str, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    for incident, part, member in rows:
        found[UUID(incident)][part].add(UUID(member))
    return {pk: {part: frozenset(members) for part, members in parts.items()} for pk, parts in found.items()}


def _faults(rows: Collection[Sequence[Any]]) -> Mapping[UUID, Mapping[tuple[str, int], str]]:
    found: dict[UUID, dict[tuple[str, int], str]] = defaultdict(dict)
    for incident, leg, position, fault in rows:
        found[UUID(incident)][leg, position] = fault
    return found


def _gone(answers: Collection[Sequence[str]]) -> Mapping[UUID, frozenset[bytes]]:
    gone: dict[UUID, set[bytes]] = defaultdict(set)
    for incident, leg, target, answer in answers:
        gone[UUID(incident if answer in _LEAVES else leg)].add(bytes.fromhex(target))
    return {key: frozenset(found) for key, found in gone.items()}
