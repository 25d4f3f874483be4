"""Lists beside a school's requests, for ``bench.growth``: where each is looked at, one row of each kind, and its volume.

``LISTS`` names every list with a file and every further page that shows parts of a long whole; a list that is in neither
``LISTS`` nor ``ELSEWHERE`` turns ``tests/architecture/test_growth_lists.py`` red.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from bench._volume import OLD, SPENT, TENANT, Volume, key
from bench._vouchers import Ground
from content.opendays.models import Claim, Guest, Invitation, OpenDay, Party, Session
from kernel.clock import local_day, now
from partners.calendars.models import Resource
from readings.models import Proof, Reading
from referrals.emergency.models import Drill, Expert, Incident
from referrals.liaison.models import HandOn, HandOnCard, Mediation
from referrals.models import AmountClaim, Correction, HardshipFile, PoolOrder, Redemption
from tenancy.scope import use_tenant
from tips.models import Series

LISTS: Final[dict[str, tuple[str, ...]]] = {
    "person": ("/my/referrals/", "/vouchers/", "/my/messages/", "/apply/"),
    "office": (
        "/centre/", "/centre/?state=completed", "/centre/suspended/", "/centre/unscanned/", "/centre/disputes/", "/centre/cards/",
        "/centre/mediation/", "/centre/emergency/", "/centre/emergency/experts/", "/centre/emergency/drills/",
        "/union/", "/union/?state=completed", "/union/?q=R1", "/union/agreements/", "/union/agencies/", "/union/suspended/",
        "/union/unscanned/", "/union/disputes/", "/union/hardship/", "/union/open-days/", "/union/open-days/{open_day}/",
        "/union/open-days/{open_day}/visitors/", "/union/amounts/", "/school/to-read/", "/school/to-read/{reading}/",
    ),
    "finance": (
        "/finance/ledger/", "/finance/ledger/?page=15", "/finance/ledger/?book=pool", "/finance/ledger/?book=quota",
        "/finance/ledger/?kind=commit", "/finance/policies/", "/finance/orders/", "/finance/corrections/",
        "/finance/corrections/claims/", "/finance/hardship/", "/finance/agreements/",
    ),
    "admin": ("/school/members/", "/school/record/", "/school/left/", "/school/roster/", "/school/tips/"),
    "counter": (
        "/partner/", "/partner/day/", "/partner/week/", "/partner/people/", "/partner/opening/", "/partner/offers/",
        "/partner/bookings/", "/partner/bookings/?state=done", "/partner/unscanned/", "/partner/redemptions/", "/partner/cards/",
    ),
    "operator": ("/operator/schools/", "/operator/institutions/", "/operator/record/"),
}  # fmt: skip
"""Address by who looks."""
ELSEWHERE: Final[dict[str, str]] = {
    "content/views.py": "pages of content: the case search holds 20 000 of them",
    "content/models/pages.py": "pages of content: the case article",
    "content/library_views.py": "the operator's library, as long as it is written, whatever the number of schools",
    "content/check_views.py": "drafts of one school, of which a handful wait",
    "platform/people/views/roster.py": "the page of uploads is looked at; the lines of one upload are a file's",
    "referrals/emergency/centre/views_incident.py": "one incident: the case flood looks at its board",
    "referrals/emergency/centre/views_after.py": "one incident",
    "referrals/emergency/centre/views_reports.py": "one incident: the case flood",
    "referrals/emergency/centre/views_support.py": "one incident",
    "referrals/emergency/staff/views_report.py": "what one head reported, below the form",
}
"""What shows parts of a long whole and is not looked at in two cities, and why: by file, as ``test_lists.SHORT`` has them."""
_FEW, _PAGES = 3, 30
"""Rows of a school of which a school has few, and of which it has more than a page."""
_PAUSED_EVERY: Final = 60
"""One request in so many is at an agency that is suspended; it divides by ``LIVE_EVERY``."""


@dataclass(frozen=True, slots=True)
class Planted:
    """What an address may name."""

    open_day: UUID
    reading: UUID


def plant(ground: Ground, writer: UUID) -> Planted:
    """One row of each kind in the first school; ``writer``: a member of its centre."""
    moment = now()
    day = local_day(moment)
    person = ground.person.membership_id
    partner = ground.service.institution
    Resource.objects.get_or_create(
        institution=partner, defaults={"place": partner.pk, "kind": "counsellor", "name": "Bench"}
    )
    with use_tenant(ground.school.id):
        line = Redemption.objects.get()
        about = {"redemption": line, "voucher_number": line.voucher_number, "service_date": line.service_date}
        asked: dict[str, Any] = {"asked_by_id": ground.finance.user_id}
        AmountClaim.objects.create(side="person", cause="price", **about, **asked)
        Correction.objects.create(
            partner=partner, cause="price", side="agency", reason="-", old_fee_fen=2, old_subsidy_fen=1, old_self_fen=1,
            new_fee_fen=1, new_subsidy_fen=1, new_self_fen=0, **about, **asked,
        )  # fmt: skip
        HardshipFile.objects.create(number="B", person_id=person, ceiling_fen=1, first_day=day, last_day=day, **asked)
        PoolOrder.objects.create(kind="grant", scheme="home_help", year=day.year, amount_fen=1, reason="-", **asked)
        card: dict[str, Any] = {
            "number": "H", "partner": partner, "purpose": "assessment", "until": moment + timedelta(days=400),
        }  # fmt: skip
        case = HandOn.objects.create(
            person_id=person, written_by_id=writer, state="sent", agreed=["ask"], agreed_at=moment, **card
        )
        HandOnCard.objects.create(hand_on=case, **card)
        Mediation.objects.create(person_id=person, deadline=moment)
        Incident.objects.create(
            number="B", kind="psychological", suggested="extreme", state="closed", grade="major", outcome="supported",
            found_at=moment, closed_at=moment,
        )  # fmt: skip
        Drill.objects.create(
            title="-", scenario="own", leader_id=writer, planned_for=moment, briefing="-", abort_word="-",
            kind="psychological", suggested="extreme", signs="-",
        )  # fmt: skip
        Expert.objects.create(name="Bench", kind="crisis", reach="online", partner=partner)
        Series.objects.create(title="-", starts_on=day)
        reading = Reading.objects.create(
            kind="briefing",
            ref="suicide",
            title="-",
            version="1",
            due_on=day + timedelta(30),
            proof="read",
            issued_by_id=writer,
        )
        Proof.objects.create(reading=reading, person_id=person, how="read", version="1", counted_at=moment)
        return Planted(_open_day(person), reading.pk)


def _open_day(person: UUID | None) -> UUID:
    """One family comes."""
    start = now() + timedelta(days=20)
    hours = {"starts_at": start, "ends_at": start + timedelta(hours=3)}
    day = OpenDay.objects.create(
        title="-", entrance="-", state="open", answers_until=start - timedelta(days=1), **hours
    )
    entry = Session.objects.create(open_day=day, is_entry=True, title="-", capacity=30_000, **hours)
    asked = Invitation.objects.create(open_day=day, person_id=person, token_hash=b"0" * 32)
    party = Party.objects.create(
        open_day=day, invitation=asked, token_hash=b"0" * 32, form_key=b"0" * 32, gate_hash="0" * 32
    )
    Guest.objects.create(party=party, band="adult")
    Claim.objects.create(party=party, session=entry, seats=1)
    return day.pk


def fill(volume: Volume) -> None:
    """As much of it in every school as a school has."""
    _of_people(volume)
    _of_uses(volume)
    _of_the_school(volume)
    _of_agencies(volume)
    _open_days(volume)


def _of_people(volume: Volume) -> None:
    people = "person, school WHERE school.s = person.s AND i > 0"

    def each(label: str, kind: int, **changed: str) -> None:
        volume.copy(label, people, id=f"pg_temp.key({OLD}, {kind}, person.s, i)", tenant_id=TENANT, **changed)

    each("referrals.HardshipFile", 70, number="'B' || i", person_id="person.id")
    each(
        "liaison.HandOn",
        71,
        number="'H' || i",
        person_id="person.id",
        partner_id="school.partner",
        purpose="'assessment'",
    )
    each(
        "liaison.HandOnCard",
        72,
        number="'H' || i",
        hand_on_id=f"pg_temp.key({OLD}, 71, person.s, i)",
        partner_id="school.partner",
    )
    each("liaison.Mediation", 73, person_id="person.id")
    volume.run(
        "CREATE TEMP TABLE given AS SELECT s, CASE WHEN s = 0 THEN (SELECT id FROM readings_reading LIMIT 1)"
        f" ELSE pg_temp.key({OLD}, 74, s, 0) END AS id FROM school"
    )
    volume.copy(
        "readings.Reading", "given, school WHERE school.s = given.s AND given.s > 0", id="given.id", tenant_id=TENANT
    )
    volume.copy(
        "readings.Proof", "person, school, given WHERE school.s = person.s AND given.s = person.s AND i > 0 AND i % 3 > 0",
        id=f"pg_temp.key({OLD}, 75, person.s, i)", tenant_id=TENANT, reading_id="given.id", person_id="person.id",
    )  # fmt: skip
    volume.run(
        "UPDATE accounts_membership SET left_on = current_date - 3 WHERE id IN (SELECT id FROM person WHERE i % 10 = 9)"
    )


def _of_uses(volume: Volume) -> None:
    """One use in twenty is questioned, corrected, objected to; one appointment in twenty is contradicted, or waits for a word."""
    used: dict[str, Any] = {
        "redemption_id": key(6),
        "voucher_number": "'V' || issue.number",
        "service_date": "issue.at::date",
    }
    volume.of_each("referrals.AmountClaim", also="issue.n % 20 = 1", id=key(76), asked_at=SPENT, **used)
    volume.of_each(
        "referrals.Correction", also="issue.n % 20 = 2", id=key(77), asked_at=SPENT, partner_id="school.partner", **used
    )
    volume.run(
        "UPDATE referrals_redemption SET state = 'disputed', disputed_at = redeemed_at, dispute_reason = 'not_there'"
        f" WHERE id IN (SELECT {key(6)} FROM issue WHERE issue.n % 20 = 3)"
    )
    volume.run(
        "UPDATE referrals_booking SET state = 'disputed', person_says = 'yes', agency_says = 'no'"
        f" WHERE id IN (SELECT {key(3)} FROM issue WHERE issue.n % 20 = 4)"
    )
    volume.run(
        "UPDATE referrals_booking SET state = 'unresolved', due_at = now() + interval '1 day'"
        f" WHERE id IN (SELECT {key(3)} FROM issue WHERE issue.n % 20 = 5)"
    )
    volume.run(
        "UPDATE referrals_redemption SET state = 'reversed', reverse_reason = 'upheld', reversed_at = redeemed_at"
        f" WHERE id IN (SELECT {key(6)} FROM issue WHERE issue.n % 20 = 6)"
    )


def _of_the_school(volume: Volume) -> None:
    def each(label: str, kind: int, many: int, **changed: str) -> None:
        source = f"school, generate_series(1, {many}) i WHERE TRUE"
        volume.copy(label, source, id=f"pg_temp.key({OLD}, {kind}, s, i)", tenant_id=TENANT, **changed)

    each("referrals.PoolOrder", 80, _PAGES)
    each("emergency.Incident", 81, _PAGES, number="'B' || i")
    each("emergency.Drill", 82, _FEW)
    each("emergency.Expert", 83, _PAGES, partner_id="school.partner")
    each("tips.Series", 84, _PAGES)
    each("opendays.OpenDay", 85, _PAGES)


def _of_agencies(volume: Volume) -> None:
    """Counsellors of every agency, and for every school an agency that is suspended, with some of its requests."""
    volume.copy(
        "partners.Resource", "partners_institution agency, generate_series(1, 10) i WHERE TRUE",
        id="gen_random_uuid()", place="gen_random_uuid()", institution_id="agency.id", name="'Counsellor ' || i", key="'c' || i",
    )  # fmt: skip
    agency = f"pg_temp.key({OLD}, 86, s / 2, 0)"
    volume.copy(
        "partners.Institution", "school WHERE school.s % 2 = 0",
        id=agency, slug="'paused-' || s", name="'Paused ' || s", uscc="'9' || lpad(s::text, 17, '0')", state="'suspended'",
        suspended_at="now()",
    )  # fmt: skip
    for table in ("referral", "offer", "booking", "voucher"):
        kind = ("referral", "offer", "booking", "voucher").index(table) + 1
        volume.run(
            f"UPDATE referrals_{table} told SET partner_id = {agency} FROM issue"
            f" WHERE told.id = {key(kind)} AND issue.n % {_PAUSED_EVERY} = 20"
        )


def _open_days(volume: Volume) -> None:
    """A family of each person of the staff comes to one open day of each school."""
    for name, table, kind in (("day", "opendays_openday", 90), ("entry", "opendays_session", 91)):
        volume.run(
            f"CREATE TEMP TABLE {name} AS SELECT s, CASE WHEN s = 0 THEN (SELECT id FROM {table} ORDER BY id DESC LIMIT 1)"
            f" ELSE pg_temp.key({OLD}, {kind}, s, 0) END AS id FROM school"
        )
    others = "school WHERE school.s = {0}.s AND {0}.s > 0"
    volume.copy("opendays.OpenDay", "day, " + others.format("day"), id="day.id", tenant_id=TENANT)
    volume.copy(
        "opendays.Session", "day, entry, school WHERE school.s = day.s AND entry.s = day.s AND day.s > 0",
        id="entry.id", tenant_id=TENANT, open_day_id="day.id",
    )  # fmt: skip
    families = (
        "person, day, entry, school WHERE school.s = person.s AND day.s = person.s AND entry.s = person.s AND i > 0"
    )

    def each(label: str, kind: int, **changed: str) -> None:
        volume.copy(label, families, id=f"pg_temp.key({OLD}, {kind}, person.s, i)", tenant_id=TENANT, **changed)

    party = f"pg_temp.key({OLD}, 93, person.s, i)"
    secret = "sha256((person.s || '/' || i)::bytea)"
    each("opendays.Invitation", 92, open_day_id="day.id", person_id="person.id", token_hash=secret)
    each(
        "opendays.Party", 93, open_day_id="day.id", invitation_id=f"pg_temp.key({OLD}, 92, person.s, i)", token_hash=secret,
        form_key=secret, gate_hash="left(md5(person.s || '/' || i), 32)",
    )  # fmt: skip
    each("opendays.Guest", 94, party_id=party)
    each("opendays.Claim", 95, party_id=party, session_id="entry.id")
