"""Reports as the school's people read them, the letters of both sides, and the signs that a school asks for."""

import base64
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import Department, Membership
from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Chain, Incident, LeftOut, Report, ReportChecklist, ReportLetter
from referrals.emergency.receipts import new_receipt, receipt_hash
from referrals.emergency.report_texts import SIGNS, signs_of_school
from referrals.emergency.rules.reporting import Dimension
from referrals.emergency.workflow import answering
from referrals.emergency.workflow.checklist import reset_checklist, write_checklist
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.receiving import Told, send_report, told_in, write_letter
from referrals.emergency.workflow.report_acts import answer_report, read_reports, split_report
from tests.emergency.report_steps import end, send, take
from tests.emergency.test_board import BOARD, client, get, page_of
from tests.emergency.test_report_unknown import MAILBOX, PAGE
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def nobody(world: World) -> Client:
    return Client(headers={"host": world.school.host})


def reports_of(incident: Incident) -> str:
    return f"{page_of(incident)}reports/"


def one_of(report: Report) -> str:
    return f"{page_of(report.incident)}reports/{report.pk}/"


def test_the_board_and_the_incident_say_how_many_nobody_has_read(world: World) -> None:
    incident = send().incident
    send()
    assert "2 份报告还没有人看" in get(world, "duty", BOARD)
    text = get(world, "duty", page_of(incident))
    assert reports_of(incident) in text and "2 份报告还没有人看" in text
    read_reports(
        actor=world.actor("duty"), incident_id=incident.pk, report_ids=Report.objects.values_list("pk", flat=True)
    )
    assert "还没有人看" not in get(world, "duty", BOARD)
    assert reports_of(incident) in get(world, "duty", page_of(incident))


def test_they_are_read_with_all_that_was_said(world: World) -> None:
    said = Told(
        about="李四", words="很想死", where="顶楼", set_off="吵架", noticed="早上", name="赵六", number="13912345678",
        not_told=("principal",), not_told_names="老师6", signs=("突然平静",),
    )  # fmt: skip
    report = send(said)
    for path in (reports_of(report.incident), one_of(report)):
        text = get(world, "duty", path)
        for word in ("李四", "很想死", "顶楼", "吵架", "早上", "赵六", "13912345678", "老师6", "突然平静", "校长"):
            assert word in text, word
    assert AuditEntry.objects.filter(action="incident.read", object_id=str(report.incident_id)).count() == 2


@pytest.mark.parametrize("post", ["head", "principal", "doctor", "moral", "person"])
def test_nobody_else_reads_them(post: str, world: World) -> None:
    report = send(danger=True)
    decide_school()
    for path in (reports_of(report.incident), one_of(report), f"{one_of(report)}picture/"):
        assert client(world, post).get(path).status_code in (403, 404)
    assert client(world, post).post(f"{reports_of(report.incident)}read/", {"report": report.pk}).status_code in (
        403,
        404,
    )
    for act in (
        lambda actor: read_reports(actor=actor, incident_id=report.incident_id, report_ids=[report.pk]),
        lambda actor: answer_report(actor=actor, incident_id=report.incident_id, report_id=report.pk, words="x"),
        lambda actor: split_report(actor=actor, incident_id=report.incident_id, report_id=report.pk),
    ):
        with pytest.raises(Forbidden):
            act(world.actor(post))
    assert Report.objects.get().read_at is None and not ReportLetter.objects.exists()


def test_whoever_must_not_know_finds_none(world: World) -> None:
    report = send(Told(words="x", not_told=("on_duty",)))
    for path in (reports_of(report.incident), one_of(report), f"{one_of(report)}picture/"):
        get(world, "duty", path, 404)
    press = client(world, "duty").post(f"{reports_of(report.incident)}read/", {"report": report.pk})
    assert press.status_code == 404
    actor = world.actor("duty")
    with pytest.raises(NotFound):
        read_reports(actor=actor, incident_id=report.incident_id, report_ids=[report.pk])
    with pytest.raises(NotFound):
        answer_report(actor=actor, incident_id=report.incident_id, report_id=report.pk, words="x")
    with pytest.raises(NotFound):
        split_report(actor=actor, incident_id=report.incident_id, report_id=report.pk)
    assert Report.objects.get().read_at is None
    get(world, "centre", one_of(report))


def test_what_came_while_the_page_was_read_stays_unread(world: World) -> None:
    first = send()
    press = {"report": [str(first.pk), "nonsense"]}
    second = send()
    answer = client(world, "duty").post(f"{reports_of(first.incident)}read/", press, follow=True)
    assert "写成已读" in answer.content.decode()
    assert Report.objects.get(pk=first.pk).next_at is None
    assert Report.objects.get(pk=second.pk).next_at is not None
    again = client(world, "duty").post(f"{reports_of(first.incident)}read/", press, follow=True)
    assert "已经看过" in again.content.decode()


def test_of_another_incident_none_is_read_answered_or_split(world: World) -> None:
    report, other = send(), world.open()
    actor = world.actor("duty")
    assert read_reports(actor=actor, incident_id=other.pk, report_ids=[report.pk]) == 0
    with pytest.raises(NotFound):
        answer_report(actor=actor, incident_id=other.pk, report_id=report.pk, words="x")
    with pytest.raises(NotFound):
        split_report(actor=actor, incident_id=other.pk, report_id=report.pk)
    get(world, "duty", f"{page_of(other)}reports/{other.pk}/", 404)
    assert Report.objects.get().read_at is None


def test_a_report_about_something_else_becomes_an_incident_of_its_own(world: World) -> None:
    first, second = send(Told(words="甲", not_told=("principal",))), send(Told(words="乙", not_told=("principal",)))
    take(world, first.incident)
    browser = client(world, "duty")
    answer = browser.post(one_of(second), {"act": "split"}, follow=True)
    moved = Report.objects.get(pk=second.pk)
    assert moved.incident_id != first.incident_id and (moved.opened, moved.read_at) == (True, None)
    assert "乙" in answer.content.decode() and told_in(moved).words == "乙"
    decide_school()
    assert world.members["duty"].pk in set(
        moved.incident.legs.get(kind="school").recipients.values_list("member_id", flat=True)
    )
    assert {row.member_id for row in LeftOut.objects.filter(incident=moved.incident)} == {world.members["principal"].pk}
    back = browser.post(one_of(second), {"act": "split"}, follow=True)
    assert "已经在另一件事里" in back.content.decode() and Incident.objects.count() == 2
    with pytest.raises(Conflict, match="report_is_alone"):
        split_report(actor=world.actor("duty"), incident_id=moved.incident_id, report_id=moved.pk)


# letters


def receipt_and_report(**more: Any) -> tuple[str, Report]:
    receipt = send_report(told=Told(words="他说不想活了"), danger_now=True, **more)
    return receipt, Report.objects.get(receipt_hash=receipt_hash(receipt))


def test_both_sides_write_and_two_telephones_read_it(world: World) -> None:
    receipt, report = receipt_and_report()
    take(world, report.incident)
    first, second = nobody(world), nobody(world)
    assert "还没有信" in first.post(MAILBOX, {"receipt": receipt}).content.decode()
    answer = client(world, "duty").post(one_of(report), {"act": "answer", "words": "您看见他在哪里？"}, follow=True)
    assert answer.status_code == 200 and Report.objects.get(pk=report.pk).read_at is not None
    text = second.post(MAILBOX, {"receipt": receipt}).content.decode()
    assert "您看见他在哪里？" in text and world.members["duty"].name not in text
    assert "有人在管" in text
    written = second.post(MAILBOX, {"receipt": receipt, "words": "北楼天台"})
    assert written.status_code == 200 and "北楼天台" in written.content.decode()
    second.post(MAILBOX, {"receipt": receipt, "words": "北楼天台"})  # the page loaded anew
    assert ReportLetter.objects.count() == 2
    assert "北楼天台" in first.post(MAILBOX, {"receipt": receipt}).content.decode()
    assert "北楼天台" in get(world, "duty", one_of(report))
    assert Report.objects.get(pk=report.pk).next_at is not None, "unread again"


def test_the_mailbox_says_received_or_in_hand_and_nothing_of_anybody(world: World) -> None:
    receipt, report = receipt_and_report()
    assert "已收到" in nobody(world).post(MAILBOX, {"receipt": receipt}).content.decode()
    take(world, report.incident)
    read_reports(actor=world.actor("duty"), incident_id=report.incident_id, report_ids=[report.pk])
    text = nobody(world).post(MAILBOX, {"receipt": receipt}).content.decode()
    assert "有人在管" in text
    end(world, report.incident)
    after = nobody(world).post(MAILBOX, {"receipt": receipt})
    assert after.status_code == 200 and "<textarea" not in after.content.decode()
    for word in (report.incident.number, "虚惊", *(member.name for member in world.members.values())):
        assert word not in after.content.decode()


@pytest.mark.parametrize(("words", "status"), [("", 400), ("长" * 2_001, 400), ("x\0y", 200)])
def test_what_cannot_be_kept_stays_in_the_field(words: str, status: int, world: World) -> None:
    receipt, _report = receipt_and_report()
    answer = nobody(world).post(MAILBOX, {"receipt": receipt, "words": words})
    assert answer.status_code == status
    assert ReportLetter.objects.count() == (status == 200)


def test_a_wrong_receipt_is_one_calm_page_and_guesses_are_counted_in_the_database(world: World, settings: Any) -> None:
    receipt, _report = receipt_and_report()
    slip = ("1" if receipt[0] != "1" else "2") + receipt[1:]
    browser = nobody(world)
    for typed in ("", "1", slip, "²³", "a" * 9_000):
        answer = browser.post(MAILBOX, {"receipt": typed})
        assert answer.status_code == 422 and "打不开" in answer.content.decode()
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "report_receipt": "2/m/key"}
    guessed = [browser.post(MAILBOX, {"receipt": whole}).status_code for whole in guesses(3)]
    assert guessed == [422, 422, 429]
    assert browser.post(MAILBOX, {"receipt": receipt}).status_code == 200, "a right one opens whatever was guessed"


def guesses(count: int) -> list[str]:
    """Whole receipts that nobody was given."""
    return [new_receipt() for _ in range(count)]


def test_the_school_writes_nothing_after_the_end(world: World) -> None:
    _receipt, report = receipt_and_report()
    end(world, report.incident)
    with pytest.raises(Conflict, match="incident_ended"):
        answer_report(actor=world.actor("duty"), incident_id=report.incident_id, report_id=report.pk, words="x")
    assert not ReportLetter.objects.exists()
    get(world, "duty", one_of(report))


# the picture


def test_the_picture_is_shown_to_whoever_reads_the_report(world: World) -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "blue").save(out, "PNG")
    file = SimpleUploadedFile("a.png", out.getvalue())
    assert nobody(world).post(PAGE, {"words": "x", "picture": file}).status_code == 201
    report = Report.objects.get()
    assert f"{one_of(report)}picture/" in get(world, "duty", one_of(report))
    answer = client(world, "duty").get(f"{one_of(report)}picture/")
    assert answer["Content-Type"] == "image/jpeg" and answer["Cache-Control"] == "private, no-store"
    assert base64.b64encode(answer.content).decode() == report.read("picture")
    get(world, "duty", f"{one_of(send())}picture/", 404)


# the page's tag


def test_a_report_and_a_letter_change_the_tag_of_the_page(world: World) -> None:
    report = send()
    browser, state = client(world, "duty"), f"{page_of(report.incident)}state/"
    tags = [browser.get(state)["ETag"]]
    send()
    tags.append(browser.get(state)["ETag"])
    write_letter(report_id=report.pk, words="x")
    tags.append(browser.get(state)["ETag"])
    read_reports(actor=world.actor("duty"), incident_id=report.incident_id, report_ids=[report.pk])
    tags.append(browser.get(state)["ETag"])
    assert len(set(tags)) == 4
    assert browser.get(state)["ETag"] == tags[-1]


# the checklist


def test_the_product_asks_for_twelve_signs_in_three_dimensions() -> None:
    assert {dimension: len(signs) for dimension, signs in SIGNS.items()} == dict.fromkeys(Dimension, 4)


def test_a_school_asks_for_its_own_and_what_was_reported_keeps_its_words(world: World) -> None:
    page = nobody(world).get(PAGE).content.decode()
    assert page.count('name="signs"') == 12
    sign = signs_of_school()[Dimension.MOOD][0]
    nobody(world).post(PAGE, {"signs": [sign]}, headers={"accept-language": "zh-hans"})
    said = {"mood": "总是哭\n\n总是哭\n发呆", "behaviour": "", "speech": "说再见"}
    answer = client(world, "centre").post(f"{BOARD}signs/", said, follow=True)
    assert answer.status_code == 200 and signs_of_school() == {
        Dimension.MOOD: ["总是哭", "发呆"], Dimension.BEHAVIOUR: [], Dimension.SPEECH: ["说再见"],
    }  # fmt: skip
    page = nobody(world).get(PAGE).content.decode()
    assert page.count('name="signs"') == 3 and "说再见" in page
    assert AuditEntry.objects.filter(action="report.checklist").count() == 1
    assert all(told_in(row).signs for row in Report.objects.all())
    client(world, "centre").post(f"{BOARD}signs/", {"act": "reset"})
    assert nobody(world).get(PAGE).content.decode().count('name="signs"') == 12
    again = client(world, "centre").post(f"{BOARD}signs/", {"act": "reset"}, follow=True)
    assert "已经在用" in again.content.decode()


@pytest.mark.parametrize(
    ("signs", "code"),
    [
        ({}, "checklist_empty"),
        ({Dimension.MOOD: [" ", ""]}, "checklist_empty"),
        ({Dimension.MOOD: ["长" * 61]}, "checklist_too_long"),
        ({Dimension.SPEECH: [str(n) for n in range(13)]}, "checklist_too_long"),
    ],
    ids=str,
)
def test_a_checklist_that_cannot_be_asked(signs: dict[Dimension, list[str]], code: str, world: World) -> None:
    with pytest.raises(Invalid, match=code):
        write_checklist(actor=world.actor("centre"), signs=signs)
    assert not ReportChecklist.objects.exists()


@pytest.mark.parametrize("post", ["duty", "head", "principal", "person"])
def test_the_centre_alone_writes_it(post: str, world: World) -> None:
    for act in (
        lambda: write_checklist(actor=world.actor(post), signs={Dimension.MOOD: ["x"]}),
        lambda: reset_checklist(actor=world.actor(post)),
    ):
        with pytest.raises(Forbidden):
            act()
    assert client(world, post).get(f"{BOARD}signs/").status_code in (403, 404)
    assert not ReportChecklist.objects.exists()


def test_a_letter_in_lines_is_read_in_lines_and_sent_once_however_often_the_page_is_loaded(world: World) -> None:
    receipt, report = receipt_and_report()
    sent = {"receipt": receipt, "words": "三点在操场\r\n\r\n四点在Ｂ座３楼 "}
    for _load in range(2):
        text = nobody(world).post(MAILBOX, sent).content.decode()
    assert [letter.read() for letter in ReportLetter.objects.all()] == ["三点在操场\n\n四点在B座3楼"]
    assert "三点在操场<br><br>四点在B座3楼" in text
    told = told_in(send(Told(words="先收拾了抽屉\r\n然后走了")))
    assert told.words == "先收拾了抽屉\n然后走了" and report.pk


# the page of anybody


def test_help_stands_first_and_the_other_door_before_the_first_field(world: World) -> None:
    text = nobody(world).get(PAGE).content.decode()
    main = text[text.index("<main") :]
    assert main.index("tel:120") < main.index("/my/report/") < main.index("<input")
    assert "required" not in main


@pytest.mark.parametrize("state", ["off", "rehearsal"])
def test_while_the_chain_is_not_live_it_says_whom_to_call_and_takes_nothing(state: str, world: World) -> None:
    world.school.duty_phone = "0571-12345678"
    world.school.save(update_fields=["duty_phone"])
    Chain.objects.update(state=state)
    for answer in (nobody(world).get(PAGE), nobody(world).post(PAGE, {"danger_now": "on", "words": "x"})):
        text = answer.content.decode()
        assert answer.status_code == 200 and "tel:12356" in text and "tel:120" in text
        assert "<form" not in text[text.index("<main") : text.index("</main")]
    assert not Report.objects.exists()


def test_a_life_in_danger_is_taken_whatever_else_was_sent(world: World) -> None:
    for said in (
        {"danger_now": "on"},
        {"danger_now": "1", "words": "长" * 20_000, "about": "长" * 900, "department": "nowhere", "not_told": "x"},
        {"danger_now": "on", "words": "\0", "asked": "x" * 9_000, "answer": "\0"},
        {"danger_now": "on", "not_told_names": "，，，、、", "number": "abc"},
    ):
        assert nobody(world).post(PAGE, said).status_code == 201, said
    assert Report.objects.filter(danger_now=True).count() == 4


def test_what_says_nothing_is_shown_again_with_what_was_typed(world: World) -> None:
    answer = nobody(world).post(PAGE, {"name": "赵六", "number": "139"})
    text = answer.content.decode()
    assert answer.status_code == 422 and 'value="赵六"' in text and not Report.objects.exists()


def test_in_a_flood_the_page_says_so_with_the_lines_to_call(world: World) -> None:
    first = send()
    Report.objects.bulk_create(
        Report(
            incident=first.incident, receipt_hash=bytes([n]), own_key=b"", next_at=chain_now() + timedelta(minutes=5)
        )
        for n in range(200)
    )
    answer = nobody(world).post(PAGE, {"words": "x"})
    assert answer.status_code == 429 and "tel:120" in answer.content.decode() and answer["Retry-After"]
    assert nobody(world).post(PAGE, {"danger_now": "on"}).status_code == 201


@pytest.mark.parametrize("typed", ["体艺组", " 体　艺组 ", "体艺", "体艺组的一位老师", "本部体艺组"])
def test_a_department_is_kept_where_it_has_enough_people_and_none_is_listed(typed: str, world: World) -> None:
    assert "体艺组" not in nobody(world).get(PAGE).content.decode()
    assert told_in(send(Told(words="x", department=typed))).department == ""
    for post in ("duty", "second", "centre", "moral"):
        member = world.members[post]
        type(member).objects.filter(pk=member.pk).update(department=world.members["head"].department)
    assert "体艺" in told_in(send(Told(words="x", department=typed))).department.replace(" ", "")
    assert told_in(send(Told(words="x", department="高三年级"))).department == "高三年级"
    assert "体艺组" not in nobody(world).get(PAGE).content.decode()


def test_a_department_by_its_own_name_is_not_another_ones(world: World) -> None:
    """What is typed and is no department's whole name may mean a small one; a name that is one means that one."""
    few, many = Department.objects.create(name="附小数学组"), world.members["head"].department
    Department.objects.filter(pk=many.pk).update(name="数学组", key="数学组")
    for post in ("duty", "second", "centre", "moral"):
        Membership.objects.filter(pk=world.members[post].pk).update(department=many)
    Membership.objects.filter(pk=world.members["deputy"].pk).update(department=few)
    for typed, kept in (("数学组", "数学组"), ("数学", ""), ("附小数学组", ""), ("组", "组")):
        assert told_in(send(Told(words="x", department=typed))).department == kept


def test_nobody_reports_on_the_platforms_host(world: World) -> None:
    for path in (PAGE, MAILBOX):
        assert Client(headers={"host": "localhost"}).get(path).status_code == 404


def test_taking_it_tells_whoever_has_the_receipt_nothing_of_who(world: World) -> None:
    receipt, report = receipt_and_report()
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=report.incident_id, kind="school")
    text = nobody(world).post(MAILBOX, {"receipt": receipt}).content.decode()
    assert world.members["duty"].name not in text
