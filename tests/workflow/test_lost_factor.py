"""A lost second factor: the operator takes it off, with the password, and nobody learns anything of an account."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import ApiToken, User
from accounts.tokens import issue_token
from audit.models import AuditEntry
from kernel.errors import Forbidden, Invalid, Refused
from notifications.models import OutboxMessage
from people.lost_factor import TEMPLATE, take_off_second_factor
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import make_operator, make_platform

pytestmark = [pytest.mark.usefixtures("platform_stands"), pytest.mark.django_db]
PAGE = "/operator/second-step/"


@pytest.fixture
def operator(db: None) -> Any:
    return make_operator()


def take_off(operator: Any, email: str, check: str = "called_back") -> None:
    with use_tenant(make_platform().id):
        take_off_second_factor(actor=operator, email=email, check=check)


def with_factor(school: Tenant, *roles: str) -> Any:
    """A member with an app, spare codes, a session and an access key."""
    member = make_person(school, *(roles or ("finance",)))
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=member.user, type=kind, data={"secret": "x"})
    with use_tenant(school.id):
        issue_token(actor=actor_of(member), label="a program")
    return member


def told(school: Tenant) -> list[tuple[str, Any]]:
    with use_tenant(school.id):
        return list(OutboxMessage.objects.filter(template=TEMPLATE).values_list("channel", "to_user_id"))


def test_factor_spare_codes_password_sessions_and_keys_end_and_the_owner_is_told(operator: Any, school: Tenant) -> None:
    member, other = with_factor(school), with_factor(school)
    signed_in = Client(headers={"host": school.host})
    signed_in.force_login(member.user)
    assert signed_in.get("/my/").status_code == 200
    take_off(operator, member.user.email.upper())
    user = User.objects.get(pk=member.user_id)
    assert not Authenticator.objects.filter(user=user).exists()
    assert not user.has_usable_password()
    assert signed_in.get("/my/").status_code == 302
    assert not ApiToken.objects.filter(user=user, revoked_at=None).exists()
    assert told(school) == [("in_app", user.pk)]
    assert told(make_platform()) == [("email", user.pk)]
    with use_tenant(make_platform().id):
        row = AuditEntry.objects.get(action="account.factor_off")
    assert (row.object_id, row.facts) == (str(user.pk), {"check": "called_back"})
    assert Authenticator.objects.filter(user=other.user).count() == 2, "nobody else is touched"
    assert other.user.has_usable_password()


def test_the_owner_comes_back_by_a_link_to_their_own_mailbox(operator: Any, school: Tenant, mailoutbox: Any) -> None:
    member = with_factor(school)
    take_off(operator, member.user.email)
    Client(headers={"host": school.host}).post("/accounts/password/reset/", {"email": member.user.email})
    [mail] = [mail for mail in mailoutbox if member.user.email in mail.to]
    assert "/accounts/password/reset/key/" in mail.body


def test_the_owner_is_told_in_every_school(operator: Any, school: Tenant) -> None:
    member, elsewhere = with_factor(school), make_school()
    place = make_person(elsewhere)
    with use_tenant(elsewhere.id):
        type(place).objects.filter(pk=place.pk).update(user=member.user)
    take_off(operator, member.user.email)
    assert told(school) == told(elsewhere) == [("in_app", member.user_id)]


def test_an_unknown_address_gets_the_same_answer_and_a_row_of_its_own(operator: Any, school: Tenant) -> None:
    member = with_factor(school)
    page = Client(headers={"host": make_platform().host, "accept-language": "en"})
    page.force_login(User.objects.get(pk=operator.user_id))
    answers = [
        page.post(PAGE, {"email": email, "check": "seen"}, follow=True).content.decode()
        for email in (member.user.email, "nobody@elsewhere.example")
    ]
    assert all("if there is an account with this address" in answer for answer in answers)
    with use_tenant(make_platform().id):
        assert AuditEntry.objects.filter(action="account.factor_off").count() == 2


def test_never_ones_own_nor_without_having_made_sure(operator: Any, school: Tenant) -> None:
    member = with_factor(school)
    own = User.objects.get(pk=operator.user_id)
    with pytest.raises(Refused, match="own_factor"):
        take_off(operator, own.email)
    with pytest.raises(Invalid, match="recovery_check"):
        take_off(operator, member.user.email, check="")
    with pytest.raises(Invalid, match="email_invalid"):
        take_off(operator, "nobody@")
    own.refresh_from_db()
    assert own.has_usable_password()
    assert Authenticator.objects.filter(user=member.user).count() == 2
    assert told(school) == told(make_platform()) == []
    with use_tenant(make_platform().id):
        assert not AuditEntry.objects.filter(action="account.factor_off").exists()


@pytest.mark.parametrize("role", ["admin", "principal", "staff"])
def test_no_role_of_a_school_takes_one_off(operator: Any, school: Tenant, role: str) -> None:
    member, asking = with_factor(school), make_person(school, role)
    with use_tenant(school.id), pytest.raises(Forbidden):
        take_off_second_factor(actor=actor_of(asking), email=member.user.email, check="seen")
    client = Client(headers={"host": school.host})
    client.force_login(asking.user)
    assert client.get(PAGE).status_code == client.post(PAGE, {"email": "x@y.example"}).status_code == 404
    assert Authenticator.objects.filter(user=member.user).count() == 2
