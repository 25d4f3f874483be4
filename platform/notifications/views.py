"""消息 and how to be told. Reading a page marks nothing: that takes a button (GET changes nothing)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import role_required
from accounts.actor import ActingRequest
from notifications import inbox
from notifications.forms import PreferenceForm


@role_required("inbox.own")
@require_GET
def message_list(request: ActingRequest) -> HttpResponse:
    """The person's own messages, newest first."""
    unread_only = request.GET.get("unread") == "1"
    page = inbox.my_messages(
        request.actor, unread_only=unread_only, page=request.GET.get("page"), language=get_language() or ""
    )
    return render(
        request, "notifications/messages.html", {"page": page, "unread_only": unread_only, "quick_exit": True}
    )


@role_required("inbox.own")
@require_POST
def message_read(request: ActingRequest, message_id: UUID) -> HttpResponse:
    """Mark one as read and go where it points."""
    link = inbox.mark_read(actor=request.actor, message_id=message_id)
    return redirect(link or "notifications:messages")


@role_required("inbox.own")
@require_POST
def message_read_all(request: ActingRequest) -> HttpResponse:
    """Mark all as read."""
    inbox.mark_all_read(actor=request.actor)
    return redirect("notifications:messages")


@role_required("inbox.own")
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: ActingRequest) -> HttpResponse:
    """Which channels to add, by topic."""
    actor = request.actor
    form = PreferenceForm(request.POST or None, initial=inbox.preferences(actor), channels=inbox.choosable_channels())
    if request.method == "POST" and form.is_valid():
        inbox.set_preferences(actor=actor, chosen=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("notifications:preferences")
    return render(request, "notifications/preferences.html", {"form": form})
