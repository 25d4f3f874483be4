"""Weekly talks as their page and the list of them show them: how it stands, what was said, what is offered."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.models import Membership
from referrals.emergency.incident_texts import ENDED_TEXTS, WENT_TEXTS
from referrals.emergency.models import FollowUp, FollowUpTalk
from referrals.emergency.rules.follow_ups import FollowUpMode, Went, soonest_end
from referrals.emergency.workflow.following_up import has_left, is_keeper
from referrals.emergency.workflow.standing import known_to, left_out_among
from tenancy.models import Tenant
from ui.states import BAD, IDLE, INFO, WAIT, Sign

MOST: Final = 100
OFFERED_BEFORE: Final = timedelta(days=14)
"""So long before its planned end a longer time is offered."""
_TONES: Final = {
    Went.RECOVERED: "ok", Went.BETTER: "ok", Went.SAME: "wait", Went.WORSE: "bad", Went.NOT_REACHED: "bad", Went.REFUSED: "wait",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownTalk:
    """One talk; ``words`` are ``""`` where nothing was written or the key is gone."""

    at: datetime
    tone: str
    text: Any
    by: str
    words: str


@dataclass(frozen=True, slots=True)
class ShownFollowUp:
    """Talks after one incident as its page shows them."""

    row: FollowUp
    sign: Sign
    owner: str
    talks: list[ShownTalk]
    is_own: bool
    is_kept: bool
    """Whether whoever keeps it still belongs to the school and may know of it."""
    has_left: bool
    soonest: date
    may_be_longer: bool
    was_worse: bool

    @property
    def is_open(self) -> bool:
        return self.row.ended_at is None

    @property
    def is_watch(self) -> bool:
        """The person has said no: nobody rings."""
        return self.row.mode == FollowUpMode.WATCH

    @property
    def asks_wish(self) -> bool:
        """The person has left, and nobody has said whether it goes on."""
        return self.is_open and self.has_left and self.row.goes_on_since is None


def sign_of_follow_up(row: FollowUp, moment: datetime) -> Sign:
    """Due, overdue, or when it ended."""
    if row.due_at is None:
        return Sign(IDLE, "check", ENDED_TEXTS[row.ended_why])
    late = (moment - row.due_at).days
    if moment < row.due_at:
        days = max((row.due_at - moment).days, 0)
        text = ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days} if days else _("within a day")
        return Sign(INFO, "clock", text)
    if not late:
        return Sign(WAIT, "clock", _("due now"))
    return Sign(BAD, "clock", ngettext("%(n)d day overdue", "%(n)d days overdue", late) % {"n": late})


def shown_follow_up(row: FollowUp, actor: Actor, school: Tenant, moment: datetime) -> ShownFollowUp:
    """In words, with every talk that was kept, the newest first."""
    day, one = school.day_of(moment), row.incident
    key = one.key
    rows = list(FollowUpTalk.objects.filter(follow_up=row).order_by("-number"))
    people = {who.pk: who for who in Membership.objects.filter(pk__in={row.owner_id, *(talk.by_id for talk in rows)})}
    names = {pk: who.name for pk, who in people.items()}
    talks = [
        ShownTalk(talk.at, _TONES[Went(talk.went)], WENT_TEXTS[talk.went], names.get(talk.by_id, ""), talk.words(key))
        for talk in rows
    ]
    return ShownFollowUp(
        row,
        sign_of_follow_up(row, moment),
        names.get(row.owner_id, ""),
        talks,
        row.owner_id == actor.membership_id,
        is_keeper(people[row.owner_id], day) and not left_out_among(one, [people[row.owner_id]]),
        has_left(one, day),
        soonest_end(row.began_on),
        row.ended_at is None and day >= row.until - OFFERED_BEFORE,
        bool(rows) and rows[0].went == Went.WORSE,
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the list: the incident by its number, who keeps it, how it stands."""

    row: FollowUp
    sign: Sign
    owner: str
    is_own: bool


def all_follow_ups(actor: Actor, moment: datetime) -> list[Listed]:
    """Every open one whose incident the reader may know of, what is due first on top."""
    rows = FollowUp.objects.filter(ended_at=None, incident__in=known_to(actor.membership_id))
    found = list(rows.select_related("incident").order_by("due_at", "pk")[:MOST])
    names = dict(Membership.objects.filter(pk__in={row.owner_id for row in found}).values_list("pk", "name"))
    return [
        Listed(row, sign_of_follow_up(row, moment), names.get(row.owner_id, ""), row.owner_id == actor.membership_id)
        for row in found
    ]
