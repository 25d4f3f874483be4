"""A school that gives out documents: who gives them, who stands in, and three who read."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import Membership
from kernel.clock import as_of, now
from readings.coverage import Coverage, coverage_of, rows_of
from readings.models import Reading
from readings.workflow import issue_reading, prove_read
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, planted_once
from tests.content.conftest import Side, build_side

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 12, 1, 12, tzinfo=ZONE)
DUE = date(2026, 12, 31)
QUIZ = [{"question": f"问{n}", "right": "对", "wrong": ["错", "也错"]} for n in range(3)]


@dataclass
class House:
    side: Side
    issuer: Any
    second: Any
    people: list[Membership]

    @property
    def today(self) -> date:
        return self.side.tenant.today()  # type: ignore[no-any-return]

    def issue(self, **more: Any) -> Reading:
        page = self.side.page
        return issue_reading(
            **{"actor": self.issuer, "kind": "page", "ref": str(page.pk), "due_on": DUE, "proof": "read", **more}
        )

    def counts(self, reading: Reading) -> Coverage:
        return coverage_of(rows_of(reading, self.today))

    def read(self, reading: Reading, person: Membership) -> None:
        prove_read(actor=actor_of(person), reading_id=reading.pk, opened_at=now() - timedelta(minutes=5))

    def client(self, person: Any) -> Client:
        client = Client(headers={"host": self.side.tenant.host})
        client.force_login(person.user)
        return client


def build_house() -> House:
    with as_of(NOON):
        side = build_side("云杉")
        with use_tenant(side.tenant.id):
            Membership.objects.all().delete()
            issuer = make_person(side.tenant, "centre", name="周主任")
            second = make_person(side.tenant, "admin", name="吴校办")
            people = [make_person(side.tenant, name=name) for name in ("王一", "王二", "王三")]
            Membership.objects.update(active_from=date(2026, 9, 1))
            return House(side, actor_of(issuer), actor_of(second), people)


planted_house = planted_once("house", build_house)


@pytest.fixture
def house(planted_house: House, db: None) -> Iterator[House]:
    """The test's own copy, its school open, at noon."""
    with as_of(NOON), use_tenant(planted_house.side.tenant.id):
        yield deepcopy(planted_house)
