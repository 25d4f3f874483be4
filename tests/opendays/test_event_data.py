"""An open day as data for search engines: its hours with the offset of the school's zone, its place, whether it is on."""

import json
import re
from datetime import datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from pypdf import PdfReader

from content.opendays.models import OpenDay, OpenDayPage
from content.opendays.workflow.days import call_off_day
from tests.opendays.world import World, come, family

SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def said(world: World) -> Any:
    page = OpenDayPage.objects.get(pk=world.day.page_id)
    answer = Client(headers={"host": world.school.host}).get(page.href)
    head = answer.content.decode().split("</head>")[0]
    found = SCRIPT.findall(head)
    assert len(found) == 1
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    assert "<" not in found[0] and "&" not in found[0]
    return json.loads(found[0])


def test_a_search_engine_reads_when_and_where(world: World) -> None:
    OpenDay.objects.update(title="</script><b>", entrance="东门 & 停车场")
    come(world, family(3, address="欧阳女士", plate="浙A6F2B1"))
    event, zone = said(world), ZoneInfo(world.school.time_zone)
    assert (event["@type"], event["@context"]) == ("Event", "https://schema.org")
    assert event["startDate"] == world.day.starts_at.astimezone(zone).isoformat(timespec="minutes")
    assert event["startDate"].endswith("+08:00") and event["endDate"].endswith("+08:00")
    assert datetime.fromisoformat(event["endDate"]) == world.day.ends_at
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert event["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"
    assert event["location"]["name"] == world.school.name
    assert event["location"]["address"] == "东门 & 停车场"
    assert event["organizer"]["name"] == world.school.name
    assert [part["name"] for part in event["subEvent"]] == ["听一节课", "放松室和线上的帮助"], "the entry is no session"
    assert event["subEvent"][0]["location"]["name"] == "明德楼"
    assert event["subEvent"][0]["startDate"].endswith("+08:00")
    assert "欧阳" not in json.dumps(event, ensure_ascii=False) and "6F2B1" not in json.dumps(event)


def test_a_day_that_was_called_off_says_so(world: World) -> None:
    call_off_day(actor=world.organiser, open_day_id=world.day.pk)
    event = said(world)
    assert event["eventStatus"] == "https://schema.org/EventCancelled"
    assert {part["eventStatus"] for part in event["subEvent"]} == {"https://schema.org/EventCancelled"}


def test_a_poster_of_a_day_says_when_and_where_while_it_is_to_come(world: World) -> None:
    page = OpenDayPage.objects.get(pk=world.day.page_id)
    client = Client(headers={"host": world.school.host})
    poster = f"/poster/{page.pk}.pdf"
    assert poster in client.get(page.href).content.decode()
    text = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(client.get(poster).content)).pages)
    begins = world.day.starts_at.astimezone(ZoneInfo(world.school.time_zone))
    assert f"{begins.month}月{begins.day}日" in text.replace(" ", "") and "09:00–11:30" in text and "东门" in text
    call_off_day(actor=world.organiser, open_day_id=world.day.pk)
    assert poster not in client.get(page.href).content.decode()
