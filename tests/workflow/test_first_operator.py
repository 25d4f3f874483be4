"""A new installation: nobody is there, one command makes an operator, and the operator makes the first school."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from accounts.operators import first_link, operators
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Conflict, Invalid
from notifications.drain import drain
from operations.doctor import examine
from schools.operators import add_operator, remove_operator
from tenancy.hosts import forget
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.workflow.signin_steps import code_of
from tests.workflow.test_new_school import NEW, TYPED

pytestmark = pytest.mark.django_db
EMAIL, NAME, PASSWORD = "zhou@platform.example", "周运营", "heqiao-2026-lu-dian"


@pytest.fixture(autouse=True)
def empty() -> None:
    """As after ``migrate``: no platform, no school, nobody."""
    forget()
    assert not Tenant.objects.exists()
    assert not User.objects.exists()


def told_by(capsys: Any, **options: Any) -> str:
    call_command("add_operator", options.pop("email", EMAIL), options.pop("name", NAME), **options)
    found = re.search(r"https?://\S+", capsys.readouterr().out)
    assert found is not None
    return found[0]


def browser() -> Client:
    return Client(headers={"host": Tenant.objects.get().host, "accept-language": "en"})


def choose(client: Client, link: str, password: str = PASSWORD) -> Any:
    """Open the link and set a password; the page that answered."""
    opened = client.get(link[link.index("/accounts/") :], follow=True)
    if not opened.redirect_chain:
        return opened
    return client.post(opened.redirect_chain[-1][0], {"password1": password, "password2": password})


def operator_finding() -> Any:
    return next(finding for finding in examine() if finding.what == "Operator")


def test_from_an_empty_database_to_the_first_school(capsys: Any, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True  # as in production
    assert Client(headers={"host": settings.PLATFORM_HOST}).get("/").status_code == 404
    assert not operator_finding().well
    link = told_by(capsys)
    assert operator_finding().well
    assert link.startswith(f"http://{settings.PLATFORM_HOST}:{settings.BASE_PORT}/accounts/password/reset/key/")
    client = browser()
    assert client.get("/operator/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    assert choose(client, link).status_code == 302
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    answer = client.get("/operator/schools/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/2fa/"), "the role asks for a second step first"
    activate = "/accounts/2fa/totp/activate/"
    assert client.get(activate)["Location"].startswith("/accounts/reauthenticate/"), "the password once more"
    client.post(f"/accounts/reauthenticate/?next={activate}", {"password": PASSWORD})
    secret = client.get(activate).context["form"].secret
    assert client.post(activate, {"code": code_of(secret)}).status_code == 302
    assert Authenticator.objects.filter(user__email=EMAIL).exists()
    assert client.get("/operator/", follow=True).status_code == 200
    assert client.post(NEW, TYPED).status_code == 302
    assert Tenant.objects.get(slug=TYPED["slug"]).name == TYPED["name"]
    platform = Tenant.objects.get(kind="platform")
    with use_tenant(platform.pk):
        acts = AuditEntry.objects.filter(action="operator.add")
        assert list(acts.values_list("object_id", flat=True)) == [str(User.objects.get(email=EMAIL).pk)]
    assert "Operator added to the platform" in client.get("/operator/record/").content.decode()


def test_the_link_works_once_and_ends(capsys: Any, settings: Any) -> None:
    link = told_by(capsys)
    with as_of(now()):
        assert choose(browser(), link).status_code == 302
    again = choose(browser(), link, "another-pass-2026-x")
    assert not User.objects.get(email=EMAIL).check_password("another-pass-2026-x")
    assert again.status_code == 200
    with pytest.raises(CommandError, match="--another"):
        call_command("add_operator", EMAIL, NAME)


def test_a_link_that_was_lost_is_made_anew_and_adds_nobody(capsys: Any) -> None:
    first, second = told_by(capsys), told_by(capsys)
    assert operators().count() == 1
    assert choose(browser(), second).status_code == 302
    choose(browser(), first, "another-pass-2026-x")
    assert User.objects.get().check_password(PASSWORD), "the older link ended with the password"


def test_a_second_operator_only_when_it_is_said_and_everybody_is_told(capsys: Any, settings: Any) -> None:
    told_by(capsys)
    with pytest.raises(CommandError, match="--another"):
        call_command("add_operator", "wu@platform.example", "吴运营")
    with pytest.raises(Conflict, match="operator_exists"):
        add_operator(email="wu@platform.example", name="吴运营")
    assert operators().count() == 1
    told_by(capsys, email="wu@platform.example", name="吴运营", another=True)
    assert [one.full_name for one in operators()] == [NAME, "吴运营"]
    drain()
    assert [letter.to for letter in mail.outbox] == [[EMAIL]], "not the new one"
    platform = Tenant.objects.get()
    with use_tenant(platform.pk):
        assert AuditEntry.objects.filter(action="operator.add").count() == 2


def test_what_is_refused_leaves_nothing(capsys: Any) -> None:
    for email, name in (("zhou", NAME), ("", NAME), (EMAIL, " "), (EMAIL, "周" * 81)):
        with pytest.raises(CommandError):
            call_command("add_operator", email, name)
        with pytest.raises(Invalid):
            add_operator(email=email, name=name)
    assert not Tenant.objects.exists()
    User.objects.create_user(email=EMAIL, password=PASSWORD, full_name="同名的人")
    with pytest.raises(CommandError, match="account"):
        call_command("add_operator", EMAIL, NAME)
    assert not operators().exists()
    assert not Tenant.objects.exists(), "everything or nothing"


def test_whoever_was_disabled_operates_no_more(capsys: Any) -> None:
    told_by(capsys)
    user = User.objects.get()
    link = first_link(user)
    User.objects.update(is_active=False)
    assert not operator_finding().well
    choose(browser(), link)
    assert not User.objects.get().has_usable_password()


def test_an_operator_goes_and_the_last_one_stays(capsys: Any) -> None:
    link = told_by(capsys)
    assert choose(browser(), link).status_code == 302
    with pytest.raises(CommandError, match="last operator"):
        call_command("remove_operator", EMAIL)
    link = told_by(capsys, email="wu@platform.example", name="吴运营", another=True)
    with pytest.raises(Conflict, match="operator_last"):
        remove_operator(email=EMAIL)  # the other one has not signed in yet: nobody could
    assert choose(browser(), link).status_code == 302
    client = browser()
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert client.get("/operator/", follow=True).status_code == 200
    mail.outbox.clear()
    call_command("remove_operator", EMAIL.upper())
    assert client.get("/operator/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/"), "at once"
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert client.get("/operator/", follow=True).redirect_chain, "and never again"
    drain()
    assert [
        letter.to for letter in mail.outbox if "one operator less" in letter.subject or "少了" in letter.subject
    ] == [["wu@platform.example"]]
    for unknown in ("nobody@platform.example", EMAIL):
        with pytest.raises(CommandError, match="Nobody operates"):
            call_command("remove_operator", unknown)
    with use_tenant(Tenant.objects.get().pk):
        assert AuditEntry.objects.filter(action="operator.remove").count() == 1
