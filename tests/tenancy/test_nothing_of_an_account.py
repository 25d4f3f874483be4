"""A school sees what it typed itself, and nothing of the account behind a place (ADR 0010).

Every page, file, call and search of a school, of the operator and of an institution, and what each answers to something
sent, times every word that only the person, or another school, has written: no occurrence. Each request is undone, so
the order is of no matter.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings

from accounts.models import Membership, User
from partners.models import InstitutionMember
from referrals.models import Offer, Referral
from referrals.workflow.answering import confirm_offer
from referrals.workflow.submitting import approve_referral
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school
from tests.databases import use_database
from tests.fixtures_journey import soon
from tests.tenancy.asking import answers_alone, undone
from tests.tenancy.planted import Planted, plant
from tests.tenancy.test_no_page_crosses import every_address, text_of

ROLES = ("admin", "finance", "union", "centre", "head")
OFFICES = ("operator", "partner_office", "partner_counter")
SEARCHED = (
    "/school/members/", "/api/v1/people/", "/union/referrals/", "/centre/referrals/", "/finance/ledger/",
    "/school/members/export.csv",
)  # fmt: skip


def account_words(number: int) -> tuple[str, ...]:
    """What only the person has given: address, name, and the proved number."""
    return (f"canary{number:02d}q@private.example", f"金丝雀{number:02d}号", f"1395557{number:02d}39")


ELSEWHERE = ("别校写的名", "typed-elsewhere", "13855557391", "ELSE-77", "别校称呼")
"""What another school has typed of the same people."""


@pytest.fixture(scope="module")
def planted(
    committing_database: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Planted]:
    media, private = (str(tmp_path_factory.mktemp(name)) for name in ("media", "private"))
    with django_db_blocker.unblock(), answers_alone(), override_settings(MEDIA_ROOT=media, PRIVATE_ROOT=private):
        usual = use_database(committing_database)
        school = plant("白鹭", "BL")
        _give_accounts_words_of_their_own(school)
        _meet(school)
        yield school
        use_database(usual)


def _meet(school: Planted) -> None:
    """A card for the counter, written after the accounts got their words."""
    start, end = soon(days=4)
    with use_tenant(school.tenant.id):
        waiting = Referral.objects.get(state="submitted")
        approve_referral(actor=school.journey.centre, tenant=school.tenant, referral_id=waiting.pk)
        offer = Offer.objects.get(referral=waiting)
        booking = confirm_offer(
            actor=school.journey.partner_office, tenant=school.tenant, offer_id=offer.pk, starts_at=start, ends_at=end
        )
    assert booking.card.startswith("白鹭老师 · 00"), "the number that the school typed"


def _give_accounts_words_of_their_own(school: Planted) -> None:
    elsewhere = make_school()
    with use_tenant(school.tenant.id):
        members = list(Membership.objects.order_by("pk").select_related("user"))
    for number, member in enumerate(members):
        user = member.user
        user.email, user.full_name, phone = account_words(number)
        user.keep_proved_phone(phone)
        user.save()
        member.email = f"known-here{number}@b.example"
        member.keep_phone(f"1380013{number:04d}")
        with use_tenant(school.tenant.id):
            member.save()
    for number, user in enumerate(_people_of(school)[len(members) :], start=len(members)):
        InstitutionMember.objects.filter(user=user).update(email=f"known-here{number}@b.example")
        user.email, user.full_name, phone = account_words(number)
        user.keep_proved_phone(phone)
        user.save()
    known = members[0].user
    make_person(
        elsewhere, "staff", user=known, name=ELSEWHERE[0], email=f"{ELSEWHERE[1]}@a.example", phone=ELSEWHERE[2],
        staff_no=ELSEWHERE[3], title=ELSEWHERE[4],
    )  # fmt: skip


def _people_of(school: Planted) -> list[User]:
    """The accounts with words of their own: of the school's members, then of the institution's two."""
    with use_tenant(school.tenant.id):
        members = list(Membership.objects.order_by("pk").select_related("user"))
    return [*(member.user for member in members), school.journey.partner_user, school.journey.counter_user]


def words_but_of(school: Planted, own: User) -> list[bytes]:
    """What must not be shown to ``own``: everybody else's account."""
    users = [user.pk for user in _people_of(school)]
    words: list[str] = list(ELSEWHERE)
    for number, pk in enumerate(users):
        if pk != own.pk:
            words += account_words(number)
    return [word.encode() for word in words]


def asked(school: Planted) -> Iterator[str]:
    for address in every_address():
        yield address.fill(school.values())
    with use_tenant(school.tenant.id):
        members = list(Membership.objects.order_by("pk").values_list("pk", flat=True))
    yield from (f"/school/members/{pk}/" for pk in members)
    for path in SEARCHED:
        yield from (f"{path}?q={word}" for word in ("canary", "金丝雀", "13955", "typed-elsewhere", "known-here"))


def shown(client: Client, school: Planted, words: list[bytes]) -> tuple[list[str], int, int, int]:
    """``(where a word was shown, good answers, forms that came back, answers that show what the school itself typed)``.

    Each address is asked, and sent nothing and a little: forms come back with what they know, and refusals name things. One
    that takes nothing (405) says so before it reads what it was sent, and is sent nothing alone.
    """
    found, good, forms, own = [], 0, 0, 0
    cookies = client.cookies.copy()
    for path in asked(school):
        for sent in (None, {}, {"name": "x", "email": "x", "phone": "x", "note": "x"}):
            client.cookies = cookies.copy()
            with undone():
                response = client.get(path) if sent is None else client.post(path, sent)
                answer = text_of(response)
            assert response.status_code != 500, path
            good += sent is None and response.status_code == 200
            forms += sent is not None and response.status_code == 422
            own += b"known-here" in answer
            # What was searched for may come back in its own field; it tells nothing.
            found += [f"{path}: {word.decode()}" for word in words if word in answer and word.decode() not in path]
            if sent is not None and response.status_code == 405:
                break
    return found, good, forms, own


@pytest.mark.parametrize("role", ROLES)
def test_a_school_sees_nothing_of_the_accounts_of_its_people(planted: Planted, role: str) -> None:
    user = planted.users[role]
    found, good, forms, own = shown(planted.client(user), planted, words_but_of(planted, user))
    assert found == []
    assert good > 10, "the crawler was refused everywhere"
    assert forms > 3, "nothing that was sent came back"
    assert own or role == "finance", "nothing of the school's own was shown either"


@pytest.mark.parametrize("office", OFFICES)
def test_operator_and_institution_see_nothing_of_them_either(planted: Planted, office: str) -> None:
    user = {
        "partner_office": planted.journey.partner_user,
        "partner_counter": planted.journey.counter_user,
        "operator": User.objects.get(pk=planted.journey.operator.user_id),
    }[office]
    client = planted.client(user, planted.journey.platform.host)
    found, good, forms, _own = shown(client, planted, words_but_of(planted, user))
    assert found == []
    assert good > 5
    assert forms > 3
