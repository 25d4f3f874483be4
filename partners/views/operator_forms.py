"""Shared by the operator's forms: finding the institution, showing and saving a form, the text about open appointments."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from kernel.errors import Conflict, Invalid, NotFound
from partners.booked import OpenBooking
from partners.forms import WriterForm
from partners.models import Institution
from ui.confirm import goes_back
from ui.navigation import at_desk

FEW: Final = 5
"""A smaller number of appointments is not told: it could point at somebody (rules §5)."""


def access_institution(slug: str) -> Institution:
    """The institution of the address; NotFound when there is none."""
    institution = Institution.objects.filter(slug=slug).first()
    if institution is None:
        raise NotFound
    return institution


def form_page(
    request: HttpRequest,
    form: WriterForm,
    *,
    heading: str,
    back_url: str,
    write: Callable[[dict[str, Any]], str | HttpResponse],
    notice: str = "",
    facts: Sequence[tuple[Any, Any]] = (),
    submit: str = "",
) -> HttpResponse:
    """Show ``form``; when it is sent and right, ``write`` it and go where that says (or show the page that it gives).

    ``facts`` say of whom or what the form speaks: the heading, being the page's title too, names nobody.
    ``submit`` stands on the button instead of "Save".
    """
    if request.method == "POST" and not goes_back(request) and form.is_valid():
        try:
            target = write(form.cleaned_data)
        except (Invalid, Conflict) as error:
            form.refuse(error)
        else:
            if isinstance(target, HttpResponse):
                return target
            messages.success(request, _("Saved."))
            return redirect(target)
    shown = {"form": form, "heading": heading, "back_url": back_url, "notice": notice, "facts": facts, "submit": submit}
    context = at_desk(request, "operator", **shown)
    return render(request, "partners/form.html", context, status=422 if form.errors else 200)


def booked_text(found: Sequence[OpenBooking]) -> str:
    """How many appointments, and until when: ``12, the last one on 2026-12-24``."""
    if not found:
        return _("None")
    last = max(row.day for row in found).isoformat()
    if len(found) < FEW:
        return _("Fewer than %(few)s, the last one on %(day)s") % {"few": FEW, "day": last}
    return _("%(number)s, the last one on %(day)s") % {"number": len(found), "day": last}
