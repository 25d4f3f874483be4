"""Requests of one term in the demo: finished ones, and a few that are open today."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from accounts.actor import Actor
from demo.setup import Ground
from families.access import children_of
from families.models import Child
from families.workflow import register_child
from kernel.clock import SCHOOL_ZONE, as_of
from partners.calendars.opening import Opening
from partners.kinds import ServiceKind
from referrals.kinds import KINDS
from referrals.liaison.workflow.mediation import agree, ask_mediation, invite, suggest
from referrals.models import Offer, Referral, Voucher
from referrals.states import ReferralState
from referrals.workflow.answering import confirm_offer, decline_offer, propose_times
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.redeeming import redeem, reverse
from referrals.workflow.submitting import approve_referral, decline_referral, submit_referral
from tenancy.models import Tenant
from tenancy.scope import use_tenant

ZONE = ZoneInfo(SCHOOL_ZONE)
_ASKED_SERVICES = (
    "个人心理咨询",
    "个人心理咨询",
    "夫妻与家庭咨询",
    "心理治疗",
    "课后托管（按次）",
    "日常保洁",
    "上门做饭",
    "家庭矛盾调解",
    "老人日间照料",
)
_ELDER_CARE = "老人日间照料"
_MEDIATION = "家庭矛盾调解"
_LONGEST = 180
"""Minutes of the longest appointment of the past: what a request's window leaves room for."""


EVERY_DAY: Final = Opening()
"""For whoever has said no hours."""


@dataclass
class Clockwork:
    """Hands out appointment times, so that no institution has two at once."""

    taken: set[tuple[str, datetime]] = field(default_factory=set)

    def slot(self, partner: str, day: datetime, random: Random, opening: Opening = EVERY_DAY) -> datetime:
        """A full hour of the institution on that day from which three hours are free and open (no service of the past
        is longer), 9:00–18:00 school time, UTC; the next day when it is full or closed."""
        local = day.astimezone(ZONE).replace(minute=0, second=0, microsecond=0)
        while True:
            hours = [
                hour
                for hour in range(9, 18)
                if not self._spans(partner, local, hour) & self.taken and _is_open(opening, local.replace(hour=hour))
            ]
            if hours:
                chosen = local.replace(hour=random.choice(hours))
                self.taken |= self._spans(partner, local, chosen.hour)
                return chosen.astimezone(UTC)
            local += timedelta(days=1)

    @staticmethod
    def _spans(partner: str, local: datetime, hour: int) -> set[tuple[str, datetime]]:
        first = local.replace(hour=hour)
        return {(partner, first + timedelta(hours=later)) for later in range(_LONGEST // 60)}


def _is_open(opening: Opening, start: datetime) -> bool:
    return opening.fault(start, start + timedelta(minutes=_LONGEST), _LONGEST, is_exact=True) is None


@dataclass
class Story:
    """Everything one school's stories need."""

    ground: Ground
    tenant: Tenant
    random: Random
    clockwork: Clockwork
    today: datetime

    def ask(self, person: Actor, service_name: str, *, asked: datetime, start: datetime, units: int = 1) -> Referral:
        """A request at ``asked`` for an appointment at ``start``."""
        service = self.ground.services[service_name]
        child = None
        if service.kind == ServiceKind.MEDIATION:
            self._first_talk(person, asked)
        if service.kind == "childcare":
            years = self.random.randint(6, 10)
            own = children_of(person).first()
            child = (own or self._child(person, years)).pk
        with as_of(asked):
            return submit_referral(
                actor=person,
                tenant=self.tenant,
                service_id=service.pk,
                units=units,
                windows=[(start - timedelta(minutes=30), start + timedelta(hours=3))],
                consent=["referral", *(["childcare"] if child else [])],
                child_id=child,
            )

    def _first_talk(self, person: Actor, asked: datetime) -> None:
        """The school's psychologist has heard them, and both sides have said yes to somebody outside (16.6)."""
        centre = self.ground.people[self.tenant.slug]["centre"]
        with as_of(asked - timedelta(days=4)):
            row = ask_mediation(actor=person, tenant=self.tenant, note="想先听听老师怎么说")
            talk_at = asked - timedelta(days=2)
            invite(actor=centre, mediation_id=row.pk, talk_at=talk_at, place="centre")
        with as_of(talk_at + timedelta(hours=1)):
            suggest(actor=centre, tenant=self.tenant, mediation_id=row.pk, sides="both")
        with as_of(asked - timedelta(hours=1)):
            agree(actor=person, mediation_id=row.pk, own=True, other=True)

    def slot(self, service_name: str, day: datetime, *, queue: str = "") -> datetime:
        """A free hour of the service's institution, within its hours. ``queue``: of those that nobody has agreed to yet."""
        partner = self.ground.services[service_name].institution_id
        return self.clockwork.slot(f"{queue}{partner}", day, self.random, self.ground.openings[partner])

    def _child(self, person: Actor, years: int) -> Child:
        return register_child(
            actor=person,
            name=self.ground.names.new(person.display_name[0]),
            born=(self.today - timedelta(days=365 * years)).date(),
        )

    def partner_of(self, referral: Referral) -> Actor:
        """Whoever answers at the institution."""
        return self.ground.partners[referral.partner_id]

    def office_of(self, referral: Referral) -> Actor:
        """Whoever decides its kind at the school."""
        return self.ground.people[self.tenant.slug][KINDS[referral.kind].decider]

    def agree(self, referral: Referral, *, at: datetime) -> None:
        """The office approves the request."""
        with as_of(at):
            approve_referral(actor=self.office_of(referral), tenant=self.tenant, referral_id=referral.pk)
        referral.refresh_from_db()

    def confirm(self, referral: Referral, *, at: datetime, start: datetime, minutes: int = 60) -> Voucher:
        """The institution takes it at ``start``; whoever has had many sessions already needs the office's approval first."""
        if referral.state != ReferralState.OFFERED:
            self.agree(referral, at=at - timedelta(minutes=30))
        offer = Offer.objects.get(referral=referral)
        with as_of(at):
            booking = confirm_offer(
                actor=self.partner_of(referral),
                tenant=self.tenant,
                offer_id=offer.pk,
                starts_at=start,
                ends_at=start + timedelta(minutes=minutes),
            )
        return Voucher.objects.get(booking=booking)

    def use(self, voucher: Voucher, *, at: datetime, units: int = 1) -> None:
        """The person comes, the counter redeems; now and then a slip is taken back and done again."""
        partner = self.ground.partners[voucher.partner_id]
        with as_of(at):
            done = redeem(actor=partner, text=voucher.code, units=units)
            if self.random.random() < 0.06:
                reverse(actor=partner, redemption_id=done[-1].pk, reason="scanned_by_mistake")
                redeem(actor=partner, text=voucher.code, units=1)


def past(story: Story, people: list[Actor], count: int) -> Iterator[None]:
    """``count`` finished stories over the last eleven weeks, the oldest first, so that numbers go with time.

    Yields after each, for the progress bar.
    """
    random = story.random
    ago = [timedelta(days=random.randint(6, 74), hours=random.randint(1, 9)) for _ in range(count)]
    for number, before in enumerate(sorted(ago, reverse=True)):
        name = _ASKED_SERVICES[number % len(_ASKED_SERVICES)]
        person = random.choice(people)
        if name == _MEDIATION:  # one after the other: nobody has two under way
            person = people[number % len(people)]
        asked = story.today - before
        start = story.slot(name, asked + timedelta(days=random.randint(2, 4)))
        referral = story.ask(person, name, asked=asked, start=start)
        fate = random.random()
        begun = asked
        if referral.state != ReferralState.OFFERED:
            begun = asked + timedelta(hours=7)
            story.agree(referral, at=begun)
        if fate < 0.06:
            with as_of(begun + timedelta(hours=3)):
                offer = Offer.objects.get(referral=referral)
                decline_offer(actor=story.partner_of(referral), offer_id=offer.pk, reason="no_capacity")
        elif fate < 0.12:
            with as_of(begun + timedelta(hours=2)):
                cancel_referral(actor=person, tenant=story.tenant, referral_id=referral.pk)
        else:
            voucher = story.confirm(referral, at=begun + timedelta(hours=8), start=start, minutes=_lasts(story, name))
            if fate < 0.94:
                story.use(voucher, at=start + timedelta(minutes=5))
        yield


def _lasts(story: Story, name: str) -> int:
    """Minutes of one appointment: the service's own, where a day of care is drawn as its first hours."""
    return min(story.ground.services[name].minutes, _LONGEST)


PRESENT_STEPS: Final = 9


def present(story: Story) -> Iterator[None]:
    """What the demo's people find today: something to show, something to answer, something to decide."""
    people = story.ground.people[story.tenant.slug]
    staff, staff2 = people["staff"], people["staff2"]
    steps: list[Callable[[], object]] = [
        lambda: _union_decided(story),
        lambda: _today(story, staff),
        lambda: _coming(story, staff),
        lambda: _waiting(story, staff2, "夫妻与家庭咨询", days=3),
        lambda: _waiting(story, staff2, "课后托管（按月）", days=5),
        lambda: _waiting(story, staff, "日常保洁", days=4, units=2),
        lambda: _proposed(story, staff2),
        lambda: story.ask(
            staff2,
            "心理治疗",
            asked=story.today - timedelta(hours=5),
            start=story.slot("心理治疗", story.today + timedelta(days=6), queue="renai"),
            units=4,
        ),
        lambda: _union_waiting(story),
    ]
    for step in steps:
        step()
        yield


def _today(story: Story, person: Actor) -> None:
    """Vouchers that a counter can redeem right now: an open one, and one of today at an hour when people are about."""
    start = this_day(story.today, first=9, last=18)
    referral = story.ask(person, "上门做饭", asked=story.today - timedelta(days=2, hours=4), start=start)
    story.confirm(referral, at=story.today - timedelta(days=1, hours=20), start=start, minutes=120)
    # One hour later in each further school: all three share the one institution.
    start = this_day(story.today, first=10, last=18) + timedelta(
        hours=list(story.ground.schools).index(story.tenant.slug)
    )
    referral = story.ask(person, "个人心理咨询", asked=story.today - timedelta(days=2), start=start)
    story.confirm(referral, at=story.today - timedelta(days=1, hours=20), start=start, minutes=50)


def this_day(moment: datetime, *, first: int, last: int) -> datetime:
    """About two hours after ``moment``, at the full hour, but never before ``first`` or after ``last`` o'clock of its
    day in the school's zone: a demo that is loaded at night has appointments by day. UTC."""
    local = moment.astimezone(ZONE)
    return local.replace(hour=min(max(local.hour + 2, first), last), minute=0, second=0, microsecond=0).astimezone(UTC)


def _coming(story: Story, person: Actor) -> None:
    start = story.slot("个人心理咨询", story.today + timedelta(days=9))
    referral = story.ask(person, "个人心理咨询", asked=story.today - timedelta(hours=30), start=start)
    story.confirm(referral, at=story.today - timedelta(hours=22), start=start, minutes=50)


def _waiting(story: Story, person: Actor, name: str, *, days: int, units: int = 1) -> Referral:
    start = story.slot(name, story.today + timedelta(days=days), queue="waiting")
    return story.ask(
        person, name, asked=story.today - timedelta(hours=story.random.randint(1, 6)), start=start, units=units
    )


def _proposed(story: Story, person: Actor) -> None:
    referral = _waiting(story, person, _ELDER_CARE, days=7)
    if referral.state != ReferralState.OFFERED:
        story.agree(referral, at=story.today - timedelta(minutes=45))
    offer = Offer.objects.get(referral=referral)
    first = story.slot(_ELDER_CARE, story.today + timedelta(days=8), queue="proposed")
    second = story.slot(_ELDER_CARE, first + timedelta(days=1), queue="proposed")
    starts = [day.astimezone(ZONE).replace(hour=9) for day in (first, second)]
    with as_of(story.today - timedelta(minutes=30)):
        propose_times(
            actor=story.partner_of(referral),
            tenant=story.tenant,
            offer_id=offer.pk,
            windows=[(start, start + timedelta(hours=8)) for start in starts],
        )


def _asks_union(story: Story) -> bool:
    return story.ground.services[_ELDER_CARE].kind in story.tenant.settings.asked_kinds


def _colleague(story: Story) -> Actor:
    return next(iter(story.ground.staff[story.tenant.slug]), story.ground.people[story.tenant.slug]["moral"])


def _union_decided(story: Story) -> None:
    """For a school whose union always decides elder care: one approved and one declined request of the last two weeks."""
    if not _asks_union(story):
        return
    asked = story.today - timedelta(days=12, hours=3)
    start = story.slot(_ELDER_CARE, asked + timedelta(days=3))
    agreed = story.ask(_colleague(story), _ELDER_CARE, asked=asked, start=start)
    story.agree(agreed, at=asked + timedelta(hours=5))
    voucher = story.confirm(agreed, at=asked + timedelta(hours=9), start=start, minutes=_LONGEST)
    story.use(voucher, at=start + timedelta(minutes=5))
    asked = story.today - timedelta(days=8, hours=2)
    start = story.slot(_ELDER_CARE, asked + timedelta(days=4))
    doctor = story.ground.people[story.tenant.slug]["doctor"]
    refused = story.ask(doctor, _ELDER_CARE, asked=asked, start=start, units=3)
    with as_of(asked + timedelta(hours=20)):
        decline_referral(actor=story.office_of(refused), referral_id=refused.pk, reason="talk_first")


def _union_waiting(story: Story) -> None:
    """Requests that wait for the union today."""
    if _asks_union(story):
        _waiting(story, story.ground.people[story.tenant.slug]["staff"], _ELDER_CARE, days=6, units=2)
        _waiting(story, _colleague(story), _ELDER_CARE, days=9)


def tell(
    ground: Ground, slug: str, clockwork: Clockwork, *, count: int, today: datetime, random: Random
) -> Iterator[None]:
    """One school's whole history, inside its own scope."""
    tenant = ground.schools[slug]
    story = Story(ground, tenant, random, clockwork, today)
    with use_tenant(tenant.id):
        yield from past(story, ground.staff[slug] + [ground.people[slug]["staff"]], count)
        yield from present(story)
