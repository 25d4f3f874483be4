"""What the check of a plan asks of the school: its channels, rota, seats, lines and institutions, read now."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import Membership
from notifications.models import Channel
from notifications.providers.capability import Kind
from notifications.providers.ports import Trouble
from notifications.selectors import OwnAccounts, own_accounts
from partners.models import Agreement
from partners.states import BOOKABLE_AGREEMENTS, BOOKABLE_INSTITUTIONS
from referrals.emergency.models import Delivery, DutyLine, Plan, PlanStep
from referrals.emergency.rota import rows_between, seats_on, shifts_of
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.line_numbers import line_number, takes_texts
from referrals.emergency.rules.numbers import is_service_number
from referrals.emergency.rules.on_duty import Shift, gaps_ahead, preview_end
from referrals.emergency.rules.plan_check import Chair, Facts, Finding, OfPartner, Reached, check
from referrals.emergency.rules.plan_steps import QUIET, Step
from referrals.emergency.rules.step_rules import SeatKind, Target
from tenancy.messages import together
from tenancy.models import Tenant

_BY_NUMBER: Final = frozenset({Channel.SMS.value, Channel.VOICE.value, Channel.GATEWAY.value})
_VOICE: Final = frozenset({Channel.VOICE.value})


def _channels(own: OwnAccounts, kind: Kind) -> frozenset[str]:
    """The channels by which this school can page: those inside the house, those of its own accounts that may carry
    ``kind``, and those that the installation has.
    """
    gateway = {Channel.GATEWAY.value} if settings.GATEWAY_URL else set()
    return frozenset({*QUIET, *gateway, *own.carrying(kind), *settings.CHAIN_CHANNELS})


def facts_of(school: Tenant, moment: datetime, plans: Iterable[Sequence[Step]] = ()) -> Facts:
    """The school at ``moment`` of the chain's clock, with the institutions that ``plans`` name. Inside the school's scope."""
    day = school.day_of(moment)
    chairs = seats_on(day).prefetch_related(None)
    rows = rows_between(moment, preview_end(moment, school.time_zone)).prefetch_related(None)
    every_line = DutyLine.objects.all()
    together(chairs, rows, every_line)
    all_lines = {line.pk: line for line in every_line}
    ids = {row.holder_id for row in rows} | {pk for chair in chairs for pk in (chair.holder_id, chair.deputy_id)}
    members = {one.pk: one for one in Membership.objects.filter(pk__in=ids - {None})}
    for row in rows:  # read once for seats and shifts together
        row.holder = members[row.holder_id] if row.holder_id else None
        row.line = all_lines[row.line_id] if row.line_id else None
    shifts = shifts_of(rows, school.time_zone)
    lines = {str(line.pk): _of_number(line.number) for line in all_lines.values() if line.is_active}
    own = own_accounts()
    wecom = wecom_of(members) if Channel.WECOM in own.channels else {}
    everybody = {**_people(members.values(), day, wecom), **{UUID(key): one for key, one in lines.items()}}
    seats = {}
    for chair in chairs:
        holder, deputy = (
            everybody.get(key) if key is not None else None
            for key in (chair.holder_id or chair.holder_line_id, chair.deputy_id or chair.deputy_line_id)
        )
        if holder is not None:
            seats[SeatKind(chair.kind)] = Chair(holder, deputy)
        elif deputy is not None:  # whoever has left holds no seat; the deputy takes over
            seats[SeatKind(chair.kind)] = Chair(deputy)
    named = {step.rule.ref for steps in plans for step in steps if step.rule.target is Target.PARTNER}
    return Facts(
        channels=_channels(own, Kind.PAGE),
        outside=_channels(own, Kind.OUTSIDE),
        entered=own.channels,
        an_hour=_an_hour(own),
        layers=_layers(shifts, everybody),
        seats=seats,
        lines=lines,
        partners=_partners(named, school, moment),
        holes=gaps_ahead(shifts, moment, school.time_zone),
    )


def _an_hour(own: OwnAccounts) -> Mapping[str, int]:
    """Channel → how many messages the school's accounts let through in an hour, where each has a limit of its own and the
    installation has no other way.
    """
    if settings.GATEWAY_URL:
        return {}
    found: dict[str, list[int]] = {}
    carried = own.carrying(Kind.PAGE)
    for row in (account for account in own.accounts if account.channel in carried):
        limits = [limit for limit in (row.per_minute * 60, row.per_hour, row.per_day) if limit]
        found.setdefault(row.channel, []).append(min(limits, default=0))
    return {channel: sum(most) for channel, most in found.items() if all(most)}


def _layers(shifts: Iterable[Shift], everybody: Mapping[UUID, Reached]) -> Mapping[int, Sequence[Reached]]:
    found: dict[int, dict[UUID, Reached]] = {}
    for shift in shifts:
        if shift.who in everybody:
            found.setdefault(shift.layer, {})[shift.who] = everybody[shift.who]
    return {layer: list(who.values()) for layer, who in found.items()}


def _people(members: Iterable[Membership], day: date, wecom: Mapping[UUID, bool]) -> dict[UUID, Reached]:
    """Colleagues who belong to the school, have taken their place, and by what they can be reached at all. In WeCom by their
    number, unless the last try has found nobody there.
    """
    found = {}
    for member in members:
        if member.is_current(day) and not member.waits:
            found[member.pk] = Reached(str(member.pk), ways_of_member(member, in_wecom=wecom.get(member.pk, True)))
    return found


def can_ring_outside() -> bool:
    """Whether the open school can have somebody outside called by telephone now, with a code read out."""
    return bool({Channel.VOICE.value, Channel.GATEWAY.value} & _channels(own_accounts(), Kind.OUTSIDE))


def school_channels(members: Collection[UUID] = ()) -> tuple[frozenset[str], Mapping[UUID, bool]]:
    """The channels by which the open school can page its own people now, and what ``wecom_of`` says of ``members``: one message."""
    asked = _asked_in_wecom(members)
    return _channels(own_accounts(asked), Kind.PAGE), _in_wecom(asked)


def ways_of_member(member: Membership, *, in_wecom: bool) -> frozenset[str]:
    """By what a colleague could be reached, whatever the school has; nobody who has not taken their place. WeCom finds its
    members by their number.
    """
    if member.waits:
        return frozenset()
    if member.phone_hash is None:
        return frozenset(QUIET)
    return frozenset({*QUIET, *_BY_NUMBER, *({Channel.WECOM.value} if in_wecom else ())})


def wecom_of(members: Collection[UUID]) -> Mapping[UUID, bool]:
    """Whether WeCom knew a colleague when it was last asked to show them something; who was never asked for is left out."""
    return _in_wecom(_asked_in_wecom(members))


def _asked_in_wecom(members: Collection[UUID]) -> QuerySet[Any]:
    asked = Delivery.objects.filter(channel=Channel.WECOM, recipient__member__in=members)
    known = asked.filter(Q(member_hash__isnull=False) | Q(error=Trouble.NOT_REACHED.value))
    newest = known.order_by("recipient__member_id", "-tried_at").distinct("recipient__member_id")
    return newest.values_list("recipient__member_id", "member_hash", "error")


def _in_wecom(rows: Iterable[Any]) -> Mapping[UUID, bool]:
    return {pk: found is not None and error != Trouble.NOT_REACHED for pk, found, error in rows}


def ways_of_line(line: DutyLine) -> frozenset[str]:
    """The same of an outside line."""
    return _of_number(line.number).channels


def _of_number(number: str) -> Reached:
    """Whoever answers at a kept number; equal numbers are one."""
    return Reached(number, _BY_NUMBER if takes_texts(number) else _VOICE)


def _partners(ids: Iterable[str], school: Tenant, moment: datetime) -> Mapping[str, OfPartner]:
    named = set(ids)
    agreed = agreed_partners(school, moment) if named else {}
    found = dict.fromkeys(named, OfPartner(has_agreement=False, number=None))
    for row in agreed.values():
        number = line_number(row.partner.contact_phone)  # the one that is called, not the one on the public page
        found[str(row.partner_id)] = OfPartner(
            has_agreement=True,
            number=_of_number(number) if number else None,
            is_service_number=is_service_number(row.partner.contact_phone),
        )
    return found


def agreed_partners(school: Tenant, moment: datetime) -> dict[UUID, Agreement]:
    """Institution → the agreement that binds it to the school at ``moment``, its data part included."""
    day = school.day_of(moment)
    return {row.partner_id: row for row in agreements_on(day) if row.covers(day)}


def agreements_on(day: date) -> QuerySet[Agreement]:
    """Those in force on ``day`` with institutions that are listed; their data part is asked of each (``covers``)."""
    return Agreement.objects.filter(
        state__in=BOOKABLE_AGREEMENTS,
        partner__state__in=BOOKABLE_INSTITUTIONS,
        valid_from__lte=day,
        valid_until__gt=day,
    ).select_related("partner")


def steps_of(rows: Iterable[PlanStep]) -> list[Step]:
    """Steps as the rules read them."""
    return [Step(LegKind(row.leg), row.position, row.rule, tuple(row.channels), row.wait_minutes) for row in rows]


def findings_of(plan: Plan, school: Tenant, moment: datetime, rows: Sequence[PlanStep] | None = None) -> list[Finding]:
    """What is wrong with ``plan`` at ``moment``; ``rows`` are its steps, when they are read already."""
    steps = steps_of(plan.steps.all() if rows is None else rows)
    return check(IncidentKind(plan.kind), Grade(plan.grade), steps, facts_of(school, moment, [steps]))
