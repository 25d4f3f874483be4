"""Who may be a contact, and when one is called (chain §2)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from families.models import Consent
from families.workflow import (
    answer_consent,
    register_child,
)
from kernel.clock import as_of, now
from kernel.errors import DomainError, NotFound
from referrals.emergency.models import Contact, NeverContact
from referrals.emergency.rules.contacts import is_due
from referrals.emergency.selectors import readiness_of
from referrals.emergency.workflow.contacts import (
    add_contact,
    ask_contact,
    call_first,
    change_contact,
    confirm_contacts,
    remove_contact,
    trust_number,
)
from referrals.emergency.workflow.never import bar_colleague, bar_number, lift_bar
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.contact_steps import MOTHER, agreed, called, contact, member_of, named, somebody, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(school: Tenant) -> Iterator[Tenant]:
    with use_tenant(school.pk):
        yield school


def refused(code: str, act: Any) -> None:
    """``act`` is refused with ``code`` and leaves everything as it was."""
    before = standing()
    with pytest.raises(DomainError) as error, transaction.atomic():
        act()
    assert error.value.reason == code
    assert standing() == before


def test_a_contact_is_called_once_they_agree_and_at_the_grades_that_were_chosen(here: Tenant) -> None:
    actor = somebody(here)
    made = contact(actor)
    assert called(actor) == []
    token = ask_contact(actor=actor, contact_id=made.pk)
    assert readiness_of([made])[made.pk] == "asked"
    assert called(actor) == []
    answer_consent(token=token, answer="agree")
    assert Consent.objects.get(relative=made.relative_id).text_id == "emergency.2"
    assert called(actor) == [(1, "+8613800138000")]
    assert called(actor, "major") == [(1, "+8613800138000")]
    assert called(actor, "general") == []
    change_contact(actor=actor, contact_id=made.pk, grades=["extreme", "general"])
    assert (called(actor, "general"), called(actor, "major")) == ([(1, "+8613800138000")], [])


def test_two_are_called_in_order_and_the_second_can_come_first(here: Tenant) -> None:
    actor = somebody(here)
    agreed(actor)
    second, _token = agreed(actor, MOTHER, relation="parent")
    assert [rank for rank, _number in called(actor)] == [1, 2]
    call_first(actor=actor, contact_id=second.pk)
    assert called(actor) == [(1, "+8657185550123"), (2, "+8613800138000")]
    call_first(actor=actor, contact_id=second.pk)
    assert called(actor)[0] == (1, "+8657185550123")


def test_a_third_is_refused(here: Tenant) -> None:
    actor = somebody(here)
    contact(actor)
    contact(actor, MOTHER, relation="parent")
    third = named(actor, "13900139000", relation="other", name="赵一")
    refused(
        "contacts_full",
        lambda: add_contact(actor=actor, relative_id=third.pk, grades=["extreme"], is_of_age=True),
    )


def test_the_numbers_that_help_nobody_are_refused(here: Tenant) -> None:
    Tenant.objects.filter(pk=here.pk).update(duty_phone="0571-85551234")
    own = somebody(here, phone="13800138001")
    own_member = member_of(own)
    duty = somebody(here, Role.DUTY, phone="13800138002")
    assert duty.membership_id
    bar_number(actor=own, phone="13800138003")
    colleague = somebody(here, phone="13800138004")
    assert colleague.membership_id is not None
    bar_colleague(actor=own, member_id=colleague.membership_id)
    assert own_member.user is not None
    own_member.user.keep_proved_phone("13800138005")
    own_member.user.save()
    for phone, code in (
        ("0311-11000000", "number_is_service"),
        ("13800138001", "number_is_own"),
        ("13800138005", "number_is_own"),
        ("0571-85551234", "number_of_school"),
        ("13800138002", "number_of_school"),
        ("13800138003", "number_is_barred"),
        ("13800138004", "number_is_barred"),
    ):
        relative = named(own, phone, name="王小明")
        refused(
            code,
            lambda pk=relative.pk: add_contact(actor=own, relative_id=pk, grades=["extreme"], is_of_age=True),
        )


def test_one_number_is_one_contact(here: Tenant) -> None:
    actor = somebody(here)
    first = contact(actor)
    again = named(actor, "+86 138 0013 8000", relation="parent", name="王父")
    refused(
        "contact_number_twice",
        lambda: add_contact(actor=actor, relative_id=again.pk, grades=["extreme"], is_of_age=True),
    )
    refused(
        "contact_twice",
        lambda: add_contact(actor=actor, relative_id=first.relative_id, grades=["extreme"], is_of_age=True),
    )
    other = somebody(here)
    assert contact(other).rank == 1


def test_a_contact_is_of_age_by_the_persons_word_and_a_child_by_birth(here: Tenant) -> None:
    actor = somebody(here)
    spouse = named(actor)
    refused(
        "contact_of_age",
        lambda: add_contact(actor=actor, relative_id=spouse.pk, grades=["extreme"], is_of_age=False),
    )
    today = here.today()
    young, grown = today.replace(year=today.year - 18, day=1) + timedelta(days=40), date(today.year - 19, 1, 1)
    son = named(actor, "13900139000", relation="child", name="王一", born=young)

    def add(born: date | None) -> Contact:
        return add_contact(actor=actor, relative_id=son.pk, grades=["extreme"], is_of_age=True, born=born)

    refused("born_missing", lambda: add(None))
    refused("contact_under_age", lambda: add(young))
    register_child(actor=actor, name="王一", born=young)
    refused("contact_under_age", lambda: add(grown))
    daughter = named(actor, "13900139001", relation="child", name="王二", born=grown)
    add_contact(actor=actor, relative_id=daughter.pk, grades=["extreme"], is_of_age=True, born=grown)


def test_grades_and_kinship_are_closed_lists(here: Tenant) -> None:
    actor = somebody(here)
    made = contact(actor)
    for code, more in (
        ("grades_missing", {"grades": []}),
        ("grade_unknown", {"grades": ["extreme", "mild"]}),
        ("kin_unknown", {"grades": ["extreme"], "is_next_of_kin": "perhaps"}),
    ):
        refused(code, lambda more=more: change_contact(actor=actor, contact_id=made.pk, **more))


def test_a_contact_of_somebody_else_is_not_found(here: Tenant) -> None:
    mine, other = somebody(here), somebody(here)
    made = contact(mine)
    for act in (
        lambda: change_contact(actor=other, contact_id=made.pk, grades=["extreme"]),
        lambda: call_first(actor=other, contact_id=made.pk),
        lambda: remove_contact(actor=other, contact_id=made.pk),
        lambda: ask_contact(actor=other, contact_id=made.pk),
        lambda: trust_number(actor=other, contact_id="x"),
        lambda: add_contact(actor=other, relative_id=made.relative_id, grades=["extreme"], is_of_age=True),
        lambda: lift_bar(actor=other, never_id=made.pk),
    ):
        refused("not_found", act)


def test_the_database_itself_keeps_the_rules(here: Tenant) -> None:
    actor = somebody(here)
    made = contact(actor)
    second = contact(actor, MOTHER, relation="parent")
    for name, change in (
        ("contact_one_of_a_rank", {"rank": 1}),
        ("contact_one_of_a_number", {"number_hash": bytes(made.number_hash)}),
        ("contact_first_or_second", {"rank": 3}),
        ("contact_grades_known", {"grades": []}),
        ("contact_grades_known", {"grades": ["mild"]}),
        ("contact_fault_since", {"fault": "wrong"}),
        ("contact_fault_since", {"bounced_at": now()}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Contact.objects.filter(pk=second.pk).update(**change)
    person = member_of(actor)
    for name, values in (
        ("never_a_number_or_a_member", {}),
        ("never_a_number_or_a_member", {"number_hash": b"x" * 32, "member": member_of(somebody(here))}),
        ("never_not_oneself", {"member": person}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            NeverContact.objects.create(person=person, **values)


def test_numbers_abroad_are_called_by_hand(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor, "+852 2345 6789")
    assert readiness_of([made])[made.pk] == "by_hand"
    assert called(actor) == [], "no machine dials it"


@pytest.mark.at_awkward_moments
def test_a_year_after_the_last_word_the_person_is_asked(here: Tenant) -> None:
    actor = somebody(here)
    made = contact(actor)
    day = made.confirmed_on
    assert day == here.today()
    almost = day + timedelta(days=364 if (day.month, day.day) != (2, 29) else 365)
    assert not is_due(day, almost)
    assert is_due(day, almost + timedelta(days=2))
    with as_of(now() + timedelta(days=400)):
        assert confirm_contacts(actor=actor) == 1
        made.refresh_from_db()
        assert made.confirmed_on == here.today()


def test_nobody_confirms_without_a_place(here: Tenant) -> None:
    with pytest.raises(NotFound):
        confirm_contacts(actor=replace(somebody(here), membership_id=None))
