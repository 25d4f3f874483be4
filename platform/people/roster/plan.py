"""What a staff list would change: rows against the members there are. Pure: no Django, no clock of its own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from kernel.errors import Invalid
from kernel.fold import fold_email, fold_key, fold_name, name_key, narrow_signs
from people.roster.parse import RosterRow, RowIssue
from vault.phones import normalise_phone

LIMITS: Final[Mapping[str, int]] = {"staff_no": 32, "name": 80, "title": 40, "department": 60, "email": 254}
GENDERS: Final[Mapping[str, str]] = {
    "": "", "女": "female", "female": "female", "f": "female", "男": "male", "male": "male", "m": "male",
}  # fmt: skip
_MIDNIGHT: Final = re.compile(r"[T ]+0?0:00(?::00)?$")
"""A day that a database or a spreadsheet wrote with its time."""
DATE_FORMS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
EMAIL: Final = re.compile(r"[a-z0-9._%+'-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
NAMES: Final = frozenset({"name", "title", "department"})
SIMPLE_FIELDS: Final = ("name", "title", "department", "gender", "active_from", "left_on")


@dataclass(frozen=True, slots=True)
class Entry:
    """One good row. ``given`` names the columns of the list: what is not in it is left as it is."""

    row: int
    given: frozenset[str]
    staff_no: str
    name: str
    email: str = ""
    phone: str = ""
    phone_hash: bytes | None = None
    title: str = ""
    department: str = ""
    gender: str = ""
    active_from: date | None = None
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A member of the school as stored."""

    membership_id: UUID
    staff_no: str
    name: str
    email: str = ""
    phone_hash: bytes | None = None
    title: str = ""
    department: str = ""
    gender: str = ""
    active_from: date | None = None
    left_on: date | None = None
    protected: bool = False
    """An administrator, or whoever uploads: a list never ends their membership."""


@dataclass(frozen=True, slots=True)
class Change:
    """Fields of a stored member that a row changes. None of them touches an account."""

    membership_id: UUID
    entry: Entry
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference. Every readable row is in exactly one of ``create``, ``update``, ``unchanged`` or refused in ``issues``."""

    create: tuple[Entry, ...] = ()
    update: tuple[Change, ...] = ()
    unchanged: tuple[int, ...] = ()
    leave: tuple[UUID, ...] = ()
    namesakes: tuple[UUID, ...] = ()
    """Members who would leave, while the list brings somebody new of the same name: then nobody leaves."""
    issues: tuple[RowIssue, ...] = ()

    @property
    def refused_rows(self) -> int:
        """How many rows will not be written."""
        return len({issue.row for issue in self.issues if issue.blocking})


@dataclass(slots=True)
class _Seen:
    """Which row used a value first."""

    rows: dict[tuple[str, object], int] = field(default_factory=dict)

    def twice(self, entry: Entry) -> RowIssue | None:
        keys = [("staff_no", fold_key(entry.staff_no)), ("email", entry.email), ("phone", entry.phone)]
        for name, value in keys:
            if value and (name, value) in self.rows:
                return RowIssue(entry.row, name, "twice", str(self.rows[name, value]))
        for name, value in keys:
            if value:
                self.rows[name, value] = entry.row
        return None


def read_entries(rows: Iterable[RosterRow]) -> tuple[list[Entry], list[RowIssue]]:
    """Rows of text → entries, and what is wrong with the others: the first fault of a row is reported."""
    entries: list[Entry] = []
    issues: list[RowIssue] = []
    seen = _Seen()
    for row in rows:
        try:
            entry = _entry(row)
        except _Fault as fault:
            issues.append(RowIssue(row.number, fault.field, fault.code, fault.detail))
            continue
        issue = seen.twice(entry)
        issues.append(issue) if issue else entries.append(entry)
    return entries, issues


def plan_roster(
    entries: Sequence[Entry],
    known: Sequence[Known],
    *,
    today: date,
    listed: Mapping[str, str] | None = None,
    mark_leavers: bool,
) -> Plan:
    """Compare. ``listed`` are staff numbers and names of all rows, the refused ones too: a person on the list with a
    fault has not left.

    ``mark_leavers``: members with a staff number that the list does not name leave ``today``; none at all when the list
    brings a number nobody has with the name of one who would leave. It is the same person more often than not.
    """
    by_no = {fold_key(member.staff_no): member for member in known if member.staff_no}
    by_email = {member.email: member for member in known if member.email}
    by_phone = {member.phone_hash: member for member in known if member.phone_hash}
    create: list[Entry] = []
    update: list[Change] = []
    unchanged: list[int] = []
    issues: list[RowIssue] = []
    for entry in entries:
        member = by_no.get(fold_key(entry.staff_no))
        holders = _holders(entry, by_email, by_phone)
        if member is None:
            # Made by hand without a number: the list supplies it.
            member = next((holder for _field, holder in holders if not holder.staff_no), None)
        found = _issues(entry, member, holders, today)
        issues.extend(found)
        if any(issue.blocking for issue in found):
            continue
        if member is None:
            create.append(entry)
        elif fields := _differences(entry, member):
            update.append(Change(member.membership_id, entry, fields))
        else:
            unchanged.append(entry.row)
    named = {entry.staff_no: entry.name for entry in entries} | dict(listed or {})
    numbers = {fold_key(number) for number in named}
    leave = [
        member
        for member in known
        if mark_leavers
        and member.staff_no
        and fold_key(member.staff_no) not in numbers
        and not member.protected
        and (member.left_on is None or member.left_on > today)
        and (member.active_from is None or member.active_from <= today)
    ]
    new_names = {name_key(name) for number, name in named.items() if fold_key(number) not in by_no}
    namesakes = tuple(member.membership_id for member in leave if name_key(member.name) in new_names)
    same = {name_key(member.name) for member in leave} if namesakes else set()
    issues.extend(
        RowIssue(entry.row, "name", "namesake", blocking=False)
        for entry in entries
        if name_key(entry.name) in same and fold_key(entry.staff_no) not in by_no
    )
    leaving = () if namesakes else tuple(member.membership_id for member in leave)
    return Plan(tuple(create), tuple(update), tuple(unchanged), leaving, namesakes, tuple(issues))


def _holders(entry: Entry, by_email: Mapping[str, Known], by_phone: Mapping[bytes, Known]) -> list[tuple[str, Known]]:
    """Which members the school has already typed with the row's address or number: ``(field, member)``."""
    found = [
        ("email", by_email.get(entry.email) if entry.email else None),
        ("phone", by_phone.get(entry.phone_hash) if entry.phone_hash else None),
    ]
    return [(field, holder) for field, holder in found if holder is not None]


def _issues(entry: Entry, member: Known | None, holders: Sequence[tuple[str, Known]], today: date) -> list[RowIssue]:
    """What forbids the row."""
    for column, holder in holders:
        if member is None or holder.membership_id != member.membership_id:
            return [RowIssue(entry.row, column, "taken")]
    if member is None:
        missing = not entry.email and not entry.phone
        return [RowIssue(entry.row, "email", "no_contact")] if missing else []
    if member.protected and entry.left_on is not None and "left_on" in entry.given:
        return [RowIssue(entry.row, "left_on", "protected")]
    if member.left_on is not None and member.left_on < today and "left_on" not in entry.given:
        return [RowIssue(entry.row, "left_on", "has_left")]
    return []


def _differences(entry: Entry, member: Known) -> frozenset[str]:
    fields: set[str] = {
        name
        for name in SIMPLE_FIELDS
        if name in entry.given and _folded(name, getattr(entry, name)) != _folded(name, getattr(member, name))
    }
    if fold_key(entry.staff_no) != fold_key(member.staff_no):
        fields.add("staff_no")
    # An empty cell leaves what the school wrote before.
    if entry.email and entry.email != member.email:
        fields.add("email")
    if entry.phone_hash and entry.phone_hash != member.phone_hash:
        fields.add("phone")
    return frozenset(fields)


def _folded(name: str, value: object) -> object:
    """A spelling that only looks different is no change."""
    return narrow_signs(fold_name(value)) if name in NAMES and isinstance(value, str) else value


class _Fault(Exception):
    def __init__(self, field: str, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.field, self.code, self.detail = field, code, detail


def _entry(row: RosterRow) -> Entry:
    values = {name: fold_name(text) if name in NAMES else text for name, text in row.values.items()}
    for name, limit in LIMITS.items():
        if len(values.get(name, "")) > limit:
            raise _Fault(name, "too_long", str(limit))
    for name in ("staff_no", "name"):
        if not values.get(name):
            raise _Fault(name, "required")
    email = fold_email(values.get("email", ""))
    if email and not EMAIL.fullmatch(email):
        raise _Fault("email", "not_email")
    gender = GENDERS.get(values.get("gender", "").lower())
    if gender is None:
        raise _Fault("gender", "not_gender")
    active_from, left_on = (_day(values.get(name, ""), name) for name in ("active_from", "left_on"))
    if active_from and left_on and left_on < active_from:
        raise _Fault("left_on", "before_start")
    return Entry(
        row=row.number,
        given=frozenset(values),
        staff_no=values["staff_no"],
        name=values["name"],
        email=email,
        phone=_phone(values.get("phone", "")),
        title=values.get("title", ""),
        department=values.get("department", ""),
        gender=gender,
        active_from=active_from,
        left_on=left_on,
    )


def _phone(text: str) -> str:
    if not text:
        return ""
    try:
        return normalise_phone(text)
    except Invalid:
        raise _Fault("phone", "not_phone") from None


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    if day := _read_day(_MIDNIGHT.sub("", text)):
        return day
    raise _Fault(name, "not_date", "2026-09-01")


@lru_cache(maxsize=4096)
def _read_day(text: str) -> date | None:
    """A calendar day, which has no zone. The days of a list repeat, and ``strptime`` is slow."""
    for form in DATE_FORMS:
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        if 1940 <= day.year <= 2100:
            return day
    return None


def with_hash(entry: Entry, phone_hash: bytes | None) -> Entry:
    """The entry with its number's blind index, which only a key holder can compute."""
    return replace(entry, phone_hash=phone_hash)
