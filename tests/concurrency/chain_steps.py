"""How an incident stands before two hands take it at once."""

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident
from referrals.emergency.workflow import answering, handing_over
from tenancy.scope import use_tenant
from tests.emergency.world import World


def asked(world: World) -> Incident:
    """The psychologist on duty has the school's leg, and has asked the second one to take it over."""
    with use_tenant(world.school.pk):
        incident = world.open()
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        answering.engage(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        handing_over.ask_to_take_over(
            actor=world.actor("duty"),
            incident_id=incident.pk,
            kind="school",
            colleague_id=world.members["second"].pk,
        )
    return incident
