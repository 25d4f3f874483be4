"""What is pressed once more after it is over, by Back or by a second hand: said calmly, with how it stands now; nothing moves."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actor import ActingRequest
from accounts.refused import remember
from audit.models import AuditEntry
from kernel.errors import Conflict, IllegalMove, NotFound
from ui.refusals import explain

View = Callable[..., HttpResponse]

OVER: Final = frozenset(
    {
        "duties_over", "duty_is_yours", "hand_over_done", "plan_is_used", "seat_over", "shift_begun", "shift_not_running",
        "swap_begun", "switch_needs_another",
    }
)  # fmt: skip
"""Conflicts that say only that it was done, or has begun, meanwhile. Every other one stays an answer of its own."""


def already_done(request: ActingRequest, route: str, *args: Any) -> HttpResponse:
    """No reproach: it is done, and how it stands now."""
    messages.info(request, _("This was done already. Here is how it stands now."))
    return redirect(route, *args)


def calm_when_over(
    route: str, *, key: str = "", removed: tuple[str, str] | None = None, is_own: bool = False
) -> Callable[[View], View]:
    """For a view that asks before an act: a second press leads to ``route`` and says so.

    ``removed``: (object, act) of the record by which a row went that ``key`` of the address names; what never was stays
    NotFound, so that an id of elsewhere is answered as a missing one. ``is_own``: what somebody else removed is missing too.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def calm(request: ActingRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except IllegalMove as error:
                remember(error)
                return already_done(request, route)
            except Conflict as error:
                if error.reason not in OVER:
                    raise
                remember(error)
                told = explain(error.reason, error.params)
                messages.info(request, _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step})
                return redirect(route)
            except NotFound:
                by = {"actor_id": request.actor.user_id} if is_own else {}
                if removed is None or not _was_removed(*removed, str(kwargs[key]), by):
                    raise
                return already_done(request, route)

        return calm

    return decorate


def _was_removed(object_type: str, action: str, object_id: str, by: Mapping[str, Any]) -> bool:
    """Of the open school's record: of another school nothing is found."""
    return AuditEntry.objects.filter(object_type=object_type, object_id=object_id, action=action, **by).exists()
