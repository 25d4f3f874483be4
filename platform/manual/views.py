"""``/how-to/…``: how to use it, for everybody; ``/school/training/``: the administrators' quiz."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import Invalid
from manual.guides import find_guide, guides_at, own_guides, picture_of
from manual.quiz import PASS, Asked, asked_of, unanswered
from manual.selectors import best_of
from manual.workflow import take_quiz
from tenancy.models import Tenant
from ui.names import reads_chinese
from ui.navigation import at_desk
from ui.page_cache import keep
from ui.refusals import explain

BAD_FORM: Final = 422


@dataclass(frozen=True, slots=True)
class Told:
    """A question on the page: ``chosen`` is the value that was sent, ``is_right`` None before all are judged."""

    asked: Asked
    chosen: str
    is_missing: bool = False
    is_right: bool | None = None


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """Every page of this host; those of one's own roles first."""
    tenant: Tenant | None = getattr(request, "tenant", None)
    actor = getattr(request, "actor", None)
    own = own_guides(tenant, actor.roles) if actor else ()
    others = [guide for guide in guides_at(tenant) if guide not in own]
    return _kept(request, render(request, "manual/guides.html", {"own": own, "others": others}))


@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """One role's page, with its picture where one was taken in the reader's language.

    Whoever is signed in and has another role reads the same words, without links to pages that would not open.
    """
    found = find_guide(getattr(request, "tenant", None), slug)
    actor = getattr(request, "actor", None)
    may_go = actor is None or found.role is None or found.role in actor.roles
    picture = picture_of(slug, "zh" if reads_chinese() else "en")
    return _kept(request, render(request, "manual/guide.html", {"guide": found, "picture": picture, "may_go": may_go}))


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    tenant = getattr(request, "tenant", None)
    return keep(response, tenant) if tenant and not getattr(request, "actor", None) else response


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("quiz.take")
def training(request: ActingRequest) -> HttpResponse:
    """The quiz: asked, judged in one go, and why each answer is right. The page says what is kept."""
    asked = asked_of(request.actor.membership_id)
    given = {one.question.key: request.POST.get(one.question.key, "") for one in asked}
    right: int | None = None
    said: Any = None
    if request.method == "POST":
        try:
            right = take_quiz(actor=request.actor, answers=given, today=request.tenant.today())
        except Invalid as refused:
            said = explain(refused.reason, refused.params)
    missing = unanswered(asked, given) if said else ()
    context = {
        "questions": [
            Told(
                one,
                given[one.question.key],
                one.question.key in missing,
                None if right is None else given[one.question.key] == one.right,
            )
            for one in asked
        ],
        "right": right,
        "said": said,
        "best": best_of(request.actor.membership_id),
        "passed": PASS,
        "most": len(asked),
    }
    return render(
        request, "manual/training.html", at_desk(request, "school", **context), status=BAD_FORM if said else 200
    )
