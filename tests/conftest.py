"""Fixtures of the whole suite: a database behind both walls, two schools, people with roles.

``school`` and ``other_school`` are open to plain database tests and rolled back. ``committed`` is for tests that
need several connections: it commits, into a database that only the tests of its module see.
"""

import gc
import os
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as sampling
from xdist.scheduler import LoadFileScheduling

from kernel.clock import SCHOOL_ZONE, begun_at, now
from tests.databases import committed_rows, copy_of_template, database_of_its_own, drop_database, use_database
from tests.reached import Reached, is_whole

sampling.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
sampling.load_profile("house")
"""How long the making of an example takes on the wall tells of the machine and its neighbours, not of the rule."""

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
    if (folder := os.environ.get("REACHED")) and is_whole(config):
        config.pluginmanager.register(Reached(Path(folder)))


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

    Nor does a school keep the rules that the one before gave it: hosts are kept for half a minute. Nor does a test begin
    in the language in which the one before ended.
    """
    from django.utils.translation import deactivate

    from accounts import elsewhere
    from notifications.providers import mark
    from referrals.emergency import school_line
    from tenancy.hosts import forget

    deactivate()
    cache.clear()
    forget()
    elsewhere.forget()
    school_line.forget()
    mark.forget()


DEAR = (
    "journeys/test_look", "tenancy/test_no_page_crosses", "tenancy/test_nothing_of_an_account",
    "tenancy/test_every_page_says", "disclosure/", "faults/", "journeys/", "api/test_schema_holds", "content/test_gate",
    "content/test_no_dead_link", "workflow/test_no_dead_end", "workflow/test_walks", "tenancy/test_places_migration",
    "api/test_bad_input", "workflow/test_demo", "workflow/test_ledger", "workflow/test_referral",
    "workflow/test_staff_screens", "concurrency/",
)  # fmt: skip
"""Files that take longest begin first, so that in a run of the whole all workers end together. Minutes, then seconds.

Beside the browser stands what needs none, and what waits for processes of its own stands beside what keeps a core busy.
"""

CRAWLED = (
    "tests/tenancy/test_no_page_crosses",
    "tests/tenancy/test_nothing_of_an_account",
    "tests/tenancy/test_every_page_says",
)
FIRST_HALF = frozenset({"nobody", "staff", "union", "finance", "principal", "duty", "partner_office"})
_WHO = re.compile(r"\[(\w+)")


def unit_of(nodeid: str) -> str:
    """What stays on one worker: a file; of the files that read one crawl, half of the people who crawl."""
    path = nodeid.partition("::")[0]
    if not path.startswith(CRAWLED):
        return path
    who = _WHO.search(nodeid)
    return f"crawl {1 if who and who[1] in FIRST_HALF else 2}"


class ByUnit(LoadFileScheduling):
    """``--dist loadfile``, which knows that three files read one crawl."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByUnit | None:
    return ByUnit(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stable: within a file, and among the files of one kind, the order stays."""
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        name = item.path.relative_to(here).as_posix()
        return next((n for n, start in enumerate(DEAR) if name.startswith(start)), len(DEAR))

    items.sort(key=rank)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


SLOWEST = 10


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The files that take longest, so that growth is seen. Seconds on a worker; said where there is a choice."""
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("::")[0]] += report.duration
    if len(seconds) <= SLOWEST:
        return
    terminalreporter.section(f"the {SLOWEST} slowest of {len(seconds)} files, {sum(seconds.values()):.0f} s in all")
    for name, spent in seconds.most_common(SLOWEST):
        terminalreporter.write_line(f"{spent:7.1f} s  {name}")


@pytest.fixture(scope="session", autouse=True)
def hosts_are_remembered() -> Iterator[None]:
    """A busy machine asks no host a second time while a test counts questions: what is remembered of hosts grows no older."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tenancy.hosts.monotonic", lambda: 0.0)
        yield


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


@pytest.fixture
def real_clock() -> Iterator[None]:
    """For tests that hold the process's clock against the database's: no evening is moved."""
    with begun_at(datetime.now(UTC)):
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


@contextmanager
def planted_database(suffix: str, plant: Callable[[], Any]) -> Iterator[tuple[str, Any]]:
    """A database of this worker's in which ``plant`` was called once, and what it gave. Every test that begins there is undone."""
    with database_of_its_own(suffix) as name:
        with living_in(name):
            planted = plant()
            before = committed_rows()
        yield name, planted
        with living_in(name):
            left = committed_rows()
    assert left == before, f"a test committed into what was planted; others now depend on the order: {left}"


def planted_once(suffix: str, plant: Callable[[], Any]) -> Any:
    """A fixture of a module: its tests live in a database of their own in which ``plant`` was called once, and this is what it
    gave. What a test gets is its own copy, made by a fixture of the test's; at another moment it plants anew
    (``is_at_a_moment``).
    """

    @pytest.fixture(scope="module")
    def planted(by_day: None, django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
        with django_db_blocker.unblock(), planted_database(suffix, plant) as (name, found), living_in(name):
            yield found

    return planted


@contextmanager
def living_in(name: str) -> Iterator[None]:
    """Every connection goes to the database ``name`` meanwhile."""
    usual = use_database(name)
    yield
    use_database(usual)


@pytest.fixture(scope="session")
def journey_database(by_day: None, django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, Any]]:
    """One school stands ready for a case, and that journey."""
    from tests.fixtures_journey import make_journey

    with django_db_blocker.unblock(), planted_database("planted", lambda: make_journey(make_school())) as planted:
        yield planted


@pytest.fixture(scope="module")
def planted_journey(journey_database: tuple[str, Any], django_db_blocker: Any) -> Iterator[Any]:
    """The journey of that database, in which this module's tests live from now on."""
    name, planted = journey_database
    with django_db_blocker.unblock(), living_in(name):
        yield planted


@pytest.fixture
def own_journey(request: pytest.FixtureRequest, planted_journey: Any, db: None) -> Any:
    """The test's own copy of the planted journey. What was planted today holds at no other moment: there a new one."""
    from tests.fixtures_journey import make_journey

    return make_journey(make_school()) if is_at_a_moment(request) else deepcopy(planted_journey)


def is_at_a_moment(request: pytest.FixtureRequest) -> bool:
    """Whether the test lives at one of ``AWKWARD``: nothing of today holds there."""
    parameters = getattr(request.node, "callspec", None)
    return bool(parameters and parameters.params.get("at_moment"))


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
def school(request: pytest.FixtureRequest, db: None) -> Any:
    """A new school; beside ``own_journey`` that one's, beside a planted ``world`` the world's."""
    if "own_journey" in request.fixturenames:
        return request.getfixturevalue("own_journey").tenant
    if {"planted_world", "planted_bare"} & {*request.fixturenames}:
        return request.getfixturevalue("world").school
    return make_school()


@pytest.fixture
def other_school(db: None) -> Any:
    return make_school()
