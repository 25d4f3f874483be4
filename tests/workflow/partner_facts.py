"""Ready-made services and agreements for tests of several files. Everything goes through the writers."""

import uuid
from datetime import timedelta
from typing import Any

from demo.worlds import agree
from kernel.clock import local_day, now
from partners.models import Agreement, Institution, Service
from partners.workflow import add_service
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import make_institution, new_uscc
from tests.fixtures_journey import make_operator as operator
from tests.fixtures_journey import make_platform as platform

__all__ = ["make_agreement", "make_institution", "make_service", "new_uscc", "operator", "platform"]


def make_service(institution: Institution, kind: str = "counselling", fee_fen: int = 30000, **details: Any) -> Service:
    """One service of the institution."""
    with use_tenant(platform().id):
        return add_service(
            actor=operator(), institution_id=institution.pk, name=f"服务 {uuid.uuid4().hex[:6]}", kind=kind,
            list_fee_fen=fee_fen, **details,
        )  # fmt: skip


def make_agreement(
    school: Any, *services: Service, tariff_fen: int = 28000, days: tuple[int, int] = (-30, 300), approved: bool = True
) -> Agreement:
    """An agreement over ``days`` from today with a line for each service, approved by a second person."""
    today = local_day(now())
    union, finance = make_person(school, "union"), make_person(school, "finance")
    with use_tenant(school.id):
        return agree(
            actor_of(union),
            actor_of(finance),
            services[0].institution_id,
            {service.pk: tariff_fen for service in services},
            (today + timedelta(days[0]), today + timedelta(days[1])),
            approved=approved,
            cancellation_terms={"no_show_fee_bp": 5000},
        )
