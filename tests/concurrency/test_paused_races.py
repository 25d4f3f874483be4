"""A pause in the same second as a use, two words at once, a word in the last second: one outcome (books §4, ADR 0050).

Each lock stands beside a control without it, which shows that the race is real.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from kernel.clock import as_of, now
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.workflow import papers, pausing, suspend_agreement
from referrals.models import Booking, PausedRequest, Referral, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow import paused
from referrals.workflow.looking import look
from referrals.workflow.paused import decide_paused, pass_paused, pause_of, tell_paused
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.usefixtures("committed")


def planted(*, suspended: bool = True) -> tuple[Journey, Referral, Booking]:
    journey = make_journey(make_school())
    with use_tenant(journey.tenant.id):
        referral = ask(journey, days=20)
        booking = answer(journey, referral)
        if suspended:
            suspend_agreement(actor=journey.union, agreement_id=journey.agreement.pk, reason="quality")
    return journey, referral, booking


def unlocked() -> Callable[[UUID], Referral]:
    """Looks, and lets the other one look as well before either writes."""
    both_have_looked = threading.Barrier(2)

    def looks(referral_id: UUID) -> Referral:
        found: Referral = Referral.objects.get(pk=referral_id)
        if threading.current_thread() is not threading.main_thread():  # what is planted before them is alone
            both_have_looked.wait(timeout=30)
        return found

    return looks


def use_meets_pause(change: Any, journey: Journey) -> tuple[datetime, datetime]:
    """When a counter used what it had looked at under lock, and when the pause that came meanwhile began."""
    voucher_id = Voucher.objects.values_list("pk", flat=True).get()
    looked = threading.Event()

    def use() -> datetime:
        with transaction.atomic():
            assert not look(voucher_id, lock=True).facts.suspended
            looked.set()
            sleep(0.5)
            return now()

    def pause() -> datetime:
        assert looked.wait(timeout=30)
        return change()

    used, began = at_once(journey.tenant, [use, pause])
    return used, began


def suspend(journey: Journey) -> datetime:
    began = suspend_agreement(actor=journey.union, agreement_id=journey.agreement.pk, reason="safety").suspended_at
    assert began is not None
    return began


def end_paper(journey: Journey) -> datetime:
    with use_tenant(journey.platform.id):
        ended = papers.end_licence(
            actor=journey.operator,
            licence_id=journey.institution.licences.get(kind="registration").pk,
            on=journey.tenant.today(),
        ).ended_at
    assert ended is not None
    return ended


@pytest.mark.parametrize("change", [suspend, end_paper])
def test_a_use_that_has_begun_comes_before_the_pause(change: Any) -> None:
    journey, _referral, _booking = planted(suspended=False)
    with use_tenant(journey.tenant.id):
        used, began = use_meets_pause(lambda: change(journey), journey)
    assert used < began


@pytest.mark.parametrize("change", [suspend, end_paper])
def test_control_without_the_lock_something_is_used_after_the_pause_began(
    monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    for module in (pausing, papers):
        monkeypatch.setattr(module, "lock_pauses", lambda agency_id: None)
    journey, _referral, _booking = planted(suspended=False)
    with use_tenant(journey.tenant.id):
        used, began = use_meets_pause(lambda: change(journey), journey)
    assert began < used


def two_words() -> tuple[list[Any], str, int]:
    journey, referral, _booking = planted()

    def say(choice: str) -> PausedRequest:
        return decide_paused(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk, choice=choice)

    with use_tenant(journey.tenant.id):
        tell_paused(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk)
    said = at_once(journey.tenant, [lambda: say("keep"), lambda: say("cancel")])
    with use_tenant(journey.tenant.id):
        assert difference() == units_difference() == 0
        answers = OutboxMessage.objects.filter(template__in=("agency_paused_kept", "agency_paused_off"))
        return said, PausedRequest.objects.get().state, answers.values("template").distinct().count()


def test_of_two_words_one_counts_and_the_other_is_told() -> None:
    said, state, answers = two_words()
    assert sum(isinstance(one, Exception) for one in said) == 1
    assert state in ("kept", "cancelled")
    assert answers == 1


def test_control_without_the_lock_the_person_reads_two_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paused, "locked", unlocked())
    said, _state, answers = two_words()
    assert not any(isinstance(one, Exception) for one in said)
    assert answers == 2


def two_rounds() -> list[Any]:
    journey, referral, _booking = planted()

    def tell() -> bool:
        return tell_paused(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk)

    return at_once(journey.tenant, [tell, tell])


def test_of_two_rounds_one_tells() -> None:
    assert sorted(two_rounds()) == [False, True]


def test_control_without_the_lock_both_rounds_would_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paused, "locked", unlocked())
    assert any(isinstance(one, Exception) for one in two_rounds()), "the database alone stops the second row"


def last_second() -> tuple[Any, Any, str]:
    journey, referral, _booking = planted()
    tenant = journey.tenant
    with use_tenant(tenant.id):
        tell_paused(actor=journey.centre, tenant=tenant, referral_id=referral.pk)
        pause = pause_of(tenant, Referral.objects.get(pk=referral.pk))
        assert pause is not None
        due = pause.due_at

    def keep() -> str:
        with as_of(due - timedelta(seconds=1)):
            return decide_paused(actor=journey.centre, tenant=tenant, referral_id=referral.pk, choice="keep").state

    def passes() -> bool:
        with as_of(due):
            return pass_paused(actor=journey.centre, tenant=tenant, pause_id=pause.pk)

    kept, passed = at_once(tenant, [keep, passes])
    with use_tenant(tenant.id):
        assert difference() == units_difference() == 0
        return kept, passed, Referral.objects.get(pk=referral.pk).state


def test_a_word_in_the_last_second_meets_the_clock() -> None:
    kept, passed, state = last_second()
    if passed:
        assert isinstance(kept, Exception)
        assert state == "expired"
    else:
        assert (kept, state) == ("kept", "confirmed")


def test_control_without_the_lock_it_is_kept_and_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paused, "locked", unlocked())
    kept, passed, _state = last_second()
    assert (kept, passed) == ("kept", True)
