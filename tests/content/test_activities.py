"""What a school does together and listens to: days in order, own school's media alone, sounds in parts, events as data."""

import json
import re
import wave
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from content.activity_blocks import ActivityBlock
from content.models import (
    ActivityIndexPage,
    CampaignPage,
    FestivalsPage,
    LessonPage,
    QuietIndexPage,
    ReportPage,
    SchoolDocument,
)
from content.sounds import RATE, SECONDS, SOUNDS, make
from kernel.clock import local_day, now
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 29)


def activity(day: date, title: str = "一封信", begins: str = "08:00", ends: str | None = "09:00") -> tuple[str, Any]:
    return ("activity", {"title": title, "host": "校长", "day": day, "begins": begins, "ends": ends, "place": "礼堂", "note": ""})  # fmt: skip


def campaign(side: Side, first: date, **fields: Any) -> CampaignPage:
    index = ActivityIndexPage.objects.child_of(side.home).get()
    said = {"title": "六个一", "slug": "six", "summary": "三天六件事", "starts_on": first, "ends_on": first + timedelta(days=2),
            "contact": "校工会 周老师", "contact_phone": "0571-8800 1122", "body": [], "activities": [activity(first)], **fields}  # fmt: skip
    return index.add_child(instance=CampaignPage(**said))


def lesson(side: Side, **fields: Any) -> LessonPage:
    index = QuietIndexPage.objects.child_of(side.home).get()
    return index.add_child(instance=LessonPage(title="呼气长一点", slug="out", summary="六分钟", body=[], **fields))


def film(side: Side, name: str, head: bytes) -> SchoolDocument:
    return SchoolDocument.objects.create(
        title=name, collection=side.school.collection, file=SimpleUploadedFile(name, head)
    )


def test_a_campaign_shows_its_days_in_the_order_of_the_clock(ours: Side) -> None:
    first = local_day(now()) + timedelta(days=3)
    late, early = activity(first, "晚上的", "18:30"), activity(first, "早上的", "07:40", None)
    campaign(ours, first, activities=[activity(first + timedelta(days=1), "第二天的"), late, early])
    shown = ours.client().get("/activities/six/").content.decode()
    assert re.findall("早上的|晚上的|第二天的", BeautifulSoup(shown, "html.parser").find("main").text) == [
        "早上的",
        "晚上的",
        "第二天的",
    ]
    assert "校工会 周老师" in shown
    assert 'href="tel:0571-88001122"' in shown
    assert "/activities/six/" in ours.client().get("/activities/").content.decode()


def test_a_campaign_is_coming_until_its_last_day_has_passed(ours: Side) -> None:
    today = local_day(now())
    campaign(ours, today - timedelta(days=2))
    assert "/activities/six/" in ours.client().get("/activities/").content.decode(), "today is its last day"
    CampaignPage.objects.update(ends_on=today - timedelta(days=1))
    assert "/activities/six/" not in ours.client().get("/activities/").content.decode()


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
        ({"activities": [activity(TODAY - timedelta(days=1))]}, "activities"),
        ({"activities": [activity(TODAY + timedelta(days=3))]}, "activities"),
        ({}, None),
    ],
)
def test_days_out_of_order_are_refused(ours: Side, fields: Any, fault: str | None) -> None:
    if fault is None:
        assert campaign(ours, TODAY, **fields).pk
        return
    with pytest.raises(ValidationError) as told:
        campaign(ours, TODAY, **fields)
    assert fault in told.value.message_dict
    assert not CampaignPage.objects.exists()


def test_an_activity_that_ends_before_it_begins_is_refused() -> None:
    block = ActivityBlock()
    for ends, is_good in (("07:59", False), ("08:00", False), ("08:01", True), (None, True)):
        value = block.to_python(activity(TODAY, ends=ends)[1])
        if is_good:
            assert block.clean(value)["title"] == "一封信"
        else:
            with pytest.raises(ValidationError):
                block.clean(value)


def test_what_search_engines_read_cannot_end_its_element(ours: Side) -> None:
    campaign(ours, local_day(now()), title="</script><b>坏&", activities=[activity(local_day(now()), "<!--")])
    shown = ours.client().get("/activities/six/").content.decode()
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', shown, re.S)
    assert data is not None
    assert not set(data[1]) & {"<", ">", "&"}
    said = json.loads(data[1])
    assert said["name"] == "</script><b>坏&"
    assert said["subEvent"][0]["name"] == "<!--"
    assert said["url"].endswith("/activities/six/")


def test_a_report_keeps_the_own_schools_pictures_and_campaign_alone(ours: Side, theirs: Side) -> None:
    index = ActivityIndexPage.objects.child_of(ours.home).get()
    foreign = campaign(theirs, TODAY)
    pictures = [
        ("picture", {"picture": side.image, "caption": mark}) for side, mark in ((ours, "自己的"), (theirs, "别人的"))
    ]
    index.add_child(
        instance=ReportPage(title="回顾", slug="walk", summary="x", body=[], happened_on=TODAY, took_part=3, pictures=pictures, campaign=foreign)
    )  # fmt: skip
    stored = ReportPage.objects.get(slug="walk")
    assert [child.value["caption"] for child in stored.pictures] == ["自己的"]
    assert stored.campaign is None
    shown = ours.client().get("/activities/walk/").content.decode()
    assert 'alt="自己的"' in shown
    assert "image/avif" in shown
    assert "image/webp" in shown


def test_a_report_of_tomorrow_is_refused(ours: Side) -> None:
    page = ReportPage(title="x", slug="x", summary="x", body=[], happened_on=local_day(now()) + timedelta(days=1))
    with pytest.raises(ValidationError) as told:
        page.clean()
    assert "happened_on" in told.value.message_dict


def test_the_calendar_shows_right_days_and_the_schools_plans(ours: Side) -> None:
    calendar = FestivalsPage.objects.descendant_of(ours.home).get()
    calendar.plans = [("plan", {"festival": "mid_autumn", "plan": "一起吃月饼"})]
    calendar.save()
    shown = BeautifulSoup(ours.client().get("/activities/festivals/").content.decode(), "html.parser")
    days = [str(tag["datetime"]) for tag in shown.find_all("time")]
    assert days == sorted(days)
    assert len(days) >= 12
    assert "一起吃月饼" in shown.text


def test_a_film_needs_captions_and_types_that_browsers_play(ours: Side) -> None:
    mp4, vtt, pdf = film(ours, "a.mp4", b"\0\0\0\x18ftypmp42"), film(ours, "a.vtt", b"WEBVTT\n"), ours.document
    page = lesson(ours)
    for video, captions, fault in (
        (mp4, None, "captions"),
        (pdf, vtt, "video"),
        (mp4, pdf, "captions"),
        (mp4, vtt, None),
    ):
        page.video, page.captions = video, captions
        if fault is None:
            page.full_clean()
        else:
            with pytest.raises(ValidationError) as told:
                page.full_clean()
            assert fault in told.value.message_dict


def test_a_lesson_shows_its_film_with_captions_in_parts(ours: Side, theirs: Side) -> None:
    content = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 8
    mp4, vtt = film(ours, "a.mp4", content), film(ours, "a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n吸气".encode())
    page = lesson(ours, video=mp4, captions=vtt)
    shown = BeautifulSoup(ours.client().get(page.href).content.decode(), "html.parser")
    assert shown.video is not None
    assert shown.video.track["src"] == vtt.url
    source = shown.video.source["src"]
    whole = ours.client().get(source)
    assert (whole.status_code, whole["Accept-Ranges"], b"".join(whole.streaming_content)) == (200, "bytes", content)
    part = ours.client().get(source, headers={"range": "bytes=4-11"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"ftypmp42")
    assert part["Content-Range"] == f"bytes 4-11/{len(content)}"
    assert theirs.client().get(source).status_code == 404
    page.video = film(theirs, "b.mp4", content)
    page.save()
    assert LessonPage.objects.get(pk=page.pk).video is None, "a film of another school is dropped"


@pytest.mark.parametrize(
    ("asked", "status", "first", "length"),
    [
        ("bytes=0-0", 206, 0, 1), ("bytes=-5", 206, -5, 5), ("bytes=10-", 206, 10, None), ("bytes=0-999999999999", 206, 0, None),
        ("bytes=99999999-", 416, 0, 0), ("bytes=5-2", 416, 0, 0), ("bytes=-0", 416, 0, 0), ("bytes=0-1,3-4", 200, 0, None),
        ("bytes=-", 200, 0, None), ("lines=1-2", 200, 0, None), ("bytes=" + "9" * 40 + "-", 200, 0, None),
    ],
)  # fmt: skip
def test_parts_of_a_sound(ours: Side, asked: str, status: int, first: int, length: int | None) -> None:
    whole = b"".join(ours.client().get("/sounds/white.wav").streaming_content)
    answer = ours.client().get("/sounds/white.wav", headers={"range": asked})
    assert answer.status_code == status
    if status == 416:
        assert answer["Content-Range"] == f"bytes */{len(whole)}"
        return
    got = b"".join(answer.streaming_content)
    begin = len(whole) + first if first < 0 else first
    assert got == whole[begin : begin + length if length else len(whole)]


def test_each_sound_is_a_loop_without_a_seam() -> None:
    for key in ("waves", "breath"):
        with wave.open(BytesIO(make(key))) as file:
            assert (file.getnframes(), file.getframerate(), file.getsampwidth()) == (RATE * SECONDS, RATE, 2)
            samples = memoryview(file.readframes(RATE * SECONDS)).cast("h")
        steps = [abs(samples[at + 1] - samples[at]) for at in range(0, len(samples) - 1, 7)]
        assert abs(samples[0] - samples[-1]) <= max(steps), key
        assert max(map(abs, samples)) < 0.6 * 32768, "nobody is startled"


def test_the_quiet_corner_offers_every_sound_without_script(ours: Side) -> None:
    shown = BeautifulSoup(ours.client().get("/quiet/").content.decode(), "html.parser")
    assert [tag["src"] for tag in shown.find_all("audio")] == [sound.href for sound in SOUNDS]
    assert all(tag["preload"] == "none" and tag.has_attr("controls") for tag in shown.find_all("audio"))
    assert ours.client().get("/sounds/nothing.wav").status_code == 404


@pytest.mark.parametrize(
    ("name", "head", "is_kept"),
    [
        ("a.mp4", b"<html><script>", False), ("a.mp4", b"\0\0\0\x18ftypmp42", True), ("a.webm", b"\x1aE\xdf\xa3rest", True),
        ("a.pdf", b"MZ\x90", False), ("a.docx", b"%PDF-1.7", False), ("a.vtt", b"WEBVTT", True), ("a.txt", b"a\0b", False),
        ("a.txt", "说明".encode("gbk"), True), ("a.html", b"<p>", False), ("a.svg", b"<svg onload=x>", False),
    ],
)  # fmt: skip
def test_a_file_is_what_its_name_says(ours: Side, name: str, head: bytes, is_kept: bool) -> None:
    form = {"title": "新文件", "file": SimpleUploadedFile(name, head), "collection": ours.school.collection_id}
    answer = ours.client(ours.editor).post("/cms/documents/add/", form)
    assert SchoolDocument.objects.filter(title="新文件").exists() == is_kept
    assert answer.status_code == (302 if is_kept else 200)


def test_a_campaign_waits_for_its_report_and_is_late_after_a_week(ours: Side, theirs: Side) -> None:
    today = ours.tenant.today()
    over = campaign(ours, today - timedelta(days=3), ends_on=today - timedelta(days=1), activities=[])
    campaign(theirs, today - timedelta(days=3), ends_on=today - timedelta(days=1), title="墨竹的活动", activities=[])
    english = ours.client(ours.editor, headers={"host": ours.tenant.host, "accept-language": "en"})
    shown = english.get("/cms/").content.decode()
    assert "Report due by" in shown
    assert "墨竹的活动" not in shown
    CampaignPage.objects.filter(pk=over.pk).update(ends_on=today)
    assert "Report due by" not in english.get("/cms/").content.decode(), "its last day is today"
    for days, word in ((7, "Report due by"), (8, "Report late since")):
        CampaignPage.objects.filter(pk=over.pk).update(ends_on=today - timedelta(days=days))
        assert word in english.get("/cms/").content.decode()
    report = ReportPage(title="回顾", slug="r", summary="x", body=[], happened_on=today, campaign=over)
    over.get_parent().add_child(instance=report)
    assert "Report late since" not in english.get("/cms/").content.decode()
