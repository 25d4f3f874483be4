"""Guards of the order of tips that no other test would miss: what is not there, at the end of the row, or stopped."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel.clock import as_of
from kernel.errors import Conflict, NotFound
from tests.tips.conftest import FRIDAY, Home, at
from tips.models import Series
from tips.workflow.ordering import add_tip, move_tip, send_single, stop_series, take_out

pytestmark = pytest.mark.django_db


def places(home: Home) -> list[int]:
    return list(home.series.items.order_by("place").values_list("page", flat=True))


def test_at_either_end_of_the_row_nothing_moves(home: Home) -> None:
    before = places(home)
    first, last = home.series.items.get(page=before[0]), home.series.items.get(page=before[-1])
    move_tip(actor=home.editor, series_id=home.series.pk, item_id=first.pk, up=True)
    move_tip(actor=home.editor, series_id=home.series.pk, item_id=last.pk, up=False)
    assert places(home) == before


@pytest.mark.parametrize("odd", [uuid4(), "x", "", "\x00"], ids=["none", "word", "empty", "zero"])
def test_what_is_no_series_or_no_tip_of_it_is_not_found(home: Home, odd: Any) -> None:
    before = places(home)
    with pytest.raises(NotFound):
        move_tip(actor=home.editor, series_id=home.series.pk, item_id=odd, up=True)
    with pytest.raises(NotFound):
        stop_series(actor=home.editor, series_id=odd)
    assert places(home) == before


@pytest.mark.parametrize("kind", ["stopped", "single"])
def test_what_is_stopped_or_single_takes_no_change(home: Home, kind: str) -> None:
    series = home.series
    if kind == "stopped":
        stop_series(actor=home.editor, series_id=series.pk)
    else:
        series = send_single(actor=home.editor, page=home.pages[0], starts_on=at(FRIDAY).date())
    item = series.items.order_by("place").first()
    assert item is not None
    here = {"actor": home.editor, "series_id": series.pk}
    before = list(series.items.order_by("place").values_list("page", "place"))
    for act in (
        lambda: add_tip(**here, page=home.pages[1]),
        lambda: move_tip(**here, item_id=item.pk, up=False),
        lambda: take_out(**here, item_id=item.pk),
    ):
        with pytest.raises(Conflict, match="tips_stopped"):
            act()
    assert list(series.items.order_by("place").values_list("page", "place")) == before


def test_stopped_twice_keeps_its_first_moment(home: Home) -> None:
    for hours in (0, 5):
        with as_of(at(FRIDAY) + timedelta(hours=hours)):
            stop_series(actor=home.editor, series_id=home.series.pk)
    assert Series.objects.get(pk=home.series.pk).stopped_at == at(FRIDAY)
