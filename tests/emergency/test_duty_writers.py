"""Lines, seats and shifts through their writers: what is refused, that nothing moved, and what late time changes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Refused
from referrals.emergency.models import Chain, DutyLine, DutyShift, Seat, chain_moment
from referrals.emergency.rota import duty_at, seats_on
from referrals.emergency.workflow.lines import add_line, change_line, end_line, resume_line
from referrals.emergency.workflow.seats import appoint, end_seat, name_deputy
from referrals.emergency.workflow.shifts import Draft, end_shift, enter_shifts, remove_shift, take_duty
from tests.conftest import actor_of, make_person
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.rota import SPELLINGS, line_row, shift_row

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def centre(open_school: Any) -> Membership:
    return make_person(open_school, "centre", name="陈主任")


def refused(kind: type[DomainError], code: str, act: Callable[[], Any]) -> DomainError:
    """``act`` is refused with ``code`` and nothing moved."""

    def rows() -> tuple[Any, ...]:
        tables = (DutyLine, DutyShift, Seat)
        return tuple(sorted(map(str, table.objects.values_list())) for table in tables), AuditEntry.objects.count()

    before = rows()
    with pytest.raises(kind) as error:
        act()
    assert error.value.reason == code
    assert rows() == before
    return error.value


LINE = {"name": "市心理热线", "number": "0571-8765 4321", "kind": "hotline", "answers": "每天 20:00–8:00"}


def test_a_line_is_kept_in_one_form_and_stands_once(centre: Membership) -> None:
    line = add_line(actor=actor_of(centre), **LINE)
    assert (line.number, line.is_active) == ("+8657187654321", True)
    same = {**LINE, "number": "+86 571 87654321"}
    refused(Conflict, "line_there_already", lambda: add_line(actor=actor_of(centre), **same))
    assert add_line(actor=actor_of(centre), **{**LINE, "number": "400-161-9995"}).number == "4001619995"
    changed = change_line(actor=actor_of(centre), line_id=line.pk, name="新名", kind="other", answers="全天")
    assert (changed.name, changed.number) == ("新名", line.number)


@pytest.mark.parametrize("number", SPELLINGS)
def test_no_spelling_of_a_service_number_is_a_line(centre: Membership, number: str) -> None:
    error = refused(Invalid, "service_number", lambda: add_line(actor=actor_of(centre), **{**LINE, "number": number}))
    assert error.fields[0][0] == "number"


@pytest.mark.parametrize("number", ["", "12", "0571", "+1 202 555 0143", "8765 4321", "95588", "0571-87654321-8001"])
def test_what_cannot_be_called_is_no_line(centre: Membership, number: str) -> None:
    refused(Invalid, "line_number_invalid", lambda: add_line(actor=actor_of(centre), **{**LINE, "number": number}))


def test_a_line_has_words(centre: Membership) -> None:
    for change, code in (({"kind": "x"}, "line_kind_unknown"), ({"name": " "}, "line_without_name")):
        refused(Invalid, code, lambda change=change: add_line(actor=actor_of(centre), **{**LINE, **change}))


def test_a_line_that_ends_leaves_holes_and_may_come_back_but_not_from_behind_a_live_chain(
    open_school: Any, centre: Membership
) -> None:
    line = add_line(actor=actor_of(centre), **{**LINE, "kind": "operator"})
    shift_row(line=line, hours=48)
    end_line(actor=actor_of(centre), line_id=line.pk)
    assert duty_at(open_school, chain_moment()) == {}
    resume_line(actor=actor_of(centre), line_id=line.pk)
    assert set(duty_at(open_school, chain_moment())) == {1}
    other = make_person(open_school, "principal")
    Chain.objects.update(state="live", operator_line=line, switched_by=centre, agreed_by=other)
    refused(Refused, "line_behind_live_chain", lambda: end_line(actor=actor_of(centre), line_id=line.pk))
    refused(NotFound, "not_found", lambda: end_line(actor=actor_of(centre), line_id=uuid4()))


def test_a_seat_passes_on_and_who_held_it_stays_to_be_read(open_school: Any, centre: Membership) -> None:
    other = make_person(open_school, "centre")
    today = open_school.day_of(chain_moment())
    first = appoint(actor=actor_of(centre), kind="centre_head", since=today, holder_id=centre.pk, deputy_id=other.pk)
    with chain_ahead(timedelta(days=3)):
        later = open_school.day_of(chain_moment())
        appoint(actor=actor_of(centre), kind="centre_head", since=later, holder_id=other.pk)
        first.refresh_from_db()
        assert (first.until, first.holder_id) == (later, centre.pk)
        [seat] = seats_on(later)
        assert (seat.holder_id, seat.deputy_id) == (other.pk, None)
        [before] = seats_on(later - timedelta(days=1))
        assert before.pk == first.pk
        name_deputy(actor=actor_of(centre), seat_id=seat.pk, deputy_id=centre.pk)
        end_seat(actor=actor_of(centre), seat_id=seat.pk)
        assert not seats_on(later).exists()
        refused(Conflict, "seat_over", lambda: end_seat(actor=actor_of(centre), seat_id=first.pk))


def test_what_a_seat_refuses(open_school: Any, centre: Membership) -> None:
    actor, today = actor_of(centre), open_school.day_of(chain_moment())
    teacher, line = make_person(open_school, "staff"), line_row()
    gone = make_person(open_school, "centre", left_on=today - timedelta(days=1))
    for kind, code, values in (
        (Invalid, "seat_unknown", {"kind": "king"}),
        (Invalid, "seat_in_the_past", {"since": today - timedelta(days=1)}),
        (Invalid, "holder_missing", {"holder_id": None}),
        (Invalid, "holder_twice", {"holder_line_id": line.pk}),
        (Invalid, "holder_unknown", {"holder_id": gone.pk}),
        (Invalid, "line_unknown", {"holder_id": None, "holder_line_id": uuid4()}),
        (Invalid, "seat_deputy_same", {"deputy_id": centre.pk}),
        (Refused, "seat_needs_role", {"holder_id": teacher.pk}),
    ):
        given = {"kind": "centre_head", "since": today, "holder_id": centre.pk, **values}
        refused(kind, code, lambda given=given: appoint(actor=actor, **given))
    appoint(actor=actor, kind="centre_head", since=today + timedelta(days=9), holder_id=centre.pk)
    refused(Conflict, "seat_taken", lambda: appoint(actor=actor, kind="centre_head", since=today, holder_id=centre.pk))


def test_a_week_is_entered_whole_or_not_at_all(open_school: Any, centre: Membership) -> None:
    now = chain_moment()
    duty, line = make_person(open_school, "duty"), line_row()
    days = [
        Draft(now + timedelta(days=day, hours=1), now + timedelta(days=day, hours=13), holder_id=duty.pk)
        for day in range(3)
    ]
    assert len(enter_shifts(actor=actor_of(centre), shifts=days)) == 3
    night = Draft(now + timedelta(hours=13), now + timedelta(hours=25), line_id=line.pk)
    over = Draft(now + timedelta(hours=61), now + timedelta(hours=62), line_id=line.pk)
    clash = Draft(now + timedelta(hours=48), now + timedelta(hours=50), line_id=line.pk)
    error = refused(
        Conflict, "shift_overlaps", lambda: enter_shifts(actor=actor_of(centre), shifts=[night, over, clash])
    )
    assert error.fields == (("2", "shift_overlaps", ""),)
    teacher = make_person(open_school, "staff")
    for kind, code, draft in (
        (Invalid, "shift_times", Draft(now + HOUR, now + HOUR, line_id=line.pk)),
        (Invalid, "shift_times", Draft(now + HOUR, now + 2 * HOUR, line_id=line.pk, layer=3)),
        (Invalid, "shift_past", Draft(now - 2 * HOUR, now - HOUR, line_id=line.pk)),
        (Invalid, "shift_too_long", Draft(now + HOUR, now + timedelta(days=40), line_id=line.pk)),
        (Invalid, "shift_too_far", Draft(now + timedelta(days=400), now + timedelta(days=401), line_id=line.pk)),
        (Refused, "duty_needs_role", Draft(now + 30 * HOUR, now + 31 * HOUR, holder_id=teacher.pk)),
    ):
        error = refused(kind, code, lambda draft=draft: enter_shifts(actor=actor_of(centre), shifts=[night, draft]))
        assert error.fields[0][0] == "1"


def test_one_that_runs_already_counts_from_now_and_can_only_be_ended(open_school: Any, centre: Membership) -> None:
    now, line = chain_moment(), line_row()
    [row] = enter_shifts(actor=actor_of(centre), shifts=[Draft(now - 5 * HOUR, now + 5 * HOUR, line_id=line.pk)])
    assert now <= row.starts_at <= chain_moment()
    refused(Conflict, "shift_begun", lambda: remove_shift(actor=actor_of(centre), shift_id=row.pk))
    assert end_shift(actor=actor_of(centre), shift_id=row.pk).ends_at <= chain_moment()
    assert duty_at(open_school, chain_moment()) == {}
    refused(Conflict, "shift_not_running", lambda: end_shift(actor=actor_of(centre), shift_id=row.pk))
    coming = shift_row(line=line, begins_in=24)
    with chain_ahead(timedelta(hours=25)):
        refused(Conflict, "shift_begun", lambda: remove_shift(actor=actor_of(centre), shift_id=coming.pk))
    remove_shift(actor=actor_of(centre), shift_id=coming.pk)
    assert not DutyShift.objects.filter(pk=coming.pk).exists()


def test_take_it_now(open_school: Any, centre: Membership) -> None:
    zhou, shen = make_person(open_school, "duty", name="周"), make_person(open_school, "duty", name="沈")
    running = shift_row(zhou, hours=6)
    refused(Conflict, "duty_is_yours", lambda: take_duty(actor=actor_of(zhou), instead_of=running.pk))
    refused(Conflict, "duty_just_taken", lambda: take_duty(actor=actor_of(shen), instead_of=None))
    taken = take_duty(actor=actor_of(shen), instead_of=running.pk)
    ended = running.ends_at
    running.refresh_from_db()
    assert (running.ends_at, taken.ends_at, taken.holder_id) == (taken.starts_at, ended, shen.pk)
    assert duty_at(open_school, chain_moment())[1].who == shen.pk
    refused(Conflict, "duty_just_taken", lambda: take_duty(actor=actor_of(centre), instead_of=running.pk))
    refused(Invalid, "shift_times", lambda: take_duty(actor=actor_of(centre), instead_of=None, layer=3))
    with chain_ahead(timedelta(minutes=2)):
        refused(Conflict, "duty_moved_on", lambda: take_duty(actor=actor_of(centre), instead_of=running.pk))
        take_duty(actor=actor_of(centre), instead_of=taken.pk)


def test_in_a_hole_it_lasts_until_the_next_shift_or_the_end_of_the_cell(open_school: Any) -> None:
    zhou = make_person(open_school, "duty")
    soon = shift_row(begins_in=0.2)
    taken = take_duty(actor=actor_of(zhou), instead_of=None)
    assert taken.ends_at == soon.starts_at
    second = take_duty(actor=actor_of(zhou), instead_of=None, layer=2)
    assert timedelta() < second.ends_at - second.starts_at <= timedelta(hours=12)


def test_who_keeps_the_rota_is_not_who_is_on_it(open_school: Any) -> None:
    duty = make_person(open_school, "duty")
    refused(Forbidden, "forbidden", lambda: enter_shifts(actor=actor_of(duty), shifts=[]))
    head = make_person(open_school, "head")
    refused(Forbidden, "forbidden", lambda: take_duty(actor=actor_of(head), instead_of=None))
