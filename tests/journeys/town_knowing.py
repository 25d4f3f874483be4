"""What everyone in the test town is to have, and the tips that families get: every way that they can stand."""

from datetime import timedelta

from django.core import mail

from accounts.models import Membership, User
from families.workflow import answer_consent, ask_consent, register_relative
from kernel.clock import local_day, now
from readings.kinds import kinds
from readings.models import Reading
from readings.workflow import issue_reading, note_handed, note_leave, prove_read
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tips.models import Subscription
from tips.pages import published
from tips.workflow.ordering import add_tip, make_series
from tips.workflow.sending import send_letter
from tips.workflow.wanting import ask_tips, code_index, confirm_tips

QUIZ = [
    {"question": f"谈话开始时先做什么？（{n}）", "right": "先听完", "wrong": ["先解释", "先记录"]} for n in (1, 2, 3)
]


def knowing_town(journey: Journey) -> tuple[dict[str, str], dict[str, User]]:
    """Addresses and people of tips by e-mail and of what everyone is to have."""
    editor = make_person(journey.tenant, "editor", "staff", name="邵编辑")
    paths = _readings(journey) | _tips(journey, actor_of(editor))
    return paths, {"tips_editor": editor.user}


def _readings(journey: Journey) -> dict[str, str]:
    centre, staff = journey.actors["centre"], journey.members["staff"]
    today = local_day(now())
    pages = [ref for ref, _title in kinds()["page"].choices()]
    given = [
        issue_reading(
            actor=centre, kind="page", ref=ref, due_on=today + timedelta(days=days), proof=proof, questions=asked
        )
        for ref, days, proof, asked in (
            (pages[0], 9, "read", ()),
            (pages[1], 3, "quiz", QUIZ),
            (pages[2], 20, "paper", ()),
        )
    ]
    read, quiz, paper = given
    note_handed(actor=centre, reading_id=paper.pk, person_id=staff.pk)
    away = journey.members["finance"]
    note_leave(actor=centre, person_id=away.pk, first_day=today, last_day=today + timedelta(days=60))
    other = journey.actors["staff2"]
    prove_read(actor=other, reading_id=read.pk, opened_at=now() - timedelta(minutes=5))
    Reading.objects.filter(pk=quiz.pk).update(version="1")
    return {
        "know_orphan": f"/school/to-read/{_kept_by_nobody(journey, pages[3]).pk}/",
        "know_read": f"/my/to-read/{read.pk}/",
        "know_quiz": f"/my/to-read/{quiz.pk}/",
        "know_paper": f"/my/to-read/{paper.pk}/",
        "given": f"/school/to-read/{read.pk}/",
        "given_newer": f"/school/to-read/{quiz.pk}/",
        "given_leave": f"/school/to-read/{read.pk}/{staff.pk}/leave/",
    }


def _kept_by_nobody(journey: Journey, page: str) -> Reading:
    """Whoever gave it out gives out no documents any more."""
    keeper = make_person(journey.tenant, "editor", "staff", name="左编辑")
    reading = issue_reading(
        actor=actor_of(keeper), kind="page", ref=page, due_on=local_day(now()) + timedelta(days=12), proof="read",
        questions=(),
    )  # fmt: skip
    Membership.objects.filter(pk=keeper.pk).update(roles=["staff"])
    return reading


def _tips(journey: Journey, editor: object) -> dict[str, str]:
    series = make_series(actor=editor, title="一学期的小贴士", starts_on=local_day(now()), every_days=7)  # type: ignore[arg-type]
    for page in list(published())[:3]:
        add_tip(actor=editor, series_id=series.pk, page=page.pk)  # type: ignore[arg-type]
    empty = make_series(actor=editor, title="冬天", starts_on=local_day(now()), every_days=14)  # type: ignore[arg-type]
    on, waiting = (_agreed(journey, name) for name in ("周敏的母亲", "周敏的父亲"))
    send_letter(letter_id=ask_tips(token=on, address="mother@example.com", rhythm="weekly").pk)
    _prove(on)
    ask_tips(token=waiting, address="father@example.com", rhythm="monthly")
    mail.outbox.clear()
    return {
        "tips_on": f"/family/{on}/",
        "tips_waiting": f"/family/{waiting}/",
        "tips_series": f"/school/tips/{series.pk}/",
        "tips_empty": f"/school/tips/{empty.pk}/",
    }


def _agreed(journey: Journey, name: str) -> str:
    relative = register_relative(actor=journey.staff, relation="parent", name=name, phone="13900000019")
    for purpose in ("emergency", "tips"):
        token = ask_consent(actor=journey.staff, relative_id=relative.pk, purpose=purpose)
        answer_consent(token=token, answer="agree")
    return token


def _prove(token: str) -> None:
    """The code came back, whatever it was."""
    wanted = Subscription.objects.latest("created_at")
    Subscription.objects.filter(pk=wanted.pk).update(code_hash=code_index(wanted.pk, "123456"))
    confirm_tips(token=token, code="123456")
