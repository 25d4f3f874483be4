"""Who reads English is told which words are Chinese: an open day is the organiser's own words (ADR 0054)."""

import re

import pytest
from django.test import Client

from content.opendays.models import OpenDayPage
from tests.content.test_in_english import MARKED, main_of
from tests.opendays.test_family_card import agreed, named
from tests.opendays.world import World, come, family

OWN = ("来看看", "走一走校园", "东门", "滨江路", "听一节课", "明德楼")


@pytest.mark.parametrize("which", ["/open-days/", "/", "page", "invitation", "party", "change", "relative"])
def test_the_days_own_words_say_that_they_are_chinese(world: World, which: str) -> None:
    path = {
        "page": lambda: OpenDayPage.objects.get(pk=world.day.page_id).href,
        "invitation": lambda: f"/open-day/i/{world.invitation.token}/",
        "party": lambda: f"/open-day/f/{come(world, family(2))}/",
        "change": lambda: f"/open-day/f/{come(world, family(2))}/change/",
        "relative": lambda: f"/family/{agreed(world, named(world), 'open_day')}/",
    }.get(which, lambda: which)()
    client = Client(headers={"host": world.school.host})
    client.cookies["django_language"] = "en"
    answer = client.get(path)
    assert answer.status_code == 200
    shown = main_of(answer.content.decode())
    assert any(word in shown for word in OWN)
    bare = re.sub(r"<svg.*?</svg>", "", MARKED.sub("", shown), flags=re.DOTALL)
    assert [word for word in OWN if word in bare] == []
