"""Relatives and children through their writers: named, corrected, forgotten, released."""

import uuid
from datetime import date

import pytest

from audit.models import AuditEntry
from families.access import access_child, access_consent, access_relative, children_of
from families.links import open_link
from families.models import Child, Consent, Guardianship, Relative
from families.workflow import (
    answer_consent,
    ask_consent,
    change_child,
    change_relative,
    forget_relative,
    register_child,
    release_child,
)
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.family_steps import actions, colleague, named


@pytest.fixture
def actor(school):
    with use_tenant(school.id):
        yield actor_of(make_person(school, name="李明华", title="李老师"))


def test_a_relative_is_kept_sealed_and_told_to_the_record_without_words(actor):
    relative = named(actor)
    kept = Relative.objects.get(pk=relative.pk)
    assert (kept.name, kept.phone) == ("王小明", "+8613800138000")
    assert b"138" not in bytes(kept.phone_sealed)
    assert AuditEntry.objects.get().facts == {"relation": "spouse"}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"phone": "123"}, "phone_invalid"),
        ({"name": "  "}, "name_invalid"),
        ({"name": "1234"}, "name_invalid"),
        ({"name": "王" * 61}, "name_invalid"),
        ({"name": "王\0明"}, "name_invalid"),
        ({"name": "王\ue123明"}, "name_invalid"),
        ({"relation": "boss"}, "relation_unknown"),
        ({"relation": "child"}, "born_missing"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_moved(actor, values, code):
    with pytest.raises(Invalid) as refused:
        named(actor, **values)
    assert refused.value.reason == code
    assert not Relative.objects.exists()
    assert actions() == []


def test_without_the_permission_nobody_is_named(actor):
    stranger = type(actor)(user_id=actor.user_id, tenant_id=actor.tenant_id, membership_id=actor.membership_id)
    with pytest.raises(Forbidden):
        named(stranger)
    assert not Relative.objects.exists()


def test_two_parents_have_one_child(actor):
    other = colleague(actor)
    born = date(2019, 3, 4)
    child = register_child(actor=actor, name="李 小红", born=born)
    again = register_child(actor=other, name="李小红", born=born)
    assert register_child(actor=other, name="李小红", born=born) == again == child
    assert Child.objects.count() == 1
    assert Guardianship.objects.count() == 2
    assert access_child(other, child.pk).name == "李小红"
    assert register_child(actor=actor, name="李小红", born=date(2020, 3, 4)) != child


def test_the_same_child_in_another_school_is_another_row(actor, other_school):
    child = register_child(actor=actor, name="李小红", born=date(2019, 3, 4))
    with use_tenant(other_school.id):
        there = actor_of(make_person(other_school))
        assert register_child(actor=there, name="李小红", born=date(2019, 3, 4)) != child
        with pytest.raises(NotFound):
            access_child(there, child.pk)


@pytest.mark.parametrize("born", [date(2999, 1, 1), date(1980, 1, 1)])
def test_a_day_of_birth_out_of_range_is_refused(actor, born):
    with pytest.raises(Invalid):
        register_child(actor=actor, name="李小红", born=born)
    assert not Child.objects.exists()


def test_a_strangers_child_relative_and_consent_are_not_found(actor):
    relative, child = named(actor), register_child(actor=actor, name="李小红", born=date(2019, 3, 4))
    ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    consent, other = Consent.objects.get(), colleague(actor)
    for access, row in ((access_child, child), (access_relative, relative), (access_consent, consent)):
        assert access(actor, str(row.pk)) == row
        for row_id in (row.pk, uuid.uuid4(), "no-id", "\0"):
            with pytest.raises(NotFound):
                access(other, row_id)
    assert not children_of(other).exists()
    with pytest.raises(NotFound):
        ask_consent(actor=other, relative_id=relative.pk, purpose="emergency")


def test_a_forgotten_relative_is_erased_and_all_ends(actor):
    relative = named(actor)
    token = ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    forget_relative(actor=actor, relative_id=relative.pk)
    kept = Relative.objects.get(pk=relative.pk)
    assert (kept.name, kept.phone, bytes(kept.phone_sealed)) == ("", "", b"")
    assert Consent.objects.get().state == "withdrawn"
    for act in (lambda: open_link(token), lambda: access_relative(actor, relative.pk)):
        with pytest.raises(NotFound):
            act()


def test_a_relative_is_corrected_and_another_number_ends_what_was_said(actor):
    relative = named(actor)
    given = ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    answer_consent(token=given, answer="agree")
    asked = ask_consent(actor=actor, relative_id=relative.pk, purpose="emergency")
    same = {"relation": "other", "name": " 王小明 ", "phone": "13800138000"}
    change_relative(actor=actor, relative_id=relative.pk, **same)
    assert sorted(Consent.objects.values_list("state", flat=True)) == ["asked", "given"]
    change_relative(actor=actor, relative_id=relative.pk, **{**same, "phone": "13900139000"})
    assert set(Consent.objects.values_list("state", flat=True)) == {"withdrawn"}
    for token in (given, asked):
        with pytest.raises(NotFound):
            open_link(token)
    assert AuditEntry.objects.filter(action="relative.change").last().facts == {"relation": "other", "ended": 2}


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"phone": "1"}, Invalid),
        ({"name": ""}, Invalid),
        ({"relation": "boss"}, Invalid),
        ({"relation": "child", "born": date(2020, 1, 1)}, Refused),
    ],
)
def test_a_correction_that_cannot_be_read_moves_nothing(actor, values, error):
    relative = named(actor)
    ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    before, told = Relative.objects.values().get(), actions()
    with pytest.raises(error):
        change_relative(
            actor=actor,
            relative_id=relative.pk,
            **{"relation": "spouse", "name": "李四", "phone": "13900139000", **values},
        )
    assert (Relative.objects.values().get(), actions()) == (before, told)
    assert Consent.objects.get().state == "asked"


def test_nobody_else_corrects_or_releases(actor):
    relative, child = named(actor), register_child(actor=actor, name="李小红", born=date(2019, 3, 4))
    other, before = colleague(actor), actions()
    with pytest.raises(NotFound):
        change_relative(actor=other, relative_id=relative.pk, relation="spouse", name="李四", phone="13900139000")
    with pytest.raises(NotFound):
        release_child(actor=other, child_id=child.pk)
    forget_relative(actor=actor, relative_id=relative.pk)
    with pytest.raises(NotFound):
        change_relative(actor=actor, relative_id=relative.pk, relation="spouse", name="李四", phone="13900139000")
    assert (Relative.objects.get().name, Guardianship.objects.count()) == ("", 1)
    assert actions() == [*before, "relative.forget"]


def test_a_released_child_stays_with_the_other_parent(actor):
    other = colleague(actor)
    child = register_child(actor=actor, name="李小红", born=date(2019, 3, 4))
    register_child(actor=other, name="李小红", born=date(2019, 3, 4))
    release_child(actor=actor, child_id=child.pk)
    with pytest.raises(NotFound):
        access_child(actor, child.pk)
    assert access_child(other, child.pk).name == "李小红"
    assert register_child(actor=actor, name="李小红", born=date(2019, 3, 4)) == child


def test_a_child_of_two_parents_is_corrected_by_neither(actor):
    """One would change whose quota the other's requests count for."""
    born = date(2019, 3, 4)
    child = register_child(actor=actor, name="李小红", born=born)
    register_child(actor=colleague(actor), name="李小红", born=born)
    rows = actions()
    with pytest.raises(Conflict, match="child_shared"):
        change_child(actor=actor, child_id=child.pk, name="李晓红", born=born)
    child.refresh_from_db()
    assert (child.name, actions()) == ("李小红", rows)


def test_a_child_is_not_corrected_into_another(actor):
    born = date(2019, 3, 4)
    register_child(actor=colleague(actor), name="李小红", born=born)
    mine = register_child(actor=actor, name="李小黄", born=born)
    rows = actions()
    with pytest.raises(Conflict, match="child_known"):
        change_child(actor=actor, child_id=mine.pk, name="李小红", born=born)
    mine.refresh_from_db()
    assert (mine.name, actions()) == ("李小黄", rows)
