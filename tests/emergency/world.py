"""A school whose chain is live: posts, a rota, an operator's line, a person with contacts, a hospital, a community."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from accounts.models import Department, Membership
from families.models import Consent, Relative
from families.purposes import CURRENT_TEXT
from kernel.clock import now
from referrals.emergency.models import (
    Chain,
    Contact,
    Delivery,
    Drill,
    DrillPlayer,
    Incident,
    Leg,
    Recipient,
    Seat,
    Timeline,
)
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.rules.drills import PLAYED
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.opening import open_incident
from tests.conftest import actor_of, make_person
from tests.emergency.rota import line_row, shift_row

PHONES = {
    "person": "+8613900000001",
    "duty": "+8613900000002",
    "second": "+8613900000003",
    "centre": "+8613900000004",
    "principal": "+8613900000005",
    "moral": "+8613900000006",
    "doctor": "+8613900000007",
    "head": "+8613900000008",
    "deputy": "+8613900000009",
    "wife": "+8613900000011",
    "brother": "+8613900000012",
}
OPERATOR_LINE = "+8657188880000"


@dataclass
class World:
    """Members by their post, contacts by what they are."""

    school: Any
    members: dict[str, Membership]
    contacts: dict[str, Contact] = field(default_factory=dict)

    def actor(self, post: str) -> Any:
        """Who acts as ``post``."""
        return actor_of(self.members[post])

    def open(self, by: str = "duty", **values: Any) -> Incident:
        """An extreme, safe-at-home incident about the person unless said otherwise."""
        given: dict[str, Any] = {
            "kind": "psychological",
            "grade": "extreme",
            "found_at": now(),
            "signs": "两天没有来，电话里说不想活了",
            "person_id": self.members["person"].pk,
            "home": "safe",
        }
        incident = open_incident(actor=self.actor(by), opening=Opening(**(given | values))).incident
        if incident.is_drill:
            self.play(incident)
        return incident

    def play(self, incident: Incident) -> Drill:
        """The drill behind an incident that is one: everybody plays themself, and the deputy whoever is not of the house."""
        drill = Drill.objects.create(
            title="演练", scenario="own", leader=self.members["centre"], planned_for=now(), briefing="照真事来办",
            abort_word="停止演练", kind=incident.kind, suggested=incident.suggested, signs="演练", state="running",
            incident=incident, begun_at=now(), next_event="lapse_due", next_at=now() + timedelta(hours=24),
        )  # fmt: skip
        for member in self.members.values():
            DrillPlayer.objects.create(drill=drill, member=member, part="self", briefed_at=now())
        for part in sorted(PLAYED):
            DrillPlayer.objects.create(drill=drill, member=self.members["deputy"], part=part, briefed_at=now())
        return drill


def make_world(school: Any) -> World:
    """All of it, in the open school."""
    roles = {
        "person": ("staff",),
        "duty": ("staff", "duty"),
        "second": ("staff", "duty"),
        "centre": ("staff", "centre"),
        "deputy": ("staff", "centre"),
        "principal": ("staff", "principal"),
        "moral": ("staff", "moral"),
        "doctor": ("staff", "doctor"),
        "head": ("staff", "head"),
    }
    own = Department.objects.create(name="体艺组")
    members = {
        post: make_person(
            school,
            *held,
            name=f"老师{number}",
            phone=PHONES[post],
            department=own if post in ("person", "head") else None,
        )
        for number, (post, held) in enumerate(roles.items())
    }
    operator = line_row(OPERATOR_LINE, name="平台值守", kind="operator")
    Chain.objects.create(
        state="live", operator_line=operator, switched_by=members["centre"], agreed_by=members["principal"]
    )
    shift_row(members["duty"])
    shift_row(members["second"], layer=2)
    for kind, holder, deputy in (
        ("centre_head", "centre", "deputy"),
        ("principal", "principal", None),
        ("moral", "moral", None),
        ("doctor", "doctor", None),
    ):
        Seat.objects.create(
            kind=kind, holder=members[holder], deputy=members[deputy] if deputy else None, since=date(2020, 1, 1)
        )
    world = World(school, members)
    for rank, (name, relation) in enumerate((("wife", "spouse"), ("brother", "sibling")), start=1):
        world.contacts[name] = contact_row(world, name, relation, rank)
    return world


def contact_row(world: World, name: str, relation: str, rank: int, **values: Any) -> Contact:
    """A contact who agreed."""
    person = world.members["person"]
    relative = Relative(person=person, relation=relation)
    relative.name, relative.phone = f"家人{rank}", PHONES.get(name, name)
    relative.save(force_insert=True)
    Consent.objects.create(
        person=person, relative=relative, purpose="emergency", state="given", text_id=CURRENT_TEXT["emergency"]
    )
    given = {
        "person": person,
        "relative": relative,
        "rank": rank,
        "grades": ["general", "major", "extreme"],
        "number_hash": number_hash(world.school.pk, relative.phone),
        "confirmed_on": date(2026, 1, 1),
    }
    return Contact.objects.create(**(given | values))


def legs_of(incident: Incident) -> Mapping[str, Leg]:
    """By kind, as they are now."""
    return {leg.kind: leg for leg in Leg.objects.filter(incident=incident)}


def paged(incident: Incident, kind: str = "") -> list[str]:
    """The roles that were paged, in order."""
    rows = Recipient.objects.filter(leg__incident=incident).order_by("paged_at", "pk")
    return list((rows.filter(leg__kind=kind) if kind else rows).values_list("role", flat=True))


def queued(incident: Incident, kind: str = "") -> int:
    """How many pages wait to be sent."""
    rows = Delivery.objects.filter(leg__incident=incident, state="queued")
    return (rows.filter(leg__kind=kind) if kind else rows).count()


def codes(incident: Incident) -> list[str]:
    """What happened, in order."""
    return list(Timeline.objects.filter(incident=incident).order_by("at", "pk").values_list("code", flat=True))


def make_due(incident: Incident, kind: str, event: str = "") -> None:
    """Let the clock of one leg have run out a moment ago."""
    leg = Leg.objects.get(incident=incident, kind=kind)
    if event:
        assert leg.next_event == event, (leg.next_event, event)
    Leg.objects.filter(pk=leg.pk).update(next_at=now() - timedelta(seconds=1))
