"""Contacts whose word or number ends, and who is never called: at once, and the person is told once."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Membership
from audit.models import AuditEntry
from families.models import Consent, Relative
from families.workflow import (
    answer_consent,
    change_relative,
    forget_relative,
    withdraw_by_link,
    withdraw_consent,
)
from kernel.errors import DomainError
from notifications.models import OutboxMessage
from referrals.emergency.models import Contact, NeverContact
from referrals.emergency.selectors import excluded_of, readiness_of
from referrals.emergency.workflow.contacts import (
    ask_contact,
    mark_bounced,
    mark_wrong,
    remove_contact,
    trust_number,
)
from referrals.emergency.workflow.never import bar_colleague, bar_number, lift_bar
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.contact_steps import MOTHER, SPOUSE, agreed, called, contact, somebody, standing
from tests.emergency.test_contacts import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(school: Tenant) -> Iterator[Tenant]:
    with use_tenant(school.pk):
        yield school


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
    assert excluded_of([actor.membership_id])[actor.membership_id].numbers == {bytes(made.number_hash)}
    lift_bar(actor=actor, never_id=never.pk)
    assert len(called(actor)) == 1


def test_a_colleague_is_left_out_by_place_and_by_number(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    colleague = somebody(here, phone=SPOUSE)
    assert colleague.membership_id is not None
    bar_colleague(actor=actor, member_id=colleague.membership_id)
    out = excluded_of([actor.membership_id])[actor.membership_id]
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
