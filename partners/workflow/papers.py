"""Papers of an institution: entered, corrected, ended. Their dates open and close its services (rules §3)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit.workflow import record
from kernel.clock import now
from kernel.errors import Invalid, NotFound
from kernel.fold import fold_text
from partners.checking import checked
from partners.models import Licence
from partners.pauses import lock_pauses
from partners.workflow.institutions import MANAGE, locked_institution


@transaction.atomic
def add_licence(
    *,
    actor: Actor,
    institution_id: UUID,
    kind: str,
    number: str,
    valid_from: date,
    valid_until: date | None = None,
    issuer: str = "",
) -> Licence:
    """A paper valid ``[valid_from, valid_until)``; no end for a lasting one. Raises Invalid, Forbidden, NotFound."""
    require(actor, MANAGE)
    institution = locked_institution(institution_id)
    licence = checked(
        Licence(
            institution=institution,
            kind=kind,
            number=fold_text(number),
            issuer=issuer.strip(),
            valid_from=valid_from,
            valid_until=valid_until,
        )
    )
    licence.save(force_insert=True)
    record(actor=actor, action="licence.create", obj=licence, facts={"kind": kind, "valid_until": valid_until})
    return licence


@transaction.atomic
def change_licence(
    *, actor: Actor, licence_id: UUID, number: str, issuer: str, valid_from: date, valid_until: date | None
) -> Licence:
    """Correct number, issuer and days, also to a later end. Another kind is another paper. Raises Invalid, NotFound.

    Directory and new bookings follow at once, since all ask for the date; what is booked stays and is decided one by one.
    """
    require(actor, MANAGE)
    licence = _locked_licence(licence_id)
    before = {name: getattr(licence, name) for name in ("number", "issuer", "valid_from", "valid_until")}
    licence.number, licence.issuer = fold_text(number), issuer.strip()
    licence.valid_from, licence.valid_until = valid_from, valid_until
    changed = [name for name, value in before.items() if getattr(licence, name) != value]
    written = [*changed]
    if {"valid_from", "valid_until"} & {*changed}:
        lock_pauses(licence.institution_id)
        licence.ended_at = now()
        written.append("ended_at")
    if changed:
        checked(licence).save(update_fields=written)
        days = {"before": before["valid_until"], "valid_from": valid_from, "valid_until": valid_until}
        record(
            actor=actor, action="licence.change", obj=licence, facts={"kind": licence.kind, "changed": changed, **days}
        )
    return licence


@transaction.atomic
def end_licence(*, actor: Actor, licence_id: UUID, on: date) -> Licence:
    """From the day ``on`` the paper is no longer valid. Only earlier than it would end. Raises Invalid, NotFound."""
    require(actor, MANAGE)
    licence = _locked_licence(licence_id)
    before = licence.valid_until
    if on <= licence.valid_from:
        raise Invalid(fields=(("on", "before_start", ""),))
    if before is not None and on >= before:
        raise Invalid(fields=(("on", "ends_already", ""),))
    lock_pauses(licence.institution_id)
    licence.valid_until, licence.ended_at = on, now()
    licence.save(update_fields=["valid_until", "ended_at"])
    facts = {"kind": licence.kind, "before": before, "valid_until": on}
    record(actor=actor, action="licence.end", obj=licence, facts=facts)
    return licence


def _locked_licence(licence_id: UUID) -> Licence:
    """The row, read after its institution was locked, as every change of papers does."""
    seen = Licence.objects.filter(pk=licence_id).values_list("institution_id", flat=True).first()
    if seen is None:
        raise NotFound
    institution = locked_institution(seen)
    licence: Licence = Licence.objects.select_for_update(no_key=True).get(pk=licence_id)
    licence.institution = institution
    return licence
