"""Would it hold: what a school's chain still lacks before it may go live, and each night after (chain §2 Going live)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Final

from django.conf import settings

from notifications.models import Channel, ProviderAccount
from referrals.emergency.models import Chain, DutyLine, LineKind, Plan
from referrals.emergency.plan_facts import facts_of, steps_of
from referrals.emergency.rules.grades import Grade, IncidentKind
from referrals.emergency.rules.plan_check import Facts, Finding, Mender, check
from referrals.emergency.rules.plan_states import PlanState
from referrals.emergency.rules.readiness import is_proven
from referrals.emergency.rules.step_rules import TEAM_DECIDES, SeatKind
from tenancy.models import Tenant
from workdays.duty import read_duty

RINGING: Final = frozenset({Channel.SMS, Channel.VOICE, Channel.WECOM})
_WHOLE_DAY: Final = 24 * 60
_TAKES_BACK: Final = ("除", "不含", "休", "except", "not ")
_EVERY_DAY: Final = frozenset(range(7))


class Lacking(StrEnum):
    """What can be missing."""

    PLAN_MISSING = "plan_missing"
    PLAN_FAULTY = "plan_faulty"
    DUTY_GAP = "duty_gap"
    SEAT_MISSING = "seat_missing"
    DEPUTY_MISSING = "deputy_missing"
    OPERATOR_LINE = "operator_line"
    HEARTBEAT = "heartbeat"
    OPERATOR_PHONE = "operator_phone"
    UNPROVEN = "unproven"
    NO_LOCAL_LINE = "no_local_line"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing: which plan, seat or hour (``about``), and who mends it."""

    lacking: Lacking
    mends: Mender
    about: tuple[str, ...] = ()
    finding: Finding | None = None

    @property
    def key(self) -> str:
        """Equal for the same lack: it is told once."""
        parts = [self.lacking.value, *self.about, *([self.finding.key] if self.finding else [])]
        return ":".join(parts)[:120]


def lacks(school: Tenant, moment: datetime) -> list[Lack]:
    """Everything that is missing at ``moment`` of the chain's clock. Empty: the chain may go live."""
    return look(school, moment, Chain.objects.first())[0]


def look(school: Tenant, moment: datetime, chain: Chain | None) -> tuple[list[Lack], Facts]:
    """The same with what was read for it; ``chain`` is the school's row."""
    used = list(Plan.objects.filter(state=PlanState.IN_USE).prefetch_related("steps"))
    steps = {(plan.kind, plan.grade): steps_of(plan.steps.all()) for plan in used}
    facts = facts_of(school, moment, steps.values())
    found = [
        *_of_operator(chain, facts),
        *_of_watch(),
        *_of_proofs(moment),
        *_of_lines(),
        *_of_seats(facts),
        *_of_rota(school, facts),
    ]
    for kind, grade in product(IncidentKind, Grade):
        own = steps.get((kind.value, grade.value))
        if own is None:
            found.append(Lack(Lacking.PLAN_MISSING, Mender.CENTRE, (kind, grade)))
            continue
        stopping = [finding for finding in check(kind, grade, own, facts) if finding.stops]
        found += (Lack(Lacking.PLAN_FAULTY, finding.mends, (kind, grade), finding) for finding in stopping)
    return found, facts


def _of_operator(chain: Chain | None, facts: Facts) -> Sequence[Lack]:
    answers = chain is not None and str(chain.operator_line_id) in facts.lines
    return [] if answers else [Lack(Lacking.OPERATOR_LINE, Mender.CENTRE)]


def _of_watch() -> Sequence[Lack]:
    """Who outside hears that the engine calls, and who is called when it does not: of the whole installation (chain §7)."""
    if not settings.CHAIN_MUST_BE_WATCHED:
        return []
    named = {Lacking.HEARTBEAT: settings.HEARTBEAT_URL, Lacking.OPERATOR_PHONE: settings.OPERATOR_PHONE}
    return [Lack(lacking, Mender.OPERATOR) for lacking, value in named.items() if not value]


def has_other_way() -> bool:
    """Whether the installation itself reaches people who are not looking: its operator sees that it works (canaries)."""
    return bool(settings.GATEWAY_URL) or bool(RINGING & set(settings.CHAIN_CHANNELS))


def _of_proofs(moment: datetime) -> Sequence[Lack]:
    """Of the school's own accounts one at least was seen to work, lately; where the installation's way stands too, none need be."""
    if has_other_way():
        return []
    accounts = ProviderAccount.objects.filter(is_active=True, channel__in=sorted(RINGING))
    proven = [is_proven(at, moment) for at in accounts.values_list("proven_at", flat=True)]
    return [Lack(Lacking.UNPROVEN, Mender.ADMIN)] if proven and not any(proven) else []


def _of_lines() -> Sequence[Lack]:
    """A number of the town that answers day and night (chain §8): where everything else is silent it stands on every page."""
    lines = DutyLine.objects.filter(is_active=True).exclude(kind=LineKind.OPERATOR).values_list("answers", flat=True)
    return [] if any(answers_always(words) for words in lines) else [Lack(Lacking.NO_LOCAL_LINE, Mender.CENTRE)]


def answers_always(words: str) -> bool:
    """Whether a line says that it answers day and night, every day; words that cannot be read claim nothing.

    ``全天，有人值守`` is read by its first part, unless what follows takes something back.
    """
    first, _sign, rest = words.partition(next((sign for sign in "，,；;" if sign in words), "，"))
    hours = None if any(word in rest for word in _TAKES_BACK) else read_duty(first)
    is_all = hours is not None and hours.weekdays is not None and hours.weekdays >= _EVERY_DAY
    return is_all and hours is not None and hours.opens == 0 and hours.closes == _WHOLE_DAY


def _of_seats(facts: Facts) -> Sequence[Lack]:
    """At least those who may decide, each with somebody who stands in."""
    found = []
    for kind in (kind for kind in SeatKind if kind in TEAM_DECIDES):
        chair = facts.seats.get(kind)
        if chair is None:
            found.append(Lack(Lacking.SEAT_MISSING, Mender.CENTRE, (kind,)))
        elif chair.deputy is None:
            found.append(Lack(Lacking.DEPUTY_MISSING, Mender.CENTRE, (kind,)))
    return found


def _of_rota(school: Tenant, facts: Facts) -> Sequence[Lack]:
    days = dict.fromkeys(school.day_of(hole.starts_at).isoformat() for hole in facts.holes)
    return [Lack(Lacking.DUTY_GAP, Mender.CENTRE, (day,)) for day in days]
