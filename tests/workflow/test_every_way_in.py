"""Session, API key and host: none lets in a person who lacks their role's second factor, or who has left."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.test import Client

from accounts.models import Membership, User
from accounts.tokens import issue_token
from audit.models import AuditEntry
from kernel.clock import local_day, now
from people.roster.workflow.applying import apply_roster
from people.roster.workflow.previewing import preview_roster
from people.workflow import MemberFields, update_member
from referrals.models import SubsidyPolicy
from tenancy.hosts import forget, tenant_of
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.tenancy.addresses import addresses

OPEN = ("accounts/", "help/", "report/", "survey/", "i18n/", "healthz", "readyz", "metrics", "static/")
"""Where somebody may go who still has to set a factor up, and what answers without knowing anybody."""
ASKS_NOBODY = (
    "api-schema", "api-docs", "api-unknown", "api-reports", "api-gateway-receipts", "api-gateway-answers", "api-wecom-callback",
    "api-aliyun-callback",
)  # fmt: skip
"""Calls that hold nothing of anybody: the description, what is not there, the word of the gateway and of providers."""
SETS_UP = "/accounts/2fa/"
POLICY = {"scheme": "camp", "share_bp": 1, "valid_from": "2029-09-01"}


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def person(school: Any) -> Membership:
    """Finance, with a factor until a test takes it away."""
    member: Membership = make_person(school, "finance")
    TOTP.activate(member.user, generate_totp_secret())
    return member


def without(member: Membership) -> None:
    Authenticator.objects.filter(user=member.user).delete()


def promoted(member: Membership) -> None:
    without(member)
    with use_tenant(member.tenant_id):
        Membership.objects.filter(pk=member.pk).update(roles=["staff", "centre"])


def by_session(school: Any, member: Membership) -> Client:
    client = Client(HTTP_HOST=school.host)
    client.force_login(member.user)
    # As allauth notes it of who came in by two steps: laying the factor down must count from then on all the same.
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 1.0}]
    session.save()
    return client


def by_key(school: Any, member: Membership) -> Client:
    with use_tenant(school.id):
        _token, raw = issue_token(actor=actor_of(member), label="脚本")
    return Client(HTTP_HOST=school.host, HTTP_AUTHORIZATION=f"Token {raw}")


@pytest.mark.parametrize("way_in", [by_session, by_key])
@pytest.mark.parametrize("loses", [without, promoted])
def test_the_interface_is_shut_until_a_factor_stands(
    school: Any, person: Membership, way_in: Callable[..., Client], loses: Callable[..., None]
) -> None:
    client = way_in(school, person)
    assert client.get("/api/v1/policies/").status_code == 200
    loses(person)
    with use_tenant(school.id):
        before = (SubsidyPolicy.objects.count(), AuditEntry.objects.count())
    for answer in (
        client.get("/api/v1/policies/"),
        client.get("/api/v1/people/?q=李"),
        client.post("/api/v1/policies/", POLICY, content_type="application/json"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed")
        assert "两步" in answer.json()["detail"] + answer.json()["title"]
    with use_tenant(school.id):
        assert (SubsidyPolicy.objects.count(), AuditEntry.objects.count()) == before
    TOTP.activate(person.user, generate_totp_secret())
    assert client.get("/api/v1/services/").status_code == 200


def test_every_address_leads_who_lacks_a_factor_to_set_it_up(school: Any, person: Membership) -> None:
    """Whatever is added to the resolver: nobody may forget to ask."""
    client = by_session(school, person)
    without(person)
    key = "00000000-0000-7000-8000-000000000000"
    answers: dict[str, int] = {}
    for address in addresses(OPEN):
        path = address.fill(dict.fromkeys(address.blanks, key))
        answer = client.get(path)
        if path.startswith("/api/"):
            code = answer.json().get("code") if "json" in answer.headers["Content-Type"] else None
            assert (answer.status_code, code) == (403, "second_factor_needed") or address.name in ASKS_NOBODY, path
        else:
            assert (answer.status_code, answer.headers.get("Location")) == (302, SETS_UP), path
        answers[path] = answer.status_code
    assert len(answers) > 150


def test_the_platform_s_people_are_bound_too(db: None, settings: Any) -> None:
    settings.INSTITUTION_OF = ""
    platform = make_school(kind="platform")
    operator = User.objects.create_user(email="op@x.example", is_operator=True)
    client = Client(HTTP_HOST=platform.host)
    client.force_login(operator)
    assert client.get("/operator/schools/").headers["Location"] == SETS_UP
    assert client.get("/api/v1/services/").json()["code"] == "second_factor_needed"


def test_roles_without_power_need_none(school: Any) -> None:
    member = make_person(school, "staff")
    for way_in in (by_session, by_key):
        assert way_in(school, member).get("/api/v1/services/").status_code == 200


@pytest.mark.parametrize("page", ["/accounts/email/", "/accounts/password/change/", "/accounts/2fa/", "/cms/"])
@pytest.mark.parametrize("host", ["own", "foreign"])
def test_who_has_no_place_here_is_nobody_for_every_page(
    school: Any, other_school: Any, person: Membership, page: str, host: str
) -> None:
    """Pages of allauth and of the CMS look at ``request.user``: it must not stay signed in for a leaver or a stranger."""
    client = by_session(school, person)
    if host == "own":
        with use_tenant(school.id):
            Membership.objects.filter(pk=person.pk).update(left_on=local_day(now()) - timedelta(days=1))
    answer = client.get(page, headers={"host": (school if host == "own" else other_school).host})
    assert answer.status_code in (302, 404)
    assert answer.status_code == 404 or "/login/" in answer.headers["Location"]


def test_the_interface_by_session_asks_for_the_form_s_own_token(school: Any) -> None:
    member = make_person(school, "finance")
    TOTP.activate(member.user, generate_totp_secret())
    client = Client(HTTP_HOST=school.host, enforce_csrf_checks=True)
    client.force_login(member.user)
    refused = client.post("/api/v1/policies/", POLICY, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    with use_tenant(school.id):
        assert not SubsidyPolicy.objects.exists()
    client.get("/finance/policies/new/")
    token = client.cookies["csrftoken"].value
    made = client.post("/api/v1/policies/", POLICY, content_type="application/json", headers={"x-csrftoken": token})
    assert made.status_code == 201


def test_a_school_that_is_switched_off_answers_nobody(school: Any, person: Membership) -> None:
    clients = [by_session(school, person), by_key(school, person), Client(HTTP_HOST=school.host)]
    paths = ("/", "/my/", "/help/", "/accounts/login/", "/api/v1/services/", "/api/v1/schema/", "/cms/")
    assert clients[0].get("/help/").status_code == 200
    Tenant.objects.filter(pk=school.pk).update(is_active=False)
    forget()
    assert {client.get(path).status_code for client in clients for path in paths} == {404}


@pytest.mark.parametrize("host", ["[::1]", "[::1]:8000", "127.0.0.1", "127.0.0.1:8000", "LOCALHOST.", "localhost:1"])
def test_the_machine_s_own_addresses_are_the_platform(db: None, host: str) -> None:
    forget()
    Tenant.objects.filter(host="localhost").delete()
    platform = make_school("platform", kind="platform")
    Tenant.objects.filter(pk=platform.pk).update(host="localhost")
    found = tenant_of(host)
    assert found is not None and found.pk == platform.pk
    forget()


def test_what_a_person_is_answered_is_kept_by_nobody_and_what_all_may_read_may_be(school: Any) -> None:
    member = make_person(school, "staff")
    anonymous = Client(HTTP_HOST=school.host)
    assert "Cache-Control" not in anonymous.get("/help/").headers
    for client in (by_session(school, member), by_key(school, member)):
        for path in ("/help/", "/api/v1/services/", "/nothing/here/"):
            answer = client.get(path)
            if path == "/api/v1/services/" or "HTTP_AUTHORIZATION" not in client.defaults:
                assert answer.headers["Cache-Control"] == "private, no-store", path
    half = by_session(school, make_person(school, "finance"))
    assert half.get("/accounts/2fa/").headers["Cache-Control"] == "private, no-store"
    assert half.get("/finance/").headers["Cache-Control"] == "private, no-store"
    signs_in = anonymous.post("/accounts/login/", {"login": member.user.email, "password": settings.DEMO_PASSWORD})
    assert "no-store" in signs_in.headers["Cache-Control"]


def _left(member: Membership, day: date) -> None:
    with use_tenant(member.tenant_id):
        Membership.objects.filter(pk=member.pk).update(left_on=day)


def _taken_back(school: Any, member: Membership) -> None:
    """By an administrator, on the member's page."""
    admin = make_person(school, "admin")
    with use_tenant(school.id):
        update_member(
            actor=actor_of(admin), membership_id=member.pk,
            fields=MemberFields(name=member.name, roles=frozenset({"staff"}), email=None, phone=None),
        )  # fmt: skip


@pytest.mark.parametrize("way_in", [by_session, by_key])
def test_what_opened_a_leavers_place_does_not_open_it_again(school: Any, way_in: Callable[..., Client]) -> None:
    member = make_person(school, "staff")
    client = way_in(school, member)
    assert client.get("/api/v1/services/").status_code == 200
    _left(member, local_day(now()) - timedelta(days=1))
    assert client.get("/api/v1/services/").status_code == 401
    _taken_back(school, member)
    assert client.get("/api/v1/services/").status_code == 401, "an old key or session stays shut"
    assert by_key(school, member).get("/api/v1/services/").status_code == 200, "a new one opens"
    again = Client(HTTP_HOST=school.host)
    again.post("/accounts/login/", {"login": member.user.email, "password": settings.DEMO_PASSWORD})
    assert again.get("/my/").status_code == 200


def test_a_change_of_days_that_ends_nothing_shuts_nobody_out(school: Any) -> None:
    member = make_person(school, "staff")
    client = by_key(school, member)
    _left(member, local_day(now()) + timedelta(days=3))
    _taken_back(school, member)
    assert client.get("/api/v1/services/").status_code == 200


def test_a_staff_list_that_takes_a_leaver_back_opens_nothing_old(school: Any) -> None:
    member = make_person(school, "staff", staff_no="W1")
    client = by_key(school, member)
    _left(member, local_day(now()) - timedelta(days=1))
    admin = actor_of(make_person(school, "admin"))
    with use_tenant(school.id):
        text = f"工号,姓名,离职日期\nW1,{member.name},{(local_day(now()) + timedelta(days=90)).isoformat()}\n"
        roster = preview_roster(actor=admin, content=text.encode(), file_name="名单.csv")
        apply_roster(actor=admin, import_id=roster.pk)
        member.refresh_from_db()
    assert member.is_current(local_day(now()))
    assert client.get("/api/v1/services/").status_code == 401
