"""Whoever is to act for an institution is invited: nobody's typing joins an account, and nothing tells who has one."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.invitations import accept_signed_in
from accounts.models import User
from kernel.clock import as_of, local_day, now
from kernel.errors import Conflict, Invalid, NotFound
from notifications.drain import drain
from partners.members import institution_of
from partners.models import Institution, InstitutionMember
from partners.states import InstitutionState
from partners.workflow import add_member, change_member, end_member
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.fixtures_journey import make_operator, make_partner, make_platform

pytestmark = pytest.mark.usefixtures("platform_stands")

PASSWORD = "正确的马和电池和订书钉"
TYPED = {"name": "陈前台", "role": "partner_office", "counter": ""}


@pytest.fixture
def platform(db: None) -> Tenant:
    return make_platform()


@pytest.fixture
def institution(platform: Tenant) -> Institution:
    return make_partner(make_operator(platform), platform)


@pytest.fixture
def desk(platform: Tenant) -> Client:
    client = Client(headers={"host": platform.host, "accept-language": "en"})
    client.force_login(User.objects.get(pk=make_operator(platform).user_id))
    return client


def page_of(institution: Institution) -> str:
    return f"/operator/institutions/{institution.slug}/"


def enter(desk: Client, institution: Institution, email: str, **values: str) -> InstitutionMember:
    answer = desk.post(f"{page_of(institution)}people/new/", {**TYPED, "email": email, **values})
    assert (answer.status_code, answer["Location"]) == (302, page_of(institution))
    return InstitutionMember.objects.get(email=email.lower(), institution=institution, valid_until=None)


def link_to(platform: Tenant, email: str) -> str:
    with use_tenant(platform.id):
        drain()
    letters = [letter.body for letter in mail.outbox if letter.to == [email]]
    found = re.search(rf"http://{platform.host}[^/]*(/accounts/invitation/\S+/)", letters[-1])
    assert found, letters
    return found[1]


def take(platform: Tenant, path: str) -> Any:
    body = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    return Client(headers={"host": platform.host}).post(path, body)


def sign_in(platform: Tenant, email: str, password: str) -> tuple[Client, Any]:
    client = Client(headers={"host": platform.host})
    return client, client.post("/accounts/login/", {"login": email, "password": password})


def test_somebody_new_is_invited_and_acts_once_the_place_is_taken(
    desk: Client, institution: Institution, platform: Tenant
) -> None:
    place = enter(desk, institution, "Chen@agency.example")
    assert (place.user_id, place.name, place.email) == (None, "陈前台", "chen@agency.example")
    assert "place not taken yet" in desk.get(page_of(institution)).content.decode()
    path = link_to(platform, "chen@agency.example")
    page = Client(headers={"host": platform.host}).get(path)
    assert institution.name in page.content.decode()
    assert not User.objects.filter(email="chen@agency.example").exists()
    assert take(platform, path).status_code == 302
    assert take(platform, path).status_code == 404, "the link is spent"
    client, answer = sign_in(platform, "chen@agency.example", PASSWORD)
    assert (answer["Location"], client.get("/partner/").status_code) == ("/partner/", 200)
    assert "place not taken yet" not in desk.get(page_of(institution)).content.decode()


def test_an_account_of_a_school_is_neither_joined_nor_shown_before_its_owner_takes_the_place(
    desk: Client, institution: Institution, platform: Tenant, school: Any
) -> None:
    known = make_person(school, name="金丝雀")
    place = enter(desk, institution, known.user.email)
    enter(desk, institution, "nobody@agency.example")
    shown = desk.get(page_of(institution)).content.decode()
    assert shown.count("place not taken yet") == 2
    assert "金丝雀" not in shown
    assert institution_of(known.user_id) is None
    assert take(platform, link_to(platform, known.user.email))["Location"].startswith("/accounts/login/")
    client, answer = sign_in(platform, known.user.email, settings.DEMO_PASSWORD)
    assert answer["Location"] == "/accounts/place/"
    assert client.get("/partner/")["Location"] == "/accounts/place/"
    assert client.post("/accounts/place/")["Location"] == "/partner/"
    place.refresh_from_db()
    assert place.user_id == known.user_id
    assert client.get("/partner/").status_code == 200


def test_the_same_person_twice_is_refused_in_words(desk: Client, institution: Institution) -> None:
    enter(desk, institution, "chen@agency.example")
    before = InstitutionMember.objects.count()
    answer = desk.post(f"{page_of(institution)}people/new/", {**TYPED, "email": "CHEN@agency.example"})
    assert answer.status_code == 422
    assert "entered here already" in answer.content.decode()
    with use_tenant(make_platform().id), pytest.raises(Conflict) as twice:
        add_member(
            actor=make_operator(),
            institution_id=institution.pk,
            name="陈",
            email="chen@agency.example",
            role="partner_office",
        )
    assert twice.value.reason == "institution_member_exists"
    assert InstitutionMember.objects.count() == before


def test_nobody_is_entered_with_the_address_of_a_machine(desk: Client, institution: Institution) -> None:
    before = InstitutionMember.objects.count()
    answer = desk.post(f"{page_of(institution)}people/new/", {**TYPED, "email": "chen@[127.0.0.1]"})
    assert answer.status_code == 422
    with use_tenant(make_platform().id), pytest.raises(Invalid, match="email_invalid"):
        add_member(
            actor=make_operator(),
            institution_id=institution.pk,
            name="陈",
            email="chen@[127.0.0.1]",
            role="partner_office",
        )
    assert InstitutionMember.objects.count() == before


def test_a_closed_or_changed_place_opens_with_no_earlier_link(
    desk: Client, institution: Institution, platform: Tenant
) -> None:
    operator = make_operator(platform)
    place = enter(desk, institution, "chen@agency.example")
    first = link_to(platform, "chen@agency.example")
    with use_tenant(platform.id):
        after = change_member(actor=operator, member_id=place.pk, role="partner_counter", counter="前台 2 号机")
    assert take(platform, first).status_code == 404
    second = link_to(platform, "chen@agency.example")
    assert desk.post(f"{page_of(institution)}people/{after.pk}/invite/").status_code == 429
    with as_of(now() + timedelta(hours=2)):
        assert desk.post(f"{page_of(institution)}people/{after.pk}/invite/").status_code == 302
    assert take(platform, second).status_code == 404
    third = link_to(platform, "chen@agency.example")
    with use_tenant(platform.id):
        end_member(actor=operator, member_id=after.pk)
    assert take(platform, third).status_code == 404
    assert not User.objects.filter(email="chen@agency.example").exists()


@pytest.mark.parametrize("state", [InstitutionState.TERMINATED, InstitutionState.ARCHIVED])
def test_an_institution_that_is_gone_has_no_places(
    desk: Client, institution: Institution, platform: Tenant, state: InstitutionState
) -> None:
    """Neither one that waits, by link or by an account, nor one that was taken."""
    enter(desk, institution, "chen@agency.example")
    waiting = link_to(platform, "chen@agency.example")
    known = User.objects.create_user(email="lin@agency.example", password=PASSWORD)
    place = enter(desk, institution, "lin@agency.example")
    enter(desk, institution, "wu@agency.example")
    assert take(platform, link_to(platform, "wu@agency.example")).status_code == 302
    inside, _answer = sign_in(platform, "wu@agency.example", PASSWORD)
    assert inside.get("/partner/").status_code == 200
    Institution.objects.filter(pk=institution.pk).update(state=state)
    assert take(platform, waiting).status_code == 404
    assert sign_in(platform, known.email, PASSWORD)[1].status_code != 302
    with use_tenant(platform.id), pytest.raises(NotFound):
        accept_signed_in(tenant=platform, user=known)
    assert InstitutionMember.objects.get(pk=place.pk).user_id is None
    assert inside.get("/partner/").status_code == 302
    Institution.objects.filter(pk=institution.pk).update(state=InstitutionState.LISTED)
    assert take(platform, waiting).status_code == 302


def test_an_operator_takes_no_place_at_an_institution(desk: Client, institution: Institution, platform: Tenant) -> None:
    """Who lists institutions acts for none."""
    operator = User.objects.get(pk=make_operator(platform).user_id)
    place = enter(desk, institution, operator.email or "")
    with use_tenant(platform.id), pytest.raises(Conflict, match="place_held"):
        accept_signed_in(tenant=platform, user=operator)
    assert InstitutionMember.objects.get(pk=place.pk).user_id is None


def test_one_person_acts_for_one_institution(institution: Institution, platform: Tenant) -> None:
    operator = make_operator(platform)
    other = make_partner(operator, platform)
    with use_tenant(platform.id):
        for where in (institution, other):
            add_member(
                actor=operator, institution_id=where.pk, name="陈", email="chen@agency.example", role="partner_office"
            )
    assert take(platform, link_to(platform, "chen@agency.example")).status_code == 302
    taken = InstitutionMember.objects.accepted().get(email="chen@agency.example")
    client, _answer = sign_in(platform, "chen@agency.example", PASSWORD)
    second = InstitutionMember.objects.get(email="chen@agency.example", user=None)
    with use_tenant(platform.id):
        assert client.get("/partner/").status_code == 200
    assert InstitutionMember.objects.accepted().filter(email="chen@agency.example").count() == 1
    assert {taken.institution_id, second.institution_id} == {institution.pk, other.pk}


def test_what_signed_in_before_a_place_ended_opens_no_new_one(
    desk: Client, institution: Institution, platform: Tenant
) -> None:
    """Left behind on a counter's computer, it may be anybody's; another role in between is no end."""
    take(platform, _invited(desk, institution, platform))
    left_behind, _answer = sign_in(platform, "chen@agency.example", PASSWORD)
    place = InstitutionMember.objects.get(email="chen@agency.example")
    operator = make_operator(platform)
    with use_tenant(platform.id):
        counter = change_member(actor=operator, member_id=place.pk, role="partner_counter", counter="一号")
    assert left_behind.get("/partner/").status_code == 200, "another role is no new place"
    with use_tenant(platform.id):
        end_member(actor=operator, member_id=counter.pk)
    ended = InstitutionMember.objects.filter(user=place.user)
    ended.update(valid_until=local_day(now()) - timedelta(days=3))
    session = left_behind.session
    (signed,) = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**signed, "at": (now() - timedelta(days=5)).timestamp()}]
    session.save()
    assert left_behind.get("/partner/").status_code == 302
    _invited(desk, institution, platform)
    client, answer = sign_in(platform, "chen@agency.example", PASSWORD)
    assert answer["Location"] == "/accounts/place/"
    assert client.post("/accounts/place/")["Location"] == "/partner/"
    assert client.get("/partner/").status_code == 200
    assert left_behind.get("/partner/").status_code == 302, "nobody"
    taken = InstitutionMember.objects.get(email="chen@agency.example", valid_until=None)
    with use_tenant(platform.id):
        change_member(actor=operator, member_id=taken.pk, role="partner_counter", counter="二号")
    assert client.get("/partner/").status_code == 200
    assert left_behind.get("/partner/").status_code == 302, "a change of role opens nothing"


@pytest.mark.usefixtures("real_clock")
def test_on_the_day_on_which_a_place_ended_the_new_one_asks_for_one_more_sign_in(
    desk: Client, institution: Institution, platform: Tenant
) -> None:
    take(platform, _invited(desk, institution, platform))
    with use_tenant(platform.id):
        end_member(
            actor=make_operator(platform), member_id=InstitutionMember.objects.get(email="chen@agency.example").pk
        )
    _invited(desk, institution, platform)
    client, _answer = sign_in(platform, "chen@agency.example", PASSWORD)
    client.post("/accounts/place/")
    assert client.get("/partner/").status_code == 302
    again, answer = sign_in(platform, "chen@agency.example", PASSWORD)
    assert (answer["Location"], again.get("/partner/").status_code) == ("/partner/", 200)


def _invited(desk: Client, institution: Institution, platform: Tenant) -> str:
    enter(desk, institution, "chen@agency.example")
    return link_to(platform, "chen@agency.example")
