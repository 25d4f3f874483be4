"""Who may be a contact, and when one is called (chain §2)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Membership
from accounts.roles import Role
from audit.models import AuditEntry
from families.models import Consent, Relative
from families.workflow import (
    answer_consent,
    change_relative,
    forget_relative,
    register_child,
    withdraw_by_link,
    withdraw_consent,
)
from kernel.clock import as_of, now
from kernel.errors import DomainError, NotFound
from notifications.models import OutboxMessage
from referrals.emergency.models import Contact, NeverContact
from referrals.emergency.rules.contacts import is_due
from referrals.emergency.selectors import callable_contacts, excluded, readiness_of
from referrals.emergency.workflow.contacts import (
    add_contact,
    ask_contact,
    call_first,
    change_contact,
    confirm_contacts,
    mark_bounced,
    mark_wrong,
    remove_contact,
    trust_number,
)
from referrals.emergency.workflow.never import bar_colleague, bar_number, lift_bar
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.contact_steps import MOTHER, SPOUSE, agreed, contact, member_of, named, somebody, standing

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


def called(actor: Any, grade: str = "extreme") -> list[tuple[int, str]]:
    return [(row.rank, row.number) for row in callable_contacts(actor.membership_id, grade)]


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


def test_who_withdraws_is_not_called_and_the_person_is_told(here: Tenant) -> None:
    actor = somebody(here)
    made, token = agreed(actor)
    withdraw_by_link(token=token)
    assert called(actor) == []
    assert readiness_of([made])[made.pk] == "ended"
    assert OutboxMessage.objects.filter(template="contact_ended", to_user_id=actor.user_id).exists()


def test_the_person_who_ends_it_is_not_told_of_it(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    withdraw_consent(actor=actor, consent_id=Consent.objects.get(relative=made.relative_id).pk)
    assert called(actor) == []
    assert not OutboxMessage.objects.filter(template="contact_ended").exists()


def test_another_name_or_number_ends_it_at_once_and_the_new_number_is_looked_at(here: Tenant) -> None:
    actor = somebody(here, phone="13800138001")
    made, _token = agreed(actor)

    def change(**values: Any) -> Relative:
        return change_relative(
            actor=actor,
            relative_id=made.relative_id,
            **{"relation": "spouse", "name": "王小明", "phone": SPOUSE, **values},
        )

    change()
    assert len(called(actor)) == 1, "the same name and number change nothing"
    refused("number_is_own", lambda: change(phone="13800138001"))
    assert len(called(actor)) == 1
    before = bytes(made.number_hash)
    change(phone="13900139000")
    made.refresh_from_db()
    assert called(actor) == []
    assert bytes(made.number_hash) != before
    ask = ask_contact(actor=actor, contact_id=made.pk)
    answer_consent(token=ask, answer="agree")
    assert called(actor) == [(1, "+8613900139000")]
    change(name="王大明", phone="13900139000")
    assert called(actor) == []


def test_a_number_changed_to_the_other_contacts_is_refused(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    agreed(actor, MOTHER, relation="parent")
    refused(
        "contact_number_twice",
        lambda: change_relative(
            actor=actor, relative_id=made.relative_id, relation="spouse", name="王小明", phone=MOTHER
        ),
    )
    assert len(called(actor)) == 2


def test_who_is_removed_from_the_family_is_no_contact_and_the_other_moves_up(here: Tenant) -> None:
    actor = somebody(here)
    first, _token = agreed(actor)
    agreed(actor, MOTHER, relation="parent")
    forget_relative(actor=actor, relative_id=first.relative_id)
    assert called(actor) == [(1, "+8657185550123")]
    assert Contact.objects.count() == 1


def test_who_turns_out_to_be_a_child_under_18_is_no_contact(here: Tenant) -> None:
    actor, today = somebody(here), here.today()
    made, _token = agreed(actor, relation="other")

    def change(born: date) -> None:
        name, phone = made.relative.name, made.relative.phone
        change_relative(actor=actor, relative_id=made.relative_id, relation="child", name=name, phone=phone, born=born)

    change(date(today.year - 19, 1, 1))
    assert len(called(actor)) == 1
    change_relative(
        actor=actor, relative_id=made.relative_id, relation="other", name=made.relative.name, phone=made.relative.phone
    )
    change(date(today.year - 15, 1, 1))
    assert called(actor) == []
    assert not Contact.objects.exists()


def test_who_is_taken_off_has_agreed_to_nothing_any_more(here: Tenant) -> None:
    actor = somebody(here)
    first, token = agreed(actor)
    second = contact(actor, MOTHER, relation="parent")
    remove_contact(actor=actor, contact_id=first.pk)
    assert Consent.objects.get(relative=first.relative_id).state == "withdrawn"
    with pytest.raises(DomainError):
        withdraw_by_link(token=token)
    second.refresh_from_db()
    assert second.rank == 1
    remove_contact(actor=actor, contact_id=second.pk)
    assert not Contact.objects.exists()
    assert AuditEntry.objects.filter(action="contact.remove").count() == 2


def test_a_number_that_fails_is_not_called_and_the_person_is_told_once(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    tried = bytes(made.number_hash)
    assert mark_bounced(made.person_id, tried)
    assert not mark_wrong(made.person_id, tried)
    assert called(actor) == []
    assert readiness_of([Contact.objects.get()])[made.pk] == "bounced"
    assert OutboxMessage.objects.filter(template="contact_number_fails").count() == 1
    trust_number(actor=actor, contact_id=made.pk)
    assert len(called(actor)) == 1


def test_a_number_that_was_changed_meanwhile_is_not_marked(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    tried = bytes(made.number_hash)
    change_relative(actor=actor, relative_id=made.relative_id, relation="spouse", name="王小明", phone="13900139000")
    before = standing()
    assert not mark_bounced(made.person_id, tried)
    assert standing() == before


def test_where_somebody_else_answered_only_another_number_helps(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    mark_wrong(made.person_id, bytes(made.number_hash))
    refused("number_is_wrong", lambda: trust_number(actor=actor, contact_id=made.pk))
    assert called(actor) == []
    change_relative(actor=actor, relative_id=made.relative_id, relation="spouse", name="王小明", phone="13900139000")
    assert Contact.objects.get().fault == ""


def test_who_is_never_to_be_called_is_left_out_at_once(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    never = bar_number(actor=actor, phone="１３８－００１３ ８０００", label="不要打")
    assert called(actor) == []
    assert readiness_of([made])[made.pk] == "barred"
    assert (never.label, never.end) == ("不要打", "8000")
    assert excluded(actor.membership_id).numbers == {bytes(made.number_hash)}
    lift_bar(actor=actor, never_id=never.pk)
    assert len(called(actor)) == 1


def test_a_colleague_is_left_out_by_place_and_by_number(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    colleague = somebody(here, phone=SPOUSE)
    assert colleague.membership_id is not None
    bar_colleague(actor=actor, member_id=colleague.membership_id)
    out = excluded(actor.membership_id)
    assert (out.members, out.numbers) == ({colleague.membership_id}, {bytes(made.number_hash)})
    assert called(actor) == []
    changed = Membership.objects.get(pk=colleague.membership_id)
    changed.keep_phone("13900139000")
    changed.save()
    assert len(called(actor)) == 1, "the number they have now counts"


def test_the_list_of_never_refuses_what_makes_no_sense(here: Tenant) -> None:
    actor = somebody(here, phone="13800138001")
    left = somebody(here, left_on=here.today() - timedelta(days=1))
    bar_number(actor=actor, phone=SPOUSE)
    refused("never_twice", lambda: bar_number(actor=actor, phone=SPOUSE))
    refused("number_is_own", lambda: bar_number(actor=actor, phone="13800138001"))
    refused("number_is_service", lambda: bar_number(actor=actor, phone="0311-11000000"))
    refused("phone_invalid", lambda: bar_number(actor=actor, phone="120"))
    refused("label_long", lambda: bar_number(actor=actor, phone=MOTHER, label="长" * 41))
    refused("never_oneself", lambda: bar_colleague(actor=actor, member_id=actor.membership_id))
    refused("not_found", lambda: bar_colleague(actor=actor, member_id=left.membership_id))
    for last in range(19):
        bar_number(actor=actor, phone=f"139001390{last:02d}")
    refused("never_full", lambda: bar_number(actor=actor, phone=MOTHER))


def test_what_the_psychologist_on_duty_wrote_the_person_cannot_take_off(here: Tenant) -> None:
    actor = somebody(here)
    never = bar_number(actor=actor, phone=SPOUSE)
    NeverContact.objects.update(set_by="duty")
    refused("never_of_duty", lambda: lift_bar(actor=actor, never_id=never.pk))


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
    assert called(actor) == [(1, "+85223456789")]


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
