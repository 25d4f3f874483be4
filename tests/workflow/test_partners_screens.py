"""The operator's, the union's and finance's pages: what they show, what they refuse, that GET changes nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditEntry
from kernel.clock import local_day, now
from partners.models import Agreement, Institution, Licence, Service
from partners.selectors import services_open_on
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.workflow.partner_facts import make_agreement, make_institution, make_service, new_uscc, operator, platform

pytestmark = [
    pytest.mark.usefixtures("platform_stands"),
    pytest.mark.django_db,
    pytest.mark.urls("tests.workflow.partner_urls"),
]


@pytest.fixture(autouse=True)
def _plain_sign_in(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    settings.LANGUAGE_CODE = "en"


def browser(host: str, user: Any) -> Client:
    client = Client(headers={"host": host, "accept-language": "en"})
    client.force_login(user)
    return client


def member(school: Any, *roles: str) -> Client:
    return browser(school.host, make_person(school, *roles).user)


@pytest.fixture
def desk(db: None) -> Client:
    actor = operator()
    return browser(platform().host, User.objects.get(pk=actor.user_id))


def fields_of(institution: dict[str, str] | None = None) -> dict[str, str]:
    return {
        "name": "家园托管", "name_en": "", "slug": "jiayuan-t", "uscc": new_uscc(), "kind": "childcare", "district": "武昌区",
        "address": "中山路 1 号", "phone": "027-88880000", "contact_name": "王主任", "contact_phone": "027-88880001",
        **(institution or {}),
    }  # fmt: skip


def test_from_a_prospect_to_a_listed_institution_with_services(desk: Client) -> None:
    answer = desk.post("/operator/institutions/new/", fields_of())
    assert answer.status_code == 302, answer.content.decode()
    one = answer["Location"]
    for kind in ("registration", "childcare", "food"):
        paper = {"kind": kind, "number": "1", "issuer": "滨江区教育局", "valid_from": "2020-01-01"}
        assert desk.post(f"{one}papers/new/", paper).status_code == 302
    assert desk.get(f"{one}move/vet/").status_code == 200
    assert Institution.objects.get(slug="jiayuan-t").state == "prospect"
    for event in ("vet", "list"):
        assert desk.post(f"{one}move/{event}/").status_code == 302
    service = {
        "name": "晚托",
        "kind": "childcare",
        "mode": "confirm",
        "unit": "day",
        "minutes": "120",
        "list_fee_fen": "50.5",
        "on_site": "on",
    }
    assert desk.post(f"{one}services/new/", service).status_code == 302
    assert Institution.objects.get(slug="jiayuan-t").state == "listed"
    assert {paper.valid_until for paper in Licence.objects.all()} == {None}
    assert Service.objects.get().list_fee_fen == 5050
    page = desk.get(one).content.decode()
    assert "晚托" in page
    assert "¥50.50" in page
    assert desk.post(f"{one}services/{Service.objects.get().pk}/switch/", {"shut": "1"}).status_code == 302
    assert not Service.objects.get().active


def test_a_wrong_code_is_explained_at_its_field(desk: Client) -> None:
    answer = desk.post("/operator/institutions/new/", fields_of({"uscc": "91420100MA4KXXXX00"}))
    assert answer.status_code == 422
    assert "This unified social credit code is not right." in answer.content.decode()
    assert not Institution.objects.exists()


def test_a_move_that_the_table_does_not_know_is_refused_kindly(desk: Client) -> None:
    institution = make_institution(listed=False)
    assert desk.post(f"/operator/institutions/{institution.slug}/move/list/").status_code == 409
    assert desk.get(f"/operator/institutions/{institution.slug}/move/explode/").status_code == 404
    assert desk.get("/operator/institutions/nobody/").status_code == 404


def test_an_agency_may_not_be_given_psychiatry(desk: Client) -> None:
    institution = make_institution("counselling_agency")
    service = {
        "name": "门诊",
        "kind": "psychiatry",
        "mode": "confirm",
        "unit": "session",
        "minutes": "50",
        "list_fee_fen": "1",
        "on_site": "on",
    }
    assert desk.post(f"/operator/institutions/{institution.slug}/services/new/", service).status_code == 422
    assert not Service.objects.exists()


@pytest.mark.parametrize("mode", ["instant"])
def test_only_a_way_that_works_is_offered_for_finding_a_time(desk: Client, mode: str) -> None:
    institution = make_institution()
    one = f"/operator/institutions/{institution.slug}/services/new/"
    assert f'value="{mode}"' not in desk.get(one).content.decode()
    service = {
        "name": "谈谈",
        "kind": "counselling",
        "mode": mode,
        "unit": "session",
        "minutes": "50",
        "list_fee_fen": "1",
    }
    assert desk.post(one, {**service, "on_site": "on"}).status_code == 422
    assert not Service.objects.exists()


def test_the_list_is_searched_filtered_paged_and_exported(desk: Client) -> None:
    wanted = make_institution("hospital")
    make_institution("charity", listed=False)
    page = desk.get("/operator/institutions/?kind=hospital&state=listed").content.decode()
    assert wanted.slug in page
    assert len(re.findall(r"/operator/institutions/p-", page)) == 1
    assert desk.get("/operator/institutions/?q=%00&page=x&kind=?").status_code == 200
    export = desk.get(f"/operator/institutions/export.csv?q={wanted.uscc}")
    assert export.content.decode().count("\r\n") == 2
    with use_tenant(platform().id):
        assert AuditEntry.objects.get(action="institution.export").facts == {"rows": 1}


def test_other_people_see_nothing_of_the_operators_desk(school: Any, db: None) -> None:
    platform()
    for client in (member(school, "admin"), member(school, "finance")):
        assert client.get("/operator/institutions/").status_code == 404
    assert Client(headers={"host": school.host}).get("/operator/institutions/").status_code == 302


def test_the_union_drafts_and_finance_approves(school: Any) -> None:
    institution = make_institution()
    talk, other = make_service(institution, fee_fen=30000), make_service(institution, fee_fen=20000)
    union, finance = member(school, "union"), member(school, "finance")
    assert institution.slug in union.get("/union/agreements/new/").content.decode()
    today = local_day(now())
    body = {
        "valid_from": today.isoformat(), "valid_until": (today + timedelta(100)).isoformat(),
        "data_part_valid_until": (today + timedelta(100)).isoformat(), "free_hours": "24", "late_fee_percent": "0",
        "no_show_fee_percent": "50", "duties": "保密", f"tariff_{talk.pk.hex}": "280.00", f"tariff_{other.pk.hex}": "",
    }  # fmt: skip
    answer = union.post(f"/union/agreements/new/?partner={institution.slug}", body)
    assert answer.status_code == 302, answer.content.decode()
    one = answer["Location"].replace("/union/", "/finance/")
    with use_tenant(school.id):
        assert Agreement.objects.get().cancellation_terms == {
            "free_hours": 24,
            "late_fee_bp": 0,
            "no_show_fee_bp": 5000,
        }
        assert services_open_on(today) == []
    assert union.post(f"{one}approve/").status_code == 404
    assert "¥280.00" in finance.get(one).content.decode()
    assert finance.get(f"{one}approve/").status_code == 200
    with use_tenant(school.id):
        assert services_open_on(today) == []
    assert finance.post(f"{one}approve/").status_code == 302
    with use_tenant(school.id):
        assert [(row.service.pk, row.line.tariff_fen) for row in services_open_on(today)] == [(talk.pk, 28000)]
    assert finance.post(f"{one}approve/").status_code == 409
    assert finance.post(f"{one}end/", {"on": today.isoformat()}).status_code == 302
    with use_tenant(school.id):
        assert services_open_on(today) == []


def test_a_draft_without_sense_comes_back_with_what_was_typed(school: Any) -> None:
    institution = make_institution()
    make_service(institution)
    today = local_day(now()).isoformat()
    body = {
        "valid_from": today, "valid_until": today, "data_part_valid_until": today, "free_hours": "24", "late_fee_percent": "0",
        "no_show_fee_percent": "51", "duties": "写了很久",
    }  # fmt: skip
    client = member(school, "union")
    answer = client.post(f"/union/agreements/new/?partner={institution.slug}", body)
    assert answer.status_code == 422
    assert "写了很久" in answer.content.decode()
    again = client.post(f"/union/agreements/new/?partner={institution.slug}", {**body, "no_show_fee_percent": "50"})
    assert again.status_code == 422
    with use_tenant(school.id):
        assert not Agreement.objects.exists()


def test_agreements_of_another_school_are_missing(school: Any, other_school: Any) -> None:
    foreign = make_agreement(other_school, make_service(make_institution()), approved=False)
    finance = member(school, "finance")
    for path in ("", "approve/", "end/"):
        assert finance.get(f"/finance/agreements/{foreign.pk}/{path}").status_code == 404
        assert finance.post(f"/finance/agreements/{foreign.pk}/{path}", {"on": "2026-01-01"}).status_code in (404, 405)
    assert foreign.number not in finance.get("/finance/agreements/").content.decode()
    assert member(school, "staff").get("/finance/agreements/").status_code == 404
    file = finance.get("/finance/agreements/export.csv")
    assert file["Content-Type"].startswith("text/csv")
    assert foreign.number not in file.content.decode()
    assert member(school, "staff").get("/finance/agreements/export.csv").status_code == 404


def test_lists_and_pages_need_few_queries(school: Any, desk: Client, django_assert_max_num_queries: Any) -> None:
    service = make_service(make_institution())
    agreement = make_agreement(school, service)
    finance = member(school, "finance")
    for client, path in (
        (finance, "/finance/agreements/"),
        (finance, f"/finance/agreements/{agreement.pk}/"),
        (desk, "/operator/institutions/"),
        (desk, f"/operator/institutions/{service.institution.slug}/"),
    ):
        with django_assert_max_num_queries(15):
            assert client.get(path).status_code == 200
