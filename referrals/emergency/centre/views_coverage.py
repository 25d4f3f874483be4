"""``/union/contacts/`` and ``/centre/contacts/``: how many of the staff have somebody who would be called. Never who.

Two offices work at it; a head of department does not see it, and no office sees a name.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from disclosure.sentences import spaced
from referrals.emergency.rules.contacts import ASK_AGAIN
from referrals.emergency.selectors import coverage, lately_asked, missing_people, reached_people
from referrals.emergency.workflow.asking import ask_missing
from ui.navigation import at_desk


@require_safe
@role_required("contact.coverage")
def covered(request: ActingRequest, office: str) -> HttpResponse:
    """The whole, the departments that are large enough, and how many can be asked now."""
    fewest = request.tenant.settings.fewest_people
    reached = reached_people(request.tenant.today())
    found = coverage(request.tenant.today(), fewest=fewest, reached=reached)
    askable = len(_askable(request, reached))
    context = {
        "found": found,
        "may_be_asked": askable,
        "left_alone": found.whole.missing - askable,
        "fewest": fewest,
        "days": ASK_AGAIN.days,
        "ask_url": reverse(f"{office}_contacts_ask"),
    }
    return render(request, "emergency/coverage/covered.html", at_desk(request, office, **context))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.coverage")
def ask(request: ActingRequest, office: str) -> HttpResponse:
    """How many would be asked, what they read, then the button."""
    back_url = reverse(f"{office}_contacts")
    if request.method == "POST":
        done = ask_missing(actor=request.actor)
        said = ngettext("%(n)d person was asked.", "%(n)d people were asked.", done.asked) % {"n": done.asked}
        if done.lately:
            left = ngettext(
                "%(n)d was asked a few days ago and is left alone.",
                "%(n)d were asked a few days ago and are left alone.",
                done.lately,
            )
            said = spaced([said, left % {"n": done.lately}])
        messages.success(request, said)
        return redirect(back_url)
    many = len(_askable(request))
    if not many:
        return redirect(back_url)
    title = ngettext("Ask %(n)d person?", "Ask %(n)d people?", many) % {"n": many}
    facts: list[tuple[Any, Any]] = [
        (
            _("Who"),
            _("Everybody without a contact who agreed, and not asked within %(days)d days") % {"days": ASK_AGAIN.days},
        ),
        (pgettext("contact", "Where"), _("In their messages here, once")),
        (_("They read"), _("Please name an emergency contact")),
    ]
    context = {
        "title": title,
        "lead": _("Nobody sees who was asked, and nobody has to answer."),
        "facts": facts,
        "confirm_label": _("Ask them"),
        "back_url": back_url,
    }
    return render(request, "ui/confirm.html", context)


def _askable(request: ActingRequest, reached: Collection[UUID] | None = None) -> set[Any]:
    missing = {member.pk for member in missing_people(request.tenant.today(), reached).only("pk")}
    return missing - lately_asked(missing)
