"""The editors' first page: what waits in this school, and in no other; and our own dress around it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from content.library import take_all
from content.models import GuidelinePage, TipPage
from kernel.clock import months_after, now
from tenancy.hosts import forget
from tests.conftest import make_person
from tests.content.conftest import Side
from tests.content.stock import DAY, Library, build_library, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(theirs: Side) -> Library:
    return build_library(theirs.tenant.host)


def page_of(side: Side, user: Any = None, language: str = "en") -> Any:
    client = side.client(user or side.editor, headers={"host": side.tenant.host, "accept-language": language})
    answer = client.get("/cms/")
    assert answer.status_code == 200
    return BeautifulSoup(answer.content.decode(), "html.parser")


def panel(side: Side, key: str, **who: Any) -> dict[str, str]:
    """Title → note of the panel's rows."""
    section = page_of(side, **who).find("section", {"aria-labelledby": f"panel-{key}"})
    return {row.a.text: row.small.text for row in section.find_all("li")}


def settled(side: Side) -> None:
    """Nothing waits: what the fixtures left open is reviewed and published, today."""
    GuidelinePage.objects.filter(pk=side.page.pk).update(reviewed_on=side.tenant.today())
    side.draft.delete()


def test_a_school_where_nothing_waits_is_told_so(ours: Side, theirs: Side) -> None:
    settled(ours)
    shown = page_of(ours)
    for said in ("Nothing waits for review.", "All copies are up to date.", "No page has grown old.",
                 "Nothing is put on a date.", "No draft of yours is open."):  # fmt: skip
        assert said in shown.text, said
    assert not any(word in str(shown) for word in theirs.words)


def test_what_lacks_a_review_waits(ours: Side, theirs: Side, library: Library) -> None:
    assert panel(ours, "review") == {"白鹭草稿": "Not reviewed yet"}
    own_tip = TipPage.objects.get(pk=ours.tip.pk)
    own_tip.unpublish()
    take_all(tenant=ours.tenant)
    taken = {"库里的指南": "From the library, not reviewed yet", "库里的贴士": "From the library, not reviewed yet"}
    assert panel(ours, "review") == {"白鹭草稿": "Not reviewed yet", **taken}, "a tip of one's own needs no review"
    tip = TipPage.objects.get(adopted_from=library.tip.pk)
    tip.reviewed_by, tip.reviewed_on = "心理中心", DAY
    tip.save_revision()
    assert "库里的贴士" not in panel(ours, "review")
    tip.latest_revision.publish()
    tip.reviewed_on = None
    tip.save_revision(clean=False)
    assert "库里的贴士" in panel(ours, "review"), "the newest draft counts, not the day that is published"
    assert "白鹭草稿" not in panel(theirs, "review")


@pytest.mark.parametrize(("months", "is_old"), [(11, False), (12, False), (13, True)])
def test_a_page_reviewed_long_ago_is_named(ours: Side, months: int, is_old: bool) -> None:
    GuidelinePage.objects.filter(pk=ours.page.pk).update(reviewed_on=months_after(ours.tenant.today(), -months))
    assert ("白鹭指南" in panel(ours, "stale")) == is_old
    ours.tenant.rules = {"review_months": 6}
    ours.tenant.save()
    forget()
    assert "白鹭指南" in panel(ours, "stale"), "a school may ask for it earlier"


def test_the_day_of_the_next_review_counts_too(ours: Side) -> None:
    GuidelinePage.objects.filter(pk=ours.page.pk).update(
        reviewed_on=ours.tenant.today(), review_by=ours.tenant.today() - timedelta(days=1)
    )
    assert "白鹭指南" in panel(ours, "stale")
    GuidelinePage.objects.filter(pk=ours.page.pk).update(live=False)
    assert panel(ours, "stale") == {}, "what nobody reads may wait"


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 1), 1, date(2025, 12, 1)),
        (date(2026, 9, 1), 12, date(2025, 9, 1)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
    ],
)
def test_months_after_counts_back(day: date, months: int, before: date) -> None:
    assert months_after(day, -months) == before


def test_what_comes_and_ends_on_a_date(ours: Side) -> None:
    ours.page.go_live_at = now() + timedelta(days=2)
    ours.page.save_revision(user=ours.editor).publish(user=ours.editor, skip_permission_checks=True)
    TipPage.objects.filter(pk=ours.tip.pk).update(expire_at=now() + timedelta(days=1))
    rows = panel(ours, "scheduled")
    assert list(rows) == ["白鹭贴士", "白鹭指南"], "the next first"
    assert rows["白鹭贴士"].startswith("Ends on")
    assert rows["白鹭指南"].startswith("Published on")


def test_a_newer_version_in_the_library_is_named(ours: Side, theirs: Side, library: Library) -> None:
    take_all(tenant=ours.tenant)
    assert panel(ours, "newer") == {}
    library.tip.summary = "新的一句"
    published(library.tip)
    assert list(panel(ours, "newer")) == ["库里的贴士"]
    assert panel(theirs, "newer") == {}


def test_ones_own_drafts_only(ours: Side) -> None:
    ours.draft.save_revision(user=ours.editor, clean=False)
    assert list(panel(ours, "mine")) == ["白鹭草稿"]
    ours.draft.save_revision(clean=False)
    assert panel(ours, "mine") == {}


def test_what_the_centre_has_read_comes_back_to_the_editor(ours: Side, theirs: Side) -> None:
    """Whoever saved last is the centre, so it is nobody's own draft; without a panel no editor would hear of the answer."""
    centre = make_person(ours.tenant, "centre")
    client = ours.client(centre.user)

    def answered(path: str, **said: Any) -> None:
        ours.draft.is_ready = True
        ours.draft.save_revision(user=ours.editor, clean=False)
        form = {"revision": ours.draft.latest_revision_id, **said}
        assert client.post(f"/centre/texts/{ours.draft.pk}/{path}", form).status_code == 302

    assert panel(ours, "answered") == {}
    answered("back/", note="第二段再短一些")
    assert panel(ours, "answered") == {"白鹭草稿": "To be changed: 第二段再短一些"}
    assert panel(ours, "mine") == {}
    answered("", office="心理中心")
    assert panel(ours, "answered") == {"白鹭草稿": "Checked, may be published"}
    assert panel(theirs, "answered") == {}
    ours.draft.refresh_from_db()
    ours.draft.latest_revision.publish(user=ours.editor, skip_permission_checks=True)
    assert panel(ours, "answered") == {}, "it is published"
    answered("", office="心理中心")
    ours.draft.save_revision(user=ours.editor, clean=False)
    assert panel(ours, "answered") == {}, "the editor went on with it"


def test_the_librarys_own_first_page(library: Library) -> None:
    library.draft.save_revision(user=library.operator)
    shown = BeautifulSoup(library.client(library.operator).get("/cms/").content.decode(), "html.parser")
    mine = shown.find("section", {"aria-labelledby": "panel-mine"})
    assert mine is not None
    assert "库里的草稿" in mine.text
    assert shown.find("section", {"aria-labelledby": "panel-newer"}) is None
    assert shown.find("a", href="/operator/library/") is not None
    assert shown.find("a", href="/cms/library/") is None


def test_the_frame_is_ours(ours: Side) -> None:
    for address in ("/cms/", f"/cms/pages/{ours.page.pk}/edit/", "/cms/library/", "/cms/images/"):
        client = ours.client(ours.editor, headers={"host": ours.tenant.host, "accept-language": "zh-hans"})
        shown = client.get(address).content.decode()
        page: Any = BeautifulSoup(shown, "html.parser")
        assert page.title.text.strip().endswith("白鹭中学"), address
        brand = page.find("template", {"data-wagtail-sidebar-branding-logo": True})
        assert "白鹭中学" in brand.text
        assert "mark.svg" in str(brand)
        assert "mark" in page.find("link", rel="icon")["href"]
        assert "favicon.ico" not in shown
        text = re.sub(r"\s+", " ", page.get_text(" "))
        for word in ("推荐", "editor guide", "Wagtail"):
            assert word not in text, (address, word)
        assert ours.editor.email not in shown, "the menu greets by name"
