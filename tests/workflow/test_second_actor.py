"""Writers refuse another person and a time that has passed, without any page or call in front of them."""

from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta

import pytest

from audit.models import AuditEntry
from kernel.clock import as_of, local_day, now, start_of_day
from kernel.errors import Conflict, IllegalMove, Invalid, NotFound, Refused
from ledger.models import Entry
from notifications.models import OutboxMessage
from partners.workflow import end_agreement
from referrals.models import Booking, Offer, Proposal, Redemption, Referral, ScanLog, SubsidyPolicy, Voucher
from referrals.workflow.answering import accept_proposal, confirm_offer, decline_offer, expire_offer, propose_times
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.policies import approve_policy, draft_policy, end_policy
from referrals.workflow.redeeming import MOST_UNITS, prepare, redeem
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import make_journey, make_partner, make_partner_person, soon
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db
MOVED = (Referral, Offer, Proposal, Booking, Voucher, Redemption, SubsidyPolicy)


@pytest.fixture(scope="module")
def planted(own_database):
    return make_journey(make_school())


@pytest.fixture
def journey(planted, db):
    made = deepcopy(planted)
    with use_tenant(made.tenant.id):
        yield made


def stands():
    """All that a refusal must leave as it is: every state and day, what was told, what was recorded, what was booked."""
    return {
        **{model: list(model.objects.order_by("pk").values()) for model in MOVED},
        **{model: model.objects.count() for model in (OutboxMessage, AuditEntry, Entry)},
    }


@contextmanager
def refused(error, code=None):
    before = stands()
    with pytest.raises(error) as refusal:
        yield
    assert code in (None, refusal.value.reason)
    assert stands() == before


def only_offer():
    return Offer.objects.get().pk


@pytest.mark.parametrize("who", ["centre", "staff2"])
def test_who_may_read_a_request_does_not_act_in_it(journey, who):
    """The centre reads requests for counselling; to cancel one, or to take a time, is the person's alone."""
    actor = journey.actors[who]
    referral = ask(journey)
    (proposal,) = propose_times(
        actor=journey.partner_office, tenant=journey.tenant, offer_id=only_offer(), windows=[soon(days=4)]
    )
    with refused(NotFound):
        cancel_referral(actor=actor, tenant=journey.tenant, referral_id=referral.pk)
    with refused(NotFound):
        accept_proposal(actor=actor, tenant=journey.tenant, referral_id=referral.pk, proposal_id=proposal.pk)


def test_a_time_proposed_to_one_person_is_no_time_of_another(journey):
    mine, theirs = ask(journey), ask(journey, who=journey.staff2, days=2)
    offer = Offer.objects.get(referral=theirs)
    (proposal,) = propose_times(
        actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, windows=[soon(days=4)]
    )
    with refused(NotFound):
        accept_proposal(actor=journey.staff, tenant=journey.tenant, referral_id=mine.pk, proposal_id=proposal.pk)


def test_an_offer_is_answered_by_the_institution_that_was_asked(journey):
    ask(journey)
    start, end = soon(days=1)
    other = make_partner(journey.operator, journey.platform)
    _user, stranger = make_partner_person(journey.operator, journey.platform, other, "partner_office")
    offer = {"actor": stranger, "offer_id": only_offer()}
    with refused(NotFound):
        confirm_offer(tenant=journey.tenant, starts_at=start, ends_at=end, **offer)
    with refused(NotFound):
        propose_times(tenant=journey.tenant, windows=[soon(days=4)], **offer)
    with refused(NotFound):
        decline_offer(reason="no_capacity", **offer)


def test_a_time_that_nobody_named_is_not_confirmed(journey):
    """Half inside is outside, too."""
    referral = ask(journey)
    window = referral.windows.get()
    half_an_hour = timedelta(minutes=30)
    for start, end in (
        (window.starts_at - half_an_hour, window.starts_at + half_an_hour),
        (window.ends_at - half_an_hour, window.ends_at + half_an_hour),
        soon(days=9),
    ):
        with refused(Invalid, "outside_windows"):
            confirm_offer(
                actor=journey.partner_office, tenant=journey.tenant, offer_id=only_offer(), starts_at=start, ends_at=end
            )


def test_what_has_begun_is_not_cancelled(journey):
    referral = ask(journey)
    booking = answer(journey, referral)
    for moment in (booking.starts_at, booking.starts_at + timedelta(minutes=1), booking.ends_at):
        with as_of(moment), refused(Refused, "cancel_started"):
            cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)


def test_one_counsellor_sees_one_person_at_a_time(journey):
    start = answer(journey, ask(journey)).starts_at
    second = ask(journey, who=journey.staff2)
    offer = Offer.objects.get(referral=second)
    assert second.windows.get().starts_at <= start
    with refused(Conflict, "slot_taken"):
        confirm_offer(
            actor=journey.partner_office,
            tenant=journey.tenant,
            offer_id=offer.pk,
            starts_at=start,
            ends_at=start + timedelta(minutes=50),
        )


def test_a_service_that_is_agreed_no_longer_is_not_booked(journey):
    referral = ask(journey, days=3)
    end_agreement(actor=journey.finance, agreement_id=journey.agreement.pk, on=local_day(now()))
    with refused(Refused, "suspended"):
        answer(journey, referral)


def test_a_no_has_a_reason_of_the_list(journey):
    ask(journey)
    for reason in ("", "talk_first", "李明华不合适"):
        with refused(Invalid, "out_of_range"):
            decline_offer(actor=journey.partner_office, offer_id=only_offer(), reason=reason)


def test_an_offer_is_not_over_before_its_time(journey):
    ask(journey, days=5)
    offer = Offer.objects.get()
    for moment in (now(), offer.deadline - timedelta(seconds=1)):
        with as_of(moment):
            before = stands()
            expire_offer(actor=journey.operator, offer_id=offer.pk)
            assert stands() == before
    with as_of(offer.deadline):
        expire_offer(actor=journey.operator, offer_id=offer.pk)
    offer.refresh_from_db()
    assert offer.state == "expired"


def test_other_times_give_the_person_the_whole_time_to_answer(journey):
    referral = ask(journey, days=9)
    late = Offer.objects.get().deadline - timedelta(minutes=1)
    with as_of(late):
        propose_times(
            actor=journey.partner_office, tenant=journey.tenant, offer_id=only_offer(), windows=[soon(days=5)]
        )
    referral.refresh_from_db()
    offer = Offer.objects.get()
    assert offer.deadline == referral.deadline == late + timedelta(days=1)


def test_a_request_that_was_taken_back_cannot_be_answered(journey):
    referral = ask(journey)
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert Offer.objects.get().state == "withdrawn"
    with refused(IllegalMove):
        answer(journey, referral)
    with refused(IllegalMove):
        decline_offer(actor=journey.partner_office, offer_id=only_offer(), reason="no_capacity")


@pytest.mark.parametrize("units", [0, -1, MOST_UNITS + 1])
def test_a_number_of_units_that_cannot_be_is_not_spent(journey, units):
    booking = answer(journey, ask(journey))
    with as_of(booking.starts_at), refused(Refused, "out_of_range"):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code, units=units)


def test_every_look_and_every_try_is_on_the_list_of_scans(journey):
    """Who looks at a voucher, also in vain, is shown to its owner (promise D2)."""
    booking = answer(journey, ask(journey, days=3))
    voucher = Voucher.objects.get(booking=booking)
    for act in (prepare, redeem):
        with pytest.raises(Refused, match="not_yet"):
            act(actor=journey.partner_counter, text=voucher.code)
    with as_of(booking.starts_at):
        prepare(actor=journey.partner_counter, text=voucher.code)
        with pytest.raises(Refused, match="over_quota"):
            redeem(actor=journey.partner_counter, text=voucher.code, units=2)
        redeem(actor=journey.partner_counter, text=voucher.code)
        with pytest.raises(Conflict, match="already_redeemed"):
            prepare(actor=journey.partner_office, text=voucher.code)
    seen = list(ScanLog.objects.filter(voucher=voucher).order_by("pk").values_list("outcome", "user_id"))
    counter, office = journey.partner_counter.user_id, journey.partner_office.user_id
    assert seen == [
        ("not_yet", counter),
        ("not_yet", counter),
        ("ok", counter),
        ("over_quota", counter),
        ("redeemed", counter),
        ("already_redeemed", office),
    ]


def test_the_end_of_a_policy_is_set_once_to_a_day_to_come(journey):
    policy, today = journey.policies["counselling"], local_day(now())
    end = {"actor": journey.finance2, "policy_id": policy.pk, "zone": journey.tenant.time_zone}
    for day in (today, today - timedelta(1), policy.valid_from):
        with refused(Invalid, "out_of_range"):
            end_policy(valid_until=day, **end)
    with as_of(start_of_day(policy.valid_from) - timedelta(days=30)), refused(Invalid, "out_of_range"):
        end_policy(valid_until=policy.valid_from, **end)
    ended = end_policy(valid_until=today + timedelta(30), **end)
    with refused(Refused, "end_already_set"):
        end_policy(valid_until=today + timedelta(60), **end)
    assert ended.valid_until == today + timedelta(30)


def test_a_policy_that_ends_before_it_begins_is_not_drafted(journey):
    day = local_day(now()) + timedelta(30)
    for end in (day, day - timedelta(1)):
        with refused(Invalid):
            draft_policy(actor=journey.finance, scheme="counselling", share_bp=5_000, valid_from=day, valid_until=end)


def test_two_versions_never_hold_on_one_day(journey):
    def draft(days: int) -> SubsidyPolicy:
        day = local_day(now()) + timedelta(days)
        return draft_policy(actor=journey.finance, scheme="counselling", share_bp=5_000, valid_from=day, quota_amount=8)

    approve_policy(actor=journey.finance2, policy_id=draft(20).pk)
    earlier = draft(10)  # of the days from the tenth on, the first version still holds ten
    with refused(Conflict, "policy_overlaps"):
        approve_policy(actor=journey.finance2, policy_id=earlier.pk)
