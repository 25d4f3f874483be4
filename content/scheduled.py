"""Publishes and ends pages on the dates that editors set. Wagtail stores the dates; this module acts on them.

The row and the newest draft lose dates that have passed: Wagtail refuses to save a page that ends in the past.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.dateparse import parse_datetime
from wagtail.models import Page, Revision

from kernel.clock import now

log = logging.getLogger(__name__)

DATES: Final = ("go_live_at", "expire_at")


def run_schedule() -> int:
    """Publish and end what is due, in every school; safe to run twice and side by side. Returns how much was done.

    Each page has a transaction of its own: one that fails is logged by its number and tried again, and stops no other.
    """
    moment = now()
    coming = Revision.page_revisions.filter(approved_go_live_at__lte=moment).order_by("approved_go_live_at", "pk")
    ending = Page.objects.filter(live=True, expire_at__lte=moment).order_by("expire_at", "pk")
    return _each(list(coming.values_list("pk", flat=True)), _publish) + _each(
        list(ending.values_list("pk", flat=True)), _end
    )


def _each(ids: list[int], act: Callable[[int], bool]) -> int:
    done = 0
    for pk in ids:
        try:
            with transaction.atomic():
                done += act(pk)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one page is no other page's matter
            log.error("page schedule: %s of %s failed: %s", act.__name__, pk, type(error).__name__)
    return done


def _publish(revision_id: int) -> bool:
    """Make a revision the page that is read. One whose end has passed as well is published and ended unseen."""
    revision = Revision.objects.filter(pk=revision_id, approved_go_live_at__lte=now()).first()
    if revision is None or not _locked(revision.object_id):
        return False
    # Asked again under the page's lock: an editor may have taken the date back meanwhile.
    if not Revision.objects.filter(pk=revision_id, approved_go_live_at__lte=now()).exists():
        return False
    # Wagtail would put the page off again for as long as it bears a date that its own clock has not reached.
    revision.content["go_live_at"] = None
    revision.save(update_fields=["content"])
    revision.publish(log_action="wagtail.publish.scheduled")
    page = Page.objects.get(pk=revision.object_id)
    if page.expire_at and page.expire_at <= now():
        _end(page.pk)
    else:
        _forget_past_dates(page.pk)
    return True


def _end(page_id: int) -> bool:
    """Unpublish a page."""
    if not _locked(page_id):
        return False
    page = Page.objects.filter(pk=page_id, live=True, expire_at__lte=now()).first()
    if page is None:
        return False
    page.specific.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    _forget_past_dates(page_id)
    return True


def _locked(page_id: Any) -> bool:
    return bool(
        Page.objects.select_for_update(no_key=True, of=("self",)).filter(pk=page_id).values_list("pk", flat=True)
    )


def _forget_past_dates(page_id: int) -> None:
    """From the row, and from the newest draft, which is what the editor opens."""
    page = Page.objects.get(pk=page_id)
    past = {name: None for name in DATES if is_past(getattr(page, name))}
    if past:
        Page.objects.filter(pk=page_id).update(**past)
    draft = page.latest_revision
    if draft is None:
        return
    stale = [name for name in DATES if is_past(parse_datetime(draft.content.get(name) or ""))]
    if stale:
        draft.content.update(dict.fromkeys(stale))
        draft.save(update_fields=["content"])


def is_past(moment: datetime | None) -> bool:
    """Whether ``moment`` is set and has passed."""
    return moment is not None and moment <= now()
