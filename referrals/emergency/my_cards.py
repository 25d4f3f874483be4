"""What stands on /my/ about one's emergency contacts (on the family's page too) and about changed duties. Found by ``ui.cards``."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.actor import Actor
from accounts.models import Membership
from accounts.roles import Role
from disclosure.sentences import spaced
from families.models import Consent
from families.purposes import Purpose
from families.states import ConsentState
from kernel.clock import local_day, now
from referrals.emergency.access import person_of
from referrals.emergency.models import (
    ChainNow,
    CompanionShift,
    Contact,
    DutyChange,
    FollowUp,
    HomeCommunity,
    LeftOut,
    NeverContact,
    WatchTask,
)
from referrals.emergency.readiness_texts import STILL_TEXTS
from referrals.emergency.rules.companions import CompanionState
from referrals.emergency.rules.contacts import is_due
from referrals.emergency.rules.follow_ups import FollowUpMode
from referrals.emergency.rules.readiness import still_open
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.workflow.standing import hidden_rows
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from ui.cards import MyCard, MyDoor


def _contacts(actor: Actor) -> MyCard:
    """How many can be called, and what is missing. One query, with those of the page."""
    agreed = Consent.objects.filter(relative=OuterRef("relative"), purpose=Purpose.EMERGENCY, state=ConsentState.GIVEN)
    barred = NeverContact.objects.filter(person=OuterRef("person"), number_hash=OuterRef("number_hash"))
    rows = Contact.objects.filter(person_id=person_of(actor)).annotate(
        is_agreed=Exists(agreed), is_barred=Exists(barred)
    )
    zone = Tenant.objects.filter(pk=current_tenant_id()).values("time_zone")[:1]
    home = HomeCommunity.objects.filter(person=OuterRef("person"))
    return MyCard(rows.annotate(zone=Subquery(zone), has_home=Exists(home)), _door)


def _door(rows: Sequence[Any]) -> MyDoor:
    ready = sum(row.is_agreed and not row.fault and not row.is_barred for row in rows)
    url = reverse("emergency_contacts")
    if any(is_due(row.confirmed_on, local_day(now(), row.zone)) for row in rows):
        url, note = reverse("emergency_still_right"), _("A year has passed: is everything still right?")
    elif not rows:
        note = _("Nobody yet. It takes two minutes; you decide whom and when.")
    elif any(row.fault for row in rows):
        note = _("A number does not work. Please look.")
    elif ready < len(rows):
        note = _("%(ready)d of %(all)d can be called; the others have not agreed.") % {"ready": ready, "all": len(rows)}
    else:
        note = ngettext("%(n)d person can be called.", "%(n)d people can be called.", ready) % {"n": ready}
        left = [str(STILL_TEXTS[one]) for one in still_open(len(rows), has_community=rows[0].has_home)]
        if left:
            note = spaced(
                [note, _("You can still add: %(what)s.") % {"what": pgettext("between words", ", ").join(left)}]
            )
    return MyDoor(url, "phone", _("Who is called if you are in danger"), note)


def _duties(actor: Actor) -> MyCard:
    """What of one's duties changes for a while, and what a head of department has to arrange; no door where there is neither."""
    member = person_of(actor)
    mine = Q(person_id=member)
    if Role.HEAD in actor.roles:
        department = Membership.objects.filter(pk=member).values("department_id")
        mine |= Q(person__department_id__in=department) & ~hidden_rows(member)
    zone = Tenant.objects.filter(pk=current_tenant_id()).values("time_zone")[:1]
    rows = DutyChange.objects.filter(mine, ended_at__isnull=True, until__gte=TruncDate(ChainNow()) - timedelta(days=1))
    return MyCard(
        rows.annotate(zone=Subquery(zone), moment=ChainNow(), now_in=F("person__department_id")),
        lambda found: _duties_door(member, found),
        is_of_family=False,
    )


def _duties_door(member: UUID, rows: Sequence[Any]) -> MyDoor | None:
    running = [row for row in rows if row.until >= local_day(row.moment, row.zone)]
    others = [row for row in running if row.person_id != member]
    if not running:
        return None
    waiting = sum(row.arranged_at is None or row.department_id != row.now_in for row in others)
    if waiting:
        note = ngettext("%(n)d waits for you.", "%(n)d wait for you.", waiting) % {"n": waiting}
    elif others:
        note = _("All of it is arranged.")
    else:
        note = _("As agreed with you.")
    return MyDoor(reverse("my_duties"), "calendar", _("Changes of duties"), note)


def _calls(actor: Actor) -> MyCard:
    """That somebody of the centre rings, and how to say no; only once a psychologist has told the person in words."""
    tells = WatchTask.objects.filter(incident=OuterRef("incident"), kind=TaskKind.TELL.value)
    rows = FollowUp.objects.filter(incident__person_id=person_of(actor), ended_at=None)
    told = rows.filter(Exists(tells.filter(done_at__isnull=False)), ~Exists(tells.filter(done_at=None)))
    return MyCard(told.order_by("pk")[:1], _calls_door, is_of_family=False)


def _calls_door(rows: Sequence[Any]) -> MyDoor | None:
    if not rows:
        return None
    note = (
        _("Once a week. You may say no.") if rows[0].mode == FollowUpMode.TALK else _("Nobody rings you. You may ask.")
    )
    return MyDoor(reverse("my_calls"), "phone", _("Calls of the centre"), note)


def _stays(actor: Actor) -> MyCard:
    """That somebody is needed to stay with a colleague, and nothing of whom; no door while nobody is asked."""
    member = person_of(actor)
    never = NeverContact.objects.filter(person=OuterRef("incident__person"), member_id=member)
    left_out = LeftOut.objects.filter(incident=OuterRef("incident"), member_id=member)
    rows = CompanionShift.objects.filter(companion_id=member, next_at__isnull=False)
    rows = rows.exclude(Exists(never)).exclude(Exists(left_out))
    return MyCard(rows.order_by("starts_at", "pk")[:1], _stays_door, is_of_family=False)


def _stays_door(rows: Sequence[Any]) -> MyDoor | None:
    if not rows:
        return None
    is_asked = rows[0].state == CompanionState.ASKED
    note = _("Please say whether you come.") if is_asked else _("When, whom, where.")
    return MyDoor(reverse("my_companion"), "people", _("Staying with somebody"), note)


CARDS: Final[tuple[Callable[[Actor], MyCard], ...]] = (_contacts, _duties, _calls, _stays)
