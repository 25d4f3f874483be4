"""Pages a person opens, through every middleware, beside the probe that asks nothing: experience §Budgets, p95 ≤ 300 ms.

A school with 400 vouchers and its published pages, one process, one page after another. ``ours`` is the slowest page's
p95, ``floor`` the probe's, both in milliseconds and measured in turn; ``pages`` says it of each address.
"""

import time
from typing import Any, Final

from django.conf import settings
from django.test import Client

from accounts.models import User
from bench._vouchers import Ground, make_ground
from content.demo import load_pages
from referrals.models import Voucher
from schools.workflow import platform_tenant
from tenancy.hosts import forget
from tenancy.scope import use_tenant

_VOUCHERS: Final = 400
_PROBE: Final = "/healthz"


def run(n: int = 40) -> dict[str, Any]:
    """Every page ``n`` times. AssertionError when one does not answer 200."""
    ground = make_ground(_VOUCHERS)
    public, staff, finance, partner = _people(ground)
    with use_tenant(ground.school.id):
        voucher = Voucher.objects.earliest("id")  # the one that came through the workflow
    article = _article(public)
    form = staff.get(f"/apply/{ground.service.pk}/")["Location"]
    wanted = [
        (public, "/"), (public, article), (public, "/search/?q=%E6%B2%9F%E9%80%9A"),
        (staff, "/my/"), (staff, "/my/referrals/"), (staff, "/apply/"), (staff, form),
        (staff, "/vouchers/"), (staff, f"/vouchers/{voucher.pk}/"),
        (finance, "/finance/"), (finance, "/finance/ledger/"),
        (partner, "/partner/"), (partner, "/partner/bookings/"), (partner, "/partner/redemptions/"),
    ]  # fmt: skip
    probe: list[float] = []
    pages: dict[str, float] = {}
    for client, address in wanted:
        _milliseconds(client, address)  # what a process learns once is learnt
        taken = []
        for _ in range(n):
            probe.append(_milliseconds(public, _PROBE))
            taken.append(_milliseconds(client, address))
        pages[_plain(address)] = round(_p95(taken), 1)
    slowest, bare = max(pages.values()), _p95(probe)
    return {
        "ours": slowest,
        "floor": round(bare, 2),
        "ratio": round(slowest / bare, 1),
        "unit": "ms",
        "n": n * len(wanted),
        "pages": pages,
    }


def _people(ground: Ground) -> tuple[Client, Client, Client, Client]:
    """A visitor, the member of the staff, finance and the partner's office, each signed in where they belong."""
    school = ground.school
    load_pages(school, kind=school.kind, seed=1)
    forget()
    platform = platform_tenant()
    person_id, counter_id = ground.person.user_id, ground.counter.user_id
    assert person_id is not None
    assert counter_id is not None
    return (
        _client(school.host, None),
        _client(school.host, User.objects.get(pk=person_id)),
        _client(school.host, User.objects.get(pk=ground.finance.known_user)),
        _client(platform.host, User.objects.get(pk=counter_id)),
    )


def _client(host: str, user: User | None) -> Client:
    client = Client(headers={"host": host})
    if user is not None:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def _article(public: Client) -> str:
    """The first guideline that the school's list links to."""
    text = public.get("/guidelines/").content.decode()
    _before, _link, rest = text.partition('href="/guidelines/')
    return f"/guidelines/{rest.partition(chr(34))[0]}"


def _plain(address: str) -> str:
    """The address without keys, for the report."""
    return "/".join("…" if len(part) == 36 else part for part in address.partition("?")[0].split("/"))


def _milliseconds(client: Client, address: str) -> float:
    before = time.perf_counter()
    answer = client.get(address)
    taken = (time.perf_counter() - before) * 1000
    assert answer.status_code == 200, (address, answer.status_code, answer.get("Location"))
    return taken


def _p95(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.95)]
