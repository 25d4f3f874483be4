"""What the main job refuses, and that a refusal moves nothing (issue A §4)."""

from datetime import timedelta

import pytest

from kernel.clock import as_of, local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused, TooMany
from notifications.models import OutboxMessage
from referrals.models import Booking, Offer, Redemption, Referral, ScanLog, Voucher
from referrals.subsidies.quoting import quote
from referrals.workflow.policies import approve_policy, draft_policy
from referrals.workflow.redeeming import GUESSES, prepare, redeem
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.fixtures_journey import by_daylight, make_journey, soon
from tests.workflow.journey_steps import answer, ask, pool

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["", "123456789012", "not a code", "https://localhost/v/aaaaaaaaaaaaaaaaaaaaaaaaaaa/"])
def test_an_unknown_code_is_unknown_and_logged(journey, text):
    with pytest.raises(NotFound, match="unknown"):
        prepare(actor=journey.partner_counter, text=text)
    with use_tenant(journey.platform.id):
        assert ScanLog.objects.get().outcome == "unknown"


def test_guessing_codes_is_stopped(journey):
    voucher = Voucher.objects.get(booking=answer(journey, ask(journey)))
    for _ in range(GUESSES):
        with pytest.raises(NotFound):
            prepare(actor=journey.partner_counter, text="123456789012")
    for act in (prepare, redeem):
        with pytest.raises(TooMany):
            act(actor=journey.partner_counter, text=voucher.code)
    voucher.refresh_from_db()
    assert voucher.units_left == 1


def test_a_code_of_another_agency_is_no_guess(journey, other_school):
    """Who holds a real code has not guessed it: the next family is served however often the wrong counter was asked."""
    foreign = Voucher.objects.get(booking=answer(journey, ask(journey)))
    stranger = make_journey(other_school)
    with use_tenant(stranger.tenant.id):
        booking = answer(stranger, ask(stranger))
        own = Voucher.objects.get(booking=booking)
    with as_of(booking.starts_at):
        for _ in range(GUESSES):
            with pytest.raises(Refused, match="wrong_partner"):
                prepare(actor=stranger.partner_counter, text=foreign.code)
        assert prepare(actor=stranger.partner_counter, text=own.code).voucher.pk == own.pk
    foreign.refresh_from_db()
    assert foreign.units_left == 1


def test_a_voucher_of_another_partner_is_refused_and_stays(journey, other_school):
    referral = ask(journey)
    voucher = Voucher.objects.get(booking=answer(journey, referral))
    stranger = make_journey(other_school).partner_office
    for act in (prepare, redeem):
        with pytest.raises(Refused, match="wrong_partner"):
            act(actor=stranger, text=voucher.code)
    voucher.refresh_from_db()
    assert (voucher.units_left, Redemption.objects.count()) == (1, 0)


def test_spent_is_spent(journey):
    booking = answer(journey, ask(journey))
    voucher = Voucher.objects.get(booking=booking)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_office, text=voucher.code)
        with pytest.raises(Conflict, match="already_redeemed"):
            redeem(actor=journey.partner_office, text=voucher.code)
    assert Redemption.objects.count() == 1


def test_an_exhausted_quota_is_offered_at_full_price_and_said(school):
    journey = make_journey(school, quota_sessions=1)
    with use_tenant(school.id):
        ask(journey)
        second = ask(journey, days=2)
        assert (second.subsidy_fen, second.self_fen) == (0, 30_000)
        assert [line["reason"] for line in second.decision["lines"]] == ["own_share", "quota_used_up"]


def test_an_exhausted_pool_is_offered_at_full_price_and_said(school):
    journey = make_journey(school, pool_fen=30_000)
    with use_tenant(school.id):
        ask(journey)
        second = ask(journey, who=journey.staff2, days=2)
        assert (second.subsidy_fen, second.self_fen) == (9_000, 21_000)
        assert second.decision["pool_used_up"] is True
        assert pool(journey).available == 0


def rows():
    return {m: m.objects.count() for m in (Referral, Offer, Booking, Voucher, Redemption, OutboxMessage)}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"units": 0}, Invalid),
        ({"units": 61}, Invalid),
        ({"units": True}, Invalid),
        ({"consent": []}, Invalid),
        ({"consent": ["referral", "everything"]}, Invalid),
        ({"windows": []}, Invalid),
        ({"hours": -5}, Invalid),
        ({"naive": True}, Invalid),
        ({"backwards": True}, Invalid),
        ({"service_id": "00000000-0000-0000-0000-000000000000"}, Refused),
        ({"service_id": "nonsense"}, NotFound),
        ({"days": 340}, Invalid),
    ],
)
def test_bad_input_is_refused_and_nothing_moved(journey, change, error):
    start, end = by_daylight(*soon(days=change.pop("days", 1)))
    if hours := change.pop("hours", 0):
        start, end = start + timedelta(hours=hours * 20), end + timedelta(hours=hours * 20)
    if change.pop("naive", False):
        start = start.replace(tzinfo=None)
    if change.pop("backwards", False):
        start, end = end, start
    before, money = rows(), pool(journey)
    asked = {
        "service_id": journey.counselling.pk,
        "units": 1,
        "windows": [(start, end)],
        "consent": ["referral"],
        **change,
    }
    with pytest.raises(error):
        submit_referral(actor=journey.staff, tenant=journey.tenant, **asked)
    assert (rows(), pool(journey)) == (before, money)


@pytest.mark.parametrize("child", [None, ""])
def test_childcare_without_a_child_is_refused(journey, child):
    before, money = rows(), pool(journey)
    with pytest.raises(Invalid, match="child_missing"):
        ask(journey, service=journey.childcare, child_id=child, consent=("referral", "childcare"))
    assert (rows(), pool(journey)) == (before, money)


def test_a_changed_price_is_shown_before_it_is_taken(journey):
    day = local_day(soon(days=1)[0])
    priced = quote(
        actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1, service_date=day
    )
    policy = draft_policy(actor=journey.finance, scheme="counselling", share_bp=6_000, valid_from=day, quota_amount=8)
    approve_policy(actor=journey.finance2, policy_id=policy.pk)
    before = rows()
    with pytest.raises(Conflict, match="quote_changed"):
        ask(journey, quote_token=priced.token)
    assert rows() == before


def test_a_quote_of_another_person_or_an_altered_one_is_refused(journey):
    day = local_day(soon(days=1)[0])
    priced = quote(
        actor=journey.staff2, tenant=journey.tenant, service_id=journey.counselling.pk, units=1, service_date=day
    )
    for token in (priced.token, priced.token[:-2] + "xx", "x"):
        with pytest.raises(Refused, match="quote_expired"):
            ask(journey, quote_token=token)
    assert Referral.objects.count() == 0


def test_a_policy_needs_two_people(journey):
    draft = draft_policy(
        actor=journey.finance, scheme="counselling", share_bp=5_000, valid_from=local_day(now()) + timedelta(days=30)
    )
    with pytest.raises(Forbidden):
        approve_policy(actor=journey.finance, policy_id=draft.pk)
    with pytest.raises(Forbidden):
        approve_policy(actor=journey.staff, policy_id=draft.pk)
    draft.refresh_from_db()
    assert draft.state == "draft"
    approve_policy(actor=journey.finance2, policy_id=draft.pk)
    journey.policies["counselling"].refresh_from_db()
    assert journey.policies["counselling"].valid_until == draft.valid_from


@pytest.mark.parametrize("days", [-400, -1, 0])
def test_a_successor_never_ends_a_version_on_a_day_that_has_begun(journey, days):
    """What was priced on those days was priced by the version that stood."""
    standing = journey.policies["counselling"]
    draft = draft_policy(
        actor=journey.finance, scheme="counselling", share_bp=5_000, valid_from=local_day(now()) + timedelta(days=days)
    )
    with pytest.raises(Refused, match="begins_too_early"):
        approve_policy(actor=journey.finance2, policy_id=draft.pk)
    standing.refresh_from_db()
    draft.refresh_from_db()
    assert (standing.valid_until, draft.state, draft.approved_by_id) == (None, "draft", None)


def test_the_first_version_of_a_scheme_may_begin_before_it_was_approved(journey):
    draft = draft_policy(
        actor=journey.finance, scheme="mediation", share_bp=10_000, valid_from=local_day(now()) - timedelta(days=30)
    )
    assert approve_policy(actor=journey.finance2, policy_id=draft.pk).state == "approved"


@pytest.mark.parametrize("share", [-1, 10_001, True, 70.0, "7000"])
def test_a_share_out_of_range_is_refused(journey, share):
    with pytest.raises(Invalid):
        draft_policy(actor=journey.finance, scheme="counselling", share_bp=share, valid_from=local_day(now()))
