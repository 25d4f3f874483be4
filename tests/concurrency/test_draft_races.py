"""One draft, several hands of the same person at the same moment: nothing kept is lost, and it is one request (rules §2)."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from kernel.identifiers import uuid7
from referrals.models import Referral, ReferralDraft
from referrals.staff.drafts import asked_of, consent_to, first_day, times_form
from referrals.subsidies.quoting import quote
from referrals.workflow.drafting import keep_draft, send_draft
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_school
from tests.fixtures_journey import BOXES
from tests.workflow.staff_facts import Facts, make_facts

pytestmark = pytest.mark.usefixtures("committed")
HANDS = 6


@pytest.fixture
def facts(committed: None) -> Facts:
    return make_facts(make_school())


def keep(facts: Facts, draft_id: Any, answers: dict[str, Any]) -> ReferralDraft:
    return keep_draft(
        actor=actor_of(facts.person),
        tenant=facts.school,
        draft_id=draft_id,
        service=facts.counselling,
        answers=answers,
    )


def steps_of(facts: Facts) -> list[dict[str, Any]]:
    """What each step gives."""
    return [
        {"when": {"units": "1", **dict.fromkeys(BOXES, "on")}, "unit": facts.counselling.unit},
        {"consent": True, "consent_to": consent_to(facts.counselling), "note": "晚上更方便"},
    ]


def read_draft(facts: Facts, draft_id: Any) -> ReferralDraft:
    with use_tenant(facts.school.id):
        return ReferralDraft.objects.get(pk=draft_id)


def test_two_steps_kept_at_the_same_moment_both_stand(facts: Facts) -> None:
    draft_id = uuid7()
    with use_tenant(facts.school.id):
        keep(facts, draft_id, {})
    is_held = threading.Event()

    def hold_and_keep() -> None:
        with transaction.atomic():
            ReferralDraft.objects.select_for_update().get(pk=draft_id)
            is_held.set()
            wait_for_a_waiter()
            keep(facts, draft_id, steps_of(facts)[0])

    def keep_behind() -> None:
        assert is_held.wait(10)
        keep(facts, draft_id, steps_of(facts)[1])

    assert at_once(facts.school, [hold_and_keep, keep_behind]) == [None, None]
    kept = read_draft(facts, draft_id).answers
    assert {"when", "consent", "note"} <= set(kept)


def wait_for_a_waiter() -> None:
    """Until another connection waits for a lock of this one."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waited")


def test_the_control_read_before_the_lock_loses_a_step(facts: Facts) -> None:
    draft_id = uuid7()
    with use_tenant(facts.school.id):
        keep(facts, draft_id, {})
    both_have_read = threading.Barrier(2)

    def naive(answers: dict[str, Any]) -> Callable[[], None]:
        def write() -> None:
            with transaction.atomic():
                draft = ReferralDraft.objects.get(pk=draft_id)
                whole = {**draft.answers, **answers}
                both_have_read.wait(10)
                draft.write(whole)
                draft.save(update_fields=["words_sealed"])

        return write

    assert at_once(facts.school, [naive(answers) for answers in steps_of(facts)]) == [None, None]
    kept = read_draft(facts, draft_id).answers
    assert not {"when", "consent"} <= set(kept)


def test_a_draft_sent_by_many_hands_is_one_request(facts: Facts) -> None:
    draft_id, actor = uuid7(), actor_of(facts.person)
    with use_tenant(facts.school.id):
        for answers in steps_of(facts):
            draft = keep(facts, draft_id, answers)
        times = times_form(actor, facts.school, facts.counselling, draft.answers, is_checked=True)
        assert times.is_valid(), times.errors
        priced = quote(
            actor=actor,
            tenant=facts.school,
            service_id=facts.counselling.pk,
            units=1,
            service_date=first_day(facts.school, times),
        )

    def send() -> Any:
        sent = send_draft(
            actor=actor,
            tenant=facts.school,
            draft_id=draft_id,
            version=draft.version,
            quote_token=priced.token,
            review_seen="",
            read=lambda locked: asked_of(actor, facts.school, locked),
        )
        return sent.pk

    results = at_once(facts.school, [send] * HANDS)
    assert not [result for result in results if isinstance(result, Exception)], results
    assert len(set(results)) == 1
    with use_tenant(facts.school.id):
        assert Referral.objects.count() == 1
