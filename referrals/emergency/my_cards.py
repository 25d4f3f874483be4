"""What stands on /my/ and on the family's page about one's emergency contacts. Found by ``ui.cards``."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from families.models import Consent
from families.purposes import Purpose
from families.states import ConsentState
from kernel.clock import local_day, now
from referrals.emergency.access import person_of
from referrals.emergency.models import Contact, NeverContact
from referrals.emergency.rules.contacts import is_due
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
    return MyCard(rows.annotate(zone=Subquery(zone)), _door)


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
    return MyDoor(url, "phone", _("Who is called if you are in danger"), note)


CARDS: Final[tuple[Callable[[Actor], MyCard], ...]] = (_contacts,)
