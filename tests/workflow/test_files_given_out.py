"""Every file a person may download: one form for moments, a number in each row, cells guarded, and a row of the record.

A crawler over every address that ends in a file for a spreadsheet, as each role, at a school with a row of everything.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import openpyxl
import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.utils.translation import override

from accounts.models import Membership, RosterImport, User
from audit.models import AuditEntry
from exports.guard import guarded, unguarded
from people.roster.workflow.previewing import preview_roster
from tenancy.scope import use_tenant
from tests.conftest import actor_of
from tests.databases import use_database
from tests.tenancy.addresses import Address, addresses
from tests.tenancy.planted import ROLES, Planted, plant
from tests.workflow.files_planted import BY_SOUND, FORMULA, mark_texts, plant_file

FILES: Final = [one for one in addresses() if one.template.endswith((".csv", ".xlsx")) or "issues" in one.template]
OWN: Final = {"staff_referrals_csv", "wallet_csv"}
"""What a person takes home of their own; all else is somebody else's and leaves a row of the record."""

ALL: Final = {f"{office}_requests_csv": {"state": "all"} for office in ("centre", "union")}
"""A filter that shows everything, where a list begins with less."""

KEYS: Final = {
    "partner_offers_csv": ("Request key",),
    "partner_bookings_csv": ("Request key", "Voucher number"),
    "partner_redemptions_csv": ("Request key", "Voucher number"),
    "staff_referrals_csv": ("Number",),
    "wallet_csv": ("Number", "Request number"),
    "centre_requests_csv": ("Number", "Voucher number"),
    "union_requests_csv": ("Number", "Voucher number"),
    "centre_mediations_csv": ("Asked at",),
    "centre_cards_csv": ("Number",),
    "partner_cards_csv": ("Number",),
    "centre_paused_csv": ("Number",),
    "union_paused_csv": ("Number",),
    "centre_quarrels_csv": ("Number",),
    "union_quarrels_csv": ("Number",),
    "centre_disputes_csv": ("Voucher number",),
    "union_disputes_csv": ("Voucher number",),
    "partner_unscanned_csv": ("Voucher number", "Request key"),
    "union_hardship_csv": ("File number",),
    "finance_hardship_csv": ("File number",),
    "finance_claims_csv": ("Voucher number", "Asked at"),
    "finance_corrections_csv": ("Voucher number", "Asked at"),
    "finance_ledger_csv": ("Number", "Month"),
    "finance_policies_csv": ("Scheme", "Version"),
    "finance_orders_csv": ("What", "Asked at"),
    "school_members_csv": ("Staff number",),
    "school_leavers_csv": ("Name", "Last day"),
    "reading_missing_csv": ("Staff number",),
    "readings_csv": ("Document",),
    "tips_csv": ("Name of the series",),
    "operator_schools_csv": ("Address",),
    "operator_institutions_csv": ("Unified social credit code",),
    "union_agreements_csv": ("Number",),
    "emergency_closed_csv": ("Number",),
    "emergency_drills_csv": ("Title", "Planned for"),
    "emergency_experts_csv": ("Name",),
    "finance_agreements_csv": ("Number",),
    "operator_record_csv": ("Number",),
    "school_record_csv": ("Number",),
    "school_roster_csv": ("Row",),
    "school_roster_xlsx": ("Row",),
}
"""By which columns a row is found again, in this file and in the next one."""

MOMENTS: Final = {
    "partner_offers_csv": {"Asked on", "Answer by"},
    "partner_bookings_csv": {"Start", "End"},
    "partner_redemptions_csv": {"Redeemed"},
    "staff_referrals_csv": {"Request sent"},
    "centre_requests_csv": {"Sent", "Decide by"},
    "finance_ledger_csv": {"Booked at"},
    "finance_orders_csv": {"Asked at", "Decided at"},
    "school_record_csv": {"Time"},
}
"""Columns that must hold a moment in a file that has rows: the crawler finds the others by their looks."""

WITH_TYPED_TEXT: Final = {
    "partner_offers_csv", "partner_bookings_csv", "partner_redemptions_csv", "partner_unscanned_csv", "staff_referrals_csv",
    "wallet_csv", "centre_requests_csv", "union_requests_csv", "centre_paused_csv", "union_paused_csv", "centre_quarrels_csv",
    "union_quarrels_csv", "centre_disputes_csv", "union_disputes_csv", "union_agreements_csv", "finance_agreements_csv",
    "operator_institutions_csv", "emergency_experts_csv", "emergency_drills_csv", "school_members_csv",
}  # fmt: skip
"""Files with a column that somebody types: each must hold one that begins like a formula."""

BY_NAME: Final = {"school_members_csv", "emergency_experts_csv", "reading_missing_csv"}
"""Files of people, by name."""

_LIKE_A_TIME: Final = re.compile(
    r"\d\s*月\s*\d|\d{1,2}:\d{2}|\b(?:19|20)\d\d[-/.]\d{1,2}\b|[A-Z][a-z]{2} \d{1,2}\b|\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(_DAY.pattern + r"T\d\d:\d\d:\d\d\+08:00")
_FREE: Final = {"Month", "Details", "Reference", "Number", "Voucher number", "Request key", "Request number", "Reason"}
"""Columns of months, keys and sentences, which may hold a year."""


@pytest.fixture(scope="module")
def world(
    committing_database: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Planted]:
    folder = str(tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder, PRIVATE_ROOT=folder):
        usual = use_database(committing_database)
        planted = plant("白鹭", "BL")
        with use_tenant(planted.tenant.id):
            admin = actor_of(Membership.objects.get(user=planted.users["admin"]))
            preview_roster(
                actor=admin, file_name="n.csv", content="工号,姓名,手机\nT1,李明华,1\nT2,王芳,+8613800138001x".encode()
            )
            planted.by_model["rosterimport"] = str(RosterImport.objects.latest("created_at").pk)
        mark_texts(planted)
        yield planted
        use_database(usual)


def people(world: Planted) -> Iterator[tuple[str, User, str]]:
    """``(role, user, host)`` of everybody."""
    for role in ROLES:
        yield role, world.users[role], world.tenant.host
    platform = world.journey.platform.host
    yield "partner_office", world.journey.partner_user, platform
    yield "partner_counter", world.journey.counter_user, platform
    yield "operator", User.objects.get(pk=world.journey.operator.user_id), platform


def table_of(answer: Any) -> list[list[str]]:
    content = answer.content
    if content.startswith(b"PK"):
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def files(world: Planted) -> Iterator[tuple[str, Address, list[list[str]], list[AuditEntry], int]]:
    """Every file that somebody gets, with what the record says of it and how many rows the answer counts."""
    for role, user, host in people(world):
        client = Client(headers={"host": host, "accept-language": "en"})
        client.force_login(user)
        for address in FILES:
            block = transaction.atomic()
            # As Django's own test cases mark theirs: a refusal's row asks to stand outermost.
            block._from_testcase = True
            with block:
                plant_file(world, address.name)
                before = recorded(world)
                answer = client.get(address.fill(world.values()), ALL.get(address.name, {}))
                assert answer.status_code in (200, 404), (role, address.template, answer.status_code)
                if answer.status_code == 200:
                    new = [entry for entry in recorded(world) if entry not in before]
                    yield role, address, table_of(answer), new, getattr(answer, "rows", -1)
                transaction.set_rollback(True)


def recorded(world: Planted) -> list[AuditEntry]:
    found = []
    for tenant in (world.tenant, world.journey.platform):
        with use_tenant(tenant.id):
            found += list(AuditEntry.objects.all())
    return found


@pytest.fixture(scope="module")
def given(world: Planted) -> list[tuple[str, Address, list[list[str]], list[AuditEntry], int]]:
    with override("en"):
        return list(files(world))


def test_every_file_is_met_with_rows_in_it(given: list[Any]) -> None:
    met = {address.name for _role, address, table, _new, _rows in given if len(table) > 1}
    assert {address.name for address in FILES} == met


def test_every_file_names_its_rows(given: list[Any]) -> None:
    for _role, address, table, _new, _rows in given:
        assert set(KEYS[address.name]) <= set(table[0]), address.name


def test_rows_of_two_files_meet(given: list[Any]) -> None:
    column: dict[tuple[str, str], set[str]] = defaultdict(set)
    for _role, address, table, _new, _rows in given:
        for name in KEYS[address.name]:
            column[address.name, name] |= {row[table[0].index(name)] for row in table[1:]} - {""}
    assert column["partner_bookings_csv", "Request key"] <= column["partner_offers_csv", "Request key"]
    assert column["partner_redemptions_csv", "Request key"] <= column["partner_bookings_csv", "Request key"]
    redeemed = column["partner_redemptions_csv", "Voucher number"]
    assert redeemed
    for name, key in (
        ("partner_bookings_csv", "Voucher number"), ("wallet_csv", "Number"), ("centre_requests_csv", "Voucher number"),
        ("finance_ledger_csv", "Number"),
    ):  # fmt: skip
        assert redeemed <= column[name, key], name
    assert column["wallet_csv", "Request number"] <= column["staff_referrals_csv", "Number"]
    assert not column["staff_referrals_csv", "Number"] & column["finance_ledger_csv", "Number"], (
        "no request is found by it"
    )


def test_every_moment_is_iso_with_year_and_offset(given: list[Any]) -> None:
    for _role, address, table, _new, _rows in given:
        for number, name in enumerate(table[0]):
            cells = [row[number] for row in table[1:] if row[number]]
            wants = name in MOMENTS.get(address.name, ())
            for cell in cells:
                where = f"{address.name} {name}: {cell}"
                if wants:
                    assert _MOMENT.fullmatch(cell), where
                elif name not in _FREE and _LIKE_A_TIME.search(cell):
                    assert is_iso(cell), where
            assert not wants or cells or len(table) == 1, f"{address.name} {name} is empty"


def test_no_cell_of_any_file_is_run_as_a_formula(given: list[Any]) -> None:
    guarded_in = set()
    for _role, address, table, _new, _rows in given:
        for cell in (cell for row in table for cell in row):
            assert guarded(unguarded(cell)) == cell, f"{address.name}: {cell}"
            if cell.startswith(f"'{FORMULA}"):
                guarded_in.add(address.name)
    assert guarded_in >= WITH_TYPED_TEXT, "a text that somebody typed is in each of them"


def test_people_stand_by_the_sound_of_their_names(given: list[Any]) -> None:
    met = set()
    for _role, address, table, _new, _rows in given:
        if address.name in BY_NAME and "Name" in table[0]:
            names = [row[table[0].index("Name")] for row in table[1:]]
            if set(BY_SOUND) <= set(names):
                assert [name for name in names if name in BY_SOUND] == list(BY_SOUND), address.name
                met.add(address.name)
    assert met == BY_NAME


def is_iso(cell: str) -> bool:
    """A day, or a moment in the one form there is."""
    return bool(_MOMENT.fullmatch(cell) or _DAY.fullmatch(cell))


def test_what_an_office_takes_leaves_one_row_that_counts(given: list[Any]) -> None:
    for role, address, table, new, rows in given:
        exports = [entry for entry in new if entry.action.endswith(".export")]
        if address.name in OWN:
            assert new == [], (role, address.name)
            continue
        assert len(exports) == len(new) == 1, (role, address.name, [entry.action for entry in new])
        if rows >= 0:
            assert exports[0].facts == {"rows": len(table) - 1} == {"rows": rows}, address.name
        else:
            assert exports[0].facts["rows"] == len(table) - 1, address.name
