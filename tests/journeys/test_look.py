"""How every page looks, measured in a real browser: axe, targets, no sideways scrolling, weight, questions asked (experience §Budgets).

Each page is looked at in one of the eight ways (language × light or dark × phone or desk), chosen by its name; with
``bin/test --looks`` in all eight and at 200 % text (``tests.journeys.ways``). ``LOOK_SHOTS=<folder>`` keeps a picture of each, and what was found.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from playwright.sync_api import Browser

from tests.journeys.conftest import House
from tests.journeys.looking import Seats, look_at, signed_in
from tests.journeys.looks import LOOKS as SHEET
from tests.journeys.looks import Look
from tests.journeys.looks_account import ACCOUNT_LOOKS
from tests.journeys.looks_after import AFTER_LOOKS
from tests.journeys.looks_calendars import CALENDAR_LOOKS
from tests.journeys.looks_contacts import CONTACT_LOOKS
from tests.journeys.looks_deciding import DECIDING_LOOKS
from tests.journeys.looks_drill import DRILL_LOOKS
from tests.journeys.looks_duty import DUTY_LOOKS
from tests.journeys.looks_emergency import EMERGENCY_LOOKS
from tests.journeys.looks_family import FAMILY_LOOKS
from tests.journeys.looks_following import FOLLOWING_LOOKS
from tests.journeys.looks_hours import HOURS_LOOKS
from tests.journeys.looks_institution import INSTITUTION_LOOKS
from tests.journeys.looks_knowing import KNOWING_LOOKS
from tests.journeys.looks_leaving import LEAVING_LOOKS
from tests.journeys.looks_liaison import LIAISON_LOOKS
from tests.journeys.looks_missed import MISSED_LOOKS
from tests.journeys.looks_openday import OPENDAY_LOOKS
from tests.journeys.looks_outside import OUTSIDE_LOOKS
from tests.journeys.looks_pages import PAGES_LOOKS
from tests.journeys.looks_people import PEOPLE_LOOKS
from tests.journeys.looks_ready import READY_LOOKS
from tests.journeys.looks_report import REPORT_LOOKS
from tests.journeys.looks_school import SCHOOL_LOOKS
from tests.journeys.pressing import lost_by_pressing
from tests.journeys.town import Town, build_town
from tests.journeys.ways import EVERY_WAY, ways_of
from tests.tenancy.addresses import Address, addresses

LOOKS = [
    *SHEET,
    *FAMILY_LOOKS,
    *ACCOUNT_LOOKS,
    *PEOPLE_LOOKS,
    *INSTITUTION_LOOKS,
    *SCHOOL_LOOKS,
    *FOLLOWING_LOOKS,
    *MISSED_LOOKS,
    *HOURS_LOOKS,
    *CALENDAR_LOOKS,
    *CONTACT_LOOKS,
    *DECIDING_LOOKS,
    *LEAVING_LOOKS,
    *DUTY_LOOKS,
    *DRILL_LOOKS,
    *EMERGENCY_LOOKS,
    *OUTSIDE_LOOKS,
    *REPORT_LOOKS,
    *AFTER_LOOKS,
    *READY_LOOKS,
    *PAGES_LOOKS,
    *OPENDAY_LOOKS,
    *KNOWING_LOOKS,
    *LIAISON_LOOKS,
]
# Whoever is looked at next has the page already: a new one is a process of the browser. The public ones stay first, for who
# sets a password afterwards ends the links by which a stranger could have.
LOOKS.sort(key=lambda look: (look.who != "public", look.who))
QUERIES = 15
MORE_QUERIES = {
    "next-sessions": 16, "paused-mine": 17, "free-times-held": 16,
    "free-times-taken": 16, "relief-first": 17, "union-open-day": 16, "union-open-day-over": 17, "union-open-day-report-told": 17,
    "partner-home": 16, "text-to-give-back": 16, "centre-quarrel": 16,
}  # fmt: skip
"""Pages that read one thing more than they may: a course's request twice, a day's claims in parts, with whom each
appointment is, who saved a draft, whether the agency may serve the school that day, who leads the union, the places of a person who has two, whether a picture
is held back. None joins them, none grows."""


@pytest.fixture(scope="package")
def town(house: House, browser: Browser) -> Town:
    return build_town()


@pytest.fixture(scope="package")
def seats(browser: Browser, house: House, town: Town) -> Iterator[Seats]:
    seats = Seats(browser, house, town)
    yield seats
    seats.leave()
    for context in seats.contexts.values():
        context.close()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_page_in_the_browser(look: Look, seats: Seats) -> None:
    ways = ways_of(look)
    faults = []
    for language in ("zh", "en"):
        if seen := [(scheme, size) for lang, scheme, size in ways if lang == language]:
            faults += look_at(look, seats, language, seen)
    faults += lost_by_pressing(look, seats)
    told = "\n".join(dict.fromkeys(faults))
    if told and (folder := os.environ.get("LOOK_SHOTS")):
        Path(folder, f"{look.name}.txt").write_text(told)
    assert not faults, told


def test_no_page_asks_the_database_more_than_fifteen_questions(town: Town) -> None:
    many = {}
    for look in LOOKS:
        user = town.people.get(look.who)
        host = town.host(look.who).host
        client = signed_in(user, host) if user else Client(headers={"host": host})
        client.raise_request_exception = False  # one page of the sheet is the one for failures
        path = look.path.format(**town.paths)
        # Again: what is remembered for five seconds (the school, its line) may just have been forgotten, on a busy machine twice.
        for _again in range(4):
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            # BEGIN is noted, and sent with the next one (pgtenant).
            sent = [query for query in queries if query["sql"] != "BEGIN"]
            if len(sent) <= MORE_QUERIES.get(look.name, QUERIES):
                break
        else:
            many[look.name] = len(sent)
    assert not many, ", ".join(f"{name} {number}" for name, number in many.items())


NO_PAGE = {
    "healthz": "text for a probe",
    "readyz": "text for a probe",
    "metrics": "text for a probe",
    "operator_home": "only sends on",
    "set_language": "only sends on",
    "read": "only posted to, by whoever is signed in",
    "read_all": "only posted to, by whoever is signed in",
    "apply_consent": "reached by the look apply-consent",
    "union_referral_stop": "the page of centre_referral_stop, at the union's address",
    "centre_paused_one": "the page of union_paused_one, at the centre's address",
    "union_quarrel": "the page of centre_quarrel, at the union's address",
    "union_objection": "the page of centre_objection, at the union's address",
    "partner_scan_preview": "reached by the look partner-preview",
    "mfa_authenticate": "reached by the look second-step",
    "account_confirm_login_code": "reached by the look code-sent",
    "mfa_login_webauthn": "the browser's own question, in JSON",
    "mfa_download_recovery_codes": "shut: spare codes are shown once",
    "gallery": "development only",
    "emergency_state": "whether something has changed, in JSON",
    "gallery-screen": "development only",
    "result": "a file",
    "media": "a file",
    "openday_calendar": "a file",
    "robots": "a file",
    "sitemap": "a file",
    "feed": "a file",
    "sound": "a file",
    "school_picture": "a file",
    "poster_pdf": "a file",
    "poster_png": "a file",
    "wagtaildocs_serve": "a file",
    "voucher_pdf": "a file",
    "leaver_voucher_pdf": "a file",
    "leaver_move_check": "reached by the look left-move-check",
    "partner_day_pdf": "a file",
    "emergency_report_picture": "a file",
    "emergency_drill_report_pdf": "a file",
}
A_FILE = re.compile(r"\.(csv|xlsx|png|ics)$")
BLANKS = {"slug": "none", "token": "none", "name": "none", "pk": 1, "key": "none", "uidb36": "3"}
NOBODY = "00000000-0000-7000-8000-000000000000"


def _is_only_posted_to(address: Address) -> bool:
    values = {blank: BLANKS.get(blank, NOBODY) for blank in address.blanks}
    answer = Client(headers={"host": settings.PLATFORM_HOST}).put(address.fill(values))  # a GET is led on
    return answer.status_code == 405 and answer.headers["Allow"] == "POST"


def test_no_page_of_ours_is_missing_from_the_sheets(town: Town) -> None:
    """``/cms/`` is Wagtail's, ``/api/`` has no pages."""
    looked_at = {resolve(urlsplit(look.path.format(**town.paths)).path).url_name for look in LOOKS if not look.is_file}
    missing = [
        address
        for address in addresses(("cms/", "api/", "fails/"))
        if address.name not in looked_at | NO_PAGE.keys() and not A_FILE.search(address.template)
    ]
    assert [address.template for address in missing if not _is_only_posted_to(address)] == []
    assert NO_PAGE.keys() & looked_at == set()


def test_the_sheet_is_seen_in_all_eight_ways() -> None:
    assert all(ways_of(look) for look in LOOKS)
    assert {way for look in LOOKS for way in ways_of(look)} == set(EVERY_WAY)
