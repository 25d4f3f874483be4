"""How long forms of address are kept: as the school had set it when the day was planned, which is what families read (books §6 ⚙)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from content.opendays.models import Party
from content.opendays.tasks import run_round
from kernel.clock import as_of
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.opendays.world import World, come, family, make_world


@pytest.fixture
def strict(db: None) -> Any:
    """A school that keeps them for three days."""
    school = make_school(rules={"visitor_name_days": 3})
    with use_tenant(school.pk):
        yield make_world(school)


def names(world: World) -> list[str]:
    return [party.address for party in Party.objects.filter(open_day=world.day)]


@pytest.mark.parametrize(("rules", "days"), [({"visitor_name_days": 3}, 3), ({}, 7)])
def test_they_go_by_themselves_on_the_day_that_was_promised(db: None, rules: dict[str, int], days: int) -> None:
    school = make_school(rules=rules)
    with use_tenant(school.pk):
        world = make_world(school)
        token = come(world, family(1, address="欧阳女士"))
        end = world.day.ends_at + timedelta(days=days)
        with as_of(end - timedelta(seconds=1)):
            run_round()
        assert names(world) == ["欧阳女士"]
        with as_of(end):
            run_round()
        assert names(world) == [""]
        assert Client(headers={"host": school.host}).get(f"/open-day/f/{token}/").status_code == 404


def test_a_promise_stands_when_the_school_changes_its_mind(strict: World) -> None:
    strict.school.rules = {"visitor_name_days": 30}
    strict.school.save(update_fields=["rules"])
    come(strict, family(1))
    form = Client(headers={"host": strict.school.host, "accept-language": "en"}).get(
        f"/open-day/i/{strict.invitation.token}/"
    )
    assert "deleted after 3 days" in form.content.decode()
    with as_of(strict.day.ends_at + timedelta(days=3)):
        run_round()
    assert names(strict) == [""]
