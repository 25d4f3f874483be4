"""In which language somebody read the page of a report is kept nowhere: in a school few read English, and one might be enough."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from referrals.emergency.models import Incident, Report, ReportChecklist
from referrals.emergency.report_texts import SIGNS, as_kept, as_read, signs_of_school
from referrals.emergency.workflow.receiving import Told, send_report, told_in
from tests.emergency.report_steps import take
from tests.emergency.test_board import client
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def sent_in(world: World, language: str) -> Report:
    """What a browser of that language leaves: all twelve signs ticked."""
    browser = Client(headers={"host": world.school.host})
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = browser.get("/report/").content.decode()
    with translation.override(language):
        signs = [text for texts in signs_of_school().values() for text in texts]
    assert all(f'value="{text}"' in page for text in signs), language
    before = set(Report.objects.values_list("pk", flat=True))
    assert browser.post("/report/", {"signs": signs}).status_code == 201
    return Report.objects.exclude(pk__in=before).get()


def test_the_signs_that_are_kept_are_the_same_in_every_language(world: World) -> None:
    kept = {language: told_in(sent_in(world, language)).signs for language, _name in settings.LANGUAGES}
    assert len(set(kept.values())) == 1, kept
    assert len(next(iter(kept.values()))) == sum(map(len, SIGNS.values()))


def test_whoever_reads_it_reads_them_in_their_own_language(world: World) -> None:
    report = sent_in(world, "en")
    incident = Incident.objects.get()
    take(world, incident)
    path = f"/centre/emergency/{incident.pk}/reports/{report.pk}/"
    for language, text in (("en", "Threatens to hurt somebody"), ("zh-hans", "扬言要伤害别人")):
        reader = client(world, "duty")
        reader.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page = reader.get(path).content.decode()
        with translation.override(language):
            assert all(str(sign) in page for signs in SIGNS.values() for sign in signs), language
        assert (text in page) or language == "zh-hans"


def test_what_was_kept_in_english_before_is_read_in_the_readers_language(world: World) -> None:
    with translation.override("zh-hans"):
        told = [as_read("Threatens to hurt somebody"), as_kept("Threatens to hurt somebody")]
    assert told[0] == told[1] != "Threatens to hurt somebody"


def test_a_sign_of_the_schools_own_stays_as_it_is(world: World) -> None:
    own: dict[str, Any] = {"mood": ["总在教室坐到天黑"], "behaviour": [], "speech": []}
    ReportChecklist.objects.create(signs=own, changed_by=world.members["centre"])
    with translation.override("en"):
        send_report(told=Told(signs=("总在教室坐到天黑",)), danger_now=True)
    assert told_in(Report.objects.get()).signs == ("总在教室坐到天黑",)
