"""Programs of a school whose chain is live, and what they send about an incident."""

from datetime import timedelta
from typing import Any

from audit.models import AuditEntry
from kernel.clock import now
from referrals.emergency.models import Delivery, FirstWord, Incident, Leg, Recipient, Timeline
from tenancy.scope import use_tenant
from tests.api.journey_client import API
from tests.api.platform_client import Program
from tests.emergency.world import World

INCIDENTS = f"{API}incidents/"
REASON = "核实过了，人在医院有家人陪着，比一开始以为的轻得多"


def program(world: World, post: str) -> Program:
    """A program with a token of who holds ``post``."""
    return Program(world.school, person=world.members[post])


def told(world: World, **extra: Any) -> dict[str, Any]:
    """An extreme incident about the person of the world."""
    return {
        "person": str(world.members["person"].pk),
        "kind": "psychological",
        "grade": "extreme",
        "found_at": (now() - timedelta(minutes=4)).isoformat(),
        "signs": "两天没有来，电话里说不想活了",
        "home": "safe",
        **extra,
    }


def one(incident: Any) -> str:
    """The address of an incident, by its row or its id."""
    return f"{INCIDENTS}{getattr(incident, 'pk', incident)}/"


def track(incident: Any, party: str, act: str) -> str:
    """The address of an act on a party's track."""
    return f"{one(incident)}tracks/{party}/{act}/"


def rows(world: World) -> dict[str, Any]:
    """Every row that an act on an incident could write, but for the record."""
    with use_tenant(world.school.pk):
        return {
            model.__name__: list(model.objects.order_by("pk").values_list())
            for model in (Incident, Leg, Recipient, Delivery, Timeline, FirstWord)
        }


def recorded(world: World) -> list[tuple[str, str]]:
    """The acts of the record and the code of each refusal, in order."""
    with use_tenant(world.school.pk):
        found = AuditEntry.objects.order_by("seq").values_list("action", "facts")
        return [(action, facts.get("code", "")) for action, facts in found]
