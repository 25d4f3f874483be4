"""One school in which every facet of four requests, and of the people around them, is a word that stands nowhere else.

The moment is pretended, so that days and minutes are words too: planted on a Tuesday, redeemed on the Friday, read on the
Monday after.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client

from accounts.actor import Actor
from accounts.models import Department, Membership, User
from accounts.places import actor_at
from accounts.tokens import issue_token
from content.opendays.links import party_of
from content.opendays.workflow.answering import answer
from content.opendays.workflow.days import plan_day, publish_day
from content.opendays.workflow.gate import open_gate
from content.opendays.workflow.inviting import invite
from demo.worlds import agree
from families.models import Consent
from families.purposes import Purpose
from families.workflow import ask_consent, register_child, register_relative
from kernel.clock import as_of, now
from kernel.identifiers import uuid7
from notifications.drain import drain
from notifications.models import OutboxMessage
from partners.models import AgreementLine, Institution, Service
from partners.workflow import add_service
from readings.workflow import issue_reading
from referrals.emergency.models import chain_moment
from referrals.emergency.workflow.communities import set_community
from referrals.emergency.workflow.contacts import add_contact
from referrals.emergency.workflow.never import bar_number
from referrals.emergency.workflow.seats import appoint
from referrals.kinds import KINDS
from referrals.liaison.models import HandOnCard
from referrals.liaison.workflow.handing_on import consent, open_card, write_card
from referrals.liaison.workflow.mediation import ask_mediation
from referrals.liaison.workflow.mediation import invite as invite_to_talk
from referrals.liaison.workflow.reporting import report
from referrals.models import Offer, Redemption, Referral, Voucher
from referrals.wishes import Wishes
from referrals.workflow.answering import confirm_offer
from referrals.workflow.drafting import keep_draft
from referrals.workflow.hardship import ask_hardship
from referrals.workflow.redeeming import redeem
from referrals.workflow.submitting import approve_referral, decline_referral, submit_referral
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.content.conftest import Side, build_side
from tests.disclosure.world_danger import in_danger
from tests.fixtures_journey import Journey, make_journey, make_partner, make_partner_person
from tests.opendays.world import family
from tests.opendays.world import plan as open_day_plan

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLANTED = datetime(2027, 3, 9, 10, 0, tzinfo=SHANGHAI)
READ = datetime(2027, 3, 15, 10, 0, tzinfo=SHANGHAI)


CEILING_FEN = 734_917
FILE_ENDS = date(2027, 6, 23)
BACK_ON = date(2027, 4, 26)

WISHES = Wishes(access=("sight",))


@dataclass
class Person:
    """A member of the staff, with all that a school types of somebody."""

    member: Membership
    name: str
    title: str
    phone: str
    email: str
    department: str
    staff_no: str


@dataclass
class World:
    """What was planted. ``users`` by reader; ``requests`` and ``vouchers`` by their names below."""

    side: Side
    journey: Journey
    users: dict[str, User]
    asking: Person
    waiting: Person
    requests: dict[str, Referral] = field(default_factory=dict)
    vouchers: dict[str, Voucher] = field(default_factory=dict)
    redemptions: dict[str, Redemption] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)
    link: str = ""
    links: list[str] = field(default_factory=list)
    """Secrets of the open day: the invitation's, the family's, the gate's."""

    @property
    def tenant(self) -> Tenant:
        return self.side.tenant

    def where(self, reader: str) -> Tenant:
        """Whose host the reader works on: the institutions and the operator on the platform's."""
        on_platform = reader in ("agency", "counter", "operator", "other_agency")
        return self.journey.platform if on_platform else self.tenant

    def actor(self, reader: str) -> Actor | None:
        """As whom the reader acts there."""
        return actor_at(self.where(reader), self.users[reader]) if reader in self.users else None

    def client(self, reader: str) -> Client:
        """A browser where the reader works."""
        client = Client(headers={"host": self.where(reader).host}, raise_request_exception=False)
        if reader in self.users:
            client.force_login(self.users[reader])
        return client


def plant() -> World:
    """The whole school, through the writers."""
    with as_of(PLANTED):
        side = build_side("白鹭")
        Tenant.objects.filter(pk=side.tenant.pk).update(
            code="BL", district="拱墅区", rules={"asked_kinds": ["counselling", "childcare"]}
        )
        side.tenant.refresh_from_db()
        journey = make_journey(side.tenant)
        _names(journey)
        with use_tenant(side.tenant.id):
            world = _people(side, journey)
            _families(world)
            _open_day(world)
            _stand_in(world)
            _ask(world)
            in_danger(world)
            _give_out(world)
    for name, moment in (("care", _at(11, 16, 45)), ("talk", _at(12, 14, 45))):
        with as_of(moment), use_tenant(side.tenant.id):
            _spend(world, name)
    with as_of(READ - timedelta(minutes=57)), use_tenant(side.tenant.id):
        world.requests["next"] = _send(world, world.asking, journey.counselling, _at(15, 10, 7), "我会提前十分钟到")
        _confirm(world, "next", _at(15, 10, 23))
        child = world.ids["child_id"][0]
        world.requests["asked_care"] = _send(
            world,
            world.asking,
            journey.childcare,
            _at(20, 8, 53),
            "弟弟也一起",
            units=2,
            child_id=child,
            also=["childcare"],
        )
        world.requests["asked"] = _send(
            world, world.waiting, journey.counselling, _at(17, 9, 23), "夜里睡不着", units=2
        )
    with as_of(READ - timedelta(minutes=71)), use_tenant(side.tenant.id):
        _hand_on(world)
    with as_of(READ - timedelta(minutes=63)), use_tenant(side.tenant.id):  # a minute that is nobody's
        file = ask_hardship(
            actor=journey.union, tenant=world.tenant, person_id=world.asking.member.pk, number="KN-3107",
            ceiling_fen=CEILING_FEN, first_day=READ.date(), last_day=FILE_ENDS,
        )  # fmt: skip
        world.ids |= {"file_id": [str(file.pk)]}
    _deliver(world)
    return world


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2027, 3, day, hour, minute, tzinfo=SHANGHAI)


def _names(journey: Journey) -> None:
    """Names and prices that are nobody else's."""
    Institution.objects.filter(pk=journey.institution.pk).update(
        name="晴川心理",
        name_en="Clearbrook",
        kind="mental_health_centre",
        address="鹿鸣巷 77 号",
        phone="0571-86137001",
    )
    Service.objects.filter(pk=journey.counselling.pk).update(name="听雨谈心", name_en="Rainlistening")
    Service.objects.filter(pk=journey.childcare.pk).update(name="蒲公英托管", name_en="Dandelion Club")
    for one in (journey.institution, journey.counselling, journey.childcare):
        one.refresh_from_db()
    with use_tenant(journey.tenant.id):
        for service, fen in ((journey.counselling, 31_359), (journey.childcare, 118_777)):
            AgreementLine.objects.filter(service=service).update(tariff_fen=fen)


def _person(tenant: Tenant, *roles: str, words: tuple[str, ...]) -> Person:
    name, title, phone, email, department, staff_no = words
    row, _made = Department.objects.get_or_create(name=department)
    member = make_person(
        tenant, *roles, name=name, title=title, phone=phone, email=email, staff_no=staff_no, department=row
    )
    return Person(member, name, title, phone, email, department, staff_no)


def _people(side: Side, journey: Journey) -> World:
    tenant = side.tenant
    asking = _person(
        tenant, "staff",
        words=("柳问渠", "柳老师", "13572460417", "wenqu@liu.example", "星象教研组", "SN7713"),
    )  # fmt: skip
    waiting = _person(
        tenant, "staff",
        words=("裴听澜", "裴先生", "13586420593", "tinglan@pei.example", "潮汐教研组", "SN8824"),
    )  # fmt: skip
    users = {"person": asking.member.user, "editor": side.editor}
    asking.member.user.keep_proved_phone(asking.phone)
    asking.member.user.save()
    asking.member.gender, asking.member.active_from = "female", date(2016, 8, 29)
    asking.member.save()
    users["head"] = make_person(tenant, "head", "staff", name="负责君", department=asking.member.department).user
    for role in ("principal", "admin", "duty", "moral", "doctor", "district"):
        users[role] = make_person(tenant, role, *(() if role == "district" else ("staff",)), name=f"{role}君").user
    users["colleague"] = make_person(tenant, "staff", name="同事君").user
    users |= {role: journey.members[role].user for role in ("centre", "union", "finance")}
    users |= {"agency": journey.partner_user, "counter": journey.counter_user}
    users["operator"] = User.objects.get(pk=journey.operator.user_id)
    other = make_partner(journey.operator, journey.platform)
    users["other_agency"], _actor = make_partner_person(journey.operator, journey.platform, other, "partner_office")
    return World(side, journey, users, asking, waiting)


def _stand_in(world: World) -> None:
    """Who asks for help also stands in for a seat of the chain, whose days are those of the database's clock."""
    appoint(
        actor=world.journey.actors["centre"],
        kind="principal",
        since=world.tenant.day_of(chain_moment()),
        holder_id=Membership.objects.get(user=world.users["principal"]).pk,
        deputy_id=world.asking.member.pk,
    )


def _give_out(world: World) -> None:
    """Each who may, one document: who is missing of it is shown to them alone."""
    page, file = ("page", str(world.side.page.pk)), ("file", str(world.side.document.pk))
    due = world.tenant.today() + timedelta(days=60)
    given = [
        issue_reading(
            actor=actor_of(Membership.objects.get(user=world.users[name])), kind=kind, ref=ref, due_on=due, proof="read"
        )
        for name, (kind, ref) in (("centre", page), ("editor", file), ("admin", ("briefing", "suicide")))
    ]
    world.ids |= {"reading_id": [str(one.pk) for one in given], "person_id": [str(world.asking.member.pk)]}


def _families(world: World) -> None:
    actor = actor_of(world.asking.member)
    relative = register_relative(actor=actor, relation="spouse", name="戚晚舟", phone="13624681357")
    child = register_child(actor=actor, name="柳小满", born=date(2019, 5, 17))
    contact = add_contact(actor=actor, relative_id=relative.pk, grades=["extreme"], is_of_age=True)
    world.link = ask_consent(actor=actor, relative_id=relative.pk, purpose=Purpose.EMERGENCY)
    consent = Consent.objects.get(relative=relative)
    never = bar_number(actor=actor, phone="13691472583", label="老邻居阿强")
    _community(world)
    world.ids |= {"relative_id": [str(relative.pk)], "child_id": [str(child.pk)], "consent_id": [str(consent.pk)]}
    world.ids |= {"contact_id": [str(contact.pk)], "never_id": [str(never.pk)]}


def _open_day(world: World) -> None:
    """On the day that is read, so that its gate is open."""
    organiser, host = world.journey.actors["union"], actor_of(world.asking.member)
    days = (READ.date() - PLANTED.date()).days
    begins = READ.replace(hour=14)  # later that day: the family may still change its answer
    plan = open_day_plan(
        world.tenant, days=days, title="看看一天", starts_at=begins, ends_at=begins + timedelta(hours=2),
        answers_until=begins - timedelta(hours=1),
    )  # fmt: skip
    day = plan_day(actor=organiser, school=world.tenant, plan=plan)
    publish_day(actor=organiser, open_day_id=day.pk)
    invitation = invite(actor=host, open_day_id=day.pk)
    said = family(2, child=1, address="端木女士", plate="浙A9K3Q7")
    secret = answer(token=invitation.token, form_key="form", said=said)
    gate = open_gate(actor=organiser, open_day_id=day.pk, gate="东门")
    world.links = [invitation.token, secret, gate.token]
    party = party_of(secret)
    world.ids |= {
        "open_day_id": [str(day.pk)],
        "session_id": [str(day.sessions.get().pk)],
        "party_id": [str(party.pk)],
        "guest_id": [str(party.guests.first().pk)],
        "steward_id": [str(gate.pk)],
    }


def _community(world: World) -> None:
    journey = world.journey
    with use_tenant(journey.platform.id):
        station = make_partner(journey.operator, journey.platform, kind="community")
        Institution.objects.filter(pk=station.pk).update(name="栖霞社区", name_en="Qixia")
        visit = add_service(
            actor=journey.operator, institution_id=station.pk, name="上门探访", kind="home_help", list_fee_fen=0,
            unit="session", minutes=60,
        )  # fmt: skip
    days = (PLANTED.date(), PLANTED.date() + timedelta(days=300))
    agree(journey.actors["union"], journey.actors["finance"], station.pk, {visit.pk: 0}, days)
    set_community(actor=actor_of(world.asking.member), community_id=station.pk, street="听潮路 9 幢")


def _send(
    world: World, who: Person, service: Service, at: datetime, note: str, *, units: int = 1, **more: Any
) -> Referral:
    """A request for the three hours from ``at``; the office that read its note agrees."""
    sent = _wait(world, who, service, at, note, units=units, **more)
    decider = world.journey.actors[KINDS[service.kind].decider]
    return approve_referral(actor=decider, tenant=world.tenant, referral_id=sent.pk)


def _wait(
    world: World, who: Person, service: Service, at: datetime, note: str, *, units: int = 1, **more: Any
) -> Referral:
    """The same, waiting for that office."""
    return submit_referral(
        actor=actor_of(who.member), tenant=world.tenant, service_id=service.pk, units=units,
        windows=[(at, at + timedelta(hours=3))], note=note, wishes=WISHES, consent=["referral", *more.pop("also", ())], **more,
    )  # fmt: skip


def _confirm(world: World, name: str, start: datetime) -> None:
    offer = Offer.objects.get(referral=world.requests[name])
    confirm_offer(
        actor=world.journey.partner_office, tenant=world.tenant, offer_id=offer.pk, starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )  # fmt: skip
    world.vouchers[name] = Voucher.objects.get(referral=world.requests[name])


def _ask(world: World) -> None:
    """``talk`` and ``care`` are confirmed, ``no`` and ``no_care`` are declined, and something is begun."""
    journey, child = world.journey, world.ids["child_id"][0]
    world.requests["talk"] = _send(world, world.asking, journey.counselling, _at(12, 13, 13), "请安排安静的房间")
    world.requests["care"] = _send(
        world, world.asking, journey.childcare, _at(11, 15, 19), "孩子对花生过敏", child_id=child, also=["childcare"]
    )
    _confirm(world, "talk", _at(12, 14, 37))
    _confirm(world, "care", _at(11, 16, 41))
    world.requests["no"] = _wait(world, world.asking, journey.counselling, _at(18, 11, 29), "想换一位老师", units=3)
    decline_referral(actor=journey.centre, referral_id=world.requests["no"].pk, reason="talk_first")
    world.requests["no_care"] = _wait(
        world, world.asking, journey.childcare, _at(19, 17, 34), "每周三次", units=3, child_id=child, also=["childcare"]
    )
    decline_referral(actor=journey.union, referral_id=world.requests["no_care"].pk, reason="not_covered")
    issue_token(actor=actor_of(world.asking.member), label="家里的平板")
    keep_draft(
        actor=actor_of(world.asking.member), tenant=journey.tenant, draft_id=uuid7(), service=journey.counselling,
        answers={"when": {"units": "1"}, "unit": journey.counselling.unit, "note": "还没写完的话"},
    )  # fmt: skip


def _hand_on(world: World) -> None:
    """The asking one has a time for a first talk, and a card that the agency has opened and answered."""
    journey, person = world.journey, actor_of(world.asking.member)
    row = ask_mediation(actor=person, tenant=world.tenant, note="想请人帮我们把话说开")
    invite_to_talk(actor=journey.centre, mediation_id=row.pk, talk_at=_at(17, 16, 19), place="centre")
    case = write_card(
        actor=journey.centre, tenant=world.tenant, person_id=world.asking.member.pk, partner_id=journey.institution.pk,
        purpose="assessment", words={"ask": "请看看她夜里为什么惊醒"},
    )  # fmt: skip
    consent(actor=person, tenant=world.tenant, case_id=case.pk, fields=["name", "phone"])
    card = HandOnCard.objects.get(hand_on=case)
    open_card(actor=journey.partner_office, card_id=card.pk)
    report(
        actor=journey.partner_office, tenant=world.tenant, card_id=card.pk, outcome="seen", goes_on="both",
        advice="晚自习先不要排给她", back_on=BACK_ON,
    )  # fmt: skip
    world.ids |= {"mediation_id": [str(row.pk)], "case_id": [str(case.pk)], "card_id": [str(card.pk)]}


def _deliver(world: World) -> None:
    """What waits for its reader is shown to them: the drain goes by the database's clock, which nobody pretends."""
    with use_tenant(world.tenant.id):
        OutboxMessage.objects.update(next_at=now() - timedelta(days=1))
    drain()


def _spend(world: World, name: str) -> None:
    voucher = world.vouchers[name]
    (world.redemptions[name],) = redeem(actor=world.journey.partner_counter, text=voucher.code)
