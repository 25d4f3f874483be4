"""Institutions, agreements and what is open on a day (rules §3)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from kernel.clock import local_day, now
from kernel.errors import Forbidden, IllegalMove, Invalid, Refused
from partners.kinds import LicenceKind
from partners.members import institution_of
from partners.models import Agreement, AgreementLine, Institution, InstitutionMember, Service
from partners.selectors import agreed_line, services_open_on
from partners.states import AgreementState, InstitutionEvent, InstitutionState
from partners.workflow import (
    add_licence,
    add_member,
    create_institution,
    end_agreement,
    move_institution,
    set_service_active,
)
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.partner_facts import (
    make_agreement,
    make_institution,
    make_service,
    new_uscc,
    operator,
    platform,
)

pytestmark = [pytest.mark.usefixtures("platform_stands"), pytest.mark.django_db]
DETAILS = {"district": "武昌区", "address": "1 号", "phone": "027-1", "contact_name": "王", "contact_phone": "027-2"}


def today() -> Any:
    return local_day(now())


def open_ids(school: Any, day: Any = None, **kwargs: Any) -> set[Any]:
    with use_tenant(school.id):
        return {row.service.pk for row in services_open_on(day or today(), **kwargs)}


def test_a_wrong_social_credit_code_is_refused_and_nothing_is_kept(db: None) -> None:
    right = new_uscc()
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    with use_tenant(platform().id):
        before = AuditEntry.objects.count()
        with pytest.raises(Invalid) as refused:
            create_institution(actor=operator(), slug="x", name="x", uscc=wrong, kind="charity", **DETAILS)
        assert ("uscc", "bad_uscc") in [(field, code) for field, code, _ in refused.value.fields]
        assert AuditEntry.objects.count() == before
    assert not Institution.objects.filter(slug="x").exists()


def test_only_the_operator_keeps_institutions(school: Any) -> None:
    with use_tenant(school.id), pytest.raises(Forbidden):
        create_institution(
            actor=actor_of(make_person(school, "admin")), slug="x", name="x", uscc=new_uscc(), kind="charity", **DETAILS
        )


def test_an_institution_moves_only_along_the_table(db: None) -> None:
    institution = make_institution(listed=False)
    with use_tenant(platform().id):
        with pytest.raises(IllegalMove):
            move_institution(actor=operator(), institution_id=institution.pk, event=InstitutionEvent.LIST)
        moved = move_institution(actor=operator(), institution_id=institution.pk, event=InstitutionEvent.VET)
        assert moved.state == InstitutionState.VETTED
        entry = AuditEntry.objects.order_by("-seq").first()
        assert entry is not None
        assert (entry.action, entry.facts["after"]) == ("institution.vet", "vetted")


def test_a_counselling_agency_may_not_offer_psychiatry(db: None) -> None:
    with pytest.raises(Refused, match="wrong_kind"):
        make_service(make_institution("counselling_agency"), "psychiatry")
    assert make_service(make_institution("hospital"), "psychiatry").kind == "psychiatry"


def test_the_database_too_refuses_psychiatry_of_an_agency(db: None) -> None:
    institution = make_institution("counselling_agency")
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.create(institution=institution, name="x", kind="psychiatry", list_fee_fen=1)


def test_an_approved_agreement_opens_its_services_at_the_lower_price(school: Any, other_school: Any) -> None:
    service = make_service(make_institution(), fee_fen=30000)
    make_agreement(school, service, tariff_fen=28000)
    assert open_ids(school) == {service.pk}
    assert open_ids(other_school) == set()
    with use_tenant(school.id):
        assert agreed_line(service.pk, today()).fee_fen == 28000
    with use_tenant(other_school.id), pytest.raises(Refused, match="no_agreement"):
        agreed_line(service.pk, today())


def test_a_tariff_above_the_list_price_is_never_asked(school: Any) -> None:
    service = make_service(make_institution(), fee_fen=20000)
    make_agreement(school, service, tariff_fen=28000)
    with use_tenant(school.id):
        assert agreed_line(service.pk, today()).fee_fen == 20000


def test_a_draft_opens_nothing(school: Any) -> None:
    make_agreement(school, make_service(make_institution()), approved=False)
    assert open_ids(school) == set()


def test_the_dates_are_half_open(school: Any) -> None:
    service = make_service(make_institution())
    make_agreement(school, service, days=(0, 10))
    assert open_ids(school, today()) == {service.pk}
    assert open_ids(school, today() + timedelta(9)) == {service.pk}
    assert open_ids(school, today() + timedelta(10)) == set()
    assert open_ids(school, today() - timedelta(1)) == set()


def test_one_date_change_changes_everything(school: Any) -> None:
    service = make_service(make_institution())
    agreement = make_agreement(school, service)
    last = today() + timedelta(5)
    with use_tenant(school.id):
        end_agreement(actor=actor_of(make_person(school, "finance")), agreement_id=agreement.pk, on=last)
        assert agreed_line(service.pk, last - timedelta(1))
        with pytest.raises(Refused, match="no_agreement"):
            agreed_line(service.pk, last)
    assert open_ids(school, last) == set()


def test_an_agreement_ended_today_closes_at_once(school: Any) -> None:
    service = make_service(make_institution())
    agreement = make_agreement(school, service)
    with use_tenant(school.id):
        ended = end_agreement(actor=actor_of(make_person(school, "union")), agreement_id=agreement.pk, on=today())
        assert ended.state == AgreementState.ENDED
        with pytest.raises(IllegalMove):
            end_agreement(actor=actor_of(make_person(school, "union")), agreement_id=agreement.pk, on=today())
    assert open_ids(school) == set()


def test_a_lapsed_data_part_closes_the_service(school: Any) -> None:
    service = make_service(make_institution())
    agreement = make_agreement(school, service)
    with use_tenant(school.id):
        Agreement.objects.filter(pk=agreement.pk).update(data_part_valid_until=today())
    assert open_ids(school) == set()
    assert open_ids(school, today() - timedelta(1)) == {service.pk}


def test_every_needed_licence_must_be_valid_on_the_day(school: Any) -> None:
    institution = make_institution("hospital")
    institution.licences.filter(kind=LicenceKind.MEDICAL).update(valid_until=today())
    talk, clinic = make_service(institution, "counselling"), make_service(institution, "psychiatry")
    make_agreement(school, talk, clinic)
    assert open_ids(school) == {talk.pk}
    with use_tenant(platform().id):
        add_licence(
            actor=operator(),
            institution_id=institution.pk,
            kind=LicenceKind.MEDICAL,
            number="2",
            valid_from=today(),
            valid_until=today() + timedelta(3),
        )
    assert open_ids(school) == {talk.pk, clinic.pk}
    assert open_ids(school, today() + timedelta(3)) == {talk.pk}


def test_a_suspended_institution_and_a_shut_service_are_not_open(school: Any) -> None:
    institution = make_institution()
    first, second = make_service(institution), make_service(institution)
    make_agreement(school, first, second)
    with use_tenant(platform().id):
        set_service_active(actor=operator(), service_id=first.pk, active=False)
    assert open_ids(school) == {second.pk}
    with use_tenant(platform().id):
        move_institution(actor=operator(), institution_id=institution.pk, event=InstitutionEvent.SUSPEND)
    assert open_ids(school) == set()


def test_the_directory_is_narrowed_by_kind_and_words_in_one_query(school: Any, django_assert_num_queries: Any) -> None:
    institution = make_institution("childcare")
    talk, care = make_service(institution, "counselling"), make_service(institution, "childcare")
    make_agreement(school, talk, care)
    assert open_ids(school, kind="childcare") == {care.pk}
    assert open_ids(school, q=care.name.split()[1]) == {care.pk}
    assert open_ids(school, q="滨江") == {talk.pk, care.pk}
    assert open_ids(school, q="滨江 没有") == set()
    with use_tenant(school.id), django_assert_num_queries(1):
        assert [row.service.institution.name for row in services_open_on(today())]


def test_services_stand_by_kind_then_agency_as_a_dictionary_has_it_then_price(school: Any) -> None:
    """By the bytes of their names 仁爱 stands before 安心, and whoever looks for somebody to talk to reads a hospital first."""
    clinic, office = make_institution("mental_health_centre"), make_institution()
    with use_tenant(platform().id):
        for institution, name in ((clinic, "仁爱精神卫生中心"), (office, "安心心理咨询")):
            institution.name = name
            institution.save()
    made = {}
    for institution, kind, name in (
        (clinic, "counselling", "心理治疗"),
        (clinic, "psychiatry", "精神科门诊"),
        (office, "counselling", "夫妻与家庭咨询"),
        (office, "counselling", "个人心理咨询"),
    ):
        made[name] = make_service(institution, kind)
        made[name].name = name
        made[name].save()
    make_agreement(school, made["心理治疗"], made["精神科门诊"])
    make_agreement(school, made["夫妻与家庭咨询"], made["个人心理咨询"])
    with use_tenant(school.id):
        AgreementLine.objects.filter(service=made["夫妻与家庭咨询"]).update(tariff_fen=45_000)
        found = [row.service.name for row in services_open_on(today())]
    assert found == ["个人心理咨询", "夫妻与家庭咨询", "心理治疗", "精神科门诊"]


def test_a_member_acts_for_the_institution_until_it_is_gone(db: None) -> None:
    institution = make_institution()
    user_id = operator().user_id
    assert user_id is not None
    assert institution_of(user_id) is None
    with use_tenant(platform().id):
        add_member(
            actor=operator(), institution_id=institution.pk, user_id=user_id, role="partner_counter", counter="前台"
        )
    place = institution_of(user_id)
    assert place is not None
    assert (place.institution_id, place.role) == (institution.pk, "partner_counter")
    InstitutionMember.objects.update(valid_until=today() - timedelta(1))
    assert institution_of(user_id) is None
    InstitutionMember.objects.update(valid_until=None)
    with use_tenant(platform().id):
        move_institution(actor=operator(), institution_id=institution.pk, event=InstitutionEvent.TERMINATE)
    assert institution_of(user_id) is None
