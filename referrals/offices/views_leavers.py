"""``/school/left/``: who has left within the days in which bookings still run, and another link for one of them (books §4).

The page tells nothing of bookings: everybody who left stands here alike, and a link goes to the person's own address alone.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.models import Membership
from accounts.search import contains
from kernel.errors import NotFound
from referrals.missed import UNRESOLVED_FOR, last_day_of_terms
from referrals.rules import last_day_of_leaver
from referrals.workflow.leaver_links import open_until, send_link_again
from ui.lists import Column, Listing, Nothing
from ui.navigation import at_desk
from ui.templatetags.ui import school_day

if TYPE_CHECKING:
    from referrals.offices.shown import ListedLeaver


class LeaverFilter(forms.Form):
    """By GET."""

    q = forms.CharField(
        label=pgettext_lazy("somebody who left", "Name"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "search"}),
    )


class LeaverList(Listing[Membership, "ListedLeaver"]):
    """People who left within ``leaver_days`` and the terms after them, the latest first; ``?q=&page=``."""

    form = LeaverFilter
    file_route, file_name = "school_leavers_csv", "left"
    export, object_type = "member.export", "accounts.membership"
    columns = (
        Column["ListedLeaver"](pgettext_lazy("somebody who left", "Name"), lambda row: row.name),
        Column(gettext_lazy("Last day"), lambda row: row.left_on),
        Column(gettext_lazy("Page open until"), lambda row: row.open_until),
    )
    nothing = Nothing(
        gettext_lazy("Nobody has left lately"),
        gettext_lazy(
            "Whoever leaves stands here for the days in which what they booked still runs, and four more for answers."
        ),
        "people",
    )
    nothing_found = Nothing(gettext_lazy("Nobody found"), gettext_lazy("Try another word."), "search")

    def rows(self) -> QuerySet[Membership]:
        """Only places that somebody had taken: nobody else can have booked."""
        today, days = self.request.tenant.today(), self.request.tenant.settings.leaver_days
        rows: QuerySet[Membership] = Membership.objects.filter(
            user__isnull=False, left_on__lt=today, left_on__gte=today - timedelta(days=days) - 2 * UNRESOLVED_FOR
        )
        if self.wanted["q"]:
            rows = rows.filter(contains(self.wanted["q"], "name"))
        return rows.order_by("-left_on", "pk")

    def shown(self, rows: list[Membership]) -> "list[ListedLeaver]":
        """With the last day on which a page can be open."""
        found = cast("list[ListedLeaver]", rows)
        for row in found:
            last = last_day_of_leaver(cast(date, row.left_on), self.request.tenant.settings.leaver_days)
            row.open_until = last_day_of_terms(last)
        return found


@require_safe
@role_required("leaver.link")
def leavers(request: ActingRequest) -> HttpResponse:
    """The list."""
    return render(request, "referrals/office/leavers.html", at_desk(request, "school", **LeaverList(request).context()))


@require_safe
@role_required("leaver.link")
def leavers_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file."""
    return LeaverList(request).file()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("leaver.link")
def send(request: ActingRequest, membership_id: UUID) -> HttpResponse:
    """What sending another link means, then the button."""
    back = reverse("school_leavers")
    if request.method == "POST":
        send_link_again(actor=request.actor, tenant=request.tenant, membership_id=membership_id)
        messages.success(
            request, _("Where something still runs, a new link is on its way to the person's own address.")
        )
        return redirect(back)
    member = Membership.objects.filter(pk=membership_id).first()
    until = open_until(request.tenant, member) if member is not None else None
    if member is None or until is None:
        raise NotFound
    context = {
        "title": _("Send a new link?"),
        "facts": [
            (pgettext("somebody who left", "Name"), member.name),
            (_("Last day"), school_day(member.left_on)),
            (_("Page open until"), school_day(until)),
        ],
        "lead": _(
            "It goes to the e-mail address that the person has proved, and the link before it ends. Whether anything is booked is not said here: if nothing runs, nothing is sent. Who has no such address signs in as before, at /left/."
        ),
        "confirm_label": _("Send the link"),
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)
