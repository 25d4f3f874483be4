"""The editors' calendar: each thing in its month, of the own school alone, also over New Year."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from wagtail.models import Page

from content.models import CampaignPage, GuidelinePage
from content.plan import entries
from tests.content.conftest import Side
from tests.content.stock import build_library
from tests.content.test_activities import campaign

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def told(side: Side, first: date) -> list[tuple[str, str, str]]:
    return [(entry.day.isoformat(), entry.title, str(entry.note)) for entry in entries(side.school, first)]


def test_each_thing_stands_in_its_month(ours: Side, theirs: Side) -> None:
    Page.objects.filter(pk__in=[ours.page.pk, theirs.page.pk]).update(
        first_published_at=datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI), expire_at=datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI)
    )  # fmt: skip
    GuidelinePage.objects.filter(pk__in=[ours.page.pk, theirs.page.pk]).update(review_by=date(2027, 1, 15))
    campaign(ours, date(2026, 12, 28), title="年末的活动")
    campaign(theirs, date(2026, 12, 28), title="墨竹的活动")
    december, january = told(ours, date(2026, 12, 1)), told(ours, date(2027, 1, 1))
    assert ("2026-12-31", "白鹭指南", "已发布") in december or ("2026-12-31", "白鹭指南", "Published") in december
    assert [row[0] for row in december] == sorted(row[0] for row in december)
    assert any(row[:2] == ("2026-12-28", "年末的活动") for row in december)
    assert any(row[:2] == ("2027-01-06", "年末的活动") for row in january), (
        "its report is due a week after its last day"
    )
    assert any(row[:2] == ("2027-01-15", "白鹭指南") for row in january)
    assert any(row[:2] == ("2027-01-01", "白鹭指南") for row in january), "it ends as the year begins"
    assert any(row[0] == "2027-01-01" and not entry.href for row, entry in zip(january, entries(ours.school, date(2027, 1, 1)), strict=True))  # fmt: skip
    assert not any("墨竹" in row[1] for row in (*december, *january))


def test_a_plan_stands_on_the_day_of_the_school(ours: Side) -> None:
    at = datetime(2030, 3, 1, 0, 30, tzinfo=SHANGHAI)  # the last of February in UTC
    ours.draft.reviewed_by, ours.draft.reviewed_on, ours.draft.go_live_at = "心理中心", date(2026, 9, 1), at
    ours.draft.save_revision(user=ours.editor).publish()
    assert any(row[:2] == ("2030-03-01", ours.draft.title) for row in told(ours, date(2030, 3, 1)))
    assert not any(row[1] == ours.draft.title for row in told(ours, date(2030, 2, 1)))


@pytest.mark.parametrize(
    ("month", "status"),
    [("", 200), ("2026-12", 200), ("2020-01", 200), ("2060-12", 200), ("2019-12", 404), ("2061-01", 404), ("x", 404), ("2026-13", 404),
     ("2026-12-01", 404), ("9999-99", 404)],
)  # fmt: skip
def test_months(ours: Side, month: str, status: int) -> None:
    assert ours.client(ours.editor).get("/cms/plan/", {"month": month} if month else {}).status_code == status


def test_the_calendar_is_for_editors_of_a_school(ours: Side, theirs: Side) -> None:
    assert ours.client().get("/cms/plan/").status_code == 302
    library = build_library(theirs.tenant.host)
    assert library.client(library.operator).get("/cms/plan/").status_code == 404
    campaign(ours, ours.tenant.today() + timedelta(days=0), title="白鹭的活动")
    shown: Any = ours.client(ours.editor).get("/cms/plan/").content.decode()
    assert "白鹭的活动" in shown
    assert CampaignPage.objects.count() == 1
