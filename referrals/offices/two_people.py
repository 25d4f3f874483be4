"""What one person asks for and another decides: one page with its facts and four eyes, one confirmation for each answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import ActingRequest
from accounts.same_person import same_person
from referrals.offices.selectors import names_of
from ui.confirm import asked_again
from ui.navigation import at_desk
from ui.states import Sign
from ui.templatetags.ui import school_time

Facts = list[tuple[str, Any]]
YOU_ASKED = gettext_lazy("You asked for this. A second person of finance decides and has a message about it.")
YOU_MAY = gettext_lazy(
    "Nothing has moved yet. Somebody else asked for it, so you may decide. Nobody decides what they have asked for themselves, under another account either."
)
NOT_APPROVED = gettext_lazy("Not approved. Nothing has moved.")
TAKEN_BACK = gettext_lazy("Taken back. Nothing has moved.")
ASK_ANEW = gettext_lazy("Nothing moves. It can be asked anew.")


class Asked(Protocol):
    """A row that one person wrote and another answers."""

    pk: UUID
    asked_by_id: UUID
    asked_at: datetime
    decided_by_id: UUID | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Door:
    """A button of the page. ``is_yes``: the one that stands out."""

    url: str
    text: str
    is_yes: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to answer: what is asked once more, what is said afterwards. ``own``: by whoever asked, else by anybody else."""

    title: str | Promise
    lead: str | Promise
    label: str | Promise
    done: str | Promise
    own: bool = False


def who(user_id: UUID | None, at: datetime | None, names: dict[UUID, str]) -> str:
    """A name and the moment in school time."""
    return f"{names.get(user_id, '–') if user_id else '–'} · {school_time(at)}"


def people_of(row: Asked) -> Facts:
    """Who asked, and who decided if anybody has."""
    names = names_of(row.asked_by_id, row.decided_by_id)
    rows = [(_("Asked by"), who(row.asked_by_id, row.asked_at, names))]
    if row.decided_by_id:
        rows.append((_("Decided by"), who(row.decided_by_id, row.decided_at, names)))
    return rows


def decided_page(
    request: ActingRequest,
    *,
    desk: str,
    title: str,
    heading: str,
    sign: Sign,
    back: str,
    facts: Facts,
    people: Facts,
    doors: list[Door],
    eyes: str | Promise = "",
    template: str = "referrals/office/two_people.html",
    **more: Any,
) -> HttpResponse:
    """The page of one such row at a desk; ``eyes`` says who decides while it waits."""
    context = at_desk(
        request,
        desk,
        title=title,
        heading=heading,
        sign=sign,
        back=back,
        facts=facts,
        people=people,
        doors=doors,
        eyes=eyes,
        **more,
    )
    return render(request, template, context)


def answered(
    request: ActingRequest,
    row: Asked,
    answer: Answer,
    write: Callable[[], object],
    *,
    waits: bool,
    back: str,
    facts: Facts,
    **shown: Any,
) -> HttpResponse:
    """The confirmation of one answer; whoever may not give it is led to the page that says who may."""
    mine = same_person(request.actor.user_id, row.asked_by_id)
    return asked_again(
        request,
        write,
        back=back,
        waits=waits and mine == answer.own,
        title=str(answer.title),
        lead=answer.lead,
        label=str(answer.label),
        done=str(answer.done),
        facts=facts,
        **shown,
    )
