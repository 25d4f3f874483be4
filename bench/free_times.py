"""ms for the free times of two weeks of 30 agencies at once, beside one agency: nine questions for either.

Each agency has two counsellors with hours and buffers of their own and forty times taken. The world is rolled back.
"""

import statistics
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench._vouchers import make_ground
from kernel.clock import local_day, now
from partners.calendars.models import OpeningHours, Resource, ResourceHours
from partners.calendars.offered import FreeTimes, free_times
from partners.kinds import LicenceKind, ResourceKind
from partners.models import Agreement, AgreementLine, Institution, Licence, Service
from partners.states import AgreementState, InstitutionState
from seats import places
from tenancy.scope import use_tenant

AGENCIES, COUNSELLORS, TAKEN, ROUNDS = 30, 2, 20, 25
_SESSION = timedelta(minutes=50)


class _Undone(Exception):
    pass


def run() -> dict[str, Any]:
    """Median of ``ROUNDS`` looks, both sides by turns. AssertionError when one agency alone is told otherwise than among 30."""
    ground = make_ground(0)
    zone = ground.school.time_zone
    told: dict[str, Any] = {}
    try:
        with use_tenant(ground.school.id), transaction.atomic():
            services = _world(ground.person.user_id, ground.finance.user_id)
            moment = now()

            cpu: list[float] = []

            def look(asked: Sequence[Service]) -> tuple[float, dict[Any, FreeTimes]]:
                began, spent = time.perf_counter(), time.process_time()
                found = free_times(asked, moment, zone=zone)
                cpu.append((time.process_time() - spent) * 1000)
                return (time.perf_counter() - began) * 1000, found

            many, one = [], []
            for _round in range(ROUNDS):
                spent, whole = look(services)
                many.append(spent)
                spent, single = look(services[:1])
                one.append(spent)
            alone = single[services[0].pk].by_place
            assert whole[services[0].pk].by_place == alone
            starts = sum(len(found.starts()) for found in whole.values())
            assert starts > AGENCIES * 50
            with CaptureQueriesContext(connection) as asked_many:
                look(services)
            with CaptureQueriesContext(connection) as asked_one:
                look(services[:1])
            ours, floor = statistics.median(many), statistics.median(one)
            told = {
                "ours": round(ours, 1),
                "floor": round(floor, 1),
                "ratio": round(ours / floor, 2),
                "unit": "ms",
                "n": AGENCIES,
                "starts": starts,
                "cpu": round(statistics.median(cpu[0 : 2 * ROUNDS : 2]), 1),
                "queries": len(asked_many),
                "queries_floor": len(asked_one),
            }
            raise _Undone
    except _Undone:
        pass
    return told


def _world(drafter: Any, approver: Any) -> list[Service]:
    """Rows as the writers leave them: agencies with papers, hours, counsellors, an agreement each, and times taken."""
    today = local_day(now())
    services = []
    for number in range(AGENCIES):
        institution = Institution.objects.create(
            slug=f"free-{uuid4().hex[:12]}", name=f"Bench {number}", uscc=uuid4().hex[:18].upper(),
            kind="counselling_agency", state=InstitutionState.LISTED, district="-", address="-", phone="-",
            contact_name="-", contact_phone="-",
        )  # fmt: skip
        Licence.objects.create(
            institution=institution, kind=LicenceKind.REGISTRATION, number="1", valid_from=today - timedelta(days=9)
        )
        service = Service.objects.create(
            institution=institution, name="Bench", kind="counselling", mode="instant", list_fee_fen=30_000
        )
        OpeningHours.objects.bulk_create(
            OpeningHours(institution=institution, weekday=weekday, opens=opens, closes=closes)
            for weekday in range(7)
            for opens, closes in ((540, 720), (780, 1260))
        )
        agreement = Agreement.objects.create(
            partner=institution, number=f"F{number}", state=AgreementState.ACTIVE, valid_from=today - timedelta(days=9),
            valid_until=today + timedelta(days=99), data_part_valid_until=today + timedelta(days=99),
            drafted_by_id=drafter, approved_by_id=approver,
        )  # fmt: skip
        AgreementLine.objects.create(
            agreement=agreement, partner=institution, service=service, unit="session", tariff_fen=30_000
        )
        for one in range(COUNSELLORS):
            _counsellor(service, one)
        services.append(service)
    return services


def _counsellor(service: Service, number: int) -> None:
    key = service.institution_id if number == 0 else uuid4()
    resource = Resource.objects.create(
        institution_id=service.institution_id,
        place=key,
        kind=ResourceKind.COUNSELLOR,
        name=f"C{number}",
        buffer_minutes=10,
    )
    resource.services.add(service)
    ResourceHours.objects.bulk_create(
        ResourceHours(resource=resource, weekday=weekday, opens=540, closes=1200) for weekday in range(6)
    )
    begins = now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=3)
    for nth in range(TAKEN):
        start = begins + nth * timedelta(hours=11)
        places.take(key, start, start + _SESSION + timedelta(minutes=10))
