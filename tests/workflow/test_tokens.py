"""An access key is shown once, works on its own host for its own person, and ends at once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import RequestFactory
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.actor import SYSTEM
from accounts.api_auth import TokenAuthentication
from accounts.models import ApiToken, Membership, User
from accounts.tokens import MAX_LIVE, issue_token, own_tokens, revoke_token
from audit.models import AuditEntry
from kernel.clock import local_day, now
from kernel.errors import Forbidden, Invalid, NotFound
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.signin_steps import client_of


@pytest.fixture
def person(school: Any) -> Any:
    member = make_person(school)
    with use_tenant(school.id):
        yield member


def ask(tenant: Any, header: str | None) -> Any:
    """The actor that a request with this Authorization header acts as; None without one."""
    http = RequestFactory().get("/", **({"HTTP_AUTHORIZATION": header} if header is not None else {}))
    http.tenant, http.actor = tenant, None
    TokenAuthentication().authenticate(Request(http))
    return http.actor


def refused(tenant: Any, header: str) -> bool:
    with pytest.raises(AuthenticationFailed):
        ask(tenant, header)
    return True


def test_a_key_acts_as_its_owner_on_its_host(school: Any, person: Any) -> None:
    token, raw = issue_token(actor=actor_of(person), label="脚本", days=30)
    actor = ask(school, f"Token {raw}")
    assert (actor.user_id, actor.tenant_id, actor.membership_id, actor.roles) == (
        person.user_id,
        school.id,
        person.pk,
        frozenset({"staff"}),
    )
    token.refresh_from_db()
    assert token.last_used_on == local_day(now())
    assert ask(school, None) is None


def test_only_a_hash_is_kept(person: Any) -> None:
    token, raw = issue_token(actor=actor_of(person), label="脚本")
    row = str(ApiToken.objects.filter(pk=token.pk).values().get())
    assert raw not in row
    assert len(raw) > 40
    assert raw.removeprefix("xq_").encode() not in bytes(token.token_hash)
    entry = AuditEntry.objects.get(action="token.issue")
    assert raw not in str(entry.facts)


def test_a_key_is_nothing_elsewhere_afterwards_or_when_mistyped(school: Any, other_school: Any, person: Any) -> None:
    token, raw = issue_token(actor=actor_of(person), label="脚本")
    make_person(other_school, user=person.user)
    assert refused(other_school, f"Token {raw}")
    assert refused(school, f"Token {raw[:-1]}x")
    assert refused(school, "Token")
    assert refused(school, "Token é")
    ApiToken.objects.filter(pk=token.pk).update(expires_at=now() - timedelta(seconds=1))
    assert refused(school, f"Token {raw}")


def test_revoking_disabling_or_leaving_ends_it_at_once(school: Any, person: Any) -> None:
    actor = actor_of(person)
    token, raw = issue_token(actor=actor, label="一")
    _second, other = issue_token(actor=actor, label="二")
    revoke_token(actor=actor, token_id=token.pk)
    assert refused(school, f"Token {raw}")
    assert ask(school, f"Token {other}") is not None
    revoke_token(actor=actor, token_id=token.pk)
    assert AuditEntry.objects.filter(action="token.revoke").count() == 1
    User.objects.filter(pk=person.user_id).update(is_active=False)
    assert refused(school, f"Token {other}")
    User.objects.filter(pk=person.user_id).update(is_active=True)
    Membership.objects.filter(pk=person.pk).update(left_on=local_day(now()) - timedelta(days=1))
    assert refused(school, f"Token {other}")


def test_anothers_key_cannot_be_revoked(school: Any, person: Any) -> None:
    token, raw = issue_token(actor=actor_of(person), label="脚本")
    neighbour = actor_of(make_person(school, "admin"))
    for token_id in (token.pk, uuid4()):
        with pytest.raises(NotFound):
            revoke_token(actor=neighbour, token_id=token_id)
    assert ask(school, f"Token {raw}") is not None


def test_odd_wishes_make_no_key(person: Any) -> None:
    actor = actor_of(person)
    for wish, code in (
        ({"label": " "}, "token_label"),
        ({"label": "x" * 61}, "token_label"),
        ({"label": "x", "days": 0}, "token_days"),
        ({"label": "x", "days": 366}, "token_days"),
    ):
        with pytest.raises(Invalid, match=code):
            issue_token(actor=actor, **wish)
    with pytest.raises(Forbidden):
        issue_token(actor=SYSTEM, label="x")
    assert not ApiToken.objects.filter(user_id=actor.user_id).exists()
    for n in range(MAX_LIVE):
        issue_token(actor=actor, label=f"k{n}")
    with pytest.raises(Invalid, match="token_too_many"):
        issue_token(actor=actor, label="one too many")
    assert ApiToken.objects.filter(user_id=actor.user_id).count() == MAX_LIVE
    ApiToken.objects.filter(label="k0").update(expires_at=now() - timedelta(seconds=1))
    issue_token(actor=actor, label="an ended one does not count")


def test_a_key_is_shown_on_one_page_only(school: Any) -> None:
    admin = client_of(school, make_person(school, "admin", name="管理员"))
    assert admin.get("/accounts/tokens/").status_code == 200
    asked = admin.post("/accounts/tokens/", {"label": "脚本", "days": 30})
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    before = set(ApiToken.objects.values_list("pk", flat=True))
    admin.post("/accounts/reauthenticate/", {"password": settings.DEMO_PASSWORD})
    page = admin.post("/accounts/tokens/", {"label": "脚本", "days": 30}).content.decode()
    assert page.count("xq_") == 1
    assert "xq_" not in admin.get("/accounts/tokens/").content.decode()
    token = ApiToken.objects.exclude(pk__in=before).get()
    assert token.tenant_id == school.id
    assert admin.get(f"/accounts/tokens/{token.pk}/revoke/").status_code == 302
    assert admin.post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_key_of_one_host_is_neither_listed_nor_ended_on_another(school: Any, other_school: Any, person: Any) -> None:
    """Whoever belongs to two schools manages each one's keys there."""
    token, raw = issue_token(actor=actor_of(person), label="脚本")
    elsewhere = actor_of(make_person(other_school, user=person.user))
    with use_tenant(other_school.id):
        assert not own_tokens(elsewhere).exists()
        with pytest.raises(NotFound):
            revoke_token(actor=elsewhere, token_id=token.pk)
    assert ask(school, f"Token {raw}") is not None
