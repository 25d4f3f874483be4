"""What can be chosen for one leg now: whom a held one calls instead, which colleague is asked to take over."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.told_apart import told_apart
from referrals.emergency import replacing
from referrals.emergency.centre.incident_reading import Read
from referrals.emergency.incident_texts import role_text
from referrals.emergency.models import Contact, Leg
from referrals.emergency.rules.contacts import Readiness
from referrals.emergency.selectors import colleague_named, readiness_of
from referrals.emergency.workflow.by_hand import uncalled
from referrals.emergency.workflow.handing_over import askable
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.never_of_duty import of_duty
from ui.states import sign_of
from ui.templatetags.ui import school_day


def who_else(read: Read, leg: Leg) -> list[tuple[str, str]]:
    """By role; an institution or a line by its name. No number, and nobody of the family by name."""
    rows = replacing.choices(read.incident, leg)
    return [(replacing.value_of(rule), name or role_text(rule.role)) for rule, name in rows]


def colleagues_to_ask(read: Read, leg: Leg) -> list[tuple[str, str]]:
    """Colleagues by name; without those to whom there is no such incident."""
    return [(str(pk), words) for pk, words in told_apart(askable(read.incident, leg)).items()]


def contacts_by_hand(read: Read, leg: Leg) -> list[tuple[str, str]]:
    """By place and by how they stand. The name and the number come with the reason."""
    found = []
    for contact, readiness in uncalled(read.incident):
        why = _("not for this grade") if readiness.is_reached else str(sign_of(readiness.value, "contact").text)
        found.append((str(contact.pk), f"{role_text(f'contact:{contact.rank}')} · {why}"))
    return found


def contacts_to_bar(read: Read) -> list[tuple[str, str]]:
    """The person's contacts by place, without those who are never called already."""
    rows = list(Contact.objects.filter(person_id=read.incident.person_id).select_related("relative").order_by("rank"))
    ready = readiness_of(rows, with_numbers=False)
    named = [(str(row.pk), role_text(f"contact:{row.rank}")) for row in rows if ready[row.pk] is not Readiness.BARRED]
    return [("", _("none of them")), *named]


def bars_of_duty(read: Read) -> list[tuple[str, str]]:
    """What was written on duty: a colleague by name, a number by its last digits, each with its day."""
    found = []
    for row in of_duty(read.incident).select_related("member"):
        whom = row.member.name if row.member else _("a number that ends in %(end)s") % {"end": row.end}
        found.append((str(row.pk), f"{whom} · {school_day(row.created_at)}"))
    return found


def named_colleague(said: Mapping[str, Any]) -> UUID | None:
    """The one colleague of a typed name; None where none was typed. Invalid for nobody and for several."""
    if not said["colleague"].strip():
        return None
    return colleague_named(open_school().today(), said["colleague"], said["department"])
