"""The school asks: who has nobody is asked to name somebody, who has somebody is asked once a year whether it is still right."""

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from audit import record
from kernel.clock import now
from notifications.models import Channel, OutboxMessage
from notifications.outbox import enqueue, message_rows, wake_on_commit
from referrals.emergency.models import Contact, ContactAsked
from referrals.emergency.rules.contacts import ASK_AGAIN, ask_again_on
from referrals.emergency.selectors import missing_people
from referrals.emergency.workflow.contacts import MINE
from tenancy.models import Tenant
from tenancy.rounds import in_every_school
from tenancy.scope import current_tenant_id

STILL_RIGHT: Final = "/my/contacts/still-right/"
_LOOP: Final = "emergency.still_right"
_NEVER_ASKED: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Asked(NamedTuple):
    """How many were asked now, and how many were left alone because they were asked a few days ago."""

    asked: int
    lately: int


@transaction.atomic
def ask_missing(*, actor: Actor) -> Asked:
    """Ask everybody of the school who has no contact who agreed, in 消息, each at most once in ``ASK_AGAIN``. May run twice.

    Of two offices that press at once, one asks.
    """
    require(actor, "contact.coverage")
    today = Tenant.objects.only("time_zone").get(pk=current_tenant_id()).today()
    missing = {member.pk: member for member in missing_people(today)}
    ContactAsked.objects.bulk_create(
        [ContactAsked(person_id=pk, asked_at=_NEVER_ASKED) for pk in missing], ignore_conflicts=True
    )
    moment = now()
    due = list(
        ContactAsked.objects.select_for_update(no_key=True)
        .filter(person_id__in=missing, asked_at__lte=moment - ASK_AGAIN)
        .order_by("person_id")
    )
    ContactAsked.objects.filter(pk__in=[row.pk for row in due]).update(asked_at=moment)
    rows = [
        row
        for asked in due
        for row in message_rows(
            key=f"contact:wanted:{asked.person_id}:{moment:%Y%m%dT%H%M%S%f}",
            template="contact_wanted",
            user_id=missing[asked.person_id].user_id,
            channels=[Channel.IN_APP],
            link=MINE,
        )
    ]
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    wake_on_commit()
    record(actor=actor, action="contact.ask_missing", facts={"asked": len(due), "lately": len(missing) - len(due)})
    return Asked(len(due), len(missing) - len(due))


def ask_still_right() -> int:
    """One round over all schools; returns in how many it succeeded. May run twice: a person is told once for each year."""
    return in_every_school(lambda tenant: _ask_in(tenant.today()), loop=_LOOP)


@transaction.atomic
def _ask_in(today: date) -> None:
    due: dict[UUID, date] = defaultdict(lambda: date.max)
    for person, confirmed_on in Contact.objects.values_list("person_id", "confirmed_on"):
        if today >= ask_again_on(confirmed_on):
            due[person] = min(due[person], confirmed_on)
    for member in Membership.objects.current(today).accepted().filter(pk__in=due).order_by("pk"):
        key = f"contact:still:{member.pk}:{due[member.pk].isoformat()}"
        enqueue(key=key, template="contacts_still_right", to=member, link=STILL_RIGHT)
