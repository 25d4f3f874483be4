"""The door on /my/ to what one is still to read. Found by ``ui.cards``."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Exists, Func, OuterRef, Q, Subquery, UUIDField
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.models import Membership
from readings.models import Proof, Reading
from ui.cards import MyCard, MyDoor


def _to_read(actor: Actor) -> MyCard:
    """What is open for the actor, by the audiences that are theirs."""
    everybody = Q(roles=[], departments=[])
    place = Membership.objects.filter(pk=actor.membership_id).values("department_id")
    department = Func(Subquery(place), template="ARRAY[%(expressions)s]::uuid[]", output_field=ArrayField(UUIDField()))
    mine = Q(roles__overlap=sorted(actor.roles)) | Q(departments__contains=department)
    counted = Proof.objects.filter(reading=OuterRef("pk"), person_id=actor.membership_id, counted_at__isnull=False)
    rows = Reading.objects.filter(everybody | mine, replaced_at__isnull=True, ended_at__isnull=True)
    return MyCard(rows.filter(~Exists(counted)).order_by("due_on", "pk"), _door, is_of_family=False)


def _door(rows: Sequence[Any]) -> MyDoor | None:
    if not rows:
        return None
    title = ngettext("%(count)d document to read", "%(count)d documents to read", len(rows)) % {"count": len(rows)}
    return MyDoor("/my/to-read/", "book", title, _("Each colleague is to have it. Most take a few minutes."))


CARDS = (_to_read,)
