"""The only writers of readings, proofs and leaves. Locks: reading → proof."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from accounts.models import Department, Membership
from accounts.permissions import permissions_of
from accounts.roles import Role
from accounts.same_person import same_member
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, DomainError, Invalid, NotFound, Refused
from kernel.fold import fold_prose
from readings import rules, tries
from readings.coverage import is_for, narrowed
from readings.kinds import Readable, find
from readings.models import Leave, Proof, ProofKind, Reading
from readings.rules import Span
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

ISSUE: Final = "reading.issue"
OWN: Final = "reading.own"
TAKE_OVER: Final = "reading.take_over"
Question = Mapping[str, Any]


@transaction.atomic
def issue_reading(
    *,
    actor: Actor,
    kind: str,
    ref: str,
    due_on: date,
    proof: str,
    roles: Sequence[str] = (),
    departments: Sequence[UUID | str] = (),
    questions: Sequence[Question] = (),
) -> Reading:
    """Give a published document out. Whoever is of the audience is told by the next round, newcomers when they enter.

    Needs ``reading.issue``. Invalid ``reading_unknown``, ``reading_due_past``, ``reading_audience``,
    ``reading_questions``; Conflict ``reading_open`` when the document is out already.
    """
    require(actor, ISSUE)
    document = _published(kind, ref)
    reading = Reading(
        kind=kind,
        ref=ref,
        title=document.title[:200],
        version=document.version,
        due_on=_ahead(due_on),
        proof=_checked_proof(proof),
        questions=_checked_questions(proof, questions),
        issued_by_id=_member(actor),
        **_checked_audience(roles, departments),
    )
    try:
        with transaction.atomic():
            reading.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("reading_open", fields=(("document", "reading_open", ""),)) from error
    record(actor=actor, action="reading.issue", obj=reading, facts={"due_on": due_on, "proof": proof})
    return reading


@transaction.atomic
def renew_reading(*, actor: Actor, reading_id: UUID | str, is_material: bool, due_on: date | None = None) -> Reading:
    """The document's present wording takes the place of the earlier one. Only a *material* one reopens: then a new reading
    begins for the same audience until ``due_on``, and nobody has it yet. It stays with its keeper, whoever writes this down:
    who is missing is theirs to read. Errors as ``issue_reading``; Refused ``reading_over``.
    """
    require(actor, ISSUE)
    old = _open(_locked(reading_id))
    document = _published(old.kind, old.ref)
    facts = {"is_material": is_material, "follows": old.pk}
    if not is_material:
        old.version, old.title = document.version, document.title[:200]
        old.save(update_fields=["version", "title"])
        record(actor=actor, action="reading.renew", obj=old, facts=facts)
        return old
    if due_on is None:
        raise Invalid("reading_due_past", fields=(("due_on", "reading_due_past", ""),))
    old.replaced_at = now()
    old.save(update_fields=["replaced_at"])
    fresh = Reading.objects.create(
        kind=old.kind, ref=old.ref, title=document.title[:200], version=document.version, follows=old, roles=old.roles,
        departments=old.departments, due_on=_ahead(due_on), proof=old.proof, questions=old.questions,
        issued_by_id=old.issued_by_id, kept_by_id=old.kept_by_id,
    )  # fmt: skip
    record(actor=actor, action="reading.renew", obj=fresh, facts=facts)
    return fresh


@transaction.atomic
def end_reading(*, actor: Actor, reading_id: UUID | str) -> None:
    """Nobody is asked for it any more; what was proved stays. May run twice."""
    require(actor, ISSUE)
    reading = _locked(reading_id)
    if reading.is_open:
        reading.ended_at = now()
        reading.save(update_fields=["ended_at"])
        record(actor=actor, action="reading.end", obj=reading)


@transaction.atomic
def hand_over_reading(*, actor: Actor, reading_id: UUID | str, to: UUID | str) -> None:
    """Whoever keeps it names a successor, who from now on reads who is missing; the giver no longer does.

    Needs ``reading.issue`` on both sides. NotFound for who does not keep it; Invalid ``reading_successor`` for oneself,
    for who may not give out documents, has no account yet, or has left; Refused ``reading_over``.
    """
    require(actor, ISSUE)
    reading = _open(_locked(reading_id))
    if reading.keeper_id != _member(actor):
        raise NotFound
    successor = next((row for row in successors(reading) if str(row.pk) == str(to)), None)
    if successor is None:
        raise _invalid("to", "reading_successor")
    _keep(actor, reading, successor.pk, "reading.hand_over")


@transaction.atomic
def take_over_reading(*, actor: Actor, reading_id: UUID | str) -> None:
    """The administrator takes over what has nobody any more: its keeper has left or may not give out documents now.

    Needs ``reading.take_over``. May run twice. Refused ``reading_kept`` while there is somebody, ``reading_over``.
    """
    require(actor, TAKE_OVER)
    reading = _open(_locked(reading_id))
    me = _member(actor)
    if reading.keeper_id == me:
        return
    if not is_orphan(reading):
        raise Refused("reading_kept")
    _keep(actor, reading, me, "reading.take_over")


def successors(reading: Reading) -> list[Membership]:
    """Who may keep it: members of today with an account whose role gives out documents, without whoever keeps it."""
    rows = Membership.objects.current(_today()).accepted().exclude(pk=reading.keeper_id).order_by("sort_key", "pk")
    return [row for row in rows.filter(roles__overlap=_issuing()) if ISSUE in permissions_of(row.roles)]


def is_orphan(reading: Reading) -> bool:
    """Whether nobody reads who is missing: the keeper has left, or their roles give out no documents any more."""
    keeper = Membership.objects.current(_today()).filter(pk=reading.keeper_id).first()
    return keeper is None or ISSUE not in permissions_of(keeper.roles)


def _issuing() -> list[str]:
    return [role for role in Role.values if ISSUE in permissions_of([role])]


def _keep(actor: Actor, reading: Reading, keeper: UUID, act: str) -> None:
    before = reading.keeper_id
    reading.kept_by_id = keeper
    reading.save(update_fields=["kept_by"])
    record(actor=actor, action=act, obj=reading, facts={"before": before, "after": keeper})


@transaction.atomic
def prove_read(*, actor: Actor, reading_id: UUID | str, opened_at: datetime) -> None:
    """The reader pressed the button at the end. ``opened_at``: when the page was opened (UTC), from its own sign.

    May run twice. NotFound for who is not of the audience; Refused ``reading_other_proof``, ``reading_too_fast``,
    ``reading_over``.
    """
    require(actor, OWN)
    reading, person = _mine(actor, reading_id, ProofKind.READ)
    document = find(reading.kind, reading.ref)
    if document is not None and now() - opened_at < rules.least_time(document.signs):
        raise Refused("reading_too_fast")
    _prove(actor, reading, person, ProofKind.READ)


@transaction.atomic
def prove_by_quiz(*, actor: Actor, reading_id: UUID | str, answers: Sequence[str]) -> None:
    """All three right. No try is kept. Refused ``reading_wrong_answer``, ``reading_read_again`` after ``MOST_TRIES`` within
    ``TRIES_WITHIN``, and as above.
    """
    require(actor, OWN)
    reading, person = _mine(actor, reading_id, ProofKind.QUIZ)
    tries.count(reading.pk, person.pk)
    if [fold_prose(answer).strip() for answer in answers] != [question["right"] for question in reading.questions]:
        raise Refused("reading_wrong_answer")
    _prove(actor, reading, person, ProofKind.QUIZ)


@transaction.atomic
def note_handed(*, actor: Actor, reading_id: UUID | str, person_id: UUID | str) -> Proof:
    """Write down that somebody got it on paper, whatever the usual proof is. It counts with their mark, or a second person's word.

    May run twice. Refused ``reading_same_person`` for oneself, under another account too, ``reading_over``; NotFound for who is not of the audience.
    """
    require(actor, ISSUE)
    reading = _open(_locked(reading_id))
    person = _person(reading, person_id)
    me = _member(actor)
    if same_member(person.pk, me):
        raise Refused("reading_same_person")
    fresh = Proof(reading=reading, person=person, how=ProofKind.PAPER, version=reading.version, noted_by_id=me)
    Proof.objects.bulk_create([fresh], ignore_conflicts=True)
    kept: Proof = Proof.objects.get(reading=reading, person=person)
    if kept.pk == fresh.pk:
        record(actor=actor, action="reading.hand", obj=kept, facts={"reading": reading.pk, "person": person.pk})
    return kept


@transaction.atomic
def mark_received(*, actor: Actor, reading_id: UUID | str) -> None:
    """The receiver says that they got it on paper. May run twice. Refused ``reading_not_handed``, ``reading_over``."""
    require(actor, OWN)
    reading, person = _mine(actor, reading_id)
    proof = Proof.objects.select_for_update(no_key=True).filter(reading=reading, person=person).first()
    if proof is None:
        raise Refused("reading_not_handed")
    if proof.counted_at is not None:
        return
    proof.marked_at = proof.counted_at = now()
    proof.save(update_fields=["marked_at", "counted_at"])
    record(actor=actor, action="reading.mark", obj=proof, facts={"reading": reading.pk})


@transaction.atomic
def attest_handed(*, actor: Actor, reading_id: UUID | str, person_id: UUID | str) -> None:
    """A second person says that somebody got it on paper. May run twice. Refused ``reading_same_person``, ``reading_not_handed``."""
    require(actor, ISSUE)
    reading = _open(_locked(reading_id))
    person = _person(reading, person_id)
    proof = Proof.objects.select_for_update(no_key=True).filter(reading=reading, person=person).first()
    if proof is None or proof.noted_by_id is None:
        raise Refused("reading_not_handed")
    me = _member(actor)
    if any(same_member(me, other) for other in (proof.noted_by_id, person.pk)):
        raise Refused("reading_same_person")
    if proof.counted_at is not None:
        return
    proof.second_by_id, proof.counted_at = me, now()
    proof.save(update_fields=["second_by", "counted_at"])
    record(actor=actor, action="reading.second", obj=proof, facts={"reading": reading.pk})


@transaction.atomic
def note_leave(*, actor: Actor, person_id: UUID | str, first_day: date, last_day: date) -> Leave:
    """Somebody is away for more than 30 days: named apart, and with time of their own after it. Nobody writes why.

    Invalid ``leave_order``, ``leave_short``; Conflict ``leave_twice``.
    """
    require(actor, ISSUE)
    person = _found(Membership.objects.all(), person_id)
    if last_day < first_day:
        raise Invalid("leave_order", fields=(("last_day", "leave_order", ""),))
    if not Span(first_day, last_day).is_long:
        raise Invalid("leave_short", fields=(("last_day", "leave_short", ""),))
    leave = Leave(person=person, first_day=first_day, last_day=last_day, noted_by_id=_member(actor))
    try:
        with transaction.atomic():
            leave.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("leave_twice", fields=(("first_day", "leave_twice", ""),)) from error
    record(actor=actor, action="reading.leave", obj=leave, facts={"person": person.pk, "first_day": first_day})
    return leave


def _prove(actor: Actor, reading: Reading, person: Membership, how: ProofKind) -> None:
    proof = Proof.objects.select_for_update(no_key=True).filter(reading=reading, person=person).first()
    if proof is None:
        fresh = Proof(reading=reading, person=person, how=how, version=reading.version, counted_at=now())
        Proof.objects.bulk_create([fresh], ignore_conflicts=True)  # the button, pressed twice at once
        if not Proof.objects.filter(pk=fresh.pk).exists():
            return
        proof = fresh
    elif proof.counted_at is not None:
        return
    else:  # it was noted on paper, and then they read it
        proof.how, proof.version, proof.counted_at = how, reading.version, now()
        proof.save(update_fields=["how", "version", "counted_at"])
    record(actor=actor, action="reading.prove", obj=proof, facts={"reading": reading.pk, "how": how.value})


def _mine(actor: Actor, reading_id: UUID | str, how: ProofKind | None = None) -> tuple[Reading, Membership]:
    """A reading of which the actor is the audience, and still open."""
    reading = _found(Reading.objects.all(), reading_id)
    person = Membership.objects.current(_today()).filter(pk=actor.membership_id).first()
    if person is None or not is_for(reading, person):
        raise NotFound
    _open(reading)
    if how is not None and reading.proof != how:
        raise Refused("reading_other_proof")
    return reading, person


def _person(reading: Reading, person_id: UUID | str) -> Membership:
    people = Membership.objects.current(_today()).filter(narrowed(reading))
    person: Membership = _found(people, person_id)
    return person


def _locked(reading_id: UUID | str) -> Reading:
    reading: Reading = _found(Reading.objects.select_for_update(no_key=True), reading_id)
    return reading


def _found(rows: Any, row_id: UUID | str) -> Any:
    try:
        found = rows.filter(pk=row_id).first()
    except (ValueError, ValidationError):
        found = None
    if found is None:
        raise NotFound
    return found


def _open(reading: Reading) -> Reading:
    if not reading.is_open:
        raise Refused("reading_over")
    return reading


def _member(actor: Actor) -> UUID:
    if actor.membership_id is None:
        raise NotFound
    return actor.membership_id


def _today() -> date:
    return Tenant.objects.get(pk=current_tenant_id()).today()


def _published(kind: str, ref: str) -> Readable:
    document = find(kind, ref)
    if document is None:
        raise _invalid("document", "reading_unknown")
    return document


def _ahead(due_on: date) -> date:
    if not _today() <= due_on <= _today() + timedelta(days=366):
        raise _invalid("due_on", "reading_due_past")
    return due_on


def _checked_proof(proof: str) -> str:
    if proof not in ProofKind.values:
        raise _invalid("proof", "reading_other_proof")
    return proof


def _checked_audience(roles: Sequence[str], departments: Sequence[UUID | str]) -> dict[str, list[Any]]:
    try:
        there = list(Department.objects.filter(pk__in=list(departments)).values_list("pk", flat=True))
    except (ValueError, ValidationError) as error:
        raise _invalid("departments", "reading_audience") from error
    if not set(roles) <= set(Role.values) or len(there) != len(set(map(str, departments))):
        raise _invalid("departments", "reading_audience")
    return {"roles": sorted(set(roles)), "departments": there}


def _checked_questions(proof: str, questions: Sequence[Question]) -> list[dict[str, Any]]:
    if proof != ProofKind.QUIZ:
        return []
    read = [
        {
            "question": fold_prose(str(one.get("question", ""))).strip()[:200],
            "right": fold_prose(str(one.get("right", ""))).strip()[:120],
            "wrong": [fold_prose(str(text)).strip()[:120] for text in one.get("wrong", ())],
        }
        for one in questions
    ]
    for one in read:
        answers = [one["right"], *one["wrong"]]
        if not one["question"] or len(answers) != rules.QUESTIONS or len({*answers, ""}) != rules.QUESTIONS + 1:
            raise _invalid("questions", "reading_questions")
    if len(read) != rules.QUESTIONS:
        raise _invalid("questions", "reading_questions")
    return read


def _invalid(field: str, code: str) -> DomainError:
    return Invalid(code, fields=((field, code, ""),))
