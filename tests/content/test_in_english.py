"""Who reads English reads the school's own words in English where an editor wrote them, else marked as Chinese."""

import re

import pytest

from content.blocks import ANY
from content.models import HomePage
from content.schools import create_school_site
from tests.conftest import make_school
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MARKED = re.compile(r'<(\w+)[^>]* lang="zh-hans"[^>]*>.*?</\1>', re.S | re.I)


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")].replace("<wbr>", "")


def left_in_chinese(page: str) -> list[str]:
    """Chinese in the page's main part that does not say that it is Chinese."""
    return CHINESE.findall(MARKED.sub("", main_of(page)))


def home_of(ours: Side) -> HomePage:
    return HomePage.objects.get(pk=ours.home.pk)


def read(ours: Side, path: str, language: str = "en") -> str:
    client = ours.client()
    client.cookies["django_language"] = language
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_home_page_speaks_the_readers_language(ours: Side) -> None:
    home = home_of(ours)
    home.hero_title, home.hero_title_en = "有人听，不着急。", "Someone will listen."
    home.intro, home.intro_en = "想看就看。", "Read, or ask."
    home.tasks = [("task", {"title": "家里需要人手", "title_en": "A hand at home", "note": "带孩子", "note_en": "Children", "destination": ANY})]  # fmt: skip
    home.save_revision().publish()
    english = main_of(read(ours, "/"))
    for words in ("Someone will listen.", "Read, or ask.", "A hand at home", "Children"):
        assert words in english
    assert "有人听" not in english
    chinese = main_of(read(ours, "/", "zh-hans"))
    for words in ("有人听，不着急。", "想看就看。", "家里需要人手", "带孩子"):
        assert words in chinese
    assert "Someone" not in chinese


def test_what_has_no_english_says_that_it_is_chinese(ours: Side) -> None:
    home = home_of(ours)
    home.hero_title, home.intro = "有人听，不着急。", "想看就看。"
    home.tasks = [("task", {"title": "家里需要人手", "note": "带孩子", "destination": ANY})]
    home.save_revision().publish()
    for path in ("/", ours.index.href, ours.page.href):
        page = read(ours, path)
        assert left_in_chinese(page) == [], path
        assert CHINESE.search(main_of(page)), path
        assert 'lang="zh-Hans"' not in main_of(read(ours, path, "zh-hans")), path


def test_a_new_school_is_born_in_both_languages() -> None:
    tenant = make_school()
    create_school_site(tenant=tenant, name=tenant.name, host=tenant.host, port=80)
    home = HomePage.objects.get(sites_rooted_here__school__tenant=tenant)
    assert (home.hero_title, home.hero_title_en) == ("您不是一个人在扛。", "You are not alone with this.")
    task = home.tasks[0].value
    assert (task["title"], task["title_en"]) == ("我想找人聊聊", "I want to talk to someone")
