"""What one person may have once, or so much of, is counted over all their places in the school (rules §1, ADR 0066)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.actor import Actor
from accounts.models import PHONE_FIELDS, Membership
from accounts.same_person import places_of_person
from kernel.clock import as_of
from kernel.errors import Conflict, Refused
from partners.calendars.resource_workflow import ResourceDraft, add_resource
from partners.models import Service
from referrals.liaison.workflow.mediation import ask_mediation
from referrals.models import Booking, HardshipFile, ReferralDraft, TimeHold
from referrals.staff.clashes import clashes
from referrals.subsidies.accounting import terms_of_referral
from referrals.subsidies.prices import entitlements, price_service
from referrals.who_signs import ONE_CASE_FEN
from referrals.wishes import NO_WISHES
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.drafting import Asked, keep_draft, send_draft
from referrals.workflow.fees import leaving
from referrals.workflow.hardship import ask_hardship, grant_hardship
from referrals.workflow.holding import chosen_of, hold_time
from referrals.workflow.rating import may_rate, rate_agency
from referrals.workflow.submitting import approve_referral, decline_referral, look_again
from referrals.workflow.waiting_list import MOST_ENTRIES, join_waiting
from seats import places
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, soon
from tests.workflow import chair_steps
from tests.workflow.journey_steps import ask
from tests.workflow.missed_steps import booked, even, with_terms
from tests.workflow.several_steps import pay_for
from tests.workflow.test_after import GOOD, used

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def second_place(journey: Journey) -> Membership:
    """Somebody of the same name; nothing else ties the two together yet."""
    first = journey.members["staff"]
    Membership.objects.filter(pk=first.pk).update(staff_no="T-7")
    other: Membership = make_person(journey.tenant, "staff", name=first.name, staff_no="T-8")
    journey.members["other"], journey.actors["other"] = other, actor_of(other)
    return other


def by_number(journey: Journey) -> None:
    """The roster has one staff number in two spellings."""
    Membership.objects.filter(pk=journey.members["other"].pk).update(staff_no="t–7")


def by_telephone(journey: Journey) -> None:
    """The school writes to a number that the other account has proved."""
    place, account = journey.members["staff"], journey.members["other"].user
    place.keep_phone("13812340077")
    place.save(update_fields=["phone_hash", "phone_sealed"])
    assert account is not None
    account.keep_proved_phone("13812340077")
    account.save(update_fields=PHONE_FIELDS)


def nothing(_journey: Journey) -> None:
    """A namesake is another person."""


@dataclass(frozen=True)
class Ceiling:
    """``spend`` takes it under the first place; ``left``: whether there is anything of it under the place of ``who``."""

    spend: Callable[[Journey], Any]
    left: Callable[[Journey, Actor], bool]


# ---- what is read


def all_sessions(journey: Journey) -> None:
    ask(journey, units=8)


def subsidised(journey: Journey, who: Actor) -> bool:
    """The page, the quota of the first page and what is sent say the same."""
    day = journey.tenant.day_of(soon(days=2)[0])
    shown = price_service(who, journey.counselling.pk, day).quota_left
    sent = ask(journey, who=who, days=2)
    assert bool(shown) == bool(sent.subsidy_fen)
    assert even()
    return bool(sent.subsidy_fen)


def entitled(journey: Journey, who: Actor) -> bool:
    """What the first page says is left this school year."""
    terms = terms_of_referral(ask(journey, who=journey.staff2, days=3))
    (own,) = entitlements(who, journey.tenant.today(), [terms], [])
    return own.left > 0


def free_sessions(journey: Journey) -> None:
    assert not ask(journey, units=3).needs_person


def free_share(journey: Journey) -> None:
    with_terms(journey)
    referral, booking, _voucher = booked(journey)
    with as_of(booking.starts_at - 2 * HOUR):
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    booking.refresh_from_db()
    assert booking.missed_paid_fen > 0


def paid_by_the_pool(journey: Journey, who: Actor) -> bool:
    with_terms(journey)
    referral, booking, voucher = booked(journey, who=who, days=2)
    fee = leaving(journey.tenant, referral, voucher, booking, booking.starts_at - 2 * HOUR).fee
    with as_of(booking.starts_at - 2 * HOUR):
        cancel_referral(actor=who, tenant=journey.tenant, referral_id=referral.pk)
    booking.refresh_from_db()
    assert (fee.pool_fen, fee.person_fen) == (booking.missed_paid_fen, booking.missed_fee_fen - booking.missed_paid_fen)
    assert even()
    return booking.missed_paid_fen > 0


def a_case(journey: Journey) -> None:
    pay_for(journey, "crisis_relief", share_bp=10_000)
    chair_steps.lead(journey, "union")
    asked = chair_steps.relief(journey, ONE_CASE_FEN)
    assert approve_referral(actor=journey.union, tenant=journey.tenant, referral_id=asked.pk).state == "offered"


def one_word_is_enough(journey: Journey, _who: Actor) -> bool:
    asked = chair_steps.relief(journey, 1, days=6, person="other")
    return approve_referral(actor=journey.union, tenant=journey.tenant, referral_id=asked.pk).state == "offered"


def a_file(journey: Journey, person: str = "staff", number: str = "KN-77") -> HardshipFile:
    today = journey.tenant.today()
    return ask_hardship(
        actor=journey.union, tenant=journey.tenant, person_id=journey.members[person].pk, number=number,
        ceiling_fen=80_000, first_day=today, last_day=today + timedelta(days=90),
    )  # fmt: skip


def another_file(journey: Journey, _who: Actor) -> bool:
    try:
        a_file(journey, "other", "KN-78")
    except Conflict as refused:
        assert refused.reason == "file_overlaps"
        return False
    return True


# ---- times


def instant(journey: Journey) -> None:
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    journey.counselling.refresh_from_db()


def start_in(days: int) -> datetime:
    return soon(days=days)[0].replace(minute=0)


def held(journey: Journey, who: Actor, days: int) -> ReferralDraft:
    draft = keep_draft(actor=who, tenant=journey.tenant, draft_id=uuid4(), service=journey.counselling, answers={})
    hold_time(actor=who, tenant=journey.tenant, draft_id=draft.pk, starts_at=start_in(days))
    return draft


def sent(journey: Journey, who: Actor, days: int, units: int) -> None:
    draft = held(journey, who, days)

    def read(locked: ReferralDraft) -> Asked:
        chosen = chosen_of(locked)
        assert chosen is not None
        return Asked(units, [(chosen.starts_at, chosen.ends_at)], None, ["referral"], "", NO_WISHES, chosen)

    send_draft(
        actor=who, tenant=journey.tenant, draft_id=draft.pk, version=draft.version, quote_token="", review_seen=None,
        read=read,
    )  # fmt: skip


def a_hold(journey: Journey) -> None:
    instant(journey)
    held(journey, journey.staff, 3)


def both_held(journey: Journey, who: Actor) -> bool:
    held(journey, who, 4)
    return TimeHold.objects.count() == 2


def one_that_waits(journey: Journey) -> None:
    instant(journey)
    sent(journey, journey.staff, 3, 4)


def another_that_waits(journey: Journey, who: Actor) -> bool:
    try:
        sent(journey, who, 4, 1)
    except Refused as refused:
        assert refused.reason == "pending_open"
        return False
    return True


def full_group(journey: Journey, starts: list[datetime]) -> None:
    instant(journey)
    with use_tenant(journey.platform.id):
        draft = ResourceDraft(name="减压小组", services=[journey.counselling.pk], capacity=2)
        group = add_resource(actor=journey.partner_office, kind="group", draft=draft)
    for start in starts:
        for _seat in range(2):
            places.take(group.place, start, start + timedelta(minutes=50), capacity=2)


def joined(journey: Journey, who: Actor, start: datetime) -> str:
    try:
        join_waiting(actor=who, tenant=journey.tenant, service_id=journey.counselling.pk, starts_at=start)
    except (Conflict, Refused) as refused:
        return refused.reason
    return ""


def ten_lines(journey: Journey) -> None:
    full_group(journey, [start_in(4 + number) for number in range(MOST_ENTRIES + 1)])
    assert {joined(journey, journey.staff, start_in(4 + number)) for number in range(MOST_ENTRIES)} == {""}


def an_eleventh(journey: Journey, who: Actor) -> bool:
    said = joined(journey, who, start_in(4 + MOST_ENTRIES))
    assert said in ("", "waiting_full")
    return not said


def a_line(journey: Journey) -> None:
    full_group(journey, [start_in(4)])
    assert not joined(journey, journey.staff, start_in(4))


def the_same_line(journey: Journey, who: Actor) -> bool:
    said = joined(journey, who, start_in(4))
    assert said in ("", "waiting_already")
    return not said


def no_clash(journey: Journey, who: Actor) -> bool:
    booking = Booking.objects.get()
    return clashes(who, [(booking.starts_at, booking.ends_at)]) == [None]


# ---- once


def a_rating(journey: Journey) -> None:
    referral, _line = used(journey)
    rate_agency(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk, marks=GOOD)


def another_rating(journey: Journey, who: Actor) -> bool:
    referral, _line = used(journey, who=who, days=2)
    return may_rate(referral, journey.tenant)


def a_mediation(journey: Journey) -> None:
    ask_mediation(actor=journey.staff, tenant=journey.tenant)


def another_mediation(journey: Journey, who: Actor) -> bool:
    try:
        ask_mediation(actor=who, tenant=journey.tenant)
    except Conflict as refused:
        assert refused.reason == "mediation_open"
        return False
    return True


CEILINGS = {
    "quota": Ceiling(all_sessions, subsidised),
    "entitlement": Ceiling(all_sessions, entitled),
    "first sessions": Ceiling(free_sessions, lambda journey, who: not ask(journey, who=who, days=2).needs_person),
    "first missed": Ceiling(free_share, paid_by_the_pool),
    "one word of relief": Ceiling(a_case, one_word_is_enough),
    "one file a day": Ceiling(a_file, another_file),
    "one hold": Ceiling(a_hold, both_held),
    "one pending": Ceiling(one_that_waits, another_that_waits),
    "ten lines": Ceiling(ten_lines, an_eleventh),
    "once in a line": Ceiling(a_line, the_same_line),
    "clash": Ceiling(booked, no_clash),
    "one rating": Ceiling(a_rating, another_rating),
    "one mediation": Ceiling(a_mediation, another_mediation),
}


@pytest.mark.parametrize("name", CEILINGS)
@pytest.mark.parametrize(
    ("before", "after", "is_another"),
    [(by_number, nothing, False), (nothing, by_telephone, False), (nothing, nothing, True)],
    ids=["two places", "found out later", "namesake"],
)
def test_a_second_place_is_no_second_person(
    journey: Journey, name: str, before: Callable[..., None], after: Callable[..., None], is_another: bool
) -> None:
    ceiling = CEILINGS[name]
    second_place(journey)
    before(journey)
    ceiling.spend(journey)
    after(journey)
    assert ceiling.left(journey, journey.other) is is_another


def test_a_file_pays_under_whichever_place_its_person_asks(journey: Journey) -> None:
    """Hardship replaces the kind's own scheme: who has a file has not the ordinary subsidy beside it."""
    pay_for(journey, "hardship", share_bp=10_000)
    second_place(journey)
    by_number(journey)
    grant_hardship(actor=journey.finance, file_id=a_file(journey).pk)
    assert ask(journey, who=journey.other).policy.scheme == "hardship"
    assert ask(journey, who=journey.staff2).policy.scheme == "counselling"


def test_what_was_freed_is_not_held_again_when_the_other_place_has_taken_it(journey: Journey) -> None:
    second_place(journey)
    by_number(journey)
    first = ask(journey, units=6, days=3)
    decline_referral(actor=journey.centre, referral_id=first.pk, reason="talk_first")
    ask(journey, who=journey.other, units=3)
    with pytest.raises(Refused, match="quota_used_up"):
        look_again(actor=journey.staff, tenant=journey.tenant, referral_id=first.pk)
    assert even()


def test_one_question_names_the_places_of_a_person(journey: Journey) -> None:
    other, own = second_place(journey), journey.members["staff"].pk
    assert places_of_person(own) == {own}
    by_telephone(journey)
    assert places_of_person(own) == places_of_person(other.pk) == {own, other.pk}
    assert places_of_person(journey.members["staff2"].pk) == {journey.members["staff2"].pk}
