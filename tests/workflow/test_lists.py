"""Lists at volume: no joins between tables of a school, no count without an end, and the same rows as before."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import connection, connections
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from demo.worlds import fill_pools
from kernel.clock import as_of, end_of_day, local_day, now, start_of_day
from ledger.models import Entry
from partners.models import Agreement, AgreementLine
from partners.views.agreements import AgreementList
from partners.views.institutions import InstitutionList
from people.views.members import MemberList
from readings.coverage import rows_of
from readings.lists import MissingList, ReadingList
from readings.models import Reading
from readings.workflow import issue_reading
from referrals.counter.lists import BookingList, OfferList, RedemptionList, UnscannedList
from referrals.emergency.centre.expert_list import ExpertList
from referrals.emergency.centre.incident_lists import ClosedList
from referrals.emergency.centre.views_drill import DrillList
from referrals.liaison.centre.views_cards import CardList
from referrals.liaison.centre.views_mediation import MediationList
from referrals.liaison.counter.views_cards import TheirCards
from referrals.models import Offer, Redemption, Referral, Voucher
from referrals.offices import selectors
from referrals.offices.claims import ClaimList
from referrals.offices.corrections import CorrectionList
from referrals.offices.hardship_lists import FinanceFiles, UnionFiles
from referrals.offices.lists import Ledger, PolicyList, RequestList
from referrals.offices.missed_list import QuarrelList
from referrals.offices.orders import OrderList
from referrals.offices.paused_list import PausedList
from referrals.offices.selectors import movements
from referrals.offices.views_disputes import DisputeList
from referrals.offices.views_leavers import LeaverList
from referrals.staff.lists import ReferralList, Wallet
from referrals.workflow.redeeming import redeem
from schools.views.operator import SchoolList
from schools.views.record import Record
from tenancy.messages import gathered
from tenancy.models import TenantModel
from tenancy.scope import use_tenant
from tests.architecture.test_lists import listings
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.lists_planted import plant
from tips.lists import SeriesList
from tips.models import Series
from ui import lists
from ui.lists import page_of

pytestmark = pytest.mark.django_db

BY: Final[dict[type, tuple[str, dict[str, str]]]] = {
    AgreementList: ("union", {"office": "union"}),
    BookingList: ("partner_office", {}),
    CardList: ("centre", {}),
    ClosedList: ("centre", {}),
    ClaimList: ("finance", {}),
    CorrectionList: ("finance", {}),
    DrillList: ("centre", {}),
    DisputeList: ("centre", {"office": "centre"}),
    ExpertList: ("centre", {}),
    FinanceFiles: ("finance", {}),
    InstitutionList: ("operator", {}),
    Ledger: ("finance", {}),
    LeaverList: ("admin", {}),
    MediationList: ("centre", {}),
    MemberList: ("admin", {}),
    MissingList: ("centre", {}),
    OfferList: ("partner_office", {}),
    PolicyList: ("finance", {}),
    OrderList: ("finance", {}),
    PausedList: ("centre", {"office": "centre"}),
    Record: ("admin", {"desk": "school"}),
    RedemptionList: ("partner_office", {}),
    QuarrelList: ("centre", {"office": "centre"}),
    ReadingList: ("centre", {}),
    ReferralList: ("staff", {}),
    RequestList: ("centre", {"office": "centre"}),
    SchoolList: ("operator", {}),
    SeriesList: ("centre", {}),
    TheirCards: ("partner_office", {}),
    UnionFiles: ("union", {}),
    UnscannedList: ("partner_office", {}),
    Wallet: ("staff", {}),
}
"""Who reads which list."""

OF_A_SCHOOL: Final = {model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel)}
_JOINED: Final = re.compile(r'\bJOIN "(\w+)"')
_PLANNED_AS_JOIN: Final = re.compile(r"\b(IN|EXISTS) ?\(SELECT\b")


@pytest.fixture(scope="module")
def planted(own_database: None) -> tuple[Journey, datetime]:
    """A school with two redeemed appointments, so that no list of it is empty; and when the later one was."""
    journey = make_journey(make_school())
    admin = make_person(journey.tenant, "admin")
    journey.members["admin"], journey.actors["admin"] = admin, actor_of(admin)
    with use_tenant(journey.tenant.id):
        for day in (1, 2):
            answer(journey, ask(journey, days=day))
        for voucher in Voucher.objects.order_by("booking__starts_at"):
            with as_of(voucher.booking.starts_at):
                redeem(actor=journey.partner_counter, text=voucher.code)
                last = now()
        for title in ("一", "二"):
            Series.objects.create(title=title, starts_on=local_day(now()))
        for scenario in ("suicide", "breakdown"):
            issue_reading(
                actor=journey.actors["centre"], kind="briefing", ref=scenario, due_on=local_day(now()), proof="read"
            )
    return journey, last


@pytest.fixture
def journey(planted: tuple[Journey, datetime], db: None) -> Iterator[Journey]:
    """That school, open, at the hour of the later appointment."""
    journey, last = planted
    with as_of(last), use_tenant(journey.tenant.id):
        yield deepcopy(journey)


def made(journey: Journey, listing: Any, **asked: str) -> Any:
    """The list as its own reader asks for it."""
    role, more = BY[listing]
    actor = getattr(journey, role)
    query = QueryDict(mutable=True)
    query.update(asked)
    tenant = journey.tenant if actor.tenant_id == journey.tenant.id else journey.platform
    request = SimpleNamespace(GET=query, actor=actor, tenant=tenant)
    if listing is MissingList:
        more = {"reading": (given := Reading.objects.earliest("pk")), "everybody": rows_of(given, tenant.today())}
    return listing(request, **more)


@contextmanager
def captured() -> Iterator[list[str]]:
    """The statements of every role."""
    seen: list[str] = []
    with ExitStack() as stack:
        contexts = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections]
        yield seen
        seen += [row["sql"] for context in contexts for row in context.captured_queries]


def asked_for(listing: Any) -> Iterator[dict[str, str]]:
    """Nothing, then each filter by itself with something that it takes."""
    yield {}
    for name, field in listing.filter.fields.items():
        choices = [str(value) for value, _word in getattr(field, "choices", ()) if value]
        if choices:
            yield from ({name: choice} for choice in choices)
        else:
            yield {name: "2026-01-01" if type(field).__name__ == "DayField" else "a"}


def test_every_list_is_looked_at() -> None:
    assert set(BY) == set(listings())


@pytest.mark.parametrize("few", [0, 1_000])
@pytest.mark.parametrize("listing", BY, ids=lambda one: one.__name__)
def test_no_list_joins_tables_of_a_school_nor_counts_to_the_end(
    journey: Journey, listing: Any, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "size", 1)
    monkeypatch.setattr(selectors, "_FEW", few)
    plant(listing, journey)
    for asked in list(asked_for(made(journey, listing))):
        with captured() as statements:
            context = made(journey, listing, **asked).context()
            made(journey, listing, **asked).file()
        assert statements
        if not asked and listing not in (RequestList, SchoolList):
            assert len(context["page"]) == 1, "an empty list shows nothing of its statements"
        for sql in statements:
            if ' AS "proposed"' in sql:
                continue  # asked for each of a person's own requests that is shown, and only for those
            joined = set(_JOINED.findall(sql)) & OF_A_SCHOOL
            # Of incidents the reader's own places under other accounts, by their numbers: one small list, and no join.
            assert listing is ClosedList or not _PLANNED_AS_JOIN.search(sql), (asked, sql)
            assert not joined, (asked, sql)
            if "COUNT(" in sql and "first" not in asked:
                assert "LIMIT" in sql, (asked, sql)


QUESTIONS: Final = 12
"""Of a page that is a list (issue F)."""
MORE_QUESTIONS: Final[dict[type, int]] = {ClosedList: 14}
"""The board of incidents: what is open, who has it, what is to be done; closed cases stand below. Not of issue F."""


@pytest.mark.parametrize("listing", BY, ids=lambda one: one.__name__)
def test_a_page_that_is_a_list_asks_twelve_questions_at_most(journey: Journey, listing: Any) -> None:
    """With more rows than one, each with all that hangs on it; what is remembered for seconds is known the second time."""
    plant(listing, journey)
    one = made(journey, listing)
    user = {"partner_office": journey.partner_user, "operator": User.objects.get(pk=journey.operator.known_user)}
    role = BY[listing][0]
    client = Client(headers={"host": one.request.tenant.host, "accept-language": "zh-hans"})
    sender = make_person(journey.tenant, "editor").user if listing is SeriesList else None
    client.force_login(sender or user.get(role) or journey.members[role].user)  # type: ignore[arg-type]
    address = one.file_url.rpartition("/")[0] + "/" if listing is not ExpertList else "/centre/emergency/experts/"
    for _again in range(2):
        with captured() as statements:
            assert client.get(address).status_code == 200, address
    sent = [sql for sql in statements if sql != "BEGIN"]
    assert len(sent) <= MORE_QUESTIONS.get(listing, QUESTIONS), "\n".join(sql[:110] for sql in sent)


def test_a_page_counts_to_a_thousand_and_says_so(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_COUNTED", 4)
    page = page_of(list(range(11)), "1", 2)
    assert (page.count, page.last, page.object_list, page.has_previous, page.has_next) == (
        "4+",
        "2+",
        [0, 1],
        False,
        True,
    )
    assert page_of(list(range(11)), "4", 2).last == "", "past what was counted a last page would be a guess"
    assert page_of(list(range(4)), "1", 2).count == "4"
    assert page_of(list(range(4)), "2", 2).last == "2"


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        (None, 1),
        ("", 1),
        ("x", 1),
        ("0", 1),
        ("-3", 1),
        ("2", 2),
        ("３", 3),
        ("4", 3),
        ("9" * 19, 3),
        ("9" * 400, 1),
        ("1.5", 1),
    ],
)
def test_whatever_number_is_asked_for_gives_a_page(asked: str | None, number: int) -> None:
    page = page_of(list(range(5)), asked, 2)
    assert page.number == number
    assert page.object_list == list(range(5))[(number - 1) * 2 : number * 2]
    assert page.counted == 5


def test_pages_of_a_table_together_are_the_table(journey: Journey) -> None:
    rows = Membership.objects.order_by("sort_key", "pk")
    whole = list(rows)
    seen: list[Membership] = []
    for number in range(1, 100):
        page = page_of(rows, str(number), 3)
        seen += page
        assert page.count == str(len(whole))
        if not page.has_next:
            break
    assert seen == whole
    assert page_of(rows, "5000000", 3).object_list == whole[(len(whole) - 1) // 3 * 3 :], "the last, for one past it"


def test_the_file_keeps_the_filters_and_leaves_the_page_out(journey: Journey) -> None:
    listing = made(journey, MemberList, q="王", role="staff", page="7")
    assert listing.file_url == "/school/members/export.csv?q=%E7%8E%8B&role=staff"
    assert made(journey, MemberList).file_url == "/school/members/export.csv"
    assert made(journey, Record, before="12", area="").file_url == "/school/record/export.csv?area="


def test_the_pager_keeps_the_filters(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemberList, "size", 1)
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    client.force_login(journey.members["admin"].user)
    first = client.get("/school/members/", {"q": "", "role": "", "page": "1"}).content.decode()
    assert 'rel="next" href="?q=&amp;role=&amp;page=2"' in first
    assert 'rel="prev"' not in first
    assert 'href="/school/members/export.csv?q=&amp;role="' in first
    second = client.get("/school/members/", {"q": "", "role": "", "page": "2"}).content.decode()
    assert 'rel="prev" href="?q=&amp;role=&amp;page=1"' in second


def test_a_long_list_of_the_counter_sums_up_once_days_are_chosen(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = made(journey, RedemptionList).context()["totals"]
    assert short is not None
    assert short.count == 2
    monkeypatch.setattr("referrals.counter.lists.MOST_COUNTED", 1)
    assert made(journey, RedemptionList).context()["totals"] is None
    first = min(Redemption.objects.values_list("redeemed_at", flat=True))
    chosen = made(journey, RedemptionList, first=local_day(first).isoformat()).context()["totals"]
    assert chosen == short
    client = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    client.force_login(journey.partner_user)
    assert "choose a first day" in client.get("/partner/redemptions/").content.decode()


def test_a_row_behind_the_next_is_read_in_the_message_after_it(
    journey: Journey, django_assert_num_queries: Any
) -> None:
    """And sets of rows, which no key names, are read as Django does."""
    lines = AgreementLine.objects.filter(agreement=journey.agreement).order_by("pk")
    with django_assert_num_queries(3):
        for line in gathered(lines.prefetch_related("agreement__partner", "service")[:9]):
            assert (line.agreement.partner, line.service.institution_id) == (
                journey.institution,
                journey.institution.pk,
            )
    every = set(lines)
    with django_assert_num_queries(2):
        (one,) = gathered(Agreement.objects.filter(pk=journey.agreement.pk).prefetch_related("lines"))
        assert set(one.lines.all()) == every


# The books


def grants(journey: Journey) -> list[datetime]:
    """Written in another order than they are dated: an entry's key tells when it was booked, not when it was typed."""
    last = start_of_day(date(2026, 9, 1))
    moments = [last, last - timedelta(microseconds=1), last + timedelta(days=2), last - timedelta(days=40)]
    for number, moment in enumerate(moments):
        with as_of(moment):
            fill_pools(journey.finance, journey.finance2, [2026], {"camp": 100 + number})
    return moments


def plainly(entry: Entry, asked: dict[str, Any]) -> bool:
    """The filters as a reader would apply them, one row at a time."""
    account, transfer = entry.account, entry.transfer
    pool_of = account.owner if account.book == "pool" else None
    return all(
        (
            not asked.get("book") or account.book == asked["book"],
            not asked.get("scheme") or (pool_of == asked["scheme"] and transfer.kind == "grant"),
            not asked.get("kind") or transfer.kind == asked["kind"],
            not asked.get("first") or transfer.created_at >= start_of_day(asked["first"]),
            not asked.get("last") or transfer.created_at < end_of_day(asked["last"]),
        )
    )


@pytest.mark.parametrize("few", [0, 3, 1_000])
@pytest.mark.parametrize(
    "asked",
    [
        {}, {"book": "pool"}, {"book": "quota"}, {"scheme": "camp"}, {"book": "quota", "scheme": "camp"}, {"kind": "grant"},
        {"kind": "reserve"}, {"kind": "refund"}, {"first": date(2026, 9, 1)}, {"last": date(2026, 8, 31)},
        {"first": date(2026, 9, 1), "last": date(2026, 9, 1)}, 
        {"book": "pool", "kind": "commit", "first": date(2026, 1, 1)},
    ],
    ids=str,
)  # fmt: skip
def test_the_books_show_what_a_join_showed(
    journey: Journey, asked: dict[str, Any], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    grants(journey)
    monkeypatch.setattr(selectors, "_FEW", few)
    every = Entry.objects.select_related("transfer", "account").filter(amount__gt=0)
    wanted = sorted((entry for entry in every if plainly(entry, asked)), key=lambda entry: entry.pk, reverse=True)
    shown = list(movements(**asked))
    assert shown == wanted
    moments = [entry.transfer.created_at for entry in shown]
    assert moments == sorted(moments, reverse=True), "newest first"


def test_the_books_are_narrowed_by_the_day_to_the_microsecond(journey: Journey) -> None:
    on, before, _after, _long = grants(journey)
    day = local_day(on)
    assert local_day(before) == day - timedelta(days=1)
    of_the_day = movements(first=day, last=day, scheme="camp")
    assert [entry.amount for entry in of_the_day] == [100]
    of_the_day_before = movements(first=day - timedelta(days=1), last=day - timedelta(days=1), scheme="camp")
    assert [entry.amount for entry in of_the_day_before] == [101]


def test_the_office_finds_a_person_by_name_and_a_request_by_number(journey: Journey) -> None:
    ask(journey, units=4)
    waiting = Referral.objects.get(state="submitted")
    for asked in (waiting.person.name, waiting.person.name[:1], waiting.number[-4:]):
        found = made(journey, RequestList, q=asked).context()["page"].object_list
        assert [row.pk for row in found] == [waiting.pk], asked
    assert made(journey, RequestList, q="没有这个人").context()["page"].object_list == []


def test_the_page_of_the_books_says_when_and_of_which_year(journey: Journey) -> None:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    client.force_login(journey.members["finance"].user)
    for address in ("/finance/", "/finance/ledger/"):
        page = client.get(address).content.decode()
        assert re.search(r'<th scope="row" class="num">[^<\s]', page), address
        assert re.search(r'data-label="Year" class="n">20\d\d<', page), address


# What the database holds ready


def test_a_partner_s_newest_requests_come_from_an_index() -> None:
    assert ["partner", "-created_at", "-id"] in [list(index.fields) for index in Offer._meta.indexes]
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'offer_of_partner_newest'")
        (made_so,) = cursor.fetchone()
    assert made_so.endswith("(partner_id, created_at DESC, id DESC)")


def test_a_file_reads_no_more_rows_than_it_holds(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """And names what hangs on them some at a time: so much is in memory."""
    monkeypatch.setattr(lists, "MOST_ROWS", 1)
    monkeypatch.setattr(lists, "_CHUNK", 1)
    with captured() as statements:
        rows = list(made(journey, MemberList)._all())
    assert len(rows) == 2
    (read,) = [sql for sql in statements if 'FROM "accounts_membership"' in sql]
    assert "LIMIT 2" in read
