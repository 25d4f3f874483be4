"""The ways to a report in menus of WeCom and official accounts: their addresses are ours, and a tap that is told to us is kept nowhere."""

import importlib.util
import json
import logging
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.urls import resolve

from tenancy.models import Tenant
from tests.emergency.test_report_unknown import rows_of_everything
from tests.providers.test_answers import enter, event, post

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
LONGEST, LONGEST_BELOW = 7, 4


@pytest.fixture
def menus(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """``bin/lib/menus.py``, which draws the pictures."""
    monkeypatch.syspath_prepend(str(ROOT / "bin" / "lib"))
    spec = importlib.util.spec_from_file_location("menus", ROOT / "bin" / "lib" / "menus.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "menus", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("event_key", ["https://yucai.example.edu.cn/report/", "REPORT"])
@pytest.mark.parametrize("kind", ["VIEW", "view", "click", "enter_agent"])
def test_a_member_who_taps_the_report_in_a_menu_is_written_nowhere(
    kind: str, event_key: str, school: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    """WeCom tells the application's server who tapped which entry, the page itself aside."""
    account = enter(school)
    caplog.set_level(logging.DEBUG)
    before = rows_of_everything()
    tapped = event(Event=kind, EventKey=event_key, FromUserName="wangfang-0571")
    assert post(school, account.pk, tapped).status_code == 200
    assert rows_of_everything() == before
    assert "wangfang-0571" not in caplog.text and event_key not in caplog.text


def test_the_document_says_what_the_pictures_show_and_each_address_opens(menus: ModuleType) -> None:
    text = (ROOT / "docs" / "menus.md").read_text()
    found = re.search(r"```json\n(.*?)```", text, re.S)
    assert found
    (column,) = json.loads(found[1])["button"]
    told = [(row["name"], row["url"].removeprefix("https://yucai.example.edu.cn")) for row in column["sub_button"]]
    assert told == [(entry.text, entry.path) for entry in menus.REPORT]
    assert [resolve(path.partition("?")[0]).view_name for _text, path in told] == ["report", "report", "report_mailbox"]
    assert all(len(entry.text) <= LONGEST for entry in menus.REPORT)
    assert all(len(name) <= LONGEST_BELOW for _title, columns in menus.MENUS.values() for name in columns)
    for name in menus.MENUS:
        assert f"images/menu-{name}.webp" in text and (ROOT / "docs" / "images" / f"menu-{name}.webp").is_file()
