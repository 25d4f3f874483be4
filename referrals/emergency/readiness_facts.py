"""What readiness asks of the school's rows, once: nothing here is judged (``rules.readiness``), and nothing is kept."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import QuerySet

from notifications.models import ProviderAccount
from partners.kinds import InstitutionKind
from partners.models import Agreement
from referrals.emergency.going_live import RINGING, Lacking, answers_always, has_other_way, look
from referrals.emergency.models import (
    Chain,
    Drill,
    DutyAway,
    DutyLine,
    HomeCommunity,
    KitItem,
    LineKind,
    SheetCopy,
)
from referrals.emergency.plan_facts import agreements_on
from referrals.emergency.rota import away_of, rows_between, shifts_of
from referrals.emergency.rules.away import Away, Unfilled, unfilled
from referrals.emergency.rules.drills import DrillState
from referrals.emergency.rules.readiness import ENDS_SOON, Kit, Portion, Proof, SchoolFacts, Why
from referrals.emergency.selectors import Coverage, Staff
from referrals.workflow.union_posts import held_at
from tenancy.messages import together
from tenancy.models import Tenant

LACKS: Final = {
    Lacking.PLAN_MISSING: Why.PLANS_MISSING,
    Lacking.PLAN_FAULTY: Why.PLANS_FAULTY,
    Lacking.DUTY_GAP: Why.DUTY_GAPS,
    Lacking.SEAT_MISSING: Why.SEATS_EMPTY,
    Lacking.DEPUTY_MISSING: Why.DEPUTIES,
    Lacking.OPERATOR_LINE: Why.OPERATOR_LINE,
    Lacking.HEARTBEAT: Why.HEARTBEAT,
    Lacking.OPERATOR_PHONE: Why.OPERATOR_PHONE,
    Lacking.UNPROVEN: Why.UNPROVEN,
    Lacking.NO_LOCAL_LINE: Why.NO_LOCAL_LINE,
}
"""Everything that going live lacks is short here too; a test holds that none is left out."""

_SAID_BY_FACTS: Final = frozenset({Lacking.UNPROVEN, Lacking.NO_LOCAL_LINE})
"""Said by the facts themselves, of each channel."""

_TAKE_IN: Final = frozenset({InstitutionKind.HOSPITAL, InstitutionKind.MENTAL_HEALTH_CENTRE})


@dataclass(frozen=True, slots=True)
class Read:
    """The facts, and what a page shows beside them. ``coverage``: the departments that may be told apart."""

    facts: SchoolFacts
    coverage: Coverage
    proofs: Sequence[ProviderAccount]
    unfilled: Sequence[Unfilled]


def read_school(school: Tenant, moment: datetime) -> Read:
    """The open school at ``moment`` of the chain's clock. All lists in one message, the check of going live besides."""
    day, fewest = school.day_of(moment), school.settings.fewest_people
    staff = Staff(day)
    chain = Chain.objects.all()
    homes = HomeCommunity.objects.values_list("person_id", flat=True)
    agreed = agreements_on(day)
    accounts = ProviderAccount.objects.filter(is_active=True).order_by("channel", "provider")
    items = KitItem.objects.values_list("stock", "least", "expires_on")
    copies = SheetCopy.objects.order_by("-number").values_list("at", flat=True)[:1]
    drills = last_drill()
    away = away_to_come(day)
    lines = DutyLine.objects.filter(is_active=True).exclude(kind=LineKind.OPERATOR).values_list("answers", flat=True)
    led = held_at(moment)
    together(led, chain, homes, agreed, accounts, items, copies, drills, away, lines, *staff.asked)
    found, _facts = look(school, moment, next(iter(chain), None))
    lacks = Counter(LACKS[lack.lacking] for lack in found if lack.lacking not in _SAID_BY_FACTS)
    lacks[Why.PLANS_FAULTY] = len({lack.about for lack in found if lack.lacking is Lacking.PLAN_FAULTY})
    covering = [row for row in agreed if row.covers(day)]
    coverage = staff.coverage(fewest, staff.reached())
    open_ones = _unfilled(school, list(away), moment)
    many = coverage.whole.whole
    is_told = many >= fewest  # of fewer, how many have somebody would tell of one
    facts = SchoolFacts(
        moment=moment,
        day=day,
        lacks=lacks,
        proofs=[Proof(account.channel, account.proven_at) for account in accounts if account.channel in RINGING],
        has_other_way=has_other_way(),
        has_local_line=any(answers_always(words) for words in lines),
        hospitals=_ends(covering, _TAKE_IN),
        communities=_ends(covering, {InstitutionKind.COMMUNITY}),
        contacts=Portion(coverage.whole.reached, many) if is_told else None,
        by_hand=len(staff.only_by_hand()) if is_told else 0,
        homes=Portion(len(staff.keys & set(homes)), many) if is_told else None,
        kit=_kit(items, day),
        drilled_at=next(iter(drills), None),
        printed_at=next(iter(copies), None),
        is_union_led=bool(led),
        away_due=sum(one.away.must_be_filled(moment) for one in open_ones),
        away_ahead=sum(not one.away.must_be_filled(moment) for one in open_ones),
    )
    return Read(facts, coverage, list(accounts), open_ones)


def last_drill() -> QuerySet[Any]:
    """When the last drill ended that was played to its end; none: there was no drill yet."""
    played = Drill.objects.filter(state=DrillState.ENDED.value)
    return played.order_by("-ended_at").values_list("ended_at", flat=True)[:1]


def away_to_come(day: date) -> QuerySet[DutyAway]:
    """Absences that are not over on ``day``, of the open school."""
    return DutyAway.objects.filter(last_day__gte=day).order_by("first_day", "pk")


def unfilled_of(school: Tenant, moment: datetime) -> list[Unfilled]:
    """Every absence that is not over and in which nobody would be called first for a time."""
    return _unfilled(school, list(away_to_come(school.day_of(moment))), moment)


def _unfilled(school: Tenant, rows: Sequence[DutyAway], moment: datetime) -> list[Unfilled]:
    if not rows:
        return []
    away: list[Away] = [away_of(row, school.time_zone) for row in rows]
    until = max(one.ends_at for one in away)
    held = rows_between(moment, until).prefetch_related(None).select_related("holder", "line")  # one question
    return unfilled(shifts_of(held, school.time_zone), away, moment)


def _ends(agreed: Iterable[Agreement], kinds: Iterable[str]) -> list[date]:
    """The first days on which the agreements with such institutions, or their data parts, hold no more."""
    wanted = set(kinds)
    return [min(row.valid_until, row.data_part_valid_until) for row in agreed if row.partner.kind in wanted]


def _kit(items: Iterable[tuple[int, int, date | None]], day: date) -> Kit:
    rows = list(items)
    ends = [until for _stock, _least, until in rows if until is not None]
    return Kit(
        things=len(rows),
        over=sum(until < day for until in ends),
        ends=sum(day <= until <= day + ENDS_SOON for until in ends),
        short=sum(stock < least for stock, least, _until in rows),
    )
