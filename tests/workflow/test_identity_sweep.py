"""Everybody who is somebody elsewhere tries every way to be somebody here; afterwards nobody has become anybody.

The ways are multiplied, not written one by one: who tries × what is tried × whose it is. The single cases, each with its
story, stand in ``test_identity`` and ``test_identity_attack``.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client

from accounts.models import ApiToken, Membership, PhoneCode, User
from accounts.tokens import issue_token
from audit.models import AuditEntry
from kernel.clock import now
from partners.models import InstitutionMember
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.test_identity import enrol, letter_link

pytestmark = [pytest.mark.usefixtures("platform_stands"), pytest.mark.django_db]
FROM_OUTSIDE = True
LEAST = 240
"""Tries of those who are signed in elsewhere; a sweep that tries less has lost a factor."""
NUMBER = "+8613500135000"
CODES: list[tuple[str, str]] = []


def keep_code(*, phone: str, code: str) -> None:
    """Stands where a carrier stands (``SIGN_IN_SMS``)."""
    CODES.append((phone, code))


@pytest.fixture(autouse=True)
def _sending(settings: Any) -> Iterator[None]:
    settings.SIGN_IN_SMS = f"{__name__}.keep_code"
    settings.SECOND_FACTOR_REQUIRED = False
    CODES.clear()
    cache.clear()
    yield
    cache.clear()


def standing(*tenants: Any) -> dict[str, Any]:
    """Everything that says who is who, of everybody."""
    told: dict[str, Any] = {
        "accounts": sorted(
            User.objects.values_list("pk", "email", "password", "phone_hash", "is_operator", "is_active")
        ),
        "keys": sorted(ApiToken.objects.filter(revoked_at=None).values_list("pk", "user_id", "tenant_id")),
        "institutions": sorted(InstitutionMember.objects.values_list("pk", "user_id", "email", "role").order_by("pk")),
        "codes": PhoneCode.objects.count(),
    }
    for tenant in tenants:
        with use_tenant(tenant.id):
            rows = Membership.objects.order_by("pk").values_list("pk", "user_id", "email", "name", "roles", "left_on")
            told[f"places {tenant.slug}"] = list(rows)
            told[f"taken {tenant.slug}"] = AuditEntry.objects.filter(action="invitation.accept").count()
    return told


def inside(answer: Any) -> bool:
    """Whether a page of the sort that only somebody sees was shown."""
    return answer.status_code == 200 and b'name="login"' not in answer.content


PRIVATE = (
    "/my/", "/accounts/profile/", "/accounts/tokens/", "/accounts/email/", "/accounts/password/change/", "/accounts/2fa/",
    "/my/family/", "/my/messages/", "/school/", "/school/members/", "/school/members/export.csv", "/school/settings/",
    "/school/record/", "/union/", "/centre/", "/finance/", "/api/v1/services/", "/api/v1/people/", "/accounts/place/",
)  # fmt: skip


def posts(place: Any, member: Any, key: Any) -> list[tuple[str, dict[str, Any]]]:
    """What would make somebody of another: addresses of the school, of an account, of a place."""
    form = {"name": "乙", "email": "taken@evil.example", "phone": "13511112222", "roles": ["admin"]}
    return [
        ("/accounts/place/", {"place": str(place.pk)}),
        ("/accounts/place/", {"place": str(member.pk)}),
        *((f"/school/members/{row.pk}/", form) for row in (place, member)),
        *((f"/school/members/{row.pk}/invite/", {}) for row in (place, member)),
        ("/school/members/new/", form),
        ("/school/members/invite/", {}),
        (f"/accounts/tokens/{key.pk}/revoke/", {}),
        ("/accounts/tokens/", {"label": "mine", "days": "30"}),
        ("/accounts/email/", {"action_add": "", "email": member.email}),
        ("/accounts/profile/", {"phone": NUMBER, "password": django_settings.DEMO_PASSWORD}),
        ("/accounts/profile/phone/", {"code": "000000"}),
        ("/accounts/profile/phone/remove/", {"password": django_settings.DEMO_PASSWORD}),
        (
            "/accounts/password/change/",
            {"oldpassword": django_settings.DEMO_PASSWORD, "password1": "x", "password2": "x"},
        ),
    ]


def test_whoever_is_somebody_elsewhere_is_nobody_here(school: Any, other_school: Any) -> None:
    journey: Journey = make_journey(other_school)
    boss = make_person(school, "admin", name="甲校管理员")
    owner = make_person(school, "staff", name="李明华")
    owner.user.keep_proved_phone(NUMBER)
    owner.user.save()
    place = enrol(school, boss, name="新财务", email="new@victim.example", roles=["finance"])
    link = letter_link(school, "new@victim.example")
    with use_tenant(school.id):
        key, _raw = issue_token(actor=actor_of(owner), label="own")
    leaver = make_person(school, "staff", left_on=now().date() - timedelta(days=9))
    accounts = {
        "administrator elsewhere": User.objects.get(pk=make_person(other_school, "admin").user_id),
        "staff elsewhere": User.objects.get(pk=journey.members["staff"].user_id),
        "leaver": leaver.user,
        "operator": User.objects.get(pk=journey.operator.user_id),
        "institution": User.objects.get(pk=journey.partner_office.user_id),
    }
    tries = 0
    for name, account in accounts.items():
        client = Client(HTTP_HOST=school.host)
        client.force_login(account)
        before = standing(school, other_school)
        for path in PRIVATE:
            for method in (client.get, client.head):
                tries += 1
                assert not inside(method(path)), (name, path)
        for path, sent in posts(place, owner, key):
            tries += 1
            assert not inside(client.post(path, sent)), (name, path)
            assert standing(school, other_school) == before, (name, path, sent)
        tries += 1
        assert client.post(link).status_code in (302, 404), name
        assert standing(school, other_school) == before, (name, "link")
    for tenant, actor in ((other_school, journey.members["staff"]), (other_school, None)):
        with use_tenant(journey.platform.id if actor is None else tenant.id):
            of = journey.partner_office if actor is None else actor_of(actor)
            _key, raw = issue_token(actor=of, label="elsewhere")
        before = standing(school, other_school)
        bearer = Client(headers={"host": school.host, "authorization": f"Token {raw}"})
        for path in PRIVATE:
            tries += 1
            assert not inside(bearer.get(path)), path
        for path, sent in posts(place, owner, key):
            tries += 1
            bearer.post(path, sent)
            assert standing(school, other_school) == before, path
    assert tries > LEAST, tries


def altered(token: str) -> Iterator[str]:
    """Near misses of a link: one sign changed, cut off, doubled, another case, parts swapped."""
    for at in range(0, len(token), max(1, len(token) // 40)):
        yield token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    for end in (0.25, 0.5, 0.75):
        yield token[: int(len(token) * end)]
    parts = token.split(":")
    yield from (
        token + token,
        token.swapcase(),
        ":".join(reversed(parts)),
        ":".join(parts[:-1]),
        token + "A",
        "x",
        "::",
    )


def test_no_link_but_the_one_that_was_sent_opens_a_place(school: Any, other_school: Any) -> None:
    boss, other_boss = make_person(school, "admin"), make_person(other_school, "admin")
    place = enrol(school, boss, name="新财务", email="new@victim.example", roles=["finance"])
    link = letter_link(school, "new@victim.example")
    enrol(other_school, other_boss, name="贼", email="thief@evil.example", roles=["staff"])
    own = letter_link(other_school, "thief@evil.example")
    token, own_token = (re.search(r"invitation/([^/]+)/", path)[1] for path in (link, own))  # type: ignore[index]
    before = standing(school, other_school)
    secret = {"new_password1": "正确的马和电池和订书钉", "new_password2": "正确的马和电池和订书钉"}
    own_parts, parts = own_token.split(":"), token.split(":")
    mixed = [":".join([own_parts[0], *parts[1:]]), ":".join([parts[0], *own_parts[1:]]), own_token]
    tries = 0
    for forged in (*altered(token), *mixed):
        for answer in (
            Client(HTTP_HOST=school.host).get(f"/accounts/invitation/{forged}/"),
            Client(HTTP_HOST=school.host).post(f"/accounts/invitation/{forged}/", secret),
        ):
            tries += 1
            assert answer.status_code == 404, forged
    for host in (other_school.host, django_settings.PLATFORM_HOST):
        tries += 1
        assert Client(HTTP_HOST=host).post(link, secret).status_code == 404, "another host"
    assert standing(school, other_school) == before
    assert tries > 90, tries
    assert Client(HTTP_HOST=school.host).post(link, secret).status_code == 302, "the one that was sent"
    after = standing(school, other_school)
    assert Client(HTTP_HOST=school.host).post(link, secret).status_code == 404, "once"
    assert standing(school, other_school) == after
    with use_tenant(school.id):
        assert Membership.objects.get(pk=place.pk).user.email == "new@victim.example"  # type: ignore[union-attr]


SIGN_INS = ("/accounts/login/", "/accounts/login/code/", "/accounts/password/reset/")


def test_no_login_of_another_opens_with_ones_own_secret(school: Any, other_school: Any, mailoutbox: list[Any]) -> None:
    """The address, the number and the name of the owner in every spelling, with the thief's password and codes."""
    owner, thief = make_person(school, name="李明华"), make_person(school, name="贼")
    owner.user.keep_proved_phone(NUMBER)
    owner.user.set_password("别人的马和电池和订书钉")
    owner.user.save()
    address = owner.user.email
    logins = [
        address, address.upper(), f" {address} ", address.replace("@", "＠"), f"<{address}>", f"{address},{thief.user.email}",
        f"{thief.user.email} {address}", f"{address}\x00", address.replace("@", "+x@"), NUMBER, NUMBER[3:], f"0086{NUMBER[3:]}",
        f"{NUMBER[3:6]} {NUMBER[6:10]} {NUMBER[10:]}", str(owner.user_id), str(owner.pk), owner.name, "", "*", "%", "' OR 1=1 --",
    ]  # fmt: skip  # noqa: RUF001 - the sign of an input method is meant
    before, tries = standing(school, other_school), 0
    for login in logins:
        cache.clear()
        client = Client(HTTP_HOST=school.host)
        client.post("/accounts/login/", {"login": login, "password": django_settings.DEMO_PASSWORD})
        assert not inside(client.get("/my/")), login
        CODES.clear()
        mailoutbox.clear()
        client.post("/accounts/login/code/", {"email": login} if "@" in login else {"phone": login})
        letters = {to for letter in mailoutbox for to in letter.to} | {phone for phone, _code in CODES}
        assert letters <= {address, NUMBER}, (login, letters)
        asked = Client(HTTP_HOST=school.host)
        asked.post("/accounts/login/code/", {"email": thief.user.email})
        own = [re.search(r"\b\w{4}-\w{4}\b", letter.body) for letter in mailoutbox if letter.to == [thief.user.email]]
        for code in (*(found[0] for found in own if found), "000000"):
            client.post("/accounts/login/code/confirm/", {"code": code})
            tries += 1
            assert not inside(client.get("/my/")), (login, code)
        Client(HTTP_HOST=school.host).post("/accounts/password/reset/", {"email": login})
        assert {to for letter in mailoutbox for to in letter.to} <= {address, thief.user.email}, login
        tries += 3
    assert standing(school, other_school) == before
    assert tries >= 80, tries


def test_a_number_is_proved_by_nobody_but_who_holds_the_telephone(school: Any) -> None:
    owner, thief = make_person(school), make_person(school)
    owner.user.keep_proved_phone(NUMBER)
    owner.user.save()
    client = Client(HTTP_HOST=school.host)
    client.force_login(thief.user)
    asked = {"password": django_settings.DEMO_PASSWORD}
    client.post("/accounts/profile/", {"phone": "13411112222", **asked})
    ((_phone, own_code),) = CODES
    for wrong in ("", str(uuid4())):
        assert client.post("/accounts/profile/phone/", {"code": wrong}).status_code == 422
        assert not User.objects.get(pk=thief.user_id).phone
    assert client.post("/accounts/profile/phone/", {"code": own_code, "phone": NUMBER}).status_code == 302
    assert User.objects.get(pk=owner.user_id).phone == NUMBER
    assert User.objects.get(pk=thief.user_id).phone == "+8613411112222", "the number that the code went to"
