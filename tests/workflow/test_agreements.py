"""Agreements: who drafts and who approves, what may not be agreed, and how one ends (rules §3)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from partners.models import Agreement, AgreementLine, Institution
from partners.states import AgreementState, InstitutionEvent
from partners.workflow import (
    LineDraft,
    advance_agreements,
    approve_agreement,
    draft_agreement,
    end_agreement,
    move_institution,
)
from tenancy.scope import use_partner, use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.partner_facts import (
    make_agreement,
    make_institution,
    make_service,
    operator,
    platform,
)
from tests.workflow.test_partners import open_ids, today

pytestmark = [pytest.mark.usefixtures("platform_stands"), pytest.mark.django_db]


def test_who_drafts_may_not_approve(school: Any) -> None:
    agreement = make_agreement(school, make_service(make_institution()), approved=False)
    both = make_person(school, "union", "finance")
    with use_tenant(school.id):
        Agreement.objects.filter(pk=agreement.pk).update(drafted_by=both.user_id)
        with pytest.raises(Forbidden, match="same_person"):
            approve_agreement(actor=actor_of(both), agreement_id=agreement.pk)
        with pytest.raises(Forbidden):
            approve_agreement(actor=actor_of(make_person(school, "union")), agreement_id=agreement.pk)
        agreement.refresh_from_db()
        assert agreement.state == AgreementState.DRAFT
        with pytest.raises(IntegrityError), transaction.atomic():
            Agreement.objects.filter(pk=agreement.pk).update(approved_by=both.user_id)


def test_two_agreements_with_one_partner_may_not_overlap(school: Any, other_school: Any) -> None:
    service = make_service(make_institution())
    make_agreement(school, service, days=(0, 100))
    with pytest.raises(Conflict, match="overlap"):
        make_agreement(school, service, days=(99, 200))
    make_agreement(school, service, days=(100, 200))
    make_agreement(other_school, service, days=(0, 100))


def test_the_database_refuses_the_overlap_as_well(school: Any) -> None:
    service = make_service(make_institution())
    make_agreement(school, service, days=(0, 100))
    later = make_agreement(school, service, days=(100, 200))
    with use_tenant(school.id), pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=later.pk).update(valid_from=today() + timedelta(50))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_until": -1}, ""),
        ({"lines": []}, "lines"),
        ({"tariff": -1}, "lines.0.tariff_fen"),
        ({"tariff": True}, "lines.0.tariff_fen"),
        ({"terms": {"no_show_fee_bp": 5001}}, "cancellation_terms.no_show_fee_bp"),
        ({"terms": {"penalty": 1}}, "cancellation_terms.penalty"),
    ],
)
def test_a_senseless_draft_names_the_field(school: Any, changes: dict[str, Any], field: str) -> None:
    service = make_service(make_institution())
    actor = actor_of(make_person(school, "union"))
    with use_tenant(school.id):
        with pytest.raises(Invalid) as refused, transaction.atomic():
            draft_agreement(
                actor=actor,
                partner_id=service.institution_id,
                valid_from=today(),
                valid_until=today() + timedelta(changes.get("valid_until", 10)),
                data_part_valid_until=today() + timedelta(10),
                lines=changes.get("lines", [LineDraft(service.pk, changes.get("tariff", 100))]),
                cancellation_terms=changes.get("terms"),
            )
        assert field in [name for name, _, _ in refused.value.fields]
        assert not Agreement.objects.exists()
        assert not AuditEntry.objects.exists()


def test_a_service_of_another_partner_is_refused(school: Any) -> None:
    one, other = make_service(make_institution()), make_service(make_institution())
    actor = actor_of(make_person(school, "union"))
    with use_tenant(school.id), pytest.raises(Refused, match="foreign_service"), transaction.atomic():
        draft_agreement(
            actor=actor,
            partner_id=one.institution_id,
            valid_from=today(),
            valid_until=today() + timedelta(10),
            data_part_valid_until=today() + timedelta(10),
            lines=[LineDraft(other.pk, 100)],
        )


def draft(school: Any, partner_id: Any, *lines: LineDraft) -> Agreement:
    return draft_agreement(
        actor=actor_of(make_person(school, "union")),
        partner_id=partner_id,
        valid_from=today(),
        valid_until=today() + timedelta(10),
        data_part_valid_until=today() + timedelta(10),
        lines=lines,
    )


@pytest.mark.parametrize("last", ["terminate", "archive"])
def test_nothing_is_agreed_with_an_institution_that_is_gone(school: Any, last: str) -> None:
    service = make_service(make_institution())
    with use_tenant(platform().id):
        for event in ("suspend", "terminate", "archive"):
            move_institution(actor=operator(), institution_id=service.institution_id, event=InstitutionEvent(event))
            if event == last:
                break
    with use_tenant(school.id):
        with pytest.raises(Refused, match="institution_closed"), transaction.atomic():
            draft(school, service.institution_id, LineDraft(service.pk, 100))
        assert not Agreement.objects.exists()
        assert not AuditEntry.objects.exists()


def test_a_kind_that_the_institution_may_no_longer_offer_is_not_agreed(school: Any) -> None:
    """A hospital that became an agency keeps the rows of its services."""
    service = make_service(make_institution("hospital"), "psychiatry")
    Institution.objects.filter(pk=service.institution_id).update(kind="counselling_agency")
    with use_tenant(school.id):
        with pytest.raises(Refused, match="wrong_kind"), transaction.atomic():
            draft(school, service.institution_id, LineDraft(service.pk, 100))
        assert not Agreement.objects.exists()


def test_an_agreement_is_not_made_longer_by_its_end(school: Any) -> None:
    agreement = make_agreement(school, make_service(make_institution()))
    with use_tenant(school.id):
        rows = AuditEntry.objects.count()
        with pytest.raises(Invalid) as refused, transaction.atomic():
            end_agreement(
                actor=actor_of(make_person(school, "finance")),
                agreement_id=agreement.pk,
                on=agreement.valid_until + timedelta(1),
            )
        assert [code for _field, code, _ in refused.value.fields] == ["after_the_end"]
        kept = Agreement.objects.get(pk=agreement.pk)
        assert (kept.valid_until, kept.state) == (agreement.valid_until, AgreementState.ACTIVE)
        assert AuditEntry.objects.count() == rows


def test_an_agreement_of_another_school_is_missing(school: Any, other_school: Any) -> None:
    agreement = make_agreement(school, make_service(make_institution()), approved=False)
    with use_tenant(other_school.id), pytest.raises(NotFound):
        approve_agreement(actor=actor_of(make_person(other_school, "finance")), agreement_id=agreement.pk)


def test_a_partner_sees_its_own_agreements_in_every_school_and_no_other(school: Any, other_school: Any) -> None:
    mine, foreign = make_service(make_institution()), make_service(make_institution())
    agreements = {make_agreement(school, mine).pk, make_agreement(other_school, mine).pk}
    make_agreement(school, foreign)
    with use_partner(mine.institution_id):
        assert set(Agreement.objects.values_list("pk", flat=True)) == agreements
        assert AgreementLine.objects.count() == 2


def test_the_daily_round_marks_and_ends_and_may_run_twice(school: Any) -> None:
    due = make_agreement(school, make_service(make_institution()), days=(-30, 60))
    far = make_agreement(school, make_service(make_institution()), days=(-30, 300))
    over = make_agreement(school, make_service(make_institution()), days=(-30, 1))
    actor = actor_of(make_person(school, "finance"))
    with use_tenant(school.id):
        assert advance_agreements(actor=actor, today=today() + timedelta(1)) == 2
        assert advance_agreements(actor=actor, today=today() + timedelta(1)) == 0
        states = dict(Agreement.objects.values_list("pk", "state"))
    assert states == {due.pk: "renewal_due", far.pk: "active", over.pk: "ended"}
    assert len(open_ids(school)) == 2
