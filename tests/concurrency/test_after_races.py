"""Two at the same second after a service: taps, marks and deciders. Each stands beside a control that shows the race."""

from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.db.models import QuerySet

from kernel.clock import as_of
from kernel.errors import DomainError
from referrals.after import added
from referrals.models import PassedOn, RatingBox, Redemption, Referral, Voucher
from referrals.subsidies.quoting import quote
from referrals.workflow import continuing, rating
from referrals.workflow.continuing import ask_next, plan_next
from referrals.workflow.objecting import decide_dispute, dispute, pass_redemption
from referrals.workflow.rating import rate_agency
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.usefixtures("committed")
GOOD = {"on_time": "yes", "respected": "yes", "again": "no"}


def used(journey: Journey, who: Any, days: int) -> tuple[Referral, Redemption]:
    with use_tenant(journey.tenant.pk):
        referral = ask(journey, who=who, days=days)
        booking = answer(journey, referral)
        with as_of(booking.starts_at):
            (line,) = redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=referral).code)
        return referral, line


def raters(journey: Journey, many: int) -> list[Any]:
    """Colleagues with a session each, who rate at the same second."""
    acts = []
    for place in range(many):
        who = actor_of(make_person(journey.tenant, "staff"))
        referral, _line = used(journey, who, place + 1)
        acts.append(
            lambda who=who, referral=referral: rate_agency(
                actor=who, tenant=journey.tenant, referral_id=referral.pk, marks=GOOD
            )
        )
    return acts


def test_no_mark_is_lost_when_four_rate_at_once() -> None:
    journey = make_journey(make_school())
    at_once(journey.tenant, raters(journey, 4))
    with use_tenant(journey.tenant.pk):
        box = RatingBox.objects.get()
        assert (box.people, box.marks["again"]) == (4, {"yes": 0, "partly": 0, "no": 4})


def test_one_tap_twice_asks_once() -> None:
    journey = make_journey(make_school())
    said, _referral = _taps(journey)
    assert len({row.pk for row in said}) == 1


def _taps(journey: Journey) -> tuple[list[Any], Referral]:
    referral, _line = used(journey, journey.staff, 1)
    with use_tenant(journey.tenant.pk):
        referral.refresh_from_db()
        plan = plan_next(actor=journey.staff, tenant=journey.tenant, referral=referral)
        token = quote(
            actor=journey.staff, tenant=journey.tenant, service_id=plan.service.pk, units=plan.units,
            service_date=min(journey.tenant.day_of(start) for start, _end in plan.times),
        ).token  # fmt: skip
    acts = [
        lambda: ask_next(
            actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk, quote_token=token, review_seen=""
        )
    ] * 4  # fmt: skip
    return at_once(journey.tenant, acts), referral


def test_control_a_tap_that_looks_past_the_other_runs_into_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race is real: who does not look for what was made meanwhile is stopped by the constraint alone."""
    journey = make_journey(make_school())
    monkeypatch.setattr(continuing, "next_of", lambda _referral: None)
    said, referral = _taps(journey)
    assert any(isinstance(row, Exception) and not isinstance(row, DomainError) for row in said)
    with use_tenant(journey.tenant.pk):
        assert Referral.objects.filter(follows=referral).count() == 1


def test_an_objection_is_decided_once_whoever_comes_and_passed_on_once() -> None:
    journey = make_journey(make_school())
    second = actor_of(make_person(journey.tenant, "centre", "staff"))
    _referral, line = used(journey, journey.staff, 1)
    with use_tenant(journey.tenant.pk), as_of(line.redeemed_at + timedelta(seconds=1)):
        dispute(actor=journey.staff, tenant=journey.tenant, redemption_id=line.pk, reason="not_received")
    with use_tenant(journey.tenant.pk):
        Redemption.objects.filter(pk=line.pk).update(due_at=line.redeemed_at - timedelta(days=5))

    def passes() -> Any:
        with as_of(line.redeemed_at + timedelta(days=30)):
            return pass_redemption(redemption_id=line.pk)

    said = at_once(
        journey.tenant,
        [
            passes,
            passes,
            lambda: decide_dispute(actor=journey.centre, redemption_id=line.pk, finding="uphold"),
            lambda: decide_dispute(actor=second, redemption_id=line.pk, finding="reverse"),
        ],
    )
    assert sum(isinstance(row, Redemption) for row in said) == 1
    with use_tenant(journey.tenant.pk):
        assert PassedOn.objects.filter(redemption=line).count() <= 1
        line.refresh_from_db()
        assert line.state in ("validated", "reversed")


def test_control_without_the_lock_of_the_box_marks_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race is real: whoever adds to what was read without the lock writes over the others."""
    journey = make_journey(make_school())
    acts = raters(journey, 4)

    def slowly(*marks: Any) -> Any:
        sleep(1)
        return added(*marks)

    monkeypatch.setattr(rating, "added", slowly)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_more: self)
    at_once(journey.tenant, acts)
    with use_tenant(journey.tenant.pk):
        assert RatingBox.objects.get().people < 4
