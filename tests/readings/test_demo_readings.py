"""The demo gives out the guide, the checklist, the way to help and a briefing, and orders the tips."""

from datetime import UTC, datetime

import pytest

from content.demo import load_pages
from content.schools import create_school_site
from demo.knowing import give_out, order_tips
from readings.coverage import coverage_of, rows_of
from readings.kinds import find
from readings.models import Reading
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tips.models import Item

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 12, 1, 4, tzinfo=UTC)


def test_a_school_of_the_demo_knows_what_everyone_is_to_have() -> None:
    school = make_school()
    create_school_site(tenant=school, name=school.name, host=school.host, port=8000)
    with use_tenant(school.id):
        load_pages(school, kind="middle", seed=1)
        centre, editor = (actor_of(make_person(school, role)) for role in ("centre", "editor"))
        staff = [actor_of(make_person(school)) for _ in range(8)]
        assert give_out(centre, staff, today=TODAY) == 4
        counts = [coverage_of(rows_of(one, TODAY.date())) for one in Reading.objects.order_by("issued_at", "pk")]
        assert sorted((one.n, one.m) for one in counts) == [(0, 1), (6, 10), (6, 10), (6, 10)]
        assert order_tips(editor, today=TODAY.date()) == Item.objects.count() > 5


def test_a_briefing_tells_no_planned_drill() -> None:
    found = find("briefing", "suicide")
    assert found is not None
    assert "停止口令" in str(found.body)
    assert find("briefing", "nothing") is None
    assert find("nothing", "1") is None
