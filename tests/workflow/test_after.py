"""Was it solved? Asked once after the last session that was used; the answer or time closes the request (rules §2)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from kernel.clock import as_of, local_day, school_year
from kernel.errors import Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from referrals.after import Answer, Band, Mark, Question, band_of, closes_at, weeks_on
from referrals.models import AgencyRating, Outcome, Rater, RatingBox, Redemption, Referral, Voucher
from referrals.workflow.ending import state_today
from referrals.workflow.objecting import decide_dispute, dispute
from referrals.workflow.rating import may_rate, rate_agency
from referrals.workflow.redeeming import redeem, reverse
from referrals.workflow.solving import answer_if_solved, is_asked
from referrals.workflow.stopping import stop_course
from tenancy.scope import use_partner
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.missed_steps import booked, even, fresh, sweep

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
GOOD = {question.value: Mark.YES.value for question in Question}


def used(journey: Journey, who: object = None, days: int = 1) -> tuple[Referral, Redemption]:
    """A single session that was had: the request is completed."""
    referral, booking, voucher = booked(journey, who=who, days=days)
    with as_of(booking.starts_at):
        (line,) = redeem(actor=journey.partner_counter, text=voucher.code)
    referral.refresh_from_db()
    return referral, line


def says(journey: Journey, referral: Referral, word: str, at: datetime, who: object = None) -> Outcome:
    with as_of(at):
        return answer_if_solved(actor=who or journey.staff, referral_id=referral.pk, answer=word)  # type: ignore[arg-type]


def asked(referral: Referral) -> int:
    return OutboxMessage.objects.filter(
        template="was_it_solved", key__contains=str(referral.pk), channel="in_app"
    ).count()


# ---- pure


@pytest.mark.parametrize(
    ("over", "until"),
    [
        ("2026-12-01T10:00", "2026-12-16T12:00"),
        ("2026-12-01T00:00", "2026-12-16T12:00"),
        ("2026-12-01T23:59", "2026-12-16T12:00"),
        ("2026-12-31T23:59", "2027-01-15T12:00"),
        ("2028-02-28T09:00", "2028-03-14T12:00"),
    ],
)
def test_the_question_comes_at_noon_of_the_next_day_and_stands_two_weeks(over: str, until: str) -> None:
    moment = datetime.fromisoformat(over).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert closes_at(moment, "Asia/Shanghai").astimezone(SHANGHAI).isoformat()[:16] == until


@pytest.mark.parametrize(
    ("counts", "band"),
    [
        ({"yes": 5, "partly": 0, "no": 0}, Band.NEARLY_ALL),
        ({"yes": 4, "partly": 0, "no": 1}, Band.NEARLY_ALL),
        ({"yes": 3, "partly": 0, "no": 2}, Band.MOSTLY),
        ({"yes": 2, "partly": 0, "no": 3}, Band.MIXED),
        ({"yes": 1, "partly": 0, "no": 4}, Band.RATHER_NOT),
        ({"yes": 0, "partly": 5, "no": 0}, Band.MIXED),
    ],
)
def test_answers_fall_together_in_bands(counts: dict[str, int], band: Band) -> None:
    assert band_of(counts) is band


def test_nobody_is_no_band() -> None:
    with pytest.raises(ValueError, match="nobody"):
        band_of({"yes": 0})


def test_the_next_weeks_keep_weekday_and_clock_and_begin_after_the_answer() -> None:
    start = datetime(2026, 12, 24, 2, tzinfo=UTC)
    for late in (timedelta(0), timedelta(days=6, hours=23), 7 * DAY, 30 * DAY):
        found = list(weeks_on(start, start + timedelta(minutes=50), start + late, "Asia/Shanghai", 3))
        assert len(found) == 3
        assert all(begin > start + late and (begin - start) % (7 * DAY) == timedelta(0) for begin, _end in found)
        assert found[0][0] - (start + late) <= 7 * DAY


# ---- the question


def test_it_is_asked_once_on_the_day_after_and_the_answer_closes_it(journey: Journey) -> None:
    referral, line = used(journey)
    assert referral.state == "completed"
    assert referral.deadline == closes_at(line.redeemed_at, "Asia/Shanghai")
    noon = referral.deadline - 14 * DAY
    sweep(noon - SECOND)
    assert asked(referral) == 0
    for late in (noon, noon + DAY, noon + 13 * DAY):
        sweep(late)
        assert asked(referral) == 1
    says(journey, referral, Answer.SOLVED, noon + 2 * DAY)
    says(journey, referral, Answer.SOLVED, noon + 2 * DAY)
    assert (fresh(referral), referral.deadline) == (("closed",), None)
    assert Outcome.objects.get().answer == "solved"
    with pytest.raises(Refused, match="answered_before"):
        says(journey, referral, Answer.NOT_YET, noon + 3 * DAY)
    sweep(noon + 90 * DAY)
    assert asked(referral) == 1
    assert even()


def test_whoever_answers_first_is_not_asked(journey: Journey) -> None:
    referral, line = used(journey)
    says(journey, referral, Answer.OTHER_HELP, line.redeemed_at + SECOND)
    sweep(line.redeemed_at + 3 * DAY)
    assert (fresh(referral), asked(referral)) == (("closed",), 0)


@pytest.mark.at_awkward_moments
def test_without_an_answer_time_closes_it_whether_or_not_the_sweep_has_been(journey: Journey) -> None:
    referral, _line = used(journey)
    assert referral.deadline is not None
    until = referral.deadline
    with as_of(until - SECOND):
        assert is_asked(referral, until - SECOND)
        assert state_today(referral, journey.tenant) == "completed"
    with as_of(until):
        assert state_today(referral, journey.tenant) == "closed"
    with pytest.raises(Refused, match="not_asked"):
        says(journey, referral, Answer.SOLVED, until)
    sweep(until - SECOND)
    assert fresh(referral) == ("completed",)
    messages = OutboxMessage.objects.count()
    sweep(until)
    assert (fresh(referral), referral.deadline) == (("closed",), None)
    assert OutboxMessage.objects.count() == messages, "nobody is told that they did not answer"


def test_nothing_is_asked_while_it_is_under_way_or_objected_to(journey: Journey) -> None:
    referral, booking, voucher = booked(journey, units=2)
    with pytest.raises(Refused, match="not_asked"):
        says(journey, referral, Answer.SOLVED, booking.starts_at)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    with pytest.raises(Refused, match="not_asked"):
        says(journey, referral, Answer.SOLVED, booking.starts_at + SECOND)
    single, line = used(journey, journey.staff2, 3)
    with as_of(line.redeemed_at + SECOND):
        dispute(actor=journey.staff2, tenant=journey.tenant, redemption_id=line.pk, reason="not_received")
    with pytest.raises(Refused, match="not_asked"):
        says(journey, single, Answer.SOLVED, line.redeemed_at + DAY, journey.staff2)
    sweep(line.redeemed_at + 5 * DAY)
    sweep(line.redeemed_at + 40 * DAY)
    assert (fresh(single), asked(single)) == (("completed",), 0)
    with as_of(line.redeemed_at + 41 * DAY):
        decide_dispute(actor=journey.centre, redemption_id=line.pk, finding="uphold")
    sweep(line.redeemed_at + 41 * DAY)
    assert (fresh(single), asked(single)) == (("closed",), 0)


def test_of_what_was_not_used_nothing_is_asked(journey: Journey) -> None:
    referral, line = used(journey)
    with as_of(line.redeemed_at + timedelta(hours=1)):
        reverse(actor=journey.partner_office, redemption_id=line.pk, reason="scanned_by_mistake")
    assert fresh(referral) == ("confirmed",)
    assert referral.deadline is None
    with pytest.raises(Refused, match="not_asked"):
        says(journey, referral, Answer.SOLVED, line.redeemed_at + 2 * timedelta(hours=1))


def test_a_course_that_was_stopped_is_asked_about_and_one_that_nobody_used_is_only_closed(journey: Journey) -> None:
    referral, booking, voucher = booked(journey, units=3)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(booking.starts_at + DAY):
        stop_course(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    sweep(booking.starts_at + 3 * DAY)
    assert (fresh(referral), asked(referral)) == (("completed",), 1)
    says(journey, referral, Answer.NOT_YET, booking.starts_at + 3 * DAY)
    assert fresh(referral) == ("closed",)
    other, first, unused = booked(journey, units=2, who=journey.staff2, days=3)
    Referral.objects.filter(pk=other.pk).update(state="completed", deadline=first.starts_at + 14 * DAY)
    Voucher.objects.filter(pk=unused.pk).update(state="void")
    sweep(first.starts_at + DAY)
    assert (fresh(other), asked(other)) == (("closed",), 0)


def test_what_is_taken_back_after_the_answer_opens_a_closed_request_again(journey: Journey) -> None:
    referral, line = used(journey)
    says(journey, referral, Answer.SOLVED, line.redeemed_at + SECOND)
    assert fresh(referral) == ("closed",)
    with as_of(line.redeemed_at + timedelta(minutes=5)):
        reverse(actor=journey.partner_office, redemption_id=line.pk, reason="scanned_by_mistake")
        assert fresh(referral) == ("confirmed",)
        redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=referral).code)
    assert fresh(referral) == ("completed",)
    sweep(line.redeemed_at + 3 * DAY)
    assert asked(referral) == 0, "asked once"
    sweep(line.redeemed_at + 30 * DAY)
    assert fresh(referral) == ("closed",)
    assert even()


def test_a_stranger_and_a_word_of_no_list(journey: Journey) -> None:
    referral, line = used(journey)
    for who in (journey.staff2, journey.centre):
        with pytest.raises(NotFound):
            says(journey, referral, Answer.SOLVED, line.redeemed_at + SECOND, who)
    with pytest.raises(Invalid):
        says(journey, referral, "maybe", line.redeemed_at + SECOND)
    assert fresh(referral) == ("completed",)
    assert not Outcome.objects.exists()


# ---- the agency's marks


def marks(journey: Journey, referral: Referral, at: datetime, who: object = None, **change: str) -> None:
    with as_of(at):
        rate_agency(
            actor=who or journey.staff,  # type: ignore[arg-type]
            tenant=journey.tenant,
            referral_id=referral.pk,
            marks={**GOOD, **change},
        )


def crowd(journey: Journey, many: int) -> list[tuple[object, Referral, Redemption]]:
    """So many colleagues who each had a session at other hours."""
    found = []
    for place in range(many):
        who = actor_of(make_person(journey.tenant, "staff"))
        referral = ask(journey, who=who, days=place + 1)
        booking = answer(journey, referral)
        with as_of(booking.starts_at):
            (line,) = redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=referral).code)
        found.append((who, referral, line))
    return found


def test_marks_wait_until_five_people_have_given_some_and_then_go_as_one(journey: Journey) -> None:
    people = crowd(journey, 6)
    at = people[-1][2].redeemed_at + SECOND
    for who, referral, _line in people[:4]:
        marks(journey, referral, at, who, on_time="no")
        marks(journey, referral, at, who, on_time="no")
    assert not AgencyRating.objects.exists()
    assert RatingBox.objects.get().people == 4
    who, referral, _line = people[4]
    marks(journey, referral, at, who)
    shown = AgencyRating.objects.get()
    assert (shown.people, shown.marks["on_time"]) == (5, {"yes": 1, "partly": 0, "no": 4})
    box = RatingBox.objects.get()
    assert (box.people, box.marks) == (0, {})
    who, referral, _line = people[5]
    marks(journey, referral, at, who)
    shown.refresh_from_db()
    assert shown.people == 5, "a sixth alone would be read off the difference"
    assert Rater.objects.count() == 6
    with use_partner(journey.institution.pk):
        assert AgencyRating.objects.count() == 1
        for hidden in (RatingBox, Rater, Outcome):
            assert not hidden.objects.exists(), hidden


def test_nobody_counts_twice_in_a_school_year(journey: Journey) -> None:
    referral, line = used(journey)
    marks(journey, referral, line.redeemed_at + SECOND)
    again, second = used(journey, days=3)
    with as_of(second.redeemed_at + SECOND):
        assert not may_rate(again, journey.tenant)
    marks(journey, again, second.redeemed_at + SECOND, respected="no")
    box = RatingBox.objects.get()
    assert (box.people, box.marks["respected"]["no"]) == (1, 0)
    assert box.year == school_year(local_day(line.redeemed_at))


def test_only_who_was_there_lately_rates_and_with_every_mark(journey: Journey) -> None:
    referral, line = used(journey)
    at = line.redeemed_at + SECOND
    for wrong in ({"on_time": "great"}, {"words": "yes"}):
        with pytest.raises(Invalid):
            marks(journey, referral, at, **wrong)
    with as_of(at), pytest.raises(Invalid):
        rate_agency(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk, marks={"on_time": "yes"})
    with pytest.raises(NotFound):
        marks(journey, referral, at, journey.staff2)
    with pytest.raises(Refused, match="not_rated"):
        marks(journey, referral, at + 91 * DAY)
    unused, booking, _voucher = booked(journey, who=journey.staff2, days=4)
    with pytest.raises(Refused, match="not_rated"):
        marks(journey, unused, booking.ends_at, journey.staff2)
    assert not Rater.objects.exists()
    assert not RatingBox.objects.exists()


# ---- pages


def test_the_pages_ask_lead_on_and_say_how_it_stands(journey: Journey) -> None:
    referral, line = used(journey)
    mine = Client(headers={"host": journey.tenant.host})
    mine.force_login(journey.members["staff"].user)  # type: ignore[arg-type]
    other = Client(headers={"host": journey.tenant.host})
    other.force_login(journey.members["staff2"].user)  # type: ignore[arg-type]
    page = f"/my/referrals/{referral.pk}/"
    with as_of(line.redeemed_at + SECOND):
        for path in ("solved/", "rate/", "next/"):
            assert other.get(page + path).status_code == other.post(page + path, {}).status_code == 404
        assert f"{page}solved/" in mine.get(page).content.decode()
        assert mine.get(f"{page}solved/").status_code == 200
        assert mine.post(f"{page}solved/", {"answer": "solved"}).headers["Location"] == f"{page}rate/"
        assert mine.post(f"{page}solved/", {"answer": "solved"}).status_code == 302
        assert mine.get(f"{page}solved/").headers["Location"] == page
        body = mine.get(page).content.decode()
        assert f"{page}solved/" not in body
        assert "您说：已经解决了。" in body
        assert f"{page}rate/" in body
        assert f"{page}next/" in body
        assert mine.post(f"{page}rate/", {"on_time": "yes"}).status_code == 422
        assert mine.get(f"{page}rate/").status_code == 200
        assert mine.post(f"{page}rate/", GOOD).headers["Location"] == page
        assert mine.get(f"{page}rate/").headers["Location"] == page
        assert f"{page}rate/" not in mine.get(page).content.decode()


@pytest.mark.parametrize(("word", "leads"), [("not_yet", "next/"), ("other_help", "/apply/")])
def test_each_answer_leads_somewhere(journey: Journey, word: str, leads: str) -> None:
    referral, line = used(journey)
    mine = Client(headers={"host": journey.tenant.host})
    mine.force_login(journey.members["staff"].user)  # type: ignore[arg-type]
    with as_of(line.redeemed_at + SECOND):
        answered = mine.post(f"/my/referrals/{referral.pk}/solved/", {"answer": word})
        assert answered.headers["Location"].endswith(leads)
        assert mine.get(answered.headers["Location"]).status_code == 200


def test_the_agency_reads_bands_of_whole_lots_and_no_count_of_a_mark(journey: Journey) -> None:
    office = Client(headers={"host": journey.platform.host})
    office.force_login(journey.partner_user)
    assert "还没有可以显示的" in office.get("/partner/marks/").content.decode()
    people = crowd(journey, 5)
    at = people[-1][2].redeemed_at + SECOND
    for who, referral, _line in people[:4]:
        marks(journey, referral, at, who)
    assert "还没有可以显示的" in office.get("/partner/marks/").content.decode()
    marks(journey, people[4][1], at, people[4][0], respected="no")
    body = office.get("/partner/marks/").content.decode()
    assert body.count("几乎都说好") == 3, "one no of five is not told from none"
    assert journey.tenant.name not in body
