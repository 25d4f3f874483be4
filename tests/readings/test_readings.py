"""Everyone has it: given out, proved, counted, missing, reopened only by what matters (requirements 17.2, books §6)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Department, Membership, TryCount
from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from readings.coverage import Coverage, mine, rows_of
from readings.due import run_due
from readings.models import Leave, Proof, Reading
from readings.rules import MOST_TRIES, TRIES_WITHIN, Stand
from readings.workflow import (
    attest_handed,
    end_reading,
    mark_received,
    note_handed,
    note_leave,
    prove_by_quiz,
    prove_read,
    renew_reading,
)
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.content.conftest import build_side
from tests.readings.conftest import DUE, NOON, QUIZ, ZONE, House
from ui.refusals import explain

pytestmark = pytest.mark.django_db


def test_n_of_m_counts_the_audience_and_only_once(house: House) -> None:
    reading = house.issue()
    assert house.counts(reading) == Coverage(0, 5, 0, 0, 0)
    for _ in range(2):
        house.read(reading, house.people[0])
    assert (house.counts(reading).n, house.counts(reading).percent) == (1, 20)
    assert Proof.objects.count() == 1


def test_the_database_keeps_one_proof_a_person_and_two_words_for_paper(house: House) -> None:
    reading = house.issue()
    me = house.issuer.membership_id
    with pytest.raises(IntegrityError, match="proof_paper_has_two_words"), transaction.atomic():
        Proof.objects.create(
            reading=reading, person=house.people[0], how="paper", version="1", noted_by_id=me, counted_at=now()
        )
    with pytest.raises(IntegrityError, match="proof_second_is_a_third"), transaction.atomic():
        Proof.objects.create(
            reading=reading, person=house.people[0], how="paper", version="1", noted_by_id=me, second_by_id=me
        )
    with pytest.raises(IntegrityError, match="proof_noted_by_another"), transaction.atomic():
        Proof.objects.create(reading=reading, person_id=me, how="paper", version="1", noted_by_id=me)
    house.read(reading, house.people[0])
    with pytest.raises(IntegrityError, match="proof_once_a_person"), transaction.atomic():
        Proof.objects.create(reading=reading, person=house.people[0], how="read", version="1")


def test_paper_counts_with_the_receiver_s_mark_or_a_second_person(house: House) -> None:
    reading = house.issue(proof="paper")
    one, two, _three = house.people
    with pytest.raises(Refused, match="reading_not_handed"):
        mark_received(actor=actor_of(one), reading_id=reading.pk)
    for person in (one, two):
        note_handed(actor=house.issuer, reading_id=reading.pk, person_id=person.pk)
    assert house.counts(reading).n == 0
    mark_received(actor=actor_of(one), reading_id=reading.pk)
    with pytest.raises(Refused, match="reading_same_person"):
        attest_handed(actor=house.issuer, reading_id=reading.pk, person_id=two.pk)
    attest_handed(actor=house.second, reading_id=reading.pk, person_id=two.pk)
    assert house.counts(reading).n == 2
    with pytest.raises(Refused, match="reading_same_person"):
        note_handed(actor=house.issuer, reading_id=reading.pk, person_id=house.issuer.membership_id)


def test_one_person_with_two_accounts_is_no_second_person(house: House) -> None:
    reading = house.issue(proof="paper")
    one, two, _three = house.people
    note_handed(actor=house.issuer, reading_id=reading.pk, person_id=one.pk)
    Membership.objects.filter(pk=house.issuer.membership_id).update(staff_no="T 017")
    Membership.objects.filter(pk=house.second.membership_id).update(staff_no="t017")
    with pytest.raises(Refused, match="reading_same_person"):
        attest_handed(actor=house.second, reading_id=reading.pk, person_id=one.pk)
    Membership.objects.filter(pk=house.second.membership_id).update(staff_no="")
    Membership.objects.filter(pk=two.pk).update(staff_no="T017")
    with pytest.raises(Refused, match="reading_same_person"):
        note_handed(actor=house.issuer, reading_id=reading.pk, person_id=two.pk)
    attest_handed(actor=house.second, reading_id=reading.pk, person_id=one.pk)
    assert house.counts(reading).n == 1


def test_three_right_answers_and_nothing_less(house: House) -> None:
    reading = house.issue(proof="quiz", questions=QUIZ)
    actor = actor_of(house.people[0])
    for number, answers in enumerate((["对", "对", "错"], ["对", "对"], [], ["对"] * 4)):
        with as_of(now() + number * TRIES_WITHIN), pytest.raises(Refused, match="reading_wrong_answer"):
            prove_by_quiz(actor=actor, reading_id=reading.pk, answers=answers)
    with pytest.raises(Refused, match="reading_other_proof"):
        house.read(reading, house.people[0])
    prove_by_quiz(actor=actor, reading_id=reading.pk, answers=["对"] * 3)
    assert house.counts(reading).n == 1


def test_after_three_tries_the_text_is_read_again(house: House) -> None:
    """Also the right answers wait: else who guesses on is told by the refusal that this was it."""
    reading, other = house.issue(proof="quiz", questions=QUIZ), house.people[1]
    actor = actor_of(house.people[0])
    with as_of(NOON + timedelta(minutes=3)):
        for _ in range(MOST_TRIES):
            with pytest.raises(Refused, match="reading_wrong_answer"):
                prove_by_quiz(actor=actor, reading_id=reading.pk, answers=["错"] * 3)
        for answers in (["错"] * 3, ["对"] * 3):
            with pytest.raises(Refused, match="reading_read_again") as told:
                prove_by_quiz(actor=actor, reading_id=reading.pk, answers=answers)
            assert told.value.params["minutes"] == 7
            assert "7" in explain(told.value.reason, told.value.params).detail
        prove_by_quiz(actor=actor_of(other), reading_id=reading.pk, answers=["对"] * 3)
    assert house.counts(reading).n == 1, "another's tries are their own"
    with as_of(NOON + TRIES_WITHIN):
        prove_by_quiz(actor=actor, reading_id=reading.pk, answers=["对"] * 3)
    assert house.counts(reading).n == 2
    assert not TryCount.objects.exists(), "and no try is kept"


@pytest.mark.parametrize(
    "questions",
    [[], QUIZ[:2], [*QUIZ, QUIZ[0]], [*QUIZ[:2], {"question": "问", "right": "对", "wrong": ["对", "错"]}],
     [*QUIZ[:2], {"question": "", "right": "对", "wrong": ["错", "也错"]}]],
)  # fmt: skip
def test_a_quiz_has_three_whole_questions(house: House, questions: list[Any]) -> None:
    with pytest.raises(Invalid, match="reading_questions"):
        house.issue(proof="quiz", questions=questions)


def test_nobody_reads_faster_than_a_glance(house: House) -> None:
    reading = house.issue()
    page = house.side.page
    page.body = [("paragraph", "<p>" + "很长的一段话。" * 200 + "</p>")]
    page.save_revision().publish()
    with pytest.raises(Refused, match="reading_too_fast"):
        prove_read(actor=actor_of(house.people[0]), reading_id=reading.pk, opened_at=now() - timedelta(seconds=5))
    assert not Proof.objects.exists()


def test_new_staff_enter_by_themselves_with_fourteen_days(house: House) -> None:
    reading = house.issue()
    with as_of(NOON + timedelta(days=40)):  # 10 January
        newcomer = make_person(house.side.tenant, name="新人")
        Membership.objects.filter(pk=newcomer.pk).update(active_from=house.today)
        counts = house.counts(reading)
        assert (counts.m, counts.time, counts.late) == (5, 1, 5)
    with as_of(NOON + timedelta(days=55)):
        assert (house.counts(reading).m, house.counts(reading).time) == (6, 0)


def test_the_audience_is_that_of_the_due_day(house: House) -> None:
    """Who left before is gone from the count, who left after stays in it."""
    reading = house.issue()
    Membership.objects.filter(pk=house.people[0].pk).update(left_on=DUE - timedelta(days=1))
    Membership.objects.filter(pk=house.people[1].pk).update(left_on=DUE)
    with as_of(NOON + timedelta(days=31)):
        assert house.counts(reading).m == 4


def test_a_long_leave_is_named_and_apart(house: House) -> None:
    reading = house.issue()
    away = house.people[0]
    for days, code in ((-1, "leave_order"), (29, "leave_short")):
        with pytest.raises(Invalid, match=code):
            note_leave(
                actor=house.issuer,
                person_id=away.pk,
                first_day=house.today,
                last_day=house.today + timedelta(days=days),
            )
    note_leave(actor=house.issuer, person_id=away.pk, first_day=house.today, last_day=house.today + timedelta(days=30))
    with pytest.raises(Conflict, match="leave_twice"):
        note_leave(
            actor=house.issuer, person_id=away.pk, first_day=house.today, last_day=house.today + timedelta(days=40)
        )
    counts = house.counts(reading)
    assert (counts.m, counts.away) == (4, 1)
    assert [row.person.pk for row in rows_of(reading, house.today) if row.stand is Stand.AWAY] == [away.pk]
    assert {field.name for field in Leave._meta.get_fields()} == {
        "id", "tenant", "person", "first_day", "last_day", "noted_by", "created_at"
    }  # no reason, ever # fmt: skip


def test_only_a_material_version_reopens(house: House) -> None:
    reading = house.issue()
    house.read(reading, house.people[0])
    page = house.side.page
    page.summary = "错字改了"
    page.save_revision().publish()
    same = renew_reading(actor=house.issuer, reading_id=reading.pk, is_material=False)
    assert same.pk == reading.pk
    assert same.version != reading.version
    assert house.counts(same).n == 1
    with pytest.raises(Invalid, match="reading_due_past"):
        renew_reading(actor=house.issuer, reading_id=reading.pk, is_material=True)
    fresh = renew_reading(actor=house.issuer, reading_id=reading.pk, is_material=True, due_on=DUE)
    assert (fresh.follows_id, house.counts(fresh).n, house.counts(fresh).m) == (reading.pk, 0, 5)
    with pytest.raises(Refused, match="reading_over"):
        house.read(reading, house.people[1])
    assert [one.pk for one, _row in mine(house.people[0], house.today)] == [fresh.pk]
    with pytest.raises(Refused, match="reading_over"):
        renew_reading(actor=house.issuer, reading_id=reading.pk, is_material=False)


def test_an_audience_is_roles_or_departments_of_the_school(house: House, other_school: Any) -> None:
    with use_tenant(other_school.id):
        foreign = Department.objects.create(name="外校组")
    for bad in ({"roles": ["patient"]}, {"departments": [foreign.pk]}, {"departments": ["x"]}):
        with pytest.raises(Invalid, match="reading_audience"):
            house.issue(**bad)
    department = Department.objects.create(name="语文组")
    Membership.objects.filter(pk=house.people[0].pk).update(department=department)
    reading = house.issue(roles=["centre"], departments=[department.pk])
    assert house.counts(reading).m == 2
    with pytest.raises(NotFound):
        house.read(reading, house.people[1])
    assert "份须读材料" in house.client(house.people[0]).get("/my/").content.decode()
    assert "份须读材料" not in house.client(house.people[1]).get("/my/").content.decode()


def test_what_cannot_be_given_out(house: House) -> None:
    other = build_side("红桦")
    for kind, ref in (
        ("page", str(other.page.pk)),
        ("page", str(house.side.draft.pk)),
        ("nothing", "1"),
        ("page", "x"),
        ("file", str(other.document.pk)),
    ):
        with pytest.raises(Invalid, match="reading_unknown"):
            house.issue(kind=kind, ref=ref)
    with pytest.raises(Invalid, match="reading_due_past"):
        house.issue(due_on=house.today - timedelta(days=1))
    house.issue()
    with pytest.raises(Conflict, match="reading_open"):
        house.issue()
    house.issue(kind="file", ref=str(house.side.document.pk))


def test_who_may_not_gets_forbidden(house: House) -> None:
    reading = house.issue()
    actor = actor_of(house.people[0])
    for act in (
        lambda: house.issue(actor=actor, kind="file", ref=str(house.side.document.pk)),
        lambda: renew_reading(actor=actor, reading_id=reading.pk, is_material=False),
        lambda: end_reading(actor=actor, reading_id=reading.pk),
        lambda: note_handed(actor=actor, reading_id=reading.pk, person_id=house.people[1].pk),
        lambda: attest_handed(actor=actor, reading_id=reading.pk, person_id=house.people[1].pk),
        lambda: note_leave(actor=actor, person_id=actor.membership_id, first_day=DUE, last_day=DUE),
    ):
        with pytest.raises(Forbidden):
            act()
    assert Reading.objects.count() == 1


def told(which: str) -> int:
    return OutboxMessage.objects.filter(template=which, channel="in_app").count()


def test_each_message_comes_once_by_day_and_newcomers_get_theirs(house: House) -> None:
    reading = house.issue()
    house.read(reading, house.people[0])
    with as_of(NOON.replace(hour=6, minute=59)):
        Reading.objects.update(next_at=now())
        run_due()
    assert told("reading_issued") == 0
    for _ in range(2):
        with as_of(NOON.replace(hour=7)):
            Reading.objects.update(next_at=now())
            run_due()
    assert (told("reading_issued"), told("reading_soon")) == (4, 0)
    with as_of(datetime(2026, 12, 28, 7, tzinfo=ZONE)):
        run_due()
        make_person(house.side.tenant, name="新人")
    assert (told("reading_issued"), told("reading_soon"), told("reading_late")) == (4, 4, 0)
    with as_of(datetime(2027, 1, 1, 7, tzinfo=ZONE)):
        run_due()
        run_due()
    assert (told("reading_issued"), told("reading_late")) == (5, 5)
    with as_of(datetime(2027, 1, 9, 7, tzinfo=ZONE)):
        end_reading(actor=house.issuer, reading_id=reading.pk)
        run_due()
    assert told("reading_late") == 5


def test_only_whoever_gave_it_out_sees_who_is_missing(house: House) -> None:
    reading = house.issue()
    issuer = Membership.objects.get(pk=house.issuer.membership_id)
    second = Membership.objects.get(pk=house.second.membership_id)
    page, file = f"/school/to-read/{reading.pk}/", f"/school/to-read/{reading.pk}/missing.csv"
    text = house.client(issuer).get(page).content.decode()
    assert "王一" in text
    answer = house.client(issuer).get(file)
    body = b"".join(answer) if answer.streaming else answer.content
    assert "王一" in body.decode("utf-8-sig")
    other = house.client(second)
    assert "王一" not in other.get(page).content.decode()
    assert other.get(file).status_code == 404
    assert other.get(f"{page}{house.people[0].pk}/leave/").status_code == 404
    assert other.post(f"{page}{house.people[0].pk}/handed/").status_code == 404
    assert house.client(house.people[0]).get(page).status_code == 404


def test_a_person_reads_to_the_end_on_their_own_page(house: House) -> None:
    reading = house.issue()
    client = house.client(house.people[0])
    page = f"/my/to-read/{reading.pk}/"
    assert reading.title in client.get("/my/to-read/").content.decode()
    assert "须读" in client.get("/my/").content.decode()
    text = client.get(page).content.decode()
    assert "云杉正文" in text
    assert client.post(page, {"opened": "forged"}).status_code in (302, 422)
    Proof.objects.all().delete()
    opened = text.split('name="opened" value="')[1].split('"')[0]
    with as_of(NOON + timedelta(minutes=3)):
        assert client.post(page, {"opened": opened}).status_code == 302
    assert Proof.objects.get().how == "read"
    assert "须读材料" not in client.get("/my/").content.decode()


def test_the_forms_of_the_desk(house: House) -> None:
    client = house.client(Membership.objects.get(pk=house.issuer.membership_id))
    assert client.get("/school/to-read/").status_code == 200
    made = client.post(
        "/school/to-read/new/", {"document": f"page:{house.side.page.pk}", "due_on": "2026-12-31", "proof": "quiz"}
    )
    assert made.status_code == 422  # no questions
    made = client.post(
        "/school/to-read/new/", {"document": f"page:{house.side.page.pk}", "due_on": "2026-12-31", "proof": "read"}
    )
    assert made.status_code == 302
    reading = Reading.objects.get()
    for end in ("", "renew/", "end/", f"{house.people[0].pk}/leave/"):
        assert client.get(f"/school/to-read/{reading.pk}/{end}").status_code == 200
    client.post(f"/school/to-read/{reading.pk}/{house.people[0].pk}/handed/")
    assert Proof.objects.get().counted_at is None
    listed = client.get("/school/to-read/list.csv")
    assert listed.status_code == 200
    client.post(f"/school/to-read/{reading.pk}/end/")
    assert not Reading.objects.get().is_open
