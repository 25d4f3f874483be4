"""Swaps: asked, accepted, undone until the shift begins; what is refused, that nothing moved, and who is on duty at each moment."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.errors import Conflict, DomainError, Forbidden, IllegalMove, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import DutyAway, DutyShift, DutySwap, Incident, Recipient, chain_moment
from referrals.emergency.plan_facts import facts_of
from referrals.emergency.rota import duty_at, shifts_between
from referrals.emergency.rules.on_duty import grid, rota_day
from referrals.emergency.workflow import answering
from referrals.emergency.workflow.shifts import remove_shift, take_duty
from referrals.emergency.workflow.swaps import accept_swap, ask_swap, decline_swap, undo_swap, withdraw_swap
from tests.conftest import actor_of, make_person
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.rota import line_row, shift_row
from tests.emergency.world import legs_of, make_world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
HERE = "/centre/emergency/duty"


class Team:
    """Three who may be on duty; ``zhou`` holds a shift that begins in a day."""

    def __init__(self, school: Any) -> None:
        self.school = school
        self.zhou, self.shen, self.qian = (
            make_person(school, "duty", name=name, title=name) for name in ("周老师", "沈老师", "钱老师")
        )
        self.shift = shift_row(self.zhou, begins_in=24)

    def ask(self, whom: Membership | None = None, by: Membership | None = None) -> DutySwap:
        return ask_swap(actor=actor_of(by or self.zhou), shift_id=self.shift.pk, colleague_id=(whom or self.shen).pk)

    def accept(self, swap: DutySwap, by: Membership | None = None) -> DutySwap:
        return accept_swap(actor=actor_of(by or self.shen), swap_id=swap.pk)

    def holder(self) -> Any:
        return DutyShift.objects.get(pk=self.shift.pk).holder_id


@pytest.fixture
def team(open_school: Any) -> Team:
    return Team(open_school)


def refused(kind: type[DomainError], code: str, act: Callable[[], Any]) -> None:
    """``act`` is refused with ``code``; no row of the rota, no swap, no record and no message moved."""

    def rows() -> tuple[Any, ...]:
        tables = (DutyShift, DutySwap, OutboxMessage, AuditEntry)
        return tuple(sorted(map(str, table.objects.values_list())) for table in tables)

    before = rows()
    with pytest.raises(kind) as error:
        act()
    assert error.value.reason == code
    assert rows() == before


def client(school: Any, member: Membership) -> Client:
    made = Client(headers={"host": school.host})
    made.force_login(member.user)
    return made


def page_of(browser: Client, path: str) -> str:
    found = browser.get(path)
    assert found.status_code == 200, path
    return found.content.decode()


def told(template: str) -> set[Any]:
    return set(OutboxMessage.objects.filter(template=template).values_list("to_user_id", flat=True))


def test_it_stays_with_who_asks_until_the_colleague_takes_it_and_goes_back_when_undone(team: Team) -> None:
    swap = team.ask()
    assert (swap.state, team.holder()) == ("asked", team.zhou.pk)
    assert told("duty_swap_asked") == {team.shen.user_id}
    team.accept(swap)
    assert team.holder() == team.shen.pk
    assert told("duty_swap_accepted") == {team.zhou.user_id}
    undo_swap(actor=actor_of(team.shen), swap_id=swap.pk)
    row = DutySwap.objects.get()
    assert (row.state, row.ended_by_id, team.holder()) == ("undone", team.shen.pk, team.zhou.pk)
    assert told("duty_swap_over") == {team.zhou.user_id}
    acts = set(AuditEntry.objects.values_list("action", flat=True))
    assert acts >= {"duty_swap.ask", "duty_swap.accept", "duty_swap.undo"}


def test_who_asked_undoes_too_and_may_ask_again(team: Team) -> None:
    swap = team.accept(team.ask())
    undo_swap(actor=actor_of(team.zhou), swap_id=swap.pk)
    assert (team.holder(), told("duty_swap_over")) == (team.zhou.pk, {team.shen.user_id})
    refused(IllegalMove, "illegal_move", lambda: undo_swap(actor=actor_of(team.zhou), swap_id=swap.pk))
    refused(IllegalMove, "illegal_move", lambda: team.accept(swap))
    team.accept(team.ask(team.qian), by=team.qian)
    assert team.holder() == team.qian.pk


def test_declined_and_withdrawn_leave_the_shift_alone(team: Team) -> None:
    swap = team.ask()
    refused(NotFound, "not_found", lambda: decline_swap(actor=actor_of(team.zhou), swap_id=swap.pk))
    refused(NotFound, "not_found", lambda: withdraw_swap(actor=actor_of(team.shen), swap_id=swap.pk))
    decline_swap(actor=actor_of(team.shen), swap_id=swap.pk)
    assert told("duty_swap_declined") == {team.zhou.user_id}
    refused(IllegalMove, "illegal_move", lambda: team.accept(swap))
    again = team.ask(team.qian)
    withdraw_swap(actor=actor_of(team.zhou), swap_id=again.pk)
    assert told("duty_swap_over") == {team.qian.user_id}
    refused(IllegalMove, "illegal_move", lambda: team.accept(again, by=team.qian))
    refused(IllegalMove, "illegal_move", lambda: undo_swap(actor=actor_of(team.zhou), swap_id=again.pk))
    assert team.holder() == team.zhou.pk


def test_what_asking_refuses(team: Team, open_school: Any) -> None:
    line = line_row()
    of_line = shift_row(line=line, begins_in=48)
    running = shift_row(team.zhou)
    teacher = make_person(open_school, "staff")
    left = make_person(open_school, "duty", left_on=open_school.day_of(chain_moment()) - timedelta(days=1))
    zhou = actor_of(team.zhou)
    shift_row(team.qian, begins_in=30, hours=2, layer=2)

    def ask(shift: DutyShift, whom: Membership, by: Any = zhou) -> DutySwap:
        return ask_swap(actor=by, shift_id=shift.pk, colleague_id=whom.pk)

    refused(Refused, "swap_not_yours", lambda: ask(team.shift, team.qian, actor_of(team.shen)))
    refused(Refused, "swap_not_yours", lambda: ask(of_line, team.shen))
    refused(Conflict, "swap_begun", lambda: ask(running, team.shen))
    refused(Invalid, "swap_with_oneself", lambda: ask(team.shift, team.zhou))
    refused(Invalid, "holder_unknown", lambda: ask(team.shift, left))
    refused(Refused, "duty_needs_role", lambda: ask(team.shift, teacher))
    refused(Conflict, "swap_on_duty_then", lambda: ask(team.shift, team.qian))
    refused(Forbidden, "forbidden", lambda: ask(team.shift, team.shen, actor_of(teacher)))
    refused(NotFound, "not_found", lambda: ask_swap(actor=zhou, shift_id=uuid4(), colleague_id=team.shen.pk))
    team.ask()
    refused(Conflict, "swap_asked_already", lambda: ask(team.shift, team.shen))


def test_whoever_came_to_be_on_duty_then_or_lost_the_role_cannot_accept(team: Team) -> None:
    swap = team.ask()
    beside = shift_row(team.shen, begins_in=35, layer=2)
    refused(Conflict, "swap_on_duty_then", lambda: team.accept(swap))
    DutyShift.objects.filter(pk=beside.pk).delete()
    Membership.objects.filter(pk=team.shen.pk).update(roles=["staff"])
    team.shen.refresh_from_db()
    refused(Forbidden, "forbidden", lambda: team.accept(swap))


def test_nobody_who_left_gets_a_shift_back(team: Team, open_school: Any) -> None:
    swap = team.accept(team.ask())
    gone = open_school.day_of(chain_moment()) - timedelta(days=1)
    Membership.objects.filter(pk=team.zhou.pk).update(left_on=gone, active_from=gone - timedelta(days=9))
    refused(Invalid, "holder_unknown", lambda: undo_swap(actor=actor_of(team.shen), swap_id=swap.pk))
    assert team.holder() == team.shen.pk


def test_a_third_person_knows_nothing_of_it(team: Team) -> None:
    swap = team.ask()
    for act in (accept_swap, decline_swap, withdraw_swap, undo_swap):
        refused(NotFound, "not_found", lambda act=act: act(actor=actor_of(team.qian), swap_id=swap.pk))
        refused(NotFound, "not_found", lambda act=act: act(actor=actor_of(team.shen), swap_id=uuid4()))


def test_a_shift_that_is_handed_on_goes_back_by_the_last_swap_alone(team: Team) -> None:
    first = team.accept(team.ask())
    second = team.ask(team.qian, by=team.shen)
    undo_swap(actor=actor_of(team.zhou), swap_id=first.pk)
    assert (team.holder(), DutySwap.objects.get(pk=second.pk).state) == (team.zhou.pk, "dropped")
    refused(IllegalMove, "illegal_move", lambda: team.accept(second, by=team.qian))
    first = team.accept(team.ask())
    second = team.accept(team.ask(team.qian, by=team.shen), by=team.qian)
    assert (team.holder(), DutySwap.objects.get(pk=first.pk).state) == (team.qian.pk, "handed_on")
    refused(IllegalMove, "illegal_move", lambda: undo_swap(actor=actor_of(team.zhou), swap_id=first.pk))
    undo_swap(actor=actor_of(team.qian), swap_id=second.pk)
    assert team.holder() == team.shen.pk


def test_a_shift_that_is_taken_out_ends_what_was_asked_or_agreed_about_it(team: Team, open_school: Any) -> None:
    agreed = team.accept(team.ask())
    asked = team.ask(team.qian, by=team.shen)
    centre = make_person(open_school, "centre")
    remove_shift(actor=actor_of(centre), shift_id=team.shift.pk)
    rows = {row.pk: (row.state, row.shift_id, row.ended_by_id) for row in DutySwap.objects.all()}
    assert rows == {one.pk: ("dropped", None, centre.pk) for one in (agreed, asked)}
    assert told("duty_swap_over") == {team.zhou.user_id, team.shen.user_id, team.qian.user_id}
    refused(IllegalMove, "illegal_move", lambda: team.accept(asked, by=team.qian))
    refused(IllegalMove, "illegal_move", lambda: undo_swap(actor=actor_of(team.zhou), swap_id=agreed.pk))


def test_from_the_moment_it_begins_nothing_of_it_moves(team: Team) -> None:
    """The database's look at the clock decides for what writes the shift; the other two ask the clock."""
    asked = team.ask()
    with chain_ahead(team.shift.starts_at - chain_moment() + timedelta(milliseconds=1)):
        refused(Conflict, "swap_begun", lambda: team.accept(asked))
        refused(Conflict, "swap_begun", lambda: decline_swap(actor=actor_of(team.shen), swap_id=asked.pk))
        refused(Conflict, "swap_begun", lambda: withdraw_swap(actor=actor_of(team.zhou), swap_id=asked.pk))
    agreed = team.accept(asked)
    with chain_ahead(team.shift.starts_at - chain_moment() + timedelta(milliseconds=1)):
        for who in (team.zhou, team.shen):
            refused(Conflict, "swap_begun", lambda who=who: undo_swap(actor=actor_of(who), swap_id=agreed.pk))
        assert duty_at(team.school, chain_moment())[1].who == team.shen.pk


def test_preview_engine_and_readiness_say_the_same_of_every_moment_around_a_swap(team: Team) -> None:
    shift = team.shift
    edges = (shift.starts_at, shift.starts_at + HOUR, shift.ends_at - timedelta(microseconds=1))

    def agree(who: Membership) -> None:
        for moment in edges:
            assert duty_at(team.school, moment)[1].who == who.pk
            first = rota_day(moment, team.school.time_zone)
            seen = shifts_between(team.school, moment, moment + HOUR)
            [cell] = [one for one in grid(seen, first, team.school.time_zone, since=moment) if one.covers(moment)]
            assert {one.who for one in cell.shifts if one.covers(moment)} == {who.pk}
            assert {one.key for one in facts_of(team.school, moment).layers[1]} == {str(who.pk)}
        assert duty_at(team.school, shift.starts_at - timedelta(microseconds=1)) == {}
        assert duty_at(team.school, shift.ends_at) == {}

    swap = team.ask()
    agree(team.zhou)
    team.accept(swap)
    agree(team.shen)
    undo_swap(actor=actor_of(team.zhou), swap_id=swap.pk)
    agree(team.zhou)


def called_on(incident: Incident) -> set[Any]:
    return set(Recipient.objects.filter(leg=legs_of(incident)["school"]).values_list("member_id", flat=True))


def test_a_swap_in_the_minute_of_a_page_takes_no_answer_from_whoever_was_paged(open_school: Any) -> None:
    """Paged by the old shift, a second before the swapped one begins: both who was called and who is called next may answer."""
    world = make_world(open_school)
    running = DutyShift.objects.get(layer=1)
    coming = shift_row(world.members["duty"], begins_in=12, hours=12)
    DutyShift.objects.filter(pk=coming.pk).update(starts_at=running.ends_at)
    swap = ask_swap(actor=world.actor("duty"), shift_id=coming.pk, colleague_id=world.members["deputy"].pk)
    to_its_end = running.ends_at - chain_moment()
    with chain_ahead(to_its_end - timedelta(seconds=20)):
        incident = world.open(by="centre")
        decide_school()
        accept_swap(actor=world.actor("deputy"), swap_id=swap.pk)
        assert duty_at(open_school, chain_moment())[1].who == world.members["duty"].pk
    assert world.members["duty"].pk in called_on(incident)
    with chain_ahead(to_its_end + timedelta(seconds=1)):
        assert duty_at(open_school, chain_moment())[1].who == world.members["deputy"].pk
        leg = answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        assert (leg.state, leg.owner_id) == ("acknowledged", world.members["duty"].pk)
        later = world.open(by="centre", person_id=world.members["head"].pk)
        decide_school()
        called = called_on(later)
        assert world.members["deputy"].pk in called and world.members["duty"].pk not in called
        take_duty(actor=world.actor("duty"), instead_of=coming.pk)
        leg = answering.acknowledge(actor=world.actor("deputy"), incident_id=later.pk, kind="school")
        assert leg.owner_id == world.members["deputy"].pk


def test_what_the_database_itself_refuses_of_a_swap(team: Team) -> None:
    swap = team.ask()
    for name, act in (
        ("duty_swap_of_two", lambda: DutySwap.objects.update(asked=team.zhou)),
        ("duty_swap_when_and_who", lambda: DutySwap.objects.update(state="lost", ended_at=chain_moment())),
        ("duty_swap_when_and_who", lambda: DutySwap.objects.update(state="accepted")),
        ("duty_swap_when_and_who", lambda: DutySwap.objects.update(shift=None)),
        ("duty_swap_asked_once", lambda: _again(swap)),
    ):
        with pytest.raises(DatabaseError, match=name), transaction.atomic():
            act()
    team.accept(swap)
    with pytest.raises(DatabaseError, match="duty_swap_accepted_once"), transaction.atomic():
        _again(DutySwap.objects.get())


def _again(row: DutySwap) -> None:
    twin = DutySwap.objects.get(pk=row.pk)
    twin.pk = uuid4()
    twin.save(force_insert=True)


def test_the_pages_ask_answer_and_undo(team: Team, open_school: Any) -> None:
    zhou, shen, qian = (client(open_school, one) for one in (team.zhou, team.shen, team.qian))
    assert f"{HERE}/{team.shift.pk}/swap/" in page_of(zhou, f"{HERE}/")
    assert f"{HERE}/{team.shift.pk}/swap/" not in page_of(shen, f"{HERE}/")
    assert shen.get(f"{HERE}/{team.shift.pk}/swap/").status_code == 404
    empty = zhou.post(f"{HERE}/{team.shift.pk}/swap/", {})
    assert empty.status_code == 422
    made = zhou.post(f"{HERE}/{team.shift.pk}/swap/", {"colleague": str(team.shen.pk)})
    swap = DutySwap.objects.get()
    assert made.headers["Location"] == f"{HERE}/swaps/{swap.pk}/"
    again = zhou.post(f"{HERE}/{team.shift.pk}/swap/", {"colleague": str(team.qian.pk)})
    assert again.status_code == 422 and DutySwap.objects.count() == 1
    assert "不再请了" in page_of(zhou, f"{HERE}/swaps/{swap.pk}/")
    assert qian.get(f"{HERE}/swaps/{swap.pk}/").status_code == 404
    assert "周老师" in page_of(shen, f"{HERE}/") and f"{HERE}/swaps/{swap.pk}/" in page_of(shen, f"{HERE}/")
    page = page_of(shen, f"{HERE}/swaps/{swap.pk}/")
    assert "我来值" in page and "值不了" in page and team.holder() == team.zhou.pk
    assert shen.post(f"{HERE}/swaps/{swap.pk}/", {"act": "jump"}).status_code == 404
    shen.post(f"{HERE}/swaps/{swap.pk}/", {"act": "accept"})
    assert team.holder() == team.shen.pk
    again = shen.post(f"{HERE}/swaps/{swap.pk}/", {"act": "accept"}, follow=True)
    assert "已经办过了" in again.text and team.holder() == team.shen.pk, "a second press is answered calmly"
    assert "撤回换班" in page_of(zhou, f"{HERE}/swaps/{swap.pk}/")
    zhou.post(f"{HERE}/swaps/{swap.pk}/", {"act": "undo"})
    assert team.holder() == team.zhou.pk
    page = page_of(zhou, f"{HERE}/swaps/{swap.pk}/")
    assert "已撤回" in page and 'value="undo"' not in page


def test_who_is_asked_reads_what_it_would_ask_of_them(team: Team, open_school: Any) -> None:
    shift_row(team.shen, begins_in=18, hours=3.9)
    asks = page_of(client(open_school, team.zhou), f"{HERE}/{team.shift.pk}/swap/")
    assert "只休息 2 小时" in asks and asks.index("钱老师") < asks.index("沈老师")
    swap = team.ask()
    page = page_of(client(open_school, team.shen), f"{HERE}/swaps/{swap.pk}/")
    assert "沈老师只休息 2 小时" in page
    team.accept(swap)
    assert team.holder() == team.shen.pk, "a warning, no refusal"


def test_its_pages_ask_few_questions_however_many_colleagues_there_are(team: Team, open_school: Any) -> None:
    for number in range(6):
        colleague = make_person(open_school, "duty")
        shift = shift_row(team.zhou, begins_in=48 + 24 * number)
        ask_swap(actor=actor_of(team.zhou), shift_id=shift.pk, colleague_id=colleague.pk)
    swap = team.ask()
    zhou = client(open_school, team.zhou)
    for path in (f"{HERE}/", f"{HERE}/{team.shift.pk}/swap/", f"{HERE}/swaps/{swap.pk}/"):
        zhou.get(path)
        with CaptureQueriesContext(connection) as queries:
            page_of(zhou, path)
        assert len(queries) <= 15, path


def test_nobody_is_asked_or_takes_it_for_a_day_on_which_they_are_away(team: Team) -> None:
    day = team.school.day_of(team.shift.starts_at)
    one_day = timedelta(days=1)
    away = DutyAway.objects.create(member=team.shen, first_day=day, last_day=day)
    page = page_of(client(team.school, team.zhou), f"{HERE}/{team.shift.pk}/swap/")
    assert team.qian.address in page and team.shen.address not in page, "not offered"
    refused(Conflict, "swap_away_then", team.ask)
    last = team.school.day_of(team.shift.ends_at - timedelta(microseconds=1))
    DutyAway.objects.filter(pk=away.pk).update(first_day=last + one_day, last_day=last + one_day)
    swap = team.ask()
    DutyAway.objects.filter(pk=away.pk).update(first_day=last, last_day=last)
    refused(Conflict, "swap_away_then", lambda: team.accept(swap))
    DutyAway.objects.filter(pk=away.pk).update(first_day=day - one_day, last_day=day - one_day)
    team.accept(swap)
    DutyAway.objects.create(member=team.zhou, first_day=day, last_day=last)
    undo_swap(actor=actor_of(team.shen), swap_id=swap.pk)
    assert team.holder() == team.zhou.pk, "whose it was has it back, away or not"
