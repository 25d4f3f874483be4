"""Deletes rows that nobody asks about any more."""

from typing import Final

from tenancy.messages import Part, send
from tenancy.models import Tenant
from tenancy.scope import use_tenant

KEPT_DAYS: Final = 30
"""So long a stretch that has passed stays: until then an appointment's redemption may be taken back."""


def sweep() -> int:
    """How many rows were deleted. They belong to no school, so whichever is open will do; without a school there are none."""
    school = Tenant.objects.order_by("pk").first()
    if school is None:
        return 0
    with use_tenant(school.pk):
        [[(count,)]] = send(Part("SELECT slot_sweep(%s)", (KEPT_DAYS,)))
    return int(count)
