"""What a page behind a link says, in words: read inside the school, drawn outside it. No school, no reason, no name before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from django.utils.translation import gettext_lazy

from referrals.emergency.card_texts import card_rows
from referrals.emergency.models import Leg, Recipient
from referrals.emergency.plan_facts import can_ring_outside
from referrals.emergency.rules.clocks import ASKED_BEFORE, ETA_GRACE, ETAS, MOST_EXTENSIONS
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import ENDED, LegEvent, LegState
from referrals.emergency.rules.outside import Face, face_of
from referrals.emergency.rules.sending import CARD_CODE_LASTS, MOST_CARD_CODES
from referrals.emergency.school_line import call_back
from referrals.emergency.workflow import card_codes
from referrals.emergency.workflow.cards import card_of
from referrals.emergency.workflow.standing import must_be_meant
from tenancy.models import Tenant

SENT_TO: Final[Mapping[LegKind, Any]] = {
    LegKind.FAMILY: gettext_lazy("the emergency contact"),
    LegKind.MEDICAL: gettext_lazy("the duty desk of the hospital"),
    LegKind.COMMUNITY: gettext_lazy("the duty desk of the community"),
    LegKind.SCHOOL: gettext_lazy("the duty line"),
    LegKind.TEAM: gettext_lazy("the duty line"),
}
"""To whom it was sent, by role; a wrong number learns nothing from it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One look at a link. Moments are UTC; ``minutes`` are those left until the next one is called.

    ``is_rung``: a call was asked for whose code still opens the card; ``may_ring``: one may be asked for.
    """

    face: Face
    state: LegState
    to: str
    number: str
    duty_phone: str
    until: datetime | None = None
    minutes: int = 0
    is_past_step: bool = False
    is_ours: bool = False
    is_over: bool = False
    promised: datetime | None = None
    purpose: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    may: frozenset[str] = frozenset()
    etas: tuple[int, ...] = ETAS
    is_rung: bool = False
    may_ring: bool = False

    @property
    def compared(self) -> str:
        """The four digits as the message has them, in twos."""
        return f"{self.number[:2]} {self.number[2:]}"


def shown(recipient: Recipient, school: Tenant, moment: datetime) -> Shown:
    """How the link of ``recipient`` looks at ``moment``. NotFound for one that shows nothing any more."""
    leg = recipient.leg
    must_be_meant(leg.incident, leg, recipient, moment)
    state, card = LegState(leg.state), card_of(recipient, moment)
    face = face_of(state, answer=recipient.answer, has_card=card is not None, is_current=recipient.epoch == leg.epoch)
    is_next = state is LegState.PAGING and leg.next_event == LegEvent.STEP_DUE and leg.next_at is not None
    calls = card_codes.asked(recipient) if face is Face.CARD and state not in ENDED else None
    minutes = _minutes_left(leg.next_at, moment) if is_next and leg.next_at else 0
    is_past = (leg.round, leg.position) > (recipient.round, recipient.step.position) or (is_next and not minutes)
    return Shown(
        face=face,
        state=state,
        to=str(SENT_TO[LegKind(leg.kind)]),
        number=recipient.shown_number,
        duty_phone=call_back(school),
        until=leg.next_at if is_next and not is_past else None,
        minutes=minutes,
        is_past_step=is_past,
        is_ours=leg.taken_by is not None and leg.taken_by.target_hash == recipient.target_hash,
        is_over=state in ENDED,
        promised=_promised(leg),
        purpose=card.purpose if card else "",
        rows=tuple(card_rows(card)) if card and face is Face.CARD else (),
        may=_may(leg, state) if face is Face.CARD else frozenset(),
        is_rung=any(call.used_at is None and moment - call.created_at < CARD_CODE_LASTS for call in calls or ()),
        may_ring=calls is not None and len(calls) < MOST_CARD_CODES and can_ring_outside(),
    )


def _minutes_left(at: datetime, moment: datetime) -> int:
    return max(0, ceil((at - moment) / timedelta(minutes=1)))


def _promised(leg: Leg) -> datetime | None:
    """When whoever has it said that they would be there; the engagement clock ends a quarter of an hour later."""
    if leg.state != LegState.ACKNOWLEDGED or leg.next_at is None:
        return None
    end = leg.next_at + (ASKED_BEFORE if leg.next_event == LegEvent.ENGAGE_ASK else timedelta())
    return end - ETA_GRACE


def _may(leg: Leg, state: LegState) -> frozenset[str]:
    """The buttons that stand on a card now."""
    if state in (LegState.ACKNOWLEDGED, LegState.PAGING, LegState.EXHAUSTED):
        later = {"later"} if leg.extensions < MOST_EXTENSIONS or state is not LegState.ACKNOWLEDGED else set()
        return frozenset({"arrived", "done", "cannot", "colleague"} | later)
    if state is LegState.ENGAGED:
        return frozenset({"still", "done", "cannot", "colleague"})
    return frozenset()
