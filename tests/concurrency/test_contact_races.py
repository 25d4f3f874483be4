"""Two hands on one chain of contacts at once: one number is one contact, and who withdraws is called by nobody."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from families.workflow import change_relative, withdraw_by_link
from kernel.clock import as_of, now
from kernel.errors import DomainError
from referrals.emergency.models import Contact, ContactAsked
from referrals.emergency.workflow.asking import ask_missing
from referrals.emergency.workflow.contacts import add_contact, call_first, change_contact, remove_contact
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.emergency.contact_steps import MOTHER, SPOUSE, agreed, called, contact, named, somebody

pytestmark = pytest.mark.usefixtures("committed")


def add(actor: Any, relative_id: Any) -> Any:
    return add_contact(actor=actor, relative_id=relative_id, grades=["extreme"], is_of_age=True)


def test_two_contacts_with_one_number_at_once_are_one() -> None:
    school = make_school()
    with use_tenant(school.id):
        actor = somebody(school)
        pair = [named(actor, SPOUSE, relation=relation, name="王小明").pk for relation in ("spouse", "parent")]
    outcomes = at_once(school, [lambda pk=pk: add(actor, pk) for pk in pair])
    codes = [outcome.reason for outcome in outcomes if isinstance(outcome, DomainError)]
    assert codes == ["contact_number_twice"]
    with use_tenant(school.id):
        assert Contact.objects.count() == 1


def test_control_a_look_before_the_write_lets_both_in_but_for_the_key() -> None:
    """What the key of the database is for: both look, both see nobody, both write."""
    school = make_school()
    with use_tenant(school.id):
        actor = somebody(school)
        pair = [named(actor, SPOUSE, relation=relation, name="王小明") for relation in ("spouse", "parent")]
    gate = threading.Barrier(2)

    def blindly(rank: int) -> bool:
        relative = pair[rank - 1]
        with transaction.atomic():
            free = not Contact.objects.filter(person_id=relative.person_id).exists()
            gate.wait(timeout=30)
            made = Contact(
                person_id=relative.person_id, relative=relative, rank=rank, grades=["extreme"], number_hash=b"x" * 31 + bytes([rank]),
                confirmed_on=school.today(),
            )  # fmt: skip
            made.save(force_insert=True)
        return free

    assert at_once(school, [lambda: blindly(1), lambda: blindly(2)]) == [True, True]


def test_three_who_are_named_at_once_are_two() -> None:
    school = make_school()
    with use_tenant(school.id):
        actor = somebody(school)
        three = [named(actor, f"1390013900{n}", name=f"王{n}").pk for n in range(3)]
    outcomes = at_once(school, [lambda pk=pk: add(actor, pk) for pk in three])
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, DomainError)] == ["contacts_full"]
    with use_tenant(school.id):
        assert sorted(Contact.objects.values_list("rank", flat=True)) == [1, 2]


@pytest.mark.parametrize("turn", range(4))
def test_who_withdraws_while_the_person_changes_is_called_by_nobody(turn: int) -> None:
    """Grades, order, number, removal: each against the withdrawal, and neither waits for ever."""
    school = make_school()
    with use_tenant(school.id):
        actor = somebody(school)
        first, token = agreed(actor)
        second = contact(actor, MOTHER, relation="parent")
    change = [
        lambda: change_contact(actor=actor, contact_id=first.pk, grades=["general", "major", "extreme"]),
        lambda: call_first(actor=actor, contact_id=second.pk),
        lambda: change_relative(
            actor=actor, relative_id=first.relative_id, relation="spouse", name="王小明", phone="13900139000"
        ),
        lambda: remove_contact(actor=actor, contact_id=first.pk),
    ][turn]
    outcomes = at_once(school, [change, lambda: withdraw_by_link(token=token)])
    assert all(
        outcome is None or not isinstance(outcome, Exception) or isinstance(outcome, DomainError)
        for outcome in outcomes
    ), outcomes
    with use_tenant(school.id):
        assert called(actor) == []


def test_two_offices_that_press_at_once_ask_everybody_once() -> None:
    """The first time and, where rows stand already, eight days later."""
    school = make_school()
    with use_tenant(school.id):
        union, centre = somebody(school, "union"), somebody(school, "centre")
        for _ in range(20):
            somebody(school)

    def press(moment: datetime) -> list[Any]:
        def ask(actor: Any) -> Any:
            with as_of(moment):
                return ask_missing(actor=actor)

        return sorted(at_once(school, [lambda: ask(union), lambda: ask(centre)]))

    for later in range(3):
        assert press(now() + timedelta(days=8 * later)) == [(0, 22), (22, 0)]
    with use_tenant(school.id):
        assert ContactAsked.objects.count() == 22
