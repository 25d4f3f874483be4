"""Programs of the people of one journey, and what the database holds before and after a call."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import connections

from accounts.actor import Actor
from accounts.tokens import issue_token
from kernel.clock import SCHOOL_ZONE, begun_at
from referrals.models import Booking
from tenancy.models import Tenant, TenantModel
from tenancy.scope import use_tenant
from tests.api.platform_client import Program
from tests.fixtures_journey import Journey, soon

API = "/api/v1/"
OURS = (
    "accounts.",
    "api.",
    "audit.",
    "families.",
    "jobs.",
    "ledger.",
    "notifications.",
    "partners.",
    "referrals.",
    "tenancy.",
    "vault.",
    "workdays.",
)


class Caller(Program):
    """A program with a token of ``actor`` on the host of ``place``."""

    def __init__(self, place: Tenant, actor: Actor) -> None:
        super().__init__(place)
        with use_tenant(place.id):
            _key, raw = issue_token(actor=actor, label="test")
        self.headers["authorization"] = f"Token {raw}"


def staff_of(journey: Journey, name: str = "staff") -> Caller:
    return Caller(journey.tenant, journey.actors[name])


def office_of(journey: Journey) -> Caller:
    return Caller(journey.platform, journey.partner_office)


def counter_of(journey: Journey) -> Caller:
    return Caller(journey.platform, journey.partner_counter)


def window(**when: Any) -> dict[str, str]:
    """As a program in China writes it: its first ten letters are the school's day, which UTC's are not before eight."""
    start, end = (moment.astimezone(ZoneInfo(SCHOOL_ZONE)) for moment in soon(**when))
    return {"starts_at": start.isoformat(), "ends_at": end.isoformat()}


def request_body(journey: Journey, **extra: Any) -> dict[str, Any]:
    return {
        "service": str(journey.counselling.pk),
        "units": 1,
        "windows": [window(minutes=5, length=120)],
        "consent": ["referral"],
        **extra,
    }


def confirmed(journey: Journey, **extra: Any) -> dict[str, Any]:
    """A request that the partner took: the referral as its owner then sees it."""
    staff = staff_of(journey)
    asked = staff.post(f"{API}referrals/", request_body(journey, **extra))
    assert asked.status_code == 201, asked.content
    office = office_of(journey)
    [offer] = office.get(f"{API}partner/offers/").json()["results"]
    answer = office.post(f"{API}partner/offers/{offer['id']}/confirm/", offer["windows"][0])
    assert answer.status_code == 200, answer.content
    return dict(staff.get(f"{API}referrals/{asked.json()['id']}/").json())


@contextmanager
def at_the_appointment(journey: Journey) -> Iterator[None]:
    """The clock of all threads goes on from the beginning of the only appointment: late in the evening it is tomorrow's."""
    with use_tenant(journey.tenant.id):
        begins = Booking.objects.get().starts_at
    with begun_at(begins):
        yield


def contents(*tenants: Tenant, without: tuple[str, ...] = ()) -> dict[str, str]:
    """A digest of every row of every table of these schools and of the global tables of our own, but for the tables named.

    One statement a school: it is asked for before and after each of many refusals.
    """
    ours = [
        model
        for model in apps.get_models()
        if model._meta.label not in without and model.__module__.startswith(OURS) and not model._meta.proxy
    ]
    found: dict[str, str] = {}
    for tenant in tenants:
        asked = [model for model in ours if issubclass(model, TenantModel) or tenant == tenants[0]]
        digests = " UNION ALL ".join(
            f"SELECT '{model._meta.label}/{tenant.slug if issubclass(model, TenantModel) else ''}', "
            f"count(*) || ' rows ' || md5(coalesce(string_agg(t::text, '|' ORDER BY {model._meta.pk.column}), ''))"
            f' FROM "{model._meta.db_table}" AS t'
            for model in asked
        )
        with use_tenant(tenant.id), connections["default"].cursor() as cursor:
            cursor.execute(digests)
            found |= cursor.fetchall()
    assert any(not digest.startswith("0 ") for digest in found.values())
    return found
