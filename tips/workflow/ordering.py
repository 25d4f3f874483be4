"""Editors put tips into an order and say from when, and how often, families get them. Locks: the series, then its items."""

from datetime import date
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, Invalid, NotFound
from kernel.fold import fold_prose
from tips.models import Item, Series
from tips.pages import titled

SEND: Final = "tips.send"
LEAST_DAYS, MOST_DAYS = 7, 90
MOST_TIPS: Final = 60
_MAX_TITLE: Final = 60
_YEARS: Final = range(2000, 2200)


@transaction.atomic
def make_series(*, actor: Actor, title: str, starts_on: date, every_days: int) -> Series:
    """A series without tips. Needs ``tips.send``. Invalid ``tips_title``, ``tips_day``, ``tips_interval``."""
    require(actor, SEND)
    title = fold_prose(title)
    if not title or len(title) > _MAX_TITLE:
        raise Invalid("tips_title", fields=(("title", "tips_title", ""),))
    if not LEAST_DAYS <= every_days <= MOST_DAYS:
        raise Invalid("tips_interval", fields=(("every_days", "tips_interval", ""),))
    made = Series.objects.create(title=title, starts_on=_checked_day(starts_on), every_days=every_days)
    record(actor=actor, action="tips.series", obj=made, facts={"every_days": every_days, "starts_on": starts_on})
    return made


@transaction.atomic
def send_single(*, actor: Actor, page: int, starts_on: date) -> Series:
    """One tip goes to everybody from a day on, and to nobody after five weeks. Needs ``tips.send``; Invalid ``tips_page``."""
    require(actor, SEND)
    title = _published_title(page)
    made = Series.objects.create(title=title[:_MAX_TITLE], is_single=True, starts_on=_checked_day(starts_on))
    Item.objects.create(series=made, page=page, place=1)
    record(actor=actor, action="tips.series", obj=made, facts={"is_single": True, "starts_on": starts_on})
    return made


@transaction.atomic
def add_tip(*, actor: Actor, series_id: UUID | str, page: int) -> None:
    """One more tip at the end. Conflict ``tips_there`` when it stands in the series; Invalid ``tips_page``, ``tips_full``."""
    require(actor, SEND)
    series = _running(series_id)
    _published_title(page)
    items = list(series.items.order_by("place"))
    if any(item.page == page for item in items):
        raise Conflict("tips_there", fields=(("page", "tips_there", ""),))
    if len(items) >= MOST_TIPS:
        raise Invalid("tips_full", fields=(("page", "tips_full", ""),))
    Item.objects.create(series=series, page=page, place=items[-1].place + 1 if items else 1)
    _noted(actor, series, len(items) + 1)


@transaction.atomic
def move_tip(*, actor: Actor, series_id: UUID | str, item_id: UUID | str, up: bool) -> None:
    """One place up or down; at the end of the row nothing moves. Who had a tip does not get it again. NotFound."""
    require(actor, SEND)
    series = _running(series_id)
    items = list(series.items.order_by("place"))
    at = next((count for count, item in enumerate(items) if str(item.pk) == str(item_id)), None)
    if at is None:
        raise NotFound
    other = at - 1 if up else at + 1
    if not 0 <= other < len(items):
        return
    one, two = items[at], items[other]
    one.place, two.place = two.place, one.place
    for item in (one, two):  # the key on places is looked at when both stand
        item.save(update_fields=["place"])
    _noted(actor, series, len(items))


@transaction.atomic
def take_out(*, actor: Actor, series_id: UUID | str, item_id: UUID | str) -> None:
    """A tip leaves the series; whoever had it, had it. May run twice."""
    require(actor, SEND)
    series = _running(series_id)
    series.items.filter(pk__in=[item.pk for item in series.items.all() if str(item.pk) == str(item_id)]).delete()
    _noted(actor, series, series.items.count())


@transaction.atomic
def stop_series(*, actor: Actor, series_id: UUID | str) -> None:
    """Nothing of it is sent any more, and it does not begin again. May run twice."""
    require(actor, SEND)
    series = _locked(series_id)
    if series.stopped_at is not None:
        return
    series.stopped_at = now()
    series.save(update_fields=["stopped_at"])
    record(actor=actor, action="tips.stop", obj=series)


def _locked(series_id: UUID | str) -> Series:
    try:
        found: Series | None = Series.objects.select_for_update(no_key=True).filter(pk=series_id).first()
    except (ValueError, ValidationError):
        found = None
    if found is None:
        raise NotFound
    return found


def _running(series_id: UUID | str) -> Series:
    series = _locked(series_id)
    if series.stopped_at is not None or series.is_single:
        raise Conflict("tips_stopped")
    return series


def _published_title(page: int) -> str:
    found = titled([page]).get(page)
    if found is None:
        raise Invalid("tips_page", fields=(("page", "tips_page", ""),))
    return str(found.title)


def _checked_day(day: date) -> date:
    if day.year not in _YEARS:
        raise Invalid("tips_day", fields=(("starts_on", "tips_day", ""),))
    return day


def _noted(actor: Actor, series: Series, tips: int) -> None:
    record(actor=actor, action="tips.order", obj=series, facts={"tips": tips})
