"""The second pair of eyes: an editor says that a draft is ready, the psychological centre reads it and writes that in.

States of a draft: being written → ready (``is_ready``) → checked, or back with a word to the editor. Both ends are a new
version of the draft in Wagtail's history; nothing is published here: that is the editor's, who sees what was written in.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Subquery
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry

from accounts.actor import Actor, require
from content.library import ARTICLES, Article
from content.models import LessonPage, ReportPage, SchoolSite
from content.models.checked import SecondReadPage
from kernel.errors import Conflict, Invalid, NotFound, Refused

CHECKED, SENT_BACK = "content.checked", "content.sent_back"
"""Acts in Wagtail's own history of a page."""
LONGEST_NOTE: Final = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft that is ready to be read. ``revision`` is the version that is shown, and that the answer is about."""

    draft: Any
    revision: int


def waiting_at(tenant_id: Any) -> list[Waiting]:
    """The school's drafts that are ready, those about a crisis first, then the oldest."""
    found = [
        Waiting(draft, draft.latest_revision_id)
        for page in _articles(tenant_id).filter(latest_revision__isnull=False)
        if (draft := page.get_latest_revision_as_object()).is_ready
    ]
    return sorted(found, key=lambda row: (not row.draft.is_sensitive, row.revision))


def waiting(tenant_id: Any, page_id: int) -> Waiting:
    """One of them. NotFound for another school's page, and for a draft that is not ready (any more)."""
    for row in waiting_at(tenant_id):
        if row.draft.pk == page_id:
            return row
    raise NotFound


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a draft that waits no longer: ``act`` is CHECKED, SENT_BACK, or empty where the editors took it back.

    ``title`` and ``note`` (the word to the editors) only of a draft that was answered; ``at`` in UTC.
    """

    act: str
    title: str = ""
    note: str = ""
    at: datetime | None = None


def answered(tenant_id: Any, page_id: int) -> Answered:
    """For whoever comes back to a draft, by Back or by an old link. NotFound for another school's page and for a kind that nobody checks."""
    page = _texts(tenant_id).filter(pk=page_id).first()
    if page is None:
        raise NotFound
    last = PageLogEntry.objects.filter(page=page_id, action__in=(CHECKED, SENT_BACK)).order_by("-timestamp").first()
    if last is None:
        return Answered("")
    return Answered(last.action, last.label, last.data.get("note", ""), last.timestamp)


@transaction.atomic
def say_checked(*, actor: Actor, user: Any, page_id: int, revision: int, office: str, today: date) -> Article:
    """Write into the draft that ``office`` has reviewed it today; for a text about a crisis, that these words were checked.

    A lesson or a report has these words checked too. Needs ``content.check``. NotFound as ``waiting``; Conflict
    ``text_moved_on`` when the newest draft is another than the one that was read; Refused ``text_own`` for whoever saved it,
    ``text_empty`` for one without a text.
    """
    require(actor, "content.check")
    draft = _read(actor, page_id, revision)
    if draft.latest_revision.user_id == user.pk:
        raise Refused("text_own")
    if draft.is_empty:
        raise Refused("text_empty")
    is_second_read = isinstance(draft, SecondReadPage)
    if not is_second_read:
        draft.reviewed_by, draft.reviewed_on = office, today
    if draft.is_sensitive or is_second_read:
        draft.checked_by, draft.checked_on, draft.checked_text = office, today, draft.words_read()
    return _answer(draft, user, CHECKED, "")


@transaction.atomic
def send_back(*, actor: Actor, user: Any, page_id: int, revision: int, note: str) -> Article:
    """Give the draft back to the editors with a word on what to change; refusals as ``say_checked``. Invalid without a word."""
    require(actor, "content.check")
    if not note.strip():
        raise Invalid("out_of_range", fields=(("note", "required", ""),))
    return _answer(_read(actor, page_id, revision), user, SENT_BACK, note.strip()[:LONGEST_NOTE])


def _read(actor: Actor, page_id: int, revision: int) -> Any:
    # Two who answer at once, and an editor who saves meanwhile, stand in a row.
    Page.objects.select_for_update(no_key=True).filter(pk=page_id).first()
    found = waiting(actor.tenant_id, page_id)
    if found.revision != revision:
        raise Conflict("text_moved_on")
    return found.draft


def _answer(draft: Any, user: Any, act: str, note: str) -> Article:
    draft.is_ready = False
    version = draft.save_revision(user=user, clean=False)
    log(draft, act, user=user, revision=version, content_changed=True, data={"note": note} if note else None)
    answered: Article = draft
    return answered


def _articles(tenant_id: Any) -> Any:
    return _texts(tenant_id).filter(latest_revision__content__is_ready=True).specific()


def _texts(tenant_id: Any) -> Any:
    """Pages of the school of the kinds that are checked."""
    root = SchoolSite.objects.filter(tenant_id=tenant_id).values("site__root_page__path")[:1]
    return Page.objects.filter(path__startswith=Subquery(root)).exact_type(*ARTICLES, LessonPage, ReportPage)
