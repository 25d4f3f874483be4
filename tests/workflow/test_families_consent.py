"""Consents through their writers: asked, answered by link, given for oneself, withdrawn."""

import uuid
from datetime import date, timedelta

import pytest

from audit.models import AuditEntry
from families import rules
from families.links import open_link
from families.models import Consent, FamilyLink
from families.workflow import (
    answer_consent,
    ask_consent,
    give_own_consent,
    put_off_answer,
    register_child,
    withdraw_by_link,
    withdraw_consent,
)
from kernel.clock import now
from kernel.errors import Conflict, IllegalMove, Invalid, NotFound, Refused
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.family_steps import actions, colleague, named


@pytest.fixture
def actor(school):
    with use_tenant(school.id):
        yield actor_of(make_person(school, name="李明华", title="李老师"))


def test_a_child_under_14_is_never_asked_by_link(actor):
    with pytest.raises(Refused) as refused:
        named(actor, relation="child", born=now().date() - timedelta(days=13 * 365))
    assert refused.value.reason == "guardian_needed"
    assert named(actor, relation="child", born=date(2000, 1, 1)).relation == "child"


def agreed(relative_id, purpose):
    return Consent.objects.filter(relative_id=relative_id, purpose=purpose, state="given").exists()


def test_a_relative_agrees_by_link_once_and_withdraws_by_the_same(actor):
    relative = named(actor)
    token = ask_consent(actor=actor, relative_id=relative.pk, purpose="emergency")
    assert not agreed(relative.pk, "emergency")
    opened = open_link(token)
    assert (opened.named_by, opened.may_answer, opened.may_withdraw) == ("李老师", True, False)

    with pytest.raises(NotFound):  # a link does only what it is for now
        withdraw_by_link(token=token)
    answer_consent(token=token, answer="agree")
    assert agreed(relative.pk, "emergency")
    assert not agreed(relative.pk, "tips")
    for again in (lambda: answer_consent(token=token, answer="refuse"), lambda: put_off_answer(token=token)):
        with pytest.raises(Conflict) as used:
            again()
        assert used.value.reason == "link_used"
    assert agreed(relative.pk, "emergency")
    opened = open_link(token)  # the way back is the message that the link came in
    assert (opened.may_answer, opened.may_withdraw) == (False, True)

    withdraw_by_link(token=token)
    assert not agreed(relative.pk, "emergency")
    with pytest.raises(Conflict):
        withdraw_by_link(token=token)
    with pytest.raises(NotFound):
        open_link(token)
    assert actions() == ["relative.register", "consent.ask", "consent.agree", "consent.withdraw"]
    assert AuditEntry.objects.get(action="consent.agree").actor_kind == "family"


def test_only_the_hash_of_a_link_is_kept(actor):
    token = ask_consent(actor=actor, relative_id=named(actor).pk, purpose="tips")
    row = FamilyLink.objects.values().get()
    assert token not in str(row)
    assert len(bytes(row["token_hash"])) == 32
    assert len(token) >= 27  # 160 bits


def test_a_refusal_stands_until_asked_again(actor):
    relative = named(actor)
    token = ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    answer_consent(token=token, answer="refuse")
    with pytest.raises(NotFound):
        open_link(token)
    again = ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    assert open_link(again).may_answer
    assert sorted(Consent.objects.values_list("state", flat=True)) == ["asked", "refused"]


def test_asking_again_ends_the_earlier_link_and_never_after_yes(actor):
    relative = named(actor)
    first = ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    second = ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    with pytest.raises(Conflict) as ended:
        answer_consent(token=first, answer="agree")
    assert ended.value.reason == "link_expired"
    answer_consent(token=second, answer="agree")
    with pytest.raises(Conflict) as given:
        ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    assert given.value.reason == "consent_given"
    assert open_link(second).may_withdraw
    assert Consent.objects.count() == 1


def test_a_link_ends_in_time(actor):
    token = ask_consent(actor=actor, relative_id=named(actor).pk, purpose="tips")
    FamilyLink.objects.update(expires_at=now())
    with pytest.raises(Conflict):
        answer_consent(token=token, answer="agree")
    with pytest.raises(NotFound):
        open_link(token)
    assert Consent.objects.get().state == "asked"


@pytest.mark.parametrize("token", ["", "nothing", "x" * 500, "令牌", "a\0b"])
def test_an_unknown_link_is_not_found(actor, token):
    with pytest.raises(NotFound):
        open_link(token)
    with pytest.raises(NotFound):
        answer_consent(token=token, answer="agree")


def test_a_link_opens_only_in_its_own_school(actor, other_school):
    token = ask_consent(actor=actor, relative_id=named(actor).pk, purpose="tips")
    with use_tenant(other_school.id), pytest.raises(NotFound):
        open_link(token)


def test_the_one_who_named_may_take_a_question_back(actor):
    token = ask_consent(actor=actor, relative_id=named(actor).pk, purpose="tips")
    consent = Consent.objects.get()
    withdraw_consent(actor=actor, consent_id=consent.pk)
    with pytest.raises(Conflict):
        answer_consent(token=token, answer="agree")
    with pytest.raises(IllegalMove):
        withdraw_consent(actor=actor, consent_id=consent.pk)


def test_only_what_names_no_agency_is_asked_without_one(actor):
    relative, agency = named(actor), uuid.uuid4()
    for purpose in ("referral", "childcare"):
        with pytest.raises(Refused) as refused:
            ask_consent(actor=actor, relative_id=relative.pk, purpose=purpose)
        assert refused.value.reason == "agency_missing"
    assert not Consent.objects.exists()
    assert actions() == ["relative.register"]
    ask_consent(actor=actor, relative_id=relative.pk, purpose="childcare", recipient_id=agency)
    assert Consent.objects.get().recipient_id == agency


def test_later_is_kept_once_and_the_link_stays(actor):
    token = ask_consent(actor=actor, relative_id=named(actor).pk, purpose="tips")
    until = FamilyLink.objects.get().expires_at
    for _ in range(2):
        put_off_answer(token=token)
    link = FamilyLink.objects.get()
    assert link.later_at is not None
    assert link.expires_at == until
    assert (Consent.objects.get().state, actions().count("consent.later")) == ("asked", 1)
    FamilyLink.objects.update(expires_at=now())
    with pytest.raises(Conflict):
        put_off_answer(token=token)


def test_own_consent_is_one_row_for_each_purpose_and_may_run_twice(actor):
    referral, recipient = uuid.uuid4(), uuid.uuid4()
    for _ in range(2):
        rows = give_own_consent(
            actor=actor, purposes=["referral", "childcare", "referral"], referral_id=referral, recipient_id=recipient
        )
        assert [row.purpose for row in rows] == ["childcare", "referral"]
    assert Consent.objects.filter(referral_id=referral, relative__isnull=True, state="given").count() == 2
    assert actions() == ["consent.give", "consent.give"]
    withdraw_consent(actor=actor, consent_id=rows[0].pk)
    assert Consent.objects.filter(referral_id=referral, relative__isnull=True, state="given").count() == 1


def test_a_guardian_consents_for_an_own_child_only_and_not_for_a_grown_one(actor):
    child = register_child(actor=actor, name="李小红", born=date(2019, 3, 4))
    (consent,) = give_own_consent(actor=actor, purposes=["childcare"], referral_id=uuid.uuid4(), child_id=child.pk)
    assert consent.child == child
    with pytest.raises(NotFound):
        give_own_consent(actor=colleague(actor), purposes=["childcare"], referral_id=uuid.uuid4(), child_id=child.pk)
    grown = register_child(actor=actor, name="李大红", born=date(now().year - rules.ADULT_FROM - 1, 1, 1))
    with pytest.raises(Refused) as refused:
        give_own_consent(actor=actor, purposes=["childcare"], referral_id=uuid.uuid4(), child_id=grown.pk)
    assert refused.value.reason == "child_grown"
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(("purposes", "code"), [([], "consent_missing"), (["everything"], "purpose_unknown")])
def test_a_purpose_outside_the_list_is_refused(actor, purposes, code):
    with pytest.raises(Invalid) as refused:
        give_own_consent(actor=actor, purposes=purposes, referral_id=uuid.uuid4())
    assert refused.value.reason == code
    assert not Consent.objects.exists()


def test_what_was_taken_back_is_not_taken_back_again(actor):
    relative = named(actor)
    ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    consent = Consent.objects.get()
    withdraw_consent(actor=actor, consent_id=consent.pk)
    rows = actions()
    with pytest.raises(IllegalMove, match="consent_settled"):
        withdraw_consent(actor=actor, consent_id=consent.pk)
    assert actions() == rows
