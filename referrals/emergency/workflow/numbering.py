"""The number by which an incident is spoken of."""

from datetime import datetime

from kernel.clock import local_day
from referrals.emergency.models import Incident
from tenancy.models import Tenant
from tenancy.numbers import draw_number
from tenancy.scope import current_tenant_id


def new_number(moment: datetime) -> str:
    """Year of the school and drawn digits: whoever may not know of an incident must not find it by the gap between two that
    they know of.
    """
    year = local_day(moment, Tenant.objects.only("time_zone").get(pk=current_tenant_id()).time_zone).year
    drawn = draw_number(lambda number: Incident.objects.filter(number=f"{year}-{number}").exists())
    return f"{year}-{drawn}"
