"""Guards of what begins or opens after the day: the report's draft, the questions, a photograph on the colleague's page."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from content.models import ActivityIndexPage, ReportPage
from content.opendays.links import party_of
from content.opendays.models import OpenDay, Party
from content.opendays.rules import Band
from content.opendays.tasks import run_round
from content.opendays.workflow.answering import call_off_answer
from content.opendays.workflow.days import call_off_day, plan_day, publish_day
from content.opendays.workflow.gate import Sent, open_gate, shut_gate, take_marks
from content.opendays.workflow.keeping import begin_report, plates_end_of
from content.opendays.workflow.surveying import ask_families
from kernel.clock import as_of, start_of_day
from tests.opendays.test_pages import browser
from tests.opendays.world import World, come, family, make_world, plan


def report_of(day: OpenDay) -> ReportPage:
    with as_of(day.ends_at):
        assert begin_report(day=day)
    day.refresh_from_db()
    return ReportPage.objects.get(pk=day.report_id)


def test_two_days_of_one_date_have_a_report_each_with_who_was_there(world: World) -> None:
    other = make_world(world.school)
    OpenDay.objects.filter(pk=other.day.pk).update(summary="")
    come(world, family(4))
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    at = world.day.starts_at
    with as_of(at):
        take_marks(token=gate.token, school=world.school, marks=[Sent(uuid4(), "", 3, at)])
    first, second = report_of(world.day), report_of(OpenDay.objects.get(pk=other.day.pk))
    assert first.slug != second.slug
    assert (first.took_part, second.took_part) == (3, None), "who came in, not who was announced"
    assert (first.summary, second.summary) == (world.day.summary, other.day.title)


def test_a_school_without_a_list_of_activities_has_its_figures_and_no_page(world: World) -> None:
    ActivityIndexPage.objects.get().delete()
    with as_of(world.day.ends_at):
        assert begin_report(day=world.day)
        assert not begin_report(day=world.day)
        answer = browser(world, world.organiser).get(f"/union/open-days/{world.day.pk}/report/")
    assert answer.status_code == 200 and not ReportPage.objects.exists()


@pytest.mark.parametrize("road", ["close/", "paper/"])
def test_where_nobody_was_asked_there_is_nothing_to_close_or_to_hang_up(world: World, road: str) -> None:
    address = f"/union/open-days/{world.day.pk}/questions/{road}"
    with as_of(world.day.ends_at):
        assert browser(world, world.organiser).post(address).status_code == 404


def test_a_no_on_the_colleagues_page_is_a_no(world: World) -> None:
    party = party_of(come(world, family(1, child=1)))
    party.guests.update(may_photograph=True)
    child = party.guests.get(band=Band.CHILD)
    browser(world, world.host).post(f"/my/open-days/families/{party.pk}/photo/{child.pk}/", {"photo": "no"})
    child.refresh_from_db()
    assert child.may_photograph is False


def test_number_plates_go_when_the_next_day_that_takes_place_opens(world: World) -> None:
    zone = world.school.time_zone
    tomorrow = start_of_day(world.school.day_of(world.day.starts_at) + timedelta(days=1), zone)
    noon, opening = tomorrow + timedelta(hours=12), tomorrow + timedelta(hours=8)

    def opens(at: datetime) -> OpenDay:
        chosen = plan(world.school, starts_at=at, ends_at=at + timedelta(hours=2), answers_until=at)
        return plan_day(actor=world.organiser, school=world.school, plan=chosen)

    early, late = opens(opening), opens(opening + timedelta(hours=1))
    assert plates_end_of(world.day, world.school) == noon, "drafts open no gate"
    for day in (late, early):
        publish_day(actor=world.organiser, open_day_id=day.pk)
    assert plates_end_of(world.day, world.school) == opening
    assert plates_end_of(early, world.school) == late.starts_at
    assert plates_end_of(late, world.school) == noon + timedelta(days=1), "what went before is no next opening"


def test_the_organisers_pages_count_who_comes_and_offer_what_can_be_done(world: World) -> None:
    come(world)
    call_off_answer(token=come(world))
    desk = browser(world, world.organiser)
    address = f"/union/open-days/{world.day.pk}/"
    listed = desk.get("/union/open-days/", headers={"accept-language": "en"}).content.decode()
    assert "1 family" in listed and "2 families" not in listed
    assert f"{address}change/" in desk.get(address).content.decode()
    call_off_day(actor=world.organiser, open_day_id=world.day.pk)
    assert f"{address}change/" not in desk.get(address).content.decode()


def test_the_sweep_wipes_number_plates_at_noon(world: World) -> None:
    come(world, family(plate="浙A12345"))
    day = world.school.day_of(world.day.starts_at) + timedelta(days=1)
    noon = start_of_day(day, world.school.time_zone) + timedelta(hours=12)
    for moment, plate in ((noon - timedelta(seconds=1), "浙A12345"), (noon, "")):
        with as_of(moment):
            run_round()
        assert Party.objects.get().plate == plate


def test_each_day_has_questions_of_its_own_which_open_no_sooner_than_it(world: World) -> None:
    other = make_world(world.school)
    OpenDay.objects.filter(pk=other.day.pk).update(ends_at=other.day.starts_at + timedelta(minutes=30))
    ask = {"actor": world.organiser, "school": world.school}
    first, second = (ask_families(**ask, open_day_id=each.day.pk) for each in (world, other))
    assert first.pk != second.pk and second.subject == other.day.pk
    assert first.opens_at == world.day.ends_at - timedelta(hours=1)
    assert second.opens_at == other.day.starts_at


def test_the_list_of_visitors_on_paper_is_kept_by_no_browser(world: World) -> None:
    come(world)
    answer = browser(world, world.organiser).post(f"/union/open-days/{world.day.pk}/visitors/paper/")
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"


def test_a_gate_that_was_shut_is_not_offered_any_more(world: World) -> None:
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    desk, address = browser(world, world.organiser), f"/union/open-days/{world.day.pk}/"
    assert gate.token in desk.get(address).content.decode()
    shut_gate(actor=world.organiser, open_day_id=world.day.pk, steward_id=gate.pk)
    assert gate.token not in desk.get(address).content.decode()
