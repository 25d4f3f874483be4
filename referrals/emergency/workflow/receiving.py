"""Takes what anybody reports, and calls whoever is due (chain §1). Asks nobody who they are, and writes nowhere who it was.

No row of the record, none of a refusal, no key of a call: what is written here leads to nobody. The first report of a school
opens an incident; others join the one that nobody has yet, and after that its owner hears of each. One that says "in danger
now" is never refused and waits for nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from psycopg.errors import DeadlockDetected

from kernel.errors import Conflict, Invalid, NotFound, TooMany
from kernel.fold import fold_lines, fold_prose
from kernel.identifiers import uuid7
from referrals.emergency import resolving, work
from referrals.emergency.left_out_names import Meant, hears, meant
from referrals.emergency.models import Delivery, Incident, Leg, Recipient, Report, ReportLetter
from referrals.emergency.receipts import new_receipt, receipt_hash
from referrals.emergency.report_texts import as_kept
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.incident_moves import IncidentState
from referrals.emergency.rules.leg_states import PAGED, LegState
from referrals.emergency.rules.reporting import (
    MOST_APART,
    MOST_LETTER,
    MOST_LETTERS,
    MOST_LINE,
    MOST_QUEUED,
    MOST_WORDS,
    ONE_CALL_EVERY,
    ONE_PAGE_EVERY,
    ONE_SIGN_EVERY,
    Post,
    read_by,
)
from referrals.emergency.selectors import is_small
from referrals.emergency.workflow import own_times
from referrals.emergency.workflow.asking_owner import ask
from referrals.emergency.workflow.beginning import first_clock, write_legs
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.joining import rise
from referrals.emergency.workflow.leaving_out import write_left_out
from referrals.emergency.workflow.moving import Locked, chain_now, lock, note
from referrals.emergency.workflow.numbering import new_number
from tenancy.messages import Part, send
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from vault import own_key

NEW_REPORT: Final = "emergency_report_new"
_MOST_LOOKED_AT: Final = 50
TRIES: Final = 4
"""How often a report is kept anew that the database ended in favour of another writer."""
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says, each in the sender's words; a ``department`` of few people is not kept. All of it is sealed as one; ``name`` and ``number`` are unproved."""

    about: str = ""
    department: str = ""
    signs: tuple[str, ...] = ()
    set_off: str = ""
    words: str = ""
    noticed: str = ""
    where: str = ""
    not_told: tuple[str, ...] = ()
    not_told_names: str = ""
    name: str = ""
    number: str = ""

    @property
    def says_something(self) -> bool:
        """Whether there is anything that somebody could act on."""
        return bool(self.about or self.signs or self.set_off or self.words or self.where)


def told_in(report: Report) -> Told:
    """What a report says."""
    words = report.read("words")
    found = json.loads(words) if words else {}
    return Told(**{**found, "signs": tuple(found.get("signs", ())), "not_told": tuple(found.get("not_told", ()))})


def send_report(*, told: Told, danger_now: bool, picture: str = "", asked: str = "", answer: str = "") -> str:
    """Keep the report, open an incident or join one, and give the receipt, which is kept nowhere.

    ``picture``: a clean one, in base64; ``asked``, ``answer``: a piece of work. Refused ``chain_off``. Of what is no danger
    now: Invalid ``report_says_nothing``, ``report_too_long``; TooMany ``reports_wait`` without work in a flood. Of a life in
    danger what is too long is cut.
    """
    moment = chain_now()
    resolving.must_be_live(False)
    told = _cut(told) if danger_now else _checked(told)
    worked = _fresh_work(asked, answer)
    at_once = danger_now or worked is not None
    if not at_once:
        must_not_wait()
    school = Tenant.objects.get(pk=current_tenant_id())
    if told.department and is_small(school, told.department, moment):
        told = replace(told, department="")
    receipt = new_receipt()
    report = Report(
        danger_now=danger_now, receipt_hash=receipt_hash(receipt), work_hash=worked, next_at=read_by(moment)
    )
    report.make_key()
    report.write("words", json.dumps(asdict(told), ensure_ascii=False))
    report.write("picture", picture)
    left_out = meant(
        school, moment, posts=[Post(one) for one in told.not_told], names=told.not_told_names, about=told.about
    )
    for left in reversed(range(TRIES)):
        try:
            _keep(report, left_out, at_once=at_once)
            break
        except IntegrityError:  # a number drawn twice, or the same work brought twice in this very moment
            if not left:
                raise
            report.work_hash = None
        except OperationalError as error:
            # Of two that wait for each other the database ends one. Whoever reports has done nothing wrong: it is kept now.
            if not left or not isinstance(error.__cause__, DeadlockDetected):
                raise
    return receipt


@transaction.atomic
def _keep(report: Report, left_out: Meant, *, at_once: bool) -> None:
    place = place_for(left_out, at_once=at_once, danger_now=report.danger_now)
    report.incident, report.opened = place.incident, place.is_new
    report.save(force_insert=True)
    if not _tell(report, at_once=at_once):
        place = place_for(left_out, at_once=at_once, danger_now=report.danger_now, but=place.incident.pk)
        report.incident, report.opened = place.incident, place.is_new
        report.save(update_fields=["incident", "opened"])


@dataclass(frozen=True, slots=True)
class PlaceFor:
    """The incident that a report belongs to; ``is_new``: it was opened for it."""

    incident: Incident
    is_new: bool


def place_for(
    left_out: Meant, *, at_once: bool, danger_now: bool, but: UUID | None = None, only_called: bool = False
) -> PlaceFor:
    """The open incident without person that leaves out the same people, one that nobody has yet before others; else a new
    one. ``but``: never this one; ``only_called``: none that somebody has. ``at_once``: its first page waits for nothing.
    """
    found = _fitting(left_out, but, only_called=only_called)
    if found is None:
        send(Part(_LOCK, (f"reports of {current_tenant_id()}",)))  # of many at once one opens it
        found = _fitting(left_out, but, only_called=only_called)
    if found is None:
        return PlaceFor(open_for(left_out, at_once=at_once, danger_now=danger_now), is_new=True)
    if danger_now and not found.danger_now:
        locked = lock(found.pk)
        if locked.incident.state == IncidentState.REPORTED:
            rise(locked, Grade.EXTREME, danger_now=True)
        else:
            locked.incident.danger_now = True
            locked.incident.save(update_fields=["danger_now"])
    if at_once:
        _wait_no_longer(found)
    return PlaceFor(found, is_new=False)


def _fitting(left_out: Meant, but: UUID | None, *, only_called: bool) -> Incident | None:
    """Of those without person, the newest first; a flood that leaves out ever other people opens no more than a few."""
    rows = Incident.objects.filter(person=None, is_drill=False, state__in=sorted(incident_moves.LIVE), erased_at=None)
    rows = rows.exclude(pk=but).order_by("-opened_at", "-pk").prefetch_related("left_out")[:_MOST_LOOKED_AT]
    found = list(rows)
    if not found:
        return None
    calling = set(
        Leg.objects.filter(incident__in=found, kind=LegKind.SCHOOL.value, state__in=sorted(PAGED)).values_list(
            "incident_id", flat=True
        )
    )
    same = [row for row in found if _left_out_of(row) == left_out.all and not (only_called and row.pk not in calling)]
    if same:
        return next((row for row in same if row.pk in calling), same[0])
    apart = [row for row in found if row.pk in calling and _left_out_of(row)]
    joins = _joins(apart, left_out.all) if left_out.all and len(apart) >= MOST_APART else None
    if joins is None:
        return None
    locked = lock(joins.pk)
    _leave_out(locked.incident, left_out)
    return locked.incident


def _joins(apart: Sequence[Incident], out: frozenset[UUID | bytes]) -> Incident | None:
    """The newest one of which somebody is still called first when it leaves out both, else none: nobody silences a report by
    others that leave everybody out. What calls nobody by itself joins its like.
    """
    school, moment = open_school(), chain_now()
    is_heard = hears(school, moment, out)
    for row in apart:
        there = _left_out_of(row)
        if hears(school, moment, there | out) if is_heard else not hears(school, moment, there):
            return row
    return None


def _left_out_of(incident: Incident) -> frozenset[UUID | bytes]:
    return frozenset(row.member_id or bytes(row.number_hash or b"") for row in incident.left_out.all())


def _leave_out(incident: Incident, left_out: Meant) -> None:
    write_left_out(incident, members=left_out.members, numbers=left_out.numbers, namesakes=left_out.namesakes)


def open_for(left_out: Meant, *, at_once: bool, danger_now: bool) -> Incident:
    """A new incident without person: the school's side is called, with the team when it is danger now.

    What waits for its turn stands on the board at once, and calls when it is due.
    """
    moment = chain_now()
    grade = Grade.EXTREME if danger_now else Grade.MAJOR
    incident = Incident(
        pk=uuid7(),
        number=new_number(moment),
        kind=IncidentKind.PSYCHOLOGICAL.value,
        suggested=grade.value,
        state=IncidentState.REPORTED.value,
        danger_now=danger_now,
        found_at=moment,
        opened_at=moment,
    )
    clock = first_clock(incident, graded=False)
    incident.next_event = incident_moves.FIRES[clock].value
    incident.next_at = moment + own_times.incident_clock(clock)
    incident.own_key = own_key.new_key(cast(UUID, incident.tenant_id), Incident._meta.db_table, incident.pk)
    incident.save(force_insert=True)
    write_legs(incident, moment)
    _leave_out(incident, left_out)
    note(incident, "opened", facts={"kind": incident.kind, "grade": grade.value, "report": True})
    if not at_once and (due := _turn(moment, incident)) > moment:
        Leg.objects.filter(incident=incident, kind=LegKind.SCHOOL.value).update(next_at=due)
    return incident


def _turn(moment: datetime, incident: Incident) -> datetime:
    """When the school may be called about the next one that is no danger now: ten minutes after the last one was opened."""
    others = Report.objects.filter(opened=True, incident__opened_at__gt=moment - ONE_PAGE_EVERY)
    last = (
        others.exclude(incident=incident).order_by("-incident__opened_at").values_list("incident__opened_at", flat=True)
    )
    newest = last.first()
    return newest + ONE_PAGE_EVERY if newest else moment


def _wait_no_longer(incident: Incident) -> None:
    """What waited for its turn is called now; what is being called goes on as it does."""
    waiting = Leg.objects.filter(incident=incident, kind=LegKind.SCHOOL.value, state=LegState.PAGING.value)
    if waiting.filter(next_at__gt=chain_now()).exists() and not Recipient.objects.filter(leg__in=waiting).exists():
        locked = lock(incident.pk)
        school = locked.school
        if school.state == LegState.PAGING and not Recipient.objects.filter(leg=school).exists():
            school.next_at = locked.moment
            school.save(update_fields=["next_at"])


def _tell(report: Report, *, at_once: bool) -> bool:
    """Whoever has the incident already hears of one more: in the house at once, by a call within the limits. False: it has
    ended meanwhile.

    Asked for after the report was written: whoever takes the incident in this moment finds it there.
    """
    if Leg.objects.filter(incident=report.incident_id, kind=LegKind.SCHOOL.value, state__in=sorted(PAGED)).exists():
        return True
    locked = lock(report.incident_id)
    if locked.incident.closed_at is None and locked.school.state not in PAGED:
        tell_owner(locked, at_once=at_once)
    return locked.incident.closed_at is None


def tell_owner(locked: Locked, *, at_once: bool) -> None:
    """Call whoever has the school's leg to read, as often as the limits let; in between it is told in the house."""
    told = Delivery.objects.filter(leg=locked.school, text=NEW_REPORT)
    pause = ONE_CALL_EVERY if at_once else ONE_PAGE_EVERY
    if not told.exclude(channel="in_app").filter(due_at__gt=locked.moment - pause).exists():
        ask(locked, NEW_REPORT)
    elif not told.filter(due_at__gt=locked.moment - ONE_SIGN_EVERY).exists():
        ask(locked, NEW_REPORT, in_house=True)


@transaction.atomic
def write_letter(*, report_id: UUID, words: str) -> None:
    """Whoever has the receipt writes; the report is unread again, and its incident's owner hears of it.

    NotFound; Conflict ``incident_ended``; Invalid ``letter_empty``, ``letter_too_long``; TooMany ``letters_full``.
    """
    words = letter_words(words)
    known = Report.objects.filter(pk=report_id).values_list("incident_id", flat=True).first()
    locked = lock(known)
    report = Report.objects.select_for_update(no_key=True).filter(pk=report_id, incident_id=known).first()
    if report is None:
        raise NotFound
    if locked.incident.closed_at is not None:
        raise Conflict("incident_ended")
    add_letter(report, words)
    report.read_at, report.read_by, report.next_at = None, None, read_by(locked.moment)
    report.save(update_fields=["read_at", "read_by", "next_at"])
    if locked.school.state not in PAGED:
        tell_owner(locked, at_once=report.danger_now or report.work_hash is not None)


def add_letter(report: Report, words: str, *, by: UUID | None = None) -> None:
    """One more letter of a report that is held. TooMany ``letters_full``."""
    number = ReportLetter.objects.filter(report=report).count() + 1
    if number > MOST_LETTERS:
        raise TooMany("letters_full")
    letter = ReportLetter(report=report, number=number, by_id=by)
    letter.write(words)
    letter.save(force_insert=True)


def letter_words(words: str) -> str:
    """A letter as it is kept. Invalid ``letter_empty``, ``letter_too_long``."""
    plain = fold_lines(words)
    if not plain:
        raise Invalid("letter_empty", fields=(("words", "letter_empty", "letter empty"),))
    if len(plain) > MOST_LETTER:
        raise Invalid("letter_too_long", fields=(("words", "letter_too_long", "letter too long"),))
    return plain


def must_not_wait() -> None:
    """TooMany ``reports_wait`` while so many came lately that say no danger and bring no work."""
    since = chain_now() - timedelta(minutes=10)
    queued = Report.objects.filter(received_at__gt=since, danger_now=False, work_hash=None)
    if queued[:MOST_QUEUED].count() >= MOST_QUEUED:
        raise TooMany("reports_wait")


def _fresh_work(asked: str, answer: str) -> bytes | None:
    """The hash of a piece of work that nobody has brought before."""
    found = work.work_hash(asked, answer)
    return None if found is None or Report.objects.filter(work_hash=found).exists() else found


_LINES: Final = ("about", "department", "set_off", "noticed", "where", "not_told_names", "name", "number")


def _plain(told: Told) -> Told:
    lines = {name: fold_prose(getattr(told, name)).strip() for name in _LINES}
    signs = tuple(as_kept(sign) for sign in told.signs)
    return Told(**lines, words=fold_lines(told.words), signs=signs, not_told=told.not_told)


def _checked(told: Told) -> Told:
    plain = _plain(told)
    if not plain.says_something:
        raise Invalid("report_says_nothing", fields=(("words", "report_says_nothing", "report says nothing"),))
    for name in (*_LINES, "words"):
        if len(getattr(plain, name)) > (MOST_WORDS if name == "words" else MOST_LINE):
            raise Invalid("report_too_long", fields=((name, "report_too_long", "report too long"),))
    return plain


def _cut(told: Told) -> Told:
    plain = _plain(told)
    lines = {name: getattr(plain, name)[:MOST_LINE] for name in _LINES}
    return Told(**lines, words=plain.words[:MOST_WORDS], signs=plain.signs, not_told=plain.not_told)
