"""Several agencies at once: only who was ticked, the largest subsidy is held, the winner's is kept (books §2 Query mode)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from families.models import Consent
from kernel.clock import as_of, now
from kernel.errors import Conflict, Invalid, Refused
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.models import Service
from referrals.models import Booking, Candidate, Offer, Proposal, Unit, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.subsidies.several import quote_several
from referrals.workflow.answering import accept_proposal, confirm_offer, decline_offer, expire_offer, propose_times
from tests.fixtures_journey import Journey
from tests.workflow.apply_steps import hidden, send, walk_to_check
from tests.workflow.journey_steps import pool
from tests.workflow.several_steps import agency_with, ask_several, offer_to, pay_for

pytestmark = pytest.mark.django_db
FEES = (20_000, 40_000, 30_000)


@pytest.fixture
def helpers(journey: Journey) -> list[tuple[Service, Actor]]:
    pay_for(journey, "home_help")
    return [agency_with(journey, "home_help", fee) for fee in FEES]


@pytest.fixture
def talkers(journey: Journey) -> list[tuple[Service, Actor]]:
    return [agency_with(journey, "counselling", fee) for fee in FEES]


def services(rows: list[tuple[Service, Actor]]) -> list[Service]:
    return [service for service, _office in rows]


def start_of(referral: Any) -> Any:
    return referral.windows.get().starts_at


def confirm(journey: Journey, referral: Any, row: tuple[Service, Actor], **more: Any) -> Booking:
    start = start_of(referral)
    return confirm_offer(
        actor=row[1], tenant=journey.tenant, offer_id=offer_to(referral, row[0]).pk, starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )  # fmt: skip


def even() -> bool:
    return difference() == units_difference() == 0


def test_the_largest_is_held_the_winner_s_is_kept_and_the_rest_is_free_in_the_same_act(
    journey: Journey, helpers: list[tuple[Service, Actor]]
) -> None:
    referral = ask_several(journey, services(helpers), units=2)
    assert pool(journey, "home_help").reserved == 40_000, "two units of the dearest at a half"
    assert even()
    booking = confirm(journey, referral, helpers[0])
    assert pool(journey, "home_help").reserved == 20_000
    assert even()
    referral.refresh_from_db()
    assert (referral.service_id, referral.partner_id) == (helpers[0][0].pk, booking.partner_id)
    assert (referral.fee_fen, referral.subsidy_fen, referral.self_fen) == (40_000, 20_000, 20_000)
    voucher = Voucher.objects.get()
    assert (voucher.partner_id, voucher.subsidy_fen, voucher.service_id) == (
        booking.partner_id,
        20_000,
        helpers[0][0].pk,
    )
    assert set(Unit.objects.values_list("fee_fen", "subsidy_fen", "attempt")) == {(20_000, 10_000, 2)}
    assert sorted(Offer.objects.values_list("state", flat=True)) == ["accepted", "withdrawn", "withdrawn"]


def test_where_the_dearest_wins_nothing_moves(journey: Journey, helpers: list[tuple[Service, Actor]]) -> None:
    referral = ask_several(journey, services(helpers))
    confirm(journey, referral, helpers[1])
    assert pool(journey, "home_help").reserved == 20_000
    assert set(Unit.objects.values_list("attempt", flat=True)) == {1}
    assert even()


def test_whoever_comes_later_is_told_that_it_is_taken_and_nothing_moves(
    journey: Journey, helpers: list[tuple[Service, Actor]]
) -> None:
    referral = ask_several(journey, services(helpers))
    confirm(journey, referral, helpers[2])
    before = (Booking.objects.count(), pool(journey, "home_help").reserved, OutboxMessage.objects.count())
    for row in helpers[:2]:
        with pytest.raises(Conflict, match="taken"):
            confirm(journey, referral, row)
        with pytest.raises(Conflict, match="taken"):
            decline_offer(actor=row[1], offer_id=offer_to(referral, row[0]).pk, reason="no_capacity")
    assert (Booking.objects.count(), pool(journey, "home_help").reserved, OutboxMessage.objects.count()) == before


def test_only_who_was_ticked_is_asked_and_each_is_named_in_the_consent(
    journey: Journey, helpers: list[tuple[Service, Actor]]
) -> None:
    referral = ask_several(journey, services(helpers)[:2])
    asked = {helpers[0][0].institution_id, helpers[1][0].institution_id}
    assert set(Offer.objects.values_list("partner_id", flat=True)) == asked
    assert set(Consent.objects.filter(referral_id=referral.pk).values_list("recipient_id", flat=True)) == asked
    assert Candidate.objects.count() == 2


def test_one_no_leaves_the_others_open_and_the_last_one_ends_it(
    journey: Journey, helpers: list[tuple[Service, Actor]]
) -> None:
    referral = ask_several(journey, services(helpers))
    for number, (service, office) in enumerate(helpers):
        decline_offer(actor=office, offer_id=offer_to(referral, service).pk, reason="no_capacity")
        referral.refresh_from_db()
        assert referral.state == ("expired" if number == 2 else "offered")
    assert pool(journey, "home_help").reserved == 0
    assert even()


def test_the_silent_one_goes_by_its_own_clock(journey: Journey, helpers: list[tuple[Service, Actor]]) -> None:
    referral = ask_several(journey, services(helpers))
    first = offer_to(referral, helpers[0][0])
    Offer.objects.filter(pk=first.pk).update(deadline=now() - timedelta(seconds=1))
    with pytest.raises(Refused, match="too_late"):
        confirm(journey, referral, helpers[0])
    assert expire_offer(actor=journey.staff, offer_id=first.pk)
    confirm(journey, referral, helpers[1])
    assert even()


def test_of_a_talk_the_person_picks_whoever_was_first(journey: Journey, talkers: list[tuple[Service, Actor]]) -> None:
    referral = ask_several(journey, services(talkers))
    with pytest.raises(Refused, match="person_picks"):
        confirm(journey, referral, talkers[0])
    start = start_of(referral)
    for number, (service, office) in enumerate(talkers[:2]):
        at = start + timedelta(hours=number)
        propose_times(
            actor=office, tenant=journey.tenant, offer_id=offer_to(referral, service).pk,
            windows=[(at, at + timedelta(minutes=50))],
        )  # fmt: skip
    assert Booking.objects.count() == 0, "nobody wins by being first"
    offer = offer_to(referral, talkers[1][0])
    assert offer.deadline <= now() + timedelta(hours=24)
    second = Proposal.objects.get(offer=offer)
    accept_proposal(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk, proposal_id=second.pk)
    referral.refresh_from_db()
    assert (referral.partner_id, Booking.objects.get().partner_id) == (second.partner_id, second.partner_id)
    with pytest.raises(Conflict, match="taken"):
        propose_times(
            actor=talkers[0][1], tenant=journey.tenant, offer_id=offer_to(referral, talkers[0][0]).pk,
            windows=[(start, start + timedelta(minutes=50))],
        )  # fmt: skip
    assert even()


def test_a_day_after_its_answer_nobody_can_be_picked_any_more(
    journey: Journey, talkers: list[tuple[Service, Actor]]
) -> None:
    referral = ask_several(journey, services(talkers)[:2])
    start = start_of(referral) + timedelta(days=3)
    propose_times(
        actor=talkers[0][1], tenant=journey.tenant, offer_id=offer_to(referral, talkers[0][0]).pk,
        windows=[(start, start + timedelta(minutes=50))],
    )  # fmt: skip
    with as_of(now() + timedelta(hours=24, seconds=1)), pytest.raises(Refused, match="too_late"):
        accept_proposal(
            actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk, proposal_id=Proposal.objects.get().pk
        )


def test_what_may_be_asked_together_is_alike_and_asked_so(
    journey: Journey, helpers: list[tuple[Service, Actor]], talkers: list[tuple[Service, Actor]]
) -> None:
    alone, _office = agency_with(journey, "home_help", 10_000, mode="confirm")
    first = helpers[0][0]
    for wrong in ([first, talkers[0][0]], [first, alone], [first, first], [first] * 9):
        with pytest.raises(Invalid, match="several_invalid"):
            ask_several(journey, wrong)
    assert Offer.objects.count() == 0
    assert pool(journey, "home_help").reserved == 0


def test_at_the_edge_of_the_pool_whoever_wins_fits_into_what_is_held(journey: Journey) -> None:
    pay_for(journey, "home_help", pool_fen=25_000, quota_amount=2)
    rows = [agency_with(journey, "home_help", fee) for fee in (10_000, 24_000)]
    referral = ask_several(journey, services(rows), units=3)
    held = pool(journey, "home_help").reserved
    assert held == 24_000
    confirm(journey, referral, rows[0])
    assert pool(journey, "home_help").reserved <= held
    assert even()


def test_a_price_that_was_shown_is_that_of_all_who_are_asked(
    journey: Journey, helpers: list[tuple[Service, Actor]]
) -> None:
    start = now() + timedelta(days=1)
    asked = quote_several(
        actor=journey.staff, tenant=journey.tenant, service_ids=[row.pk for row in services(helpers)], units=1,
        service_date=journey.tenant.day_of(start),
    )  # fmt: skip
    assert asked.self_fen == 20_000, "the most that it may come to"
    with pytest.raises(Refused, match="quote_expired"):
        ask_several(journey, services(helpers)[:2], quote_token=asked.token)
    assert ask_several(journey, services(helpers), quote_token=asked.token).query_others


def client_of(journey: Journey, user: Any, host: str) -> Client:
    client = Client(headers={"host": host, "accept-language": "zh-hans"})
    client.force_login(user)
    return client


def test_the_person_ticks_reads_the_most_it_may_cost_and_sends(
    journey: Journey, talkers: list[tuple[Service, Actor]]
) -> None:
    client = client_of(journey, journey.members["staff"].user, journey.tenant.host)
    check = walk_to_check(client, talkers[0][0])
    address = check.request["PATH_INFO"].replace("check", "several")
    page = client.get(address).content.decode()
    assert all(str(service.pk) in page for service in services(talkers)[1:])
    check = client.post(address, {"others": [str(talkers[1][0].pk)]}, follow=True)
    shown = check.content.decode()
    assert "同时问的几家" in shown
    assert "您最多付 ¥120.00" in shown, "the dearest at thirty per cent"
    assert hidden(check, "quote")
    send(client, check)
    assert Offer.objects.count() == 2
    mine = client.get(f"/my/referrals/{Offer.objects.first().referral_id}/").content.decode()  # type: ignore[union-attr]
    assert "同时问的几家" in mine


def test_what_is_sent_to_several_names_each_with_its_price(
    journey: Journey, helpers: list[tuple[Service, Actor]]
) -> None:
    referral = ask_several(journey, [service for service, _office in helpers])
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(journey.members["staff"].user)  # type: ignore[arg-type]
    sent = client.get(f"/apply/done/{referral.pk}/").content.decode()
    for service, _office in helpers:
        assert service.institution.name in sent
    assert "每一家最晚" in sent
