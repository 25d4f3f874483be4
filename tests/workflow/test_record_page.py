"""The record's page: a text for every act, names of the administration only, never who asked for help."""

import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit import record
from audit.models import AuditEntry
from partners.states import AgreementEvent, InstitutionEvent
from schools import record_texts
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.tree import modules
from tests.workflow.journey_steps import ask
from ui.refusals import explain

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True
PAGE = "/school/record/"
_LITERAL = re.compile(r'\b(?:action=|act = |act: ClassVar\[str\] = )"([a-z_]+(?:\.[a-z_]+)+)"')


@pytest.fixture
def admin(journey: Journey) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    with use_tenant(journey.tenant.id):
        member = make_person(journey.tenant, "admin", name="周管理")
    client.force_login(member.user)
    return client


def test_every_act_of_the_code_has_a_word_and_an_area() -> None:
    acts = {act for path in modules() for act in _LITERAL.findall(path.read_text())}
    assert len(acts) > 40, "the search finds the code"
    acts |= {f"agreement.{event}" for event in AgreementEvent} | {f"institution.{event}" for event in InstitutionEvent}
    acts |= {f"roster.{what}" for what in ("create", "update", "leave")}
    acts |= {f"consent.{answer}" for answer in ("give", "decline", "later")}
    assert sorted(acts - set(record_texts.acts())) == []
    firsts = {first for _word, area in record_texts.areas().values() for first in area}
    assert {act.partition(".")[0] for act in record_texts.acts()} <= firsts


def test_the_administration_reads_what_was_done_and_never_who_asked(journey: Journey, admin: Client) -> None:
    with use_tenant(journey.tenant.id):
        ask(journey, who=actor_of(make_person(journey.tenant, "staff", name="何求助")))
    shown = admin.get(PAGE).content.decode()
    assert "Request made" in shown
    assert "何求助" not in shown
    files = admin.get(f"{PAGE}export.csv").getvalue().decode()
    for text in (shown, files):
        assert "Request made" in text
        assert not re.search("¥210|The school pays|The person pays|Times", text), (
            "a price is as good as the service's name"
        )


def test_an_act_of_administration_carries_its_name(journey: Journey, admin: Client) -> None:
    known = {"name": "新同事", "email": "new@pages.example", "roles": ["staff"]}
    assert admin.post("/school/members/new/", known).status_code == 302
    with use_tenant(journey.tenant.id):
        ask(journey)
    shown = admin.get(PAGE, {"area": "people"}).content.decode()
    assert "Member added" in shown
    assert '<td data-label="By">周管理</td>' in shown
    assert "Request made" not in shown


def test_a_refusal_is_told_with_its_reason(journey: Journey, admin: Client) -> None:
    with use_tenant(journey.tenant.id), transaction.atomic():
        record(actor=journey.finance, action="policy.approve.refused", facts={"code": "same_person"})
        record(actor=journey.finance, action="page.apply_service.post.refused", facts={"code": "in_the_past"})
        record(actor=journey.finance, action="policy.draft")
    shown = admin.get(PAGE, {"refused": "on"}).content.decode()
    assert "Policy approved" in shown
    assert str(explain("same_person").title) in shown
    assert "Policy drafted" not in shown
    assert "A page&#x27;s form" in shown
    assert "apply_service" not in shown


def test_the_list_is_paged_by_its_numbers_and_filtered_by_days(journey: Journey, admin: Client) -> None:
    with use_tenant(journey.tenant.id), transaction.atomic():
        for _ in range(60):
            last = record(actor=journey.union, action="department.save").seq
    first_page = admin.get(PAGE).content.decode()
    assert f"before={last - 49}" in first_page
    second = admin.get(PAGE, {"before": last - 49}).content.decode()
    assert f">{last - 50}<" in second
    assert f">{last - 49}<" not in second
    assert admin.get(PAGE, {"before": "9" * 40}).status_code == 200
    nothing = admin.get(PAGE, {"first": "2020-01-01", "last": "2020-01-02"}).content.decode()
    assert "No act found" in nothing
    with CaptureQueriesContext(connection) as seen:
        admin.get(PAGE)
    assert len(seen) <= 15


def test_a_download_defuses_and_is_itself_recorded(journey: Journey, admin: Client) -> None:
    with use_tenant(journey.tenant.id):
        ask(journey)
    file = admin.get(f"{PAGE}export.csv")
    assert "Request made" in file.content.decode()
    with use_tenant(journey.tenant.id):
        assert AuditEntry.objects.latest("seq").action == "record.export"


@pytest.mark.parametrize("role", ["staff", "editor", "finance", "union", "centre", "head"])
def test_nobody_else_reads_it(journey: Journey, role: str) -> None:
    with use_tenant(journey.tenant.id):
        member = make_person(journey.tenant, role)
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(member.user)
    for path in (PAGE, f"{PAGE}export.csv"):
        assert client.get(path).status_code in (403, 404)


def test_the_operator_reads_the_platform_s_record_and_no_school_s(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        ask(journey)
    client = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    client.force_login(User.objects.get(pk=journey.operator.user_id))
    shown = client.get("/operator/record/").content.decode()
    assert "Institution entered" in shown or "Service entered" in shown
    assert "Request made" not in shown
    assert client.get("/operator/record/export.csv").status_code == 200
    school_side = Client(headers={"host": journey.tenant.host})
    school_side.force_login(User.objects.get(pk=journey.operator.user_id))
    assert school_side.get(PAGE)["Location"].startswith("/accounts/login/"), "no session of the platform's holds here"
