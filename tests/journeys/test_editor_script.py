"""What the editor's scripts say by themselves is Chinese: a file that fails, a date, words that are not saved, new blocks."""

import os
import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page as Window
from wagtail.models import Page

from content.models import GuidelinePage
from tests.conftest import make_person
from tests.fixtures_journey import Journey
from tests.journeys.conftest import DESK, House, Opens, new_school, sign_in
from tests.journeys.looking import left_in_english

WORD = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    return new_school()[1]


@pytest.fixture
def window(house: House, journey: Journey, device: Opens) -> Window:
    """An editor at a large screen."""
    editor = make_person(journey.tenant, "editor", name="邵编辑").user
    page = device(size=DESK).new_page()
    sign_in(page, house, journey.tenant, editor.email or "")
    return page


def shot(page: Window, name: str) -> None:
    if folder := os.environ.get("LOOK_SHOTS"):
        page.screenshot(path=f"{folder}/editor-{name}.png", full_page=False)


def edit(page: Window, house: House, journey: Journey) -> None:
    home = Page.objects.get(sites_rooted_here__hostname=journey.tenant.host.partition(":")[0])
    guideline = GuidelinePage.objects.descendant_of(home).first()
    assert guideline is not None
    page.goto(house.url(journey.tenant, f"/cms/pages/{guideline.pk}/edit/"))


@pytest.mark.parametrize("kind", ["wagtailimages", "wagtaildocs"])
def test_an_upload_that_fails_is_told_in_chinese(house: House, journey: Journey, window: Window, kind: str) -> None:
    window.goto(house.url(journey.tenant, reverse(f"{kind}:add_multiple")))
    wrong = {"name": "1.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}
    broken = {"name": "1.png" if kind == "wagtailimages" else "1.pdf", "mimeType": "image/png", "buffer": b"nothing"}
    window.set_input_files("#fileupload", [wrong])
    window.locator("#upload-list li").first.wait_for()
    window.set_input_files("#fileupload", [broken])
    window.locator("#upload-list li.upload-failure").nth(1).wait_for()  # the server has said no
    window.route("**/cms/*/**add/", lambda route: route.fulfill(status=500, body="") if route.request.method == "POST" else route.continue_())  # fmt: skip
    window.set_input_files("#fileupload", [{**broken, "name": "2" + broken["name"][1:]}])  # type: ignore[index]
    window.locator("#upload-list li").nth(2).wait_for()
    window.locator("#upload-list li.upload-complete").nth(1).wait_for()
    shot(window, f"upload-{kind}")
    assert window.locator("#upload-list li").count() == 3
    said = window.locator("#upload-list").inner_text()
    assert [word for word in WORD.findall(re.sub(r"\d\.\w+", "", said)) if word.lower() not in FILE_KINDS] == []
    assert left_in_english(window) == []


FILE_KINDS = {"avif", "gif", "jpg", "jpeg", "png", "webp", "csv", "docx", "ics", "mp", "odt", "pdf", "pptx", "txt", "vtt", "webm", "xlsx", "zip", "exe", "mb"}  # fmt: skip


def test_a_date_is_picked_in_chinese(house: House, journey: Journey, window: Window) -> None:
    edit(window, house, journey)
    window.locator("#id_reviewed_on").click()
    picker = window.locator(".xdsoft_datetimepicker:visible").first
    picker.wait_for()
    shot(window, "date")
    said = picker.inner_text()
    assert WORD.findall(said) == []
    assert re.search("月", said)


def test_words_that_are_not_saved_are_told_in_chinese(house: House, journey: Journey, window: Window) -> None:
    edit(window, house, journey)
    window.route(
        re.compile("/edit/"), lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    window.wait_for_timeout(2500)  # until the script has seen how it stood
    window.locator("#id_summary").press_sequentially("改过的一句")
    window.get_by_text("网络出了问题").first.wait_for()  # it saves by itself, and cannot
    shot(window, "unsaved")
    assert left_in_english(window) == []
    asked: list[str] = []
    window.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    window.get_by_role("link", name="资料库").first.click()
    window.wait_for_url("**/cms/library/")
    assert asked == ["beforeunload"], "the browser asks, in its own language, before the words are lost"


def test_what_is_said_in_marks_is_chinese(house: House, journey: Journey, window: Window) -> None:
    edit(window, house, journey)
    titles = window.evaluate(
        "[...document.querySelectorAll('[aria-label], [title], [placeholder], [data-w-unsaved-confirmation-value]')].flatMap((n) => ['aria-label', 'title', 'placeholder', 'data-w-unsaved-confirmation-value'].map((a) => n.getAttribute(a) || ''))"
    )
    assert [said for said in titles if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", said)] == []


def test_blocks_and_rich_text_are_offered_in_chinese(house: House, journey: Journey, window: Window) -> None:
    edit(window, house, journey)
    field = window.locator(".Draftail-Editor [contenteditable=true]").first
    field.scroll_into_view_if_needed()
    field.click()
    window.keyboard.press("End")
    window.keyboard.press("Enter")
    window.wait_for_timeout(600)
    shot(window, "rich-text")
    hints = window.evaluate(
        "[...document.querySelectorAll('.public-DraftEditorPlaceholder-inner, [data-draftail-trigger], .Draftail-Toolbar *')].map((n) => (n.textContent || '') + ' ' + (n.getAttribute('aria-label') || ''))"
    )
    assert [said for said in hints if re.search(r"[A-Za-z]{3,}", said)] == []
    window.keyboard.type("/")
    window.wait_for_timeout(800)
    shot(window, "blocks")
    assert left_in_english(window) == []
    for panel in ("checks", "preview", "status"):
        toggle = window.locator(f"[data-side-panel-toggle={panel}]")
        if toggle.count():
            toggle.first.click()
            window.wait_for_timeout(1500)
            shot(window, f"panel-{panel}")
            assert left_in_english(window) == [], panel
