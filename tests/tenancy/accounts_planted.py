"""The people of a planted school have accounts with words of their own, which no school, office or colleague may see."""

from accounts.models import Membership, User
from partners.models import InstitutionMember
from referrals.models import Offer
from referrals.workflow.answering import confirm_offer
from referrals.workflow.submitting import approve_referral, submit_referral
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school
from tests.fixtures_journey import soon
from tests.tenancy.planted import Planted


def account_words(number: int) -> tuple[str, ...]:
    """What only the person has given: address, name, and the proved number."""
    return (f"canary{number:02d}q@private.example", f"金丝雀{number:02d}号", f"1395557{number:02d}39")


ELSEWHERE = ("别校写的名", "typed-elsewhere", "13855557391", "ELSE-77", "别校称呼")
"""What another school has typed of the same people."""


def meet(school: Planted) -> None:
    """A card for the counter, written after the accounts got their words."""
    start, end = soon(days=4)
    with use_tenant(school.tenant.id):
        asked = submit_referral(
            actor=school.journey.staff, tenant=school.tenant, service_id=school.journey.counselling.pk, units=1,
            windows=[soon(days=4, length=120)], consent=["referral"],
        )  # fmt: skip
        approve_referral(actor=school.journey.centre, tenant=school.tenant, referral_id=asked.pk)
        offer = Offer.objects.get(referral=asked)
        booking = confirm_offer(
            actor=school.journey.partner_office, tenant=school.tenant, offer_id=offer.pk, starts_at=start, ends_at=end
        )
    assert booking.card.startswith("白鹭老师 · 00"), "the number that the school typed"


def give_accounts_words_of_their_own(school: Planted) -> None:
    """To the school's people, one of whom has a place elsewhere too, and to the institution's."""
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


def words_but_of(school: Planted, own: User | None) -> list[str]:
    """What must not be shown to ``own``: everybody else's account."""
    users = [user.pk for user in _people_of(school)]
    words: list[str] = list(ELSEWHERE)
    for number, pk in enumerate(users):
        if own is None or pk != own.pk:
            words += account_words(number)
    return words
