"""The main job through its writers: asked, answered, spent, taken back; and what each refusal leaves untouched."""

from datetime import date, timedelta

import pytest

from audit.models import AuditEntry
from audit.verify import verify
from families.models import Consent
from families.workflow import register_child
from kernel.clock import as_of, local_day, now, school_year
from kernel.errors import Conflict, Forbidden, IllegalMove, NotFound, Refused
from ledger.keys import AccountKey
from ledger.selectors import balance, difference
from notifications.models import OutboxMessage
from referrals.due import run_due
from referrals.models import Booking, Offer, Redemption, Referral, Voucher
from referrals.policy import recompute
from referrals.subsidies.quoting import quote
from referrals.workflow.answering import accept_proposal, confirm_offer, decline_offer, propose_times
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.policies import approve_policy, draft_policy
from referrals.workflow.redeeming import prepare, redeem, reverse
from referrals.workflow.submitting import approve_referral, decline_referral
from seats import places
from tenancy.scope import use_partner, use_tenant
from tests.fixtures_journey import make_journey, soon
from tests.workflow.journey_steps import answer, ask, pool

pytestmark = pytest.mark.django_db


@pytest.mark.at_awkward_moments
def test_a_case_from_quote_to_redeemed_voucher_and_back(journey):
    before = pool(journey)
    priced = quote(
        actor=journey.staff,
        tenant=journey.tenant,
        service_id=journey.counselling.pk,
        units=1,
        service_date=local_day(soon(days=1)[0]),
    )
    assert (priced.decision.fee_fen, priced.decision.subsidy_fen, priced.decision.self_fen) == (30_000, 21_000, 9_000)
    assert pool(journey) == before, "a quote reserves nothing"

    referral = ask(journey, quote_token=priced.token)
    assert referral.state == "offered"
    assert pool(journey).reserved == before.reserved + 21_000

    booking = answer(journey, referral)
    voucher = Voucher.objects.get(booking=booking)
    assert (voucher.units_left, voucher.self_fen, voucher.state) == (1, 9_000, "issued")

    with as_of(booking.starts_at):
        seen = prepare(actor=journey.partner_counter, text=voucher.code)
        assert (seen.subsidy_fen, seen.self_fen) == (21_000, 9_000)
        (redemption,) = redeem(actor=journey.partner_counter, text=voucher.code)
    voucher.refresh_from_db()
    assert (voucher.units_left, voucher.state) == (0, "used_up")
    assert pool(journey).spent == before.spent + 21_000

    with as_of(booking.starts_at):
        reverse(actor=journey.partner_office, redemption_id=redemption.pk, reason="scanned_by_mistake")
    voucher.refresh_from_db()
    assert (voucher.units_left, voucher.state) == (1, "active")
    assert (pool(journey).spent, pool(journey).reserved) == (before.spent, before.reserved + 21_000)
    assert difference() == 0
    assert verify(journey.tenant.id).broken is None

    told = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"referral.submit", "booking.confirm", "voucher.issue", "voucher.redeem", "voucher.reverse"} <= told


def test_a_returned_unit_can_be_spent_again(journey):
    referral = ask(journey)
    booking = answer(journey, referral)
    voucher = Voucher.objects.get(booking=booking)
    with as_of(booking.starts_at):
        (first,) = redeem(actor=journey.partner_office, text=voucher.token)
        reverse(actor=journey.partner_office, redemption_id=first.pk, reason="wrong_person")
        (second,) = redeem(actor=journey.partner_office, text=voucher.token)
    assert second.unit_index == first.unit_index
    assert Redemption.objects.exclude(state="reversed").count() == 1
    assert pool(journey).spent == 21_000
    assert difference() == 0


def test_what_was_decided_can_be_decided_again(journey):
    referral = ask(journey)
    again = recompute(referral.decision["inputs"])
    assert again.to_json() == referral.decision
    assert again.decision_hash() == referral.decision_hash


@pytest.mark.at_awkward_moments
def test_childcare_is_half_and_counts_for_the_child(journey):
    child = register_child(actor=journey.staff, name="小满", born=local_day(now()) - timedelta(days=2_900))
    referral = ask(journey, service=journey.childcare, child_id=child.pk)
    assert (referral.fee_fen, referral.subsidy_fen, referral.self_fen) == (120_000, 60_000, 60_000)
    assert referral.service_date == local_day(referral.windows.get().starts_at), "the school's day, also before eight"
    owner = f"child:{child.pk}/childcare"
    assert balance(AccountKey("quota", owner, school_year(referral.service_date), "fen")).reserved == 60_000


def test_the_partner_sees_no_name_before_it_confirms(journey):
    referral = ask(journey)
    with use_partner(journey.institution.pk):
        offer = Offer.objects.get()
        assert not Referral.objects.exists()
        text = str({field.name: getattr(offer, field.attname) for field in offer._meta.fields})
    assert journey.members["staff"].name not in text
    assert str(referral.person_id) not in text
    booking = answer(journey, referral)
    assert journey.members["staff"].name[0] in booking.card


def test_the_fourth_session_waits_for_the_centre(journey):
    ask(journey, units=3)
    referral = ask(journey, days=2)
    assert referral.state == "submitted"
    assert not Offer.objects.filter(referral=referral).exists()
    with pytest.raises(NotFound):
        approve_referral(actor=journey.staff2, tenant=journey.tenant, referral_id=referral.pk)
    with pytest.raises(NotFound):
        approve_referral(actor=journey.union, tenant=journey.tenant, referral_id=referral.pk)
    approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk)
    referral.refresh_from_db()
    assert referral.state == "offered"


def test_nobody_decides_their_own_request(journey):
    ask(journey, who=journey.centre, units=3)
    referral = ask(journey, who=journey.centre, days=2)
    with pytest.raises(Forbidden, match="same_person"):
        approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk)
    with pytest.raises(Forbidden, match="same_person"):
        decline_referral(actor=journey.centre, referral_id=referral.pk, reason="talk_first")
    referral.refresh_from_db()
    assert referral.state == "submitted"


def test_an_hour_that_another_school_booked_is_taken(journey, other_school):
    """The other school's booking is hidden behind the wall; the database still says no, and nothing is half done."""
    with use_tenant(other_school.id):
        other = make_journey(other_school)
        theirs = ask(other)
        start = theirs.windows.get().starts_at
    places.take(other.institution.pk, start, start + timedelta(minutes=50))  # as this school's appointment does
    with use_tenant(other_school.id):
        with pytest.raises(Conflict, match="slot_taken"):
            confirm_offer(
                actor=other.partner_office,
                tenant=other_school,
                offer_id=Offer.objects.get().pk,
                starts_at=start,
                ends_at=start + timedelta(minutes=50),
            )
        theirs.refresh_from_db()
        assert (theirs.state, Booking.objects.count(), Voucher.objects.count()) == ("offered", 0, 0)


def test_a_declined_request_gives_all_back(journey):
    before = pool(journey)
    ask(journey, units=3)
    held = pool(journey)
    referral = ask(journey, days=2)
    decline_referral(actor=journey.centre, referral_id=referral.pk, reason="talk_first")
    assert pool(journey) == held
    assert held.reserved == before.reserved + 63_000


def test_the_partner_says_no_and_nothing_stays_reserved(journey):
    referral = ask(journey)
    decline_offer(actor=journey.partner_office, offer_id=Offer.objects.get().pk, reason="no_capacity")
    referral.refresh_from_db()
    assert referral.state == "expired"
    assert pool(journey).reserved == 0
    with pytest.raises(IllegalMove):
        answer(journey, referral)


@pytest.mark.at_awkward_moments
def test_silence_of_the_partner_ends_the_offer(journey):
    referral = ask(journey, days=5)
    with as_of(now() + timedelta(hours=25)):
        run_due()
    referral.refresh_from_db()
    assert (referral.state, Offer.objects.get().state) == ("expired", "expired")
    assert pool(journey).reserved == 0


@pytest.mark.at_awkward_moments
def test_another_time_is_proposed_and_taken(journey):
    referral = ask(journey)
    start, end = soon(days=4)
    (proposal,) = propose_times(
        actor=journey.partner_office, tenant=journey.tenant, offer_id=Offer.objects.get().pk, windows=[(start, end)]
    )
    with pytest.raises(NotFound):
        accept_proposal(actor=journey.staff2, tenant=journey.tenant, referral_id=referral.pk, proposal_id=proposal.pk)
    booking = accept_proposal(
        actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk, proposal_id=proposal.pk
    )
    assert (booking.starts_at, booking.state) == (start, "confirmed")


@pytest.mark.at_awkward_moments
def test_cancelling_in_time_releases_everything(journey):
    referral = ask(journey, days=3)
    booking = answer(journey, referral)
    voucher = Voucher.objects.get(booking=booking)
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    voucher.refresh_from_db()
    booking.refresh_from_db()
    assert (voucher.state, booking.state, pool(journey).reserved) == ("void", "cancelled", 0)
    with pytest.raises(Refused, match="void"):
        redeem(actor=journey.partner_office, text=voucher.code)


@pytest.mark.at_awkward_moments
def test_a_voucher_ends_with_its_day_and_its_value_returns(journey):
    referral = ask(journey)
    booking = answer(journey, referral)
    voucher = Voucher.objects.get(booking=booking)
    later = booking.starts_at + timedelta(days=1, hours=6)
    with as_of(later):
        with pytest.raises(Refused, match="expired"):
            redeem(actor=journey.partner_office, text=voucher.code)
        run_due()
    voucher.refresh_from_db()
    assert pool(journey).reserved == voucher.subsidy_fen, "both are asked for 48 h whether it took place"
    with as_of(later + timedelta(days=2)):
        run_due()
    voucher.refresh_from_db()
    assert (voucher.state, pool(journey).reserved) == ("expired", 0)
    assert OutboxMessage.objects.filter(template="voucher_expired").exists()


def test_a_request_keeps_each_consent_with_the_one_who_receives_it(journey):
    child = register_child(actor=journey.staff, name="李小红", born=date(local_day(now()).year - 8, 3, 4))
    asked = ask(journey, service=journey.childcare, child_id=child.pk, consent=["referral", "childcare"])
    given = Consent.objects.filter(referral_id=asked.pk, relative__isnull=True, state="given")
    kept = {row.purpose: (row.child_id, row.recipient_id, row.state) for row in given}
    partner = journey.childcare.institution_id
    assert kept == {"referral": (None, partner, "given"), "childcare": (child.pk, partner, "given")}
    offer = Offer.objects.get(referral=asked)
    assert offer.age_band == "6–8", "a band, no birthday"
    assert Offer.objects.get(referral=ask(journey)).age_band == ""


def test_a_more_generous_version_tops_the_quota_up_once(journey):
    referral = ask(journey)
    day, owner = referral.service_date, f"person:{journey.staff.membership_id}/counselling"
    line = AccountKey("quota", owner, school_year(day), "session")
    assert (balance(line).granted, balance(line).reserved) == (8, 1)
    draft = draft_policy(actor=journey.finance, scheme="counselling", share_bp=7_000, valid_from=day, quota_amount=10)
    approve_policy(actor=journey.finance2, policy_id=draft.pk)
    for held in (2, 3):
        ask(journey)
        stands = balance(line)
        assert (stands.granted, stands.reserved, stands.available) == (10, held, 10 - held)
