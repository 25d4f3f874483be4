"""What one round of decisions writes, in one message: ``emergency_advance(jsonb)`` (chain §10)."""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from kernel.identifiers import uuid7
from referrals.emergency import secrets
from referrals.emergency.leg_facts import AnyStep
from referrals.emergency.models import Leg, Recipient
from referrals.emergency.resolving import Reached
from referrals.emergency.rules.sending import RANKS, Rank, Send, sends
from tenancy.messages import Part, send_in
from vault.sealed import seal


def _bytes(value: bytes | None) -> str | None:
    return base64.b64encode(value).decode() if value is not None else None


_OUTWARD: Final = frozenset({"sms", "voice", "wecom"})

Planner = Callable[[Reached], list[Send]]
"""Which deliveries somebody gets."""


@dataclass(slots=True)
class Act:
    """Rows of one school that are written together or not at all.

    ``lapsed``: incidents of which nobody else said that it was a false alarm: the first word counts no longer.
    """

    school: UUID
    moment: datetime
    legs: list[dict[str, Any]] = field(default_factory=list)
    recipients: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    timeline: list[dict[str, Any]] = field(default_factory=list)
    lapsed: list[UUID] = field(default_factory=list)

    def leg(self, leg: Leg) -> None:
        """The leg as it stands now."""
        self.legs.append(
            {
                "id": leg.pk,
                "state": leg.state,
                "epoch": leg.epoch,
                "round": leg.round,
                "position": leg.position,
                "ticks": leg.ticks,
                "owner": leg.owner_id,
                "taken": leg.taken_by_id,
                "since": leg.since,
                "next_event": leg.next_event,
                "next_at": leg.next_at,
            }
        )

    def page(
        self,
        leg: Leg,
        step: AnyStep,
        round: int,
        reached: Iterable[Reached],
        text: str,
        plan: Planner,
        *,
        answer: str = "",
    ) -> int:
        """A recipient with its deliveries for each of ``reached``; returns how many people that is.

        ``answer``: what they have said already, by a drill's fault.
        """
        count = 0
        for who in reached:
            pk = uuid7()
            number = next((who.addresses[way] for way in ("sms", "voice") if way in who.addresses), None)
            is_outside = who.member_id is None
            self.recipients.append(
                {
                    "id": pk,
                    "leg": leg.pk,
                    "step": step.pk,
                    "drill": leg.is_drill,
                    "epoch": leg.epoch,
                    "round": round,
                    "target": _bytes(who.target),
                    "role": who.role,
                    "member": who.member_id,
                    "partner": who.partner_id,
                    "address": None if leg.is_drill or not number else _bytes(_sealed(leg, pk, number)),
                    "token": _bytes(secrets.token_hash(secrets.token_of(pk))) if is_outside else None,
                    "code": _bytes(secrets.code_hash(secrets.code_of(pk))) if is_outside else None,
                    "shown": secrets.shown_number_of(pk),
                    "answer": answer,
                }
            )
            self._deliver(leg, pk, text, plan(who))
            count += 1
        return count

    def again(self, leg: Leg, recipient: Recipient, text: str, planned: Iterable[Send], mark: str) -> None:
        """Further deliveries to somebody who was paged before."""
        self._deliver(leg, recipient.pk, text, planned, mark)

    def _deliver(self, leg: Leg, recipient: UUID, text: str, planned: Iterable[Send], mark: str = "") -> None:
        leg_id, recipient_id = str(leg.pk), str(recipient)
        for send in planned:
            pk = uuid7()
            is_outward = send.channel in _OUTWARD and not leg.is_drill
            self.deliveries.append(
                {
                    "id": pk,
                    "reference": _bytes(secrets.reference_hash(secrets.reference_of(pk))) if is_outward else None,
                    "recipient": recipient_id,
                    "leg": leg_id,
                    "drill": leg.is_drill,
                    "key": f"{leg_id}:{recipient_id}:{send.channel}:{mark}{send.number}",
                    "channel": send.channel,
                    "text": text,
                    "epoch": leg.epoch,
                    "rank": RANKS[send.rank],
                    "due_at": self.moment + send.after,
                }
            )

    def note(self, leg: Leg | None, incident_id: UUID, code: str, **facts: Any) -> None:
        """One row of what happened."""
        self.timeline.append(
            {
                "id": uuid7(),
                "incident": incident_id,
                "leg": leg.pk if leg else None,
                "code": code,
                "facts": {name: value for name, value in facts.items() if value not in (None, "", [], {})},
            }
        )

    def write(self) -> None:
        """All of it, in the open school's transaction."""
        write([(self.school, self)])

    def to_json(self) -> str:
        """What ``emergency_advance`` takes."""
        act = {
            "moment": self.moment,
            "legs": self.legs,
            "recipients": self.recipients,
            "deliveries": self.deliveries,
            "timeline": self.timeline,
            "lapsed": self.lapsed,
        }
        return json.dumps(act, default=str)


def write(acts: Iterable[tuple[UUID, Act]]) -> None:
    """The acts of one or several schools in one message and in the caller's transaction: all or nothing."""
    send_in(*((school, Part("SELECT emergency_advance(%s::jsonb)", (act.to_json(),))) for school, act in acts))


def _sealed(leg: Leg, pk: UUID, number: str) -> bytes:
    return seal(cast(UUID, leg.tenant_id), Recipient._meta.db_table, str(pk), "address_sealed", number)


def alarming(leg: Leg, voice_after: timedelta) -> Planner:
    """All the ways to somebody at once, before any step that is not a leg's first; a call ``voice_after`` the silent ones."""

    def planned(who: Reached) -> list[Send]:
        ways = sends(who.addresses, is_family=False, is_first=False, is_drill=leg.is_drill, voice_after=voice_after)
        return [Send(way.channel, way.after, Rank.ALARM, way.number) for way in ways]

    return planned
