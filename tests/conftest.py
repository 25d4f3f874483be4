"""Fixtures of the whole suite: a database behind both walls, two schools, people with roles.

``school`` and ``other_school`` are open to plain database tests and rolled back. ``committed`` is for tests that
need several connections: it commits, into a database that only the tests of its module see.
"""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections

from kernel.clock import SCHOOL_ZONE, begun_at, now
from tests.databases import committed_rows, copy_of_template, database_of_its_own, drop_database, use_database

EVENING = 20
"""From this hour on the suite would reach midnight, and "in half an hour" would be tomorrow."""


AWKWARD = {
    "before eight": "2025-11-19 05:20",
    "last friday": "2025-10-31 16:30",
    "leap day": "2024-02-29 10:00",
    "end of the year": "2024-12-31 23:50",
    "new year": "2025-01-01 00:10",
    "eve of the school year": "2025-08-31 05:20",
    "end of the school year": "2025-08-31 23:50",
    "first of september": "2025-09-01 07:00",
}
"""Moments in the school's zone at which days, years and school years differ between two clocks or two calendars: before
eight in the morning it is yesterday in UTC, and what is asked for at 05:20 is given at 06:50. All of them lie in the past,
because the database keeps its own clock."""


def school_time(text: str) -> datetime:
    """``2025-08-31 23:50`` as people in the school read it from the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(SCHOOL_ZONE))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--at",
        type=school_time,
        metavar="MOMENT",
        help="let the suite begin at this moment, such as '2025-08-31 23:50'",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "at_awkward_moments: also at each moment of tests.conftest.AWKWARD")
    if moment := config.getoption("--at"):
        clock = ExitStack()
        clock.enter_context(begun_at(moment))
        config.add_cleanup(clock.close)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("at_awkward_moments"):
        metafunc.parametrize("at_moment", [None, *AWKWARD.values()], indirect=True, ids=["now", *AWKWARD])


@pytest.fixture(autouse=True)
def at_moment(request: pytest.FixtureRequest) -> Iterator[None]:
    """The clock of a test marked ``at_awkward_moments``: stands before every other fixture, and runs on."""
    with ExitStack() as clock:
        if text := getattr(request, "param", None):
            clock.enter_context(begun_at(school_time(text)))
        yield


@pytest.fixture(autouse=True)
def untroubled() -> None:
    """No test is slowed down by the sign-ins of the one before: what only brakes is counted in the cache, by address.

    Nor does a school keep the rules that the one before gave it: hosts are kept for half a minute.
    """
    from notifications.providers import mark
    from tenancy.hosts import forget

    cache.clear()
    forget()
    mark.forget()


DEAR = (
    "journeys/test_look", "journeys/", "tenancy/test_no_page_crosses", "disclosure/", "content/test_gate", "content/test_no_dead_link", "workflow/test_ledger",
    "faults/", "api/test_bad_input", "workflow/test_staff_screens", "workflow/test_r", "concurrency/",
)  # fmt: skip
"""Files that take longest begin first, so that in a run of the whole both workers end together. Minutes, then seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stable: within a file, and among the files of one kind, the order stays."""
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        name = item.path.relative_to(here).as_posix()
        return next((n for n, start in enumerate(DEAR) if name.startswith(start)), len(DEAR))

    items.sort(key=rank)


@pytest.fixture(scope="session", autouse=True)
def by_day(request: pytest.FixtureRequest) -> Iterator[None]:
    """A suite that begins in the evening lives at ten in the morning of the same day, its threads too.

    Never ahead of the database's own clock, which is left as it is.
    """
    local = now().astimezone(ZoneInfo(SCHOOL_ZONE))
    if local.hour < EVENING or request.config.getoption("--at"):
        yield
        return
    with begun_at(now() - timedelta(hours=local.hour - 10)):
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """A database of this worker's own, copied from a template that its owner migrated once (tests/databases.py)."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    name = settings.DATABASES["default"]["TEST"]["NAME"] + (f"_{worker}" if worker else "")
    with django_db_blocker.unblock():
        copy_of_template(name)
        use_database(name)
        before = committed_rows()
    yield
    with django_db_blocker.unblock():
        left = committed_rows()
        for connection in connections.all(initialized_only=True):
            connection.close()
        drop_database(name)
    assert left == before, f"a test committed outside `committed`; others now depend on the order: {left}"


@pytest.fixture(scope="module")
def committing_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The name of this module's own database."""
    with django_db_blocker.unblock(), database_of_its_own("committed") as name:
        yield name


@pytest.fixture(scope="module")
def own_database(committing_database: str, django_db_blocker: Any) -> Iterator[None]:
    """All of a module's tests live in its own database: what a fixture of the module plants there, each of them finds,
    and with ``db`` each is undone.
    """
    with django_db_blocker.unblock():
        usual = use_database(committing_database)
        yield
        use_database(usual)


@pytest.fixture
def committed(committing_database: str, django_db_blocker: Any) -> Iterator[None]:
    """Real commits on real connections. Nothing is cleaned between the tests of a module."""
    with django_db_blocker.unblock():
        usual = use_database(committing_database)
        yield
        use_database(usual)


def make_school(slug: str | None = None, kind: str = "middle", **values: Any) -> Any:
    """A school with its vault key; call inside ``db`` or ``committed``."""
    from tenancy.hosts import forget
    from tenancy.models import Tenant
    from tenancy.scope import use_tenant
    from vault.keys import create_tenant_key

    slug = slug or f"school-{uuid.uuid4().hex[:10]}"
    forget()
    tenant = Tenant.objects.create(
        slug=slug, host=f"{slug}.localhost", kind=kind, name=values.pop("name", f"学校 {slug}"), code="XX", **values
    )
    with use_tenant(tenant.id):
        create_tenant_key(tenant.id)
    return tenant


def make_person(tenant: Any, *roles: str, **values: Any) -> Any:
    """A user with a membership of ``tenant``; returns the membership. Password is ``settings.DEMO_PASSWORD``.

    The place is accepted, and typed by the school with the account's address unless ``email`` or ``phone`` say otherwise.
    """
    from accounts.models import Membership, User
    from tenancy.scope import use_tenant

    user = values.pop("user", None) or User.objects.create_user(
        email=f"{uuid.uuid4().hex[:12]}@{tenant.slug}.example",
        password=settings.DEMO_PASSWORD,
        full_name=values.get("name", "李明华"),
    )
    values = {"name": "李明华", "email": user.email or "", "accepted_at": now(), **values}
    with use_tenant(tenant.id):
        phone = values.pop("phone", "")
        member = Membership(user=user, roles=list(roles) or ["staff"], **values)
        member.keep_phone(phone)
        member.save(force_insert=True)
        return member


def actor_of(membership: Any) -> Any:
    """The actor that this membership acts as."""
    from accounts.actor import Actor

    return Actor(
        user_id=membership.user_id,
        tenant_id=membership.tenant_id,
        membership_id=membership.id,
        roles=frozenset(membership.roles),
        display_name=membership.name,
    )


@pytest.fixture
def school(db: None) -> Any:
    return make_school()


@pytest.fixture
def other_school(db: None) -> Any:
    return make_school()
