"""A school in the middle of its week: something in every state, so that every page has something to show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.invitations import path_for
from accounts.models import Department, Membership, User
from accounts.roles import PlatformRole
from families.workflow import ask_consent, register_child, register_relative
from jobs.models import Job
from jobs.workflow import start
from kernel.clock import local_day, now
from kernel.identifiers import uuid7
from notifications.drain import drain
from partners.models import Agreement
from partners.workflow import LineDraft, draft_agreement
from people.roster.workflow.previewing import preview_roster
from people.workflow import MemberFields, add_member
from referrals.models import Offer, Redemption, Referral, SubsidyPolicy, Voucher
from referrals.wishes import Wishes
from referrals.workflow.answering import confirm_offer, propose_times
from referrals.workflow.drafting import keep_draft
from referrals.workflow.policies import draft_policy
from referrals.workflow.pools import ask_pool_order
from referrals.workflow.redeeming import redeem
from referrals.workflow.submitting import submit_referral
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, make_partner, make_partner_person
from tests.journeys.conftest import new_school
from tests.journeys.town_account import account_paths, account_people
from tests.journeys.town_calendars import calendar_town
from tests.journeys.town_contacts import contact_paths
from tests.journeys.town_course import course_paths
from tests.journeys.town_deciding import deciding_paths
from tests.journeys.town_drill import drill_town
from tests.journeys.town_duty import duty_town
from tests.journeys.town_emergency import emergency_town
from tests.journeys.town_family import family_paths
from tests.journeys.town_following import following_paths
from tests.journeys.town_hours import keep_hours
from tests.journeys.town_institution import institution_paths
from tests.journeys.town_knowing import knowing_town
from tests.journeys.town_leaving import leaving_paths
from tests.journeys.town_liaison import liaison_town
from tests.journeys.town_missed import missed_paths
from tests.journeys.town_moves import move_paths
from tests.journeys.town_openday import open_day_paths
from tests.journeys.town_outside import outside_paths
from tests.journeys.town_pages import text_paths
from tests.journeys.town_ready import ready_paths
from tests.journeys.town_school import school_paths

_ROSTER = (
    "工号,姓名,部门,手机\nYC1001,钱小云,语文组,13900000001\nYC1002,,数学组,13900000002\nYC1003,孙立,数学组,12345\n"
)


@dataclass
class Town:
    """``people``: who signs in, by the word that the list of pages uses. ``paths``: addresses that hold an id."""

    tenant: Tenant
    journey: Journey
    people: dict[str, User]
    paths: dict[str, str]
    code: str
    spent_code: str
    several_code: str
    chain_school: Tenant
    """Where an emergency is; whose people are called ``chain_…``."""
    drill_school: Tenant
    """Where a drill runs; whose people are called ``drill_…``."""

    def host(self, who: str) -> Tenant:
        """Where this person works."""
        if who.startswith("chain_"):
            return self.chain_school
        if who.startswith("drill_"):
            return self.drill_school
        return (
            self.journey.platform
            if who in ("partner", "counter", "newcomer", "operator", "passer", "beside", "hospital")
            else self.tenant
        )


def _ask(journey: Journey, *, minutes: int = 60, days: int = 0, units: int = 1, by: str = "staff", kind: str = "counselling", **more: Any) -> Referral:  # fmt: skip
    start = (now() + timedelta(days=days, minutes=minutes)).replace(second=0, microsecond=0)
    service = journey.counselling if kind == "counselling" else journey.childcare
    return submit_referral(
        actor=journey.actors[by], tenant=journey.tenant, service_id=service.pk, units=units,
        windows=[(start, start + timedelta(hours=3))], consent=["referral", *more.pop("consent", [])], **more,
    )  # fmt: skip


def _confirm(journey: Journey, referral: Referral) -> Voucher:
    offer = Offer.objects.get(referral=referral)
    start = referral.windows.first().starts_at
    booking = confirm_offer(
        actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )  # fmt: skip
    return Voucher.objects.get(booking=booking)


def _left(journey: Journey) -> User:
    return User.objects.get(pk=journey.actors["left"].user_id)


def build_town() -> Town:
    """Everything through the writers."""
    tenant, journey = new_school()
    with use_tenant(tenant.id):
        department = Department.objects.create(name="语文组")
        admin = make_person(tenant, "admin", "staff", name="王校办", staff_no="YC0001", department=department)
        live = _confirm(journey, _ask(journey, minutes=30, wishes=Wishes(gender="female")))
        spent = _confirm(journey, _ask(journey, minutes=90))
        several = _confirm(journey, _ask(journey, minutes=150, units=2, by="staff2"))
        child = register_child(actor=journey.staff, name="小满", born=date(now().year - 7, 3, 1))
        waiting = _ask(journey, days=3, kind="childcare", child_id=child.pk, consent=["childcare"])
        proposed = _ask(journey, days=4)
        offer = Offer.objects.get(referral=proposed)
        later = now().replace(second=0, microsecond=0) + timedelta(days=6)
        propose_times(
            actor=journey.partner_office, tenant=tenant, offer_id=offer.pk,
            windows=[(later + timedelta(hours=n), later + timedelta(hours=n, minutes=50)) for n in (0, 2)],
        )  # fmt: skip
        decision = _ask(journey, days=2, units=4, by="staff2")
        begun = keep_draft(
            actor=journey.actors["centre"], tenant=tenant, draft_id=uuid7(), service=journey.counselling,
            answers={"when": {"units": "2"}, "unit": journey.counselling.unit},
        )  # fmt: skip
        redeemed = redeem(actor=journey.partner_counter, text=spent.code)[-1]
        draft = draft_policy(
            actor=journey.finance, scheme="counselling", share_bp=8_000, valid_from=local_day(now()) + timedelta(40),
            quota_unit="session", quota_amount=10,
        )  # fmt: skip
        agreement = draft_agreement(
            actor=journey.union, partner_id=journey.institution.pk, valid_from=local_day(now()) + timedelta(301),
            valid_until=local_day(now()) + timedelta(600), data_part_valid_until=local_day(now()) + timedelta(600),
            lines=[LineDraft(journey.counselling.pk, 31_000)],
        )  # fmt: skip
        roster = preview_roster(actor=actor_of(admin), content=_ROSTER.encode(), file_name="名单.csv")
        relative = register_relative(actor=journey.staff, relation="spouse", name="周敏", phone="13900000009")
        link = ask_consent(actor=journey.staff, relative_id=relative.pk, purpose="emergency")
        job = start(actor=actor_of(admin), kind="roster", params={"import": roster.pk})
        other = preview_roster(actor=actor_of(admin), content=_ROSTER.encode(), file_name="名单.csv")
        member = journey.members["staff"]
        fresh = make_person(tenant, "staff", name="新来的老师")
        bureau = make_person(tenant, "district", name="局里的老师")
        paths = _paths(
            journey, live, decision, proposed, waiting, redeemed, draft, agreement, other, job, member, department
        )
        invited = add_member(
            actor=actor_of(admin), email=f"{tenant.slug}@invited.example", phone="",
            fields=MemberFields(name="钱未来", roles=frozenset({"staff"})),
        )  # fmt: skip
        paths |= {"draft": str(begun.pk)}
        paths |= {"invited": f"/school/members/{invited.pk}/", "invitation": path_for("member", invited)}
        guest = User.objects.create_user(f"{tenant.slug}@guest.example", settings.DEMO_PASSWORD, full_name="周到访")
        add_member(
            actor=actor_of(admin), email=guest.email or "", phone="",
            fields=MemberFields(name="周老师", roles=frozenset({"staff"})),
        )  # fmt: skip
        paths |= family_paths(journey, relative, child) | course_paths(journey) | contact_paths(journey, relative)
        paths |= (
            outside_paths(journey)
            | move_paths(journey)
            | missed_paths(journey)
            | following_paths(journey)
            | deciding_paths(journey)
            | leaving_paths(journey)
        )
        paths |= open_day_paths(journey)
        knowing_paths, knowing_people = knowing_town(journey)
        paths |= knowing_paths
        handed_paths, handed_people = liaison_town(journey)
        paths |= handed_paths
    drain()
    paths["family"] = f"/family/{link}/"
    people = {
        **{role: person.user for role, person in journey.members.items()},
        "admin": admin.user, "fresh": fresh.user, "bureau": bureau.user, "guest": guest, "left": _left(journey), "partner": journey.partner_user, "counter": journey.counter_user,
        "newcomer": _newcomer(journey), "operator": User.objects.get(pk=journey.operator.user_id),
    }  # fmt: skip
    people |= knowing_people | account_people(tenant) | handed_people
    paths |= account_paths(people)
    paths |= institution_paths(journey)
    paths |= school_paths(journey, admin)
    keep_hours(journey, admin)
    free_paths, beside = calendar_town(journey)
    paths |= free_paths
    people |= beside
    on_duty_paths, on_duty = duty_town(journey)
    paths |= on_duty_paths
    people |= on_duty
    paths |= ready_paths(journey)
    paths |= text_paths(journey)
    chain_school, chain_people, chain_paths = emergency_town()
    people |= chain_people
    paths |= chain_paths
    drill_school, drill_people, drill_paths = drill_town()
    people |= drill_people
    paths |= drill_paths
    return Town(tenant, journey, people, paths, live.code, spent.code, several.code, chain_school, drill_school)


def _newcomer(journey: Journey) -> User:
    """The office of an institution that nobody has asked yet."""
    institution = make_partner(journey.operator, journey.platform)
    user, _actor = make_partner_person(journey.operator, journey.platform, institution, PlatformRole.PARTNER_OFFICE)
    return user


def _paths(
    journey: Journey, live: Voucher, decision: Referral, proposed: Referral, waiting: Referral, redeemed: Redemption,
    draft: SubsidyPolicy, agreement: Agreement, roster: Any, job: Job, member: Membership, department: Department,
) -> dict[str, str]:  # fmt: skip
    open_offer = Offer.objects.get(referral=waiting)
    return {
        "voucher": f"/vouchers/{live.pk}/",
        "check": f"/v/{live.token}/",
        "referral": f"/my/referrals/{proposed.pk}/",
        "cancel": f"/my/referrals/{proposed.pk}/cancel/",
        "none_fits": f"/my/referrals/{proposed.pk}/none-fits/",
        "booking_cancel": f"/partner/bookings/{live.booking_id}/cancel/",
        "apply": f"/apply/{journey.counselling.pk}/",
        "apply_child": f"/apply/{journey.childcare.pk}/",
        "done": f"/apply/done/{waiting.pk}/",
        "offer": f"/partner/offers/{open_offer.pk}/",
        "redeemed": f"/partner/redemptions/{redeemed.pk}/done/",
        "reverse": f"/partner/redemptions/{redeemed.pk}/reverse/",
        "decision": f"/centre/referrals/{decision.pk}/",
        "union_request": f"/union/referrals/{waiting.pk}/",
        "policy": f"/finance/policies/{draft.pk}/",
        "pool": f"/finance/pools/{local_day(now()).year}/counselling/",
        "order": f"/finance/orders/{_order(journey)}/",
        "policy_open": f"/finance/policies/{journey.policies['counselling'].pk}/",
        "union_agreement": f"/union/agreements/{journey.agreement.pk}/",
        "finance_agreement": f"/finance/agreements/{agreement.pk}/",
        "roster": f"/school/roster/{roster.pk}/",
        "job": f"/jobs/{job.pk}/",
        "member": f"/school/members/{member.pk}/",
        "department": f"/school/departments/{department.pk}/",
        "institution": f"/operator/institutions/{journey.institution.slug}/",
    }


Prepare = Callable[[Any, Town], None]


def _order(journey: Journey) -> UUID:
    """A grant that waits for the second person."""
    with use_tenant(journey.tenant.id):
        order = ask_pool_order(
            actor=journey.finance, tenant=journey.tenant, kind="grant", scheme="camp", year=local_day(now()).year,
            amount_fen=500_000, reason="暑期营追加",
        )  # fmt: skip
        return order.pk
