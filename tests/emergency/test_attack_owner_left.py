"""Leaving bites at once, also in what is happening now (chain §2): what waits is not sent, and a leg is not theirs any more."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from accounts.models import Membership
from kernel.errors import IllegalMove
from referrals.emergency.engine import leaving
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.rounds import decide_leavers, decide_round
from referrals.emergency.engine.send import claim, send_due
from referrals.emergency.incident_texts import happened_text
from referrals.emergency.models import Delivery, Incident, Timeline
from referrals.emergency.workflow import answering, handing_over
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import no_scope
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.world import World, legs_of, make_due, paged

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def leaves(world: World, post: str, days: int = 3) -> None:
    """Their last day was ``days`` ago, by the school's calendar."""
    day = world.school.day_of(chain_now()) - timedelta(days=days)
    Membership.objects.filter(pk=world.members[post].pk).update(left_on=day)


def waiting_for(world: World, incident: Incident, post: str) -> list[Any]:
    rows = Delivery.objects.filter(leg__incident=incident, leg__kind="school", state="queued")
    return list(rows.filter(recipient__member=world.members[post]).values_list("pk", flat=True))


@pytest.fixture
def calling(world: World) -> Incident:
    """The duty psychologist is being called, and nobody else for the school."""
    incident = world.open()
    decide_school()
    assert paged(incident, "school") == ["on_duty:1"]
    return incident


@pytest.fixture
def there(world: World) -> Incident:
    """The duty psychologist is with the person; below extreme they are asked once a day."""
    incident = world.open(grade="major")
    decide_school()
    for act in (answering.acknowledge, answering.engage):
        act(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    return incident


def let_go() -> int:
    with no_scope():
        return decide_leavers()


def is_due(incident: Incident) -> bool:
    at = legs_of(incident)["school"].next_at
    return at is not None and at <= chain_now()


def all_due(ids: list[Any]) -> None:
    Delivery.objects.filter(pk__in=ids).update(due_at=chain_now() - timedelta(seconds=1))


def test_what_waits_for_who_has_left_is_not_sent_and_the_next_is_called(world: World, calling: Incident) -> None:
    waiting = waiting_for(world, calling, "duty")
    assert waiting
    leaves(world, "duty")
    all_due(waiting)
    assert claim(waiting) == []
    assert set(Delivery.objects.filter(pk__in=waiting).values_list("state", "error")) == {("failed", "left")}
    assert is_due(calling), "nobody waits for who has left"
    decide_school()
    assert paged(calling, "school") == ["on_duty:1", "on_duty:2"]
    row = Timeline.objects.filter(incident=calling, code="delivery.failed").first()
    assert row is not None
    with translation.override("zh-hans"):
        assert "此人已离开学校" in happened_text(row.code, row.facts)


def test_the_first_page_that_comes_up_brings_the_next_step_though_others_wait_or_have_left(
    world: World, calling: Incident
) -> None:
    """One was shown in the house on the evening before, the call that repeats it comes after midnight."""
    shown, *later = waiting_for(world, calling, "duty")
    Delivery.objects.filter(pk=shown).update(state="sent")
    leaves(world, "duty")
    all_due(later[:1])
    assert claim(later[:1]) == []
    decide_school()
    assert paged(calling, "school") == ["on_duty:1", "on_duty:2"]


def test_while_somebody_else_is_called_too_they_have_their_time(world: World, calling: Incident) -> None:
    make_due(calling, "school", "step_due")
    decide_school()
    assert paged(calling, "school") == ["on_duty:1", "on_duty:2"]
    before = legs_of(calling)["school"].next_at
    leaves(world, "second")
    late = waiting_for(world, calling, "second")
    kept = Delivery.objects.filter(pk=late[0])
    kept.update(state="sent")
    all_due(late[1:])
    assert claim(late[1:]) == []
    assert legs_of(calling)["school"].next_at == before
    assert waiting_for(world, calling, "duty"), "who is there is called on"


def test_in_the_house_nothing_is_written_for_them(world: World, calling: Incident) -> None:
    leaves(world, "duty")
    with no_scope():
        send_due("in_app")
    pages = Delivery.objects.filter(leg__incident=calling, channel="in_app")
    assert set(pages.filter(recipient__member=world.members["duty"]).values_list("state", flat=True)) == {"failed"}
    others = pages.exclude(recipient__member=world.members["duty"])
    assert set(others.values_list("state", flat=True)) == {"sent"}


def test_a_leg_of_who_has_left_is_called_again_at_once(world: World, there: Incident) -> None:
    """Below extreme whoever is with the person is asked once a day: nobody would hear of it until then."""
    leaves(world, "duty")
    with no_scope():
        decide_round()
    leg = legs_of(there)["school"]
    assert (leg.state, leg.owner_id, leg.taken_by_id) == ("paging", None, None)
    assert paged(there, "school") == ["on_duty:1", "on_duty:2"], "in the same round"
    row = Timeline.objects.get(incident=there, code="leg.release")
    assert (row.by_id, row.who) == (None, "engine")
    with translation.override("zh-hans"):
        assert "原来接手的人已离开学校" in happened_text(row.code, row.facts)
    assert let_go() == 0, "once"


def test_what_somebody_has_taken_and_is_on_the_way_to_is_called_again_too(world: World, calling: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=calling.pk, kind="school")
    leaves(world, "duty")
    assert let_go() == 1
    assert legs_of(calling)["school"].state == "paging"


def test_whoever_was_asked_and_has_left_is_asked_no_longer_and_the_owner_hears_at_once(
    world: World, there: Incident
) -> None:
    handing_over.ask_to_take_over(
        actor=world.actor("duty"), incident_id=there.pk, kind="school", colleague_id=world.members["second"].pk
    )
    leaves(world, "second")
    assert let_go() == 1
    leg = legs_of(there)["school"]
    assert (leg.state, leg.owner_id, leg.asked_id) == ("engaged", world.members["duty"].pk, None)
    assert leg.next_event == "hand_over_due" and is_due(there)
    assert waiting_for(world, there, "second") == []
    assert let_go() == 0


def test_where_both_have_left_it_is_nobodys(world: World, there: Incident) -> None:
    handing_over.ask_to_take_over(
        actor=world.actor("duty"), incident_id=there.pk, kind="school", colleague_id=world.members["second"].pk
    )
    leaves(world, "duty")
    leaves(world, "second")
    assert let_go() == 1
    leg = legs_of(there)["school"]
    assert (leg.state, leg.owner_id, leg.asked_id) == ("paging", None, None)


def test_a_word_in_that_second_is_not_theirs_any_more(world: World, there: Incident) -> None:
    """They pressed as their session was still good, and waited for the lock; what they took so goes with the next look."""
    leaves(world, "duty")
    assert let_go() == 1
    with pytest.raises(IllegalMove):
        answering.sign_of_life(actor=world.actor("duty"), incident_id=there.pk, kind="school")
    assert legs_of(there)["school"].owner_id is None
    answering.acknowledge(actor=world.actor("duty"), incident_id=there.pk, kind="school")
    assert let_go() == 1
    leg = legs_of(there)["school"]
    assert (leg.state, leg.owner_id) == ("paging", None)


@pytest.mark.parametrize(("days", "is_gone"), [(0, False), (1, True)])
def test_the_schools_day_decides_at_seven_in_its_morning(
    days: int, is_gone: bool, world: World, calling: Incident
) -> None:
    """Seven in Shanghai is still the day before in UTC: the last day is over all the same, and not an hour before its end."""
    zone = ZoneInfo(world.school.time_zone)
    here = chain_now()
    seven = datetime.combine(world.school.day_of(here) + timedelta(days=1), time(7), zone)
    waiting = waiting_for(world, calling, "duty")
    other = world.open(grade="major", person_id=world.members["doctor"].pk)
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=other.pk, kind="school")
    with chain_ahead(seven - here):
        leaves(world, "duty", days=days)
        assert bool(claim(waiting)) is not is_gone
        assert let_go() == int(is_gone)
        assert (legs_of(other)["school"].owner_id is None) is is_gone


def test_what_somebody_has_who_stays_stays_theirs(world: World, there: Incident) -> None:
    """A last day may be planned long ahead."""
    leaves(world, "duty", days=-90)
    assert let_go() == 0
    assert legs_of(there)["school"].owner_id == world.members["duty"].pk


def test_one_incident_that_cannot_be_worked_keeps_no_other_from_being_called(
    world: World, there: Incident, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    second = world.open(grade="major", person_id=world.members["doctor"].pk)
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=second.pk, kind="school")
    leaves(world, "duty")
    move = leaving.fire

    def broken(locked: Any, *args: Any, **values: Any) -> Any:
        if locked.incident.pk == there.pk:
            raise ValueError("王一")
        return move(locked, *args, **values)

    with monkeypatch.context() as patched:
        patched.setattr(leaving, "fire", broken)
        assert let_go() == 1
    assert (legs_of(there)["school"].state, legs_of(second)["school"].state) == ("engaged", "paging")
    assert "ValueError" in caplog.text and "王一" not in caplog.text
    assert let_go() == 1, "and comes again"
