"""Guards of the rounds of tips that no other test would miss: who comes first, what stands back, whose tries begin anew."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from kernel.clock import as_of
from tenancy.models import Setback
from tests.conftest import actor_of, make_person
from tests.tips.conftest import FRIDAY, THURSDAY, Home, agreed, at, code_in, subscribe
from tips.due import LETTERS, LOST, WANTED, run_due
from tips.models import Letter, LetterState, Subscription
from tips.rules import IS_LOST, MOST_TRIES
from tips.workflow.sending import send_letter
from tips.workflow.wanting import ask_tips, confirm_tips

pytestmark = pytest.mark.django_db


def two(home: Home) -> list[Letter]:
    """Two letters that are due, the first one made last."""
    other, _consent = agreed(actor_of(make_person(home.tenant, "staff")))
    with as_of(at(THURSDAY)):
        late = ask_tips(token=home.token, address="late@example.com", rhythm="weekly")
        soon = ask_tips(token=other, address="soon@example.com", rhythm="weekly")
    Letter.objects.filter(pk=soon.pk).update(next_at=at(THURSDAY) - timedelta(minutes=5))
    return [soon, late]


def states() -> dict[Any, str]:
    return dict(Letter.objects.values_list("pk", "state"))


def test_the_letter_that_has_waited_longest_goes_first(home: Home) -> None:
    soon, late = two(home)
    with as_of(at(THURSDAY)):
        assert run_due(limit=1) == 1
    assert states() == {soon.pk: LetterState.SENT, late.pk: LetterState.DUE}


def test_who_has_waited_longest_is_looked_after_first(home: Home) -> None:
    other, _consent = agreed(actor_of(make_person(home.tenant, "staff")))
    with as_of(at(THURSDAY)):
        subscribe(home.token, "late@example.com")
        subscribe(other, "soon@example.com")
    first = Subscription.objects.order_by("-created_at", "-pk")[0]
    Subscription.objects.update(next_at=at(FRIDAY))
    Subscription.objects.filter(pk=first.pk).update(next_at=at(FRIDAY) - timedelta(minutes=5))
    with as_of(at(FRIDAY)):
        run_due(limit=1)
        looked = set(Subscription.objects.filter(next_at__gt=at(FRIDAY)).values_list("pk", flat=True))
    assert looked == {first.pk}


@pytest.mark.parametrize("loop", [LETTERS, WANTED, LOST])
def test_what_was_set_back_is_left_alone_until_its_time(home: Home, loop: str) -> None:
    with as_of(at(THURSDAY)):
        if loop == LETTERS:
            row: Any = ask_tips(token=home.token, address="wang@example.com", rhythm="weekly")
        else:
            subscribe(home.token)
            row = Subscription.objects.get()
            if loop == LOST:
                row = Letter.objects.get()
                Letter.objects.update(state=LetterState.SENDING, taken_at=at(THURSDAY) - IS_LOST)
            else:
                Subscription.objects.update(next_at=at(THURSDAY))
    until = at(THURSDAY) + timedelta(minutes=1)
    Setback.objects.create(loop=loop, row=row.pk, tries=1, error="ValueError", next_at=until)

    def stands() -> Any:
        row.refresh_from_db()
        return row.next_at if loop == WANTED else row.state

    before = stands()
    with as_of(until - timedelta(seconds=1)):
        run_due()
    assert stands() == before
    with as_of(until):
        run_due()
    assert stands() != before


def test_a_new_code_has_all_its_tries(home: Home) -> None:
    """A letter that is sent once more brings another code: what was guessed at the first one counts no more."""
    with as_of(at(THURSDAY)):
        letter = ask_tips(token=home.token, address="wang@example.com", rhythm="weekly")
        Subscription.objects.update(code_tries=MOST_TRIES)
        assert send_letter(letter_id=letter.pk)
        assert Subscription.objects.get().code_tries == 0
        confirm_tips(token=home.token, code=code_in(mail.outbox[-1].body))
    assert Subscription.objects.get().confirmed_at is not None
