"""Crisis relief above what one person may grant: a second person of the union signs within 72 hours (books §1)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Membership
from kernel.clock import as_of, now
from kernel.errors import Forbidden, IllegalMove
from ledger.selectors import difference
from notifications.models import OutboxMessage
from referrals.due import run_due
from referrals.models import Offer, Referral, ReliefWord
from referrals.subsidies.accounting import units_difference
from referrals.who_signs import ONE_CASE_FEN
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.relief import submit_relief
from referrals.workflow.second_word import TO_SECOND, pass_word
from referrals.workflow.submitting import approve_referral, decline_referral
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, soon
from tests.workflow.chair_steps import lead
from tests.workflow.journey_steps import pool
from tests.workflow.several_steps import agency_with, pay_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _money(journey: Journey) -> None:
    """The union's pool, and a chair: whoever says the first word here."""
    pay_for(journey, "crisis_relief", share_bp=10_000)
    lead(journey, "union")


@pytest.fixture
def second(journey: Journey) -> Membership:
    return make_person(journey.tenant, "union", "staff")


def relief(journey: Journey, fee_fen: int, *, days: int = 5) -> Referral:
    service, _office = agency_with(journey, "home_help", fee_fen, mode="confirm")
    start, _end = soon(days=days)
    return submit_relief(
        actor=journey.centre, tenant=journey.tenant, person_id=journey.members["staff"].pk, service_id=service.pk,
        units=1, windows=[(start, start + timedelta(hours=3))],
    )  # fmt: skip


def approve(journey: Journey, asked: Referral, who: Membership | None = None) -> str:
    """The request's state after a yes of the union, or of ``who``."""
    actor = actor_of(who) if who else journey.union
    return approve_referral(actor=actor, tenant=journey.tenant, referral_id=asked.pk).state


def even() -> bool:
    return difference() == units_difference() == 0


def test_up_to_the_limit_one_word_is_enough_and_one_fen_more_needs_two(journey: Journey, second: Membership) -> None:
    assert approve(journey, relief(journey, ONE_CASE_FEN)) == "offered"
    assert not ReliefWord.objects.exists()
    asked = relief(journey, 1, days=6)
    assert approve(journey, asked) == "submitted", "the case is the person's, not the request's"
    assert ReliefWord.objects.get().case_fen == ONE_CASE_FEN + 1
    assert Offer.objects.count() == 1, "no agency is asked on one word"
    assert approve(journey, asked, second) == "offered"
    word = ReliefWord.objects.get()
    assert (word.state, word.seconded_by_id) == ("seconded", second.user_id)
    assert even()


def test_what_was_cancelled_counts_no_more_and_another_person_is_another_case(journey: Journey) -> None:
    first = relief(journey, ONE_CASE_FEN)
    assert approve(journey, first) == "offered"
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=first.pk)
    assert approve(journey, relief(journey, ONE_CASE_FEN, days=6)) == "offered"
    assert even()


def test_nobody_gives_both_words_under_either_account(journey: Journey, second: Membership) -> None:
    asked = relief(journey, ONE_CASE_FEN + 1)
    assert approve(journey, asked) == "submitted"
    with pytest.raises(Forbidden, match="same_person"):
        approve(journey, asked)
    member = Membership.objects.get(pk=journey.members["union"].pk)
    member.keep_phone("+86 13800138222")
    member.save()
    assert second.user is not None
    second.user.keep_proved_phone("138 0013 8222")
    second.user.save()
    with pytest.raises(Forbidden, match="same_person"):
        approve(journey, asked, second)
    assert ReliefWord.objects.get().state == "waiting"
    with pytest.raises(IntegrityError), transaction.atomic():
        ReliefWord.objects.update(state="seconded", seconded_by=journey.members["union"].user_id)


@pytest.mark.parametrize("swept", [False, True])
def test_after_72_hours_a_yes_is_a_first_word_again_swept_or_not(
    journey: Journey, second: Membership, *, swept: bool
) -> None:
    asked = relief(journey, ONE_CASE_FEN + 1)
    approve(journey, asked)
    word = ReliefWord.objects.get()
    assert word.until - word.given_at == TO_SECOND == timedelta(hours=72)
    with as_of(word.until - timedelta(microseconds=1)), transaction.atomic():
        assert not pass_word(actor=journey.union, word_id=word.pk)
        assert approve(journey, asked, second) == "offered", "the last moment counts"
        transaction.set_rollback(True)
    with as_of(word.until):
        if swept:
            run_due()
            assert ReliefWord.objects.get().state == "lapsed"
        assert approve(journey, asked, second) == "submitted"
        assert [row.state for row in ReliefWord.objects.order_by("given_at")] == ["lapsed", "waiting"]
        run_due()
        assert approve(journey, asked) == "offered", "who gave the one that ran out may second the new one"
    assert even()


def test_when_nobody_seconds_the_money_stays_held_and_the_union_is_told_once(journey: Journey) -> None:
    asked = relief(journey, ONE_CASE_FEN + 1)
    approve(journey, asked)
    word = ReliefWord.objects.get()
    before = OutboxMessage.objects.filter(template="referral_needs_decision").count()
    with as_of(word.until + timedelta(days=2)):
        run_due()
        run_due()
    asked.refresh_from_db()
    assert (asked.state, pool(journey, "crisis_relief").reserved) == ("submitted", ONE_CASE_FEN + 1)
    told = OutboxMessage.objects.filter(template="referral_needs_decision").count() - before
    assert told == Membership.objects.filter(roles__contains=["union"]).count()
    assert even()


@pytest.mark.parametrize("ended_by", ["decline", "cancel"])
def test_a_request_that_ended_is_seconded_by_nobody(journey: Journey, second: Membership, ended_by: str) -> None:
    asked = relief(journey, ONE_CASE_FEN + 1)
    approve(journey, asked)
    if ended_by == "decline":
        decline_referral(actor=actor_of(second), referral_id=asked.pk, reason="other_help_fits")
    else:
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=asked.pk)
    with pytest.raises(IllegalMove):
        approve(journey, asked, second)
    told = OutboxMessage.objects.count()
    with as_of(ReliefWord.objects.get().until):
        run_due()
    assert ReliefWord.objects.get().state == "ended"
    assert OutboxMessage.objects.count() == told
    assert pool(journey, "crisis_relief").reserved == 0
    assert even()


def client_of(journey: Journey, member: Membership) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    client.force_login(member.user)
    return client


def test_by_hand_each_of_the_two_reads_what_their_word_means(journey: Journey, second: Membership) -> None:
    asked = relief(journey, ONE_CASE_FEN + 1)
    page = f"/union/referrals/{asked.pk}/"
    one, other = client_of(journey, journey.members["union"]), client_of(journey, second)
    assert "给出第一个同意" in one.get(page).content.decode()
    assert "72 小时" in one.get(f"{page}approve/").content.decode()
    assert one.post(f"{page}approve/")["Location"] == page
    mine = one.get(page).content.decode()
    assert f'href="{page}approve/"' not in mine
    assert f'href="{page}decline/"' in mine
    assert one.get(f"{page}approve/").status_code == 302
    assert one.post(f"{page}approve/").status_code == 403
    assert "作为第二人签字" in other.get(page).content.decode()
    assert other.post(f"{page}approve/")["Location"] == "/union/"
    asked.refresh_from_db()
    assert asked.state == "offered"
    assert "两人已签字" not in other.get(page).content.decode(), "it says who and when"
    with as_of(now()):
        assert journey.members["union"].name in other.get(page).content.decode()
