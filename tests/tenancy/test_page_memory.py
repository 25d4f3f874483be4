"""What a page has read it does not read again; whoever writes asks the database each time."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tenancy.models import Tenant
from tenancy.page_memory import OnceAPage, PageMemoryMiddleware, page_memory
from tenancy.scope import current_tenant_id, use_tenant
from tests.conftest import make_school
from workdays.models import CalendarChange
from workdays.selectors import calendar

pytestmark = pytest.mark.django_db


def counted() -> tuple[OnceAPage, list[str]]:
    """A reader, and what it was asked while it really read."""
    asked: list[str] = []

    @OnceAPage
    def read(what: str, *, more: int = 0) -> str:
        asked.append(what)
        return f"{what}/{more}/{current_tenant_id()}"

    return read, asked


def test_on_a_page_the_same_question_is_read_once_and_another_one_is_read(school: Tenant) -> None:
    read, asked = counted()
    with use_tenant(school.pk), page_memory():
        assert read("a") == read("a")
        assert read("a", more=1) != read("a")
        assert read("b") != read("a")
    assert asked == ["a", "a", "b"]


def test_each_open_school_has_its_own(school: Tenant) -> None:
    read, asked = counted()
    other = make_school()
    with page_memory():
        with use_tenant(school.pk):
            mine = read("a")
        with use_tenant(other.pk):
            assert read("a") != mine
    assert asked == ["a", "a"]


@pytest.mark.parametrize(("method", "reads"), [("get", 1), ("head", 1), ("post", 2), ("put", 2), ("delete", 2)])
def test_only_a_page_that_changes_nothing_remembers_and_the_next_one_reads_anew(
    school: Tenant, method: str, reads: int
) -> None:
    read, asked = counted()

    def view(_request: HttpRequest) -> HttpResponse:
        with use_tenant(school.pk):
            read("a")
            return HttpResponse(read("a"))

    made = PageMemoryMiddleware(view)
    made(getattr(RequestFactory(), method)("/"))
    assert len(asked) == reads
    made(getattr(RequestFactory(), method)("/"))
    assert len(asked) == 2 * reads


def test_what_was_read_with_something_else_is_known_and_nothing_is_outside_a_page(school: Tenant) -> None:
    read, asked = counted()
    with use_tenant(school.pk):
        read.know("told", "a")
        assert not read.is_known("a")
        assert not read.remembers()
        with page_memory():
            read.know("told", "a")
            assert read.is_known("a")
            assert read("a") == "told"
    assert asked == []


def test_a_day_off_that_was_entered_meanwhile_counts_for_whoever_writes(school: Tenant) -> None:
    """The control: on a page the calendar stands still; an act sees the change."""
    day = school.today()
    with use_tenant(school.pk):
        before = calendar().is_workday(day)
        with page_memory():
            calendar()
            CalendarChange.objects.create(first_day=day, last_day=day, is_workday=not before)
            assert calendar().is_workday(day) is before
        assert calendar().is_workday(day) is not before
