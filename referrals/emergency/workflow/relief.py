"""Crisis relief from an incident: the centre asks the union's pool for help at home, with the person's yes (chain §6, rules §1).

Union and agency read an ordinary request of its kind: that support is asked for, and nothing of an incident.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Invalid, Refused
from kernel.fold import fold_prose
from referrals.emergency.workflow.moving import lock, note
from referrals.emergency.workflow.standing import must_know
from referrals.models import Referral
from referrals.workflow.relief import submit_relief
from tenancy.models import Tenant


@transaction.atomic
def open_relief(
    *,
    actor: Actor,
    tenant: Tenant,
    incident_id: UUID | str,
    service_id: UUID | str,
    units: int,
    windows: Sequence[tuple[datetime, datetime]],
    agreed_how: str,
) -> Referral:
    """One request for the person of an incident that is open or has ended. ``agreed_how``: how and when they agreed, sealed
    in the timeline; the number of the request stands there too, and nothing of the incident in the request.

    Needs ``referral.relief`` and knows of the incident (NotFound). Invalid ``relief_agreement``; Refused
    ``relief_no_person``, ``relief_in_drill``, ``incident_ended`` when its words are destroyed; and what ``submit_relief``
    raises.
    """
    require(actor, "referral.relief")
    told = fold_prose(agreed_how).strip()
    if not told:
        raise Invalid("relief_agreement", fields=(("agreed_how", "relief_agreement", "required"),))
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    if incident.is_drill:
        raise Refused("relief_in_drill")
    if incident.person_id is None:
        raise Refused("relief_no_person")
    if incident.key is None:
        raise Refused("incident_ended")
    referral = submit_relief(
        actor=actor,
        tenant=tenant,
        person_id=incident.person_id,
        service_id=service_id,
        units=units,
        windows=windows,
    )
    note(incident, "relief.opened", by=actor, facts={"request": referral.number}, words=told)
    record(actor=actor, action="incident.relief", obj=incident)
    return referral
