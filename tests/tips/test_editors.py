"""Editors order tips and see counts; no name, no address, no other school's series."""

from datetime import date

import pytest

from accounts.models import User
from kernel.errors import Conflict, Forbidden, Invalid
from tests.content.conftest import build_side
from tests.tips.conftest import Home, subscribe
from tips.models import Item, Series
from tips.selectors import reach
from tips.workflow.ordering import add_tip, make_series, move_tip, send_single, stop_series, take_out

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 4)


def editor_of(home: Home) -> User:
    return User.objects.get(pk=home.editor.user_id)


def test_a_series_is_made_filled_ordered_seen_and_stopped(home: Home) -> None:
    client = home.client(editor_of(home))
    made = client.post("/school/tips/new/", {"title": "冬天", "starts_on": "2026-12-01", "every_days": "14"})
    page = made["Location"]
    for key in home.pages[:2]:
        assert client.post(page, {"page": key}).status_code == 302
    series = Series.objects.get(title="冬天")
    second = series.items.get(place=2)
    client.post(f"{page}{second.pk}/move/", {"to": "up"})
    assert list(series.items.order_by("place").values_list("page", flat=True)) == [home.pages[1], home.pages[0]]
    text = client.get(f"{page}preview/").content.decode()
    assert text.index("云杉第2条") < text.index("云杉第1条")
    assert "/family/…/stop/" in text, "where the page says that three dots stand"
    assert "%E2%80%A6" not in text
    client.post(f"{page}{second.pk}/remove/")
    assert series.items.count() == 1
    assert client.get(f"{page}stop/").status_code == 200
    client.post(f"{page}stop/")
    assert Series.objects.get(pk=series.pk).stopped_at is not None
    with pytest.raises(Conflict, match="tips_stopped"):
        add_tip(actor=home.editor, series_id=series.pk, page=home.pages[0])


def test_a_single_tip_is_planned_for_a_day(home: Home) -> None:
    client = home.client(editor_of(home))
    done = client.post("/school/tips/single/", {"page": home.pages[0], "starts_on": "2026-12-20"})
    assert done.status_code == 302
    assert Series.objects.get(is_single=True).starts_on == date(2026, 12, 20)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"title": ""}, "tips_title"), ({"title": "长" * 61}, "tips_title"), ({"every_days": 6}, "tips_interval"),
        ({"every_days": 91}, "tips_interval"), ({"starts_on": date(1999, 1, 1)}, "tips_day"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(home: Home, values: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        make_series(actor=home.editor, **{"title": "一", "starts_on": DAY, "every_days": 7, **values})  # type: ignore[arg-type]
    assert Series.objects.count() == 1


def test_only_published_tips_of_the_own_school_stand_in_a_series(home: Home) -> None:
    other = build_side("红桦")
    for page in (other.tip.pk, home.side.page.pk, 10**6):
        with pytest.raises(Invalid, match="tips_page"):
            add_tip(actor=home.editor, series_id=home.series.pk, page=page)
    with pytest.raises(Conflict, match="tips_there"):
        add_tip(actor=home.editor, series_id=home.series.pk, page=home.pages[0])
    Item.objects.bulk_create(Item(series=home.series, page=10**6 + n, place=10 + n) for n in range(57))
    with pytest.raises(Invalid, match="tips_full"):
        add_tip(actor=home.editor, series_id=home.series.pk, page=home.side.tip.pk)


def test_who_may_not_gets_forbidden_and_nothing_moves(home: Home) -> None:
    item = home.series.items.get(place=1)
    before = list(home.series.items.values_list("page", "place"))
    for act in (
        lambda: make_series(actor=home.actor, title="一", starts_on=DAY, every_days=7),
        lambda: send_single(actor=home.actor, page=home.pages[0], starts_on=DAY),
        lambda: add_tip(actor=home.actor, series_id=home.series.pk, page=home.side.tip.pk),
        lambda: move_tip(actor=home.actor, series_id=home.series.pk, item_id=item.pk, up=False),
        lambda: take_out(actor=home.actor, series_id=home.series.pk, item_id=item.pk),
        lambda: stop_series(actor=home.actor, series_id=home.series.pk),
    ):
        with pytest.raises(Forbidden):
            act()
    assert list(home.series.items.values_list("page", "place")) == before
    assert home.client(home.member.user).get("/school/tips/").status_code == 404
    assert home.client().get("/school/tips/").status_code == 302


def test_another_school_s_editor_finds_no_series(home: Home) -> None:
    other = build_side("红桦")
    client = other.client(other.editor)
    for end in ("", "preview/", "stop/"):
        assert client.get(f"/school/tips/{home.series.pk}/{end}").status_code == 404


def test_editors_see_counts_and_none_so_small_that_it_names_somebody(home: Home) -> None:
    subscribe(home.token)
    assert reach(home.tenant).weekly is None
    text = home.client(editor_of(home)).get("/school/tips/").content.decode()
    assert "少于 5" in text
    for word in ("王小明", "wang@example.com", "李明华"):
        assert word not in text
    home.tenant.rules = {"fewest_people": 1}
    assert (reach(home.tenant).weekly, reach(home.tenant).monthly) == (1, 0)


def test_the_file_of_the_list_leaves_through_the_house(home: Home) -> None:
    answer = home.client(editor_of(home)).get("/school/tips/tips.csv")
    body = b"".join(answer).decode("utf-8-sig") if answer.streaming else answer.content.decode("utf-8-sig")
    assert "秋天" in body
    assert "wang" not in body
