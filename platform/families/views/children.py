"""Children of a member of the staff: entered once, used by requests for care."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from families.access import access_child
from families.forms import ChildForm
from families.selectors import is_shared
from families.texts import see_child
from families.views.back import way_back
from families.workflow import change_child, register_child, release_child
from kernel.errors import DomainError

BAD_FORM = 422


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("child.own")
def child_new(request: ActingRequest) -> HttpResponse:
    """Enter a child; ``next`` is the page of ours to come back to, such as a request that needs the child."""
    form = ChildForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            child = register_child(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            if is_shared(child):
                messages.info(
                    request,
                    _("The other parent has already entered this child. It is counted once, and you both can use it."),
                )
            else:
                messages.success(request, _("Saved. You can choose the child in a request now."))
            return redirect(way_back(request) or reverse("my_family"))
    return _form_page(request, form, next=way_back(request))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("child.own")
def child_change(request: ActingRequest, child_id: UUID) -> HttpResponse:
    """Correct a slip in the name or the date of birth."""
    child = access_child(request.actor, child_id)
    form = ChildForm(request.POST or None, initial={"name": child.name, "born": child.born}, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            change_child(actor=request.actor, child_id=child.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("my_family")
    return _form_page(request, form, child=child)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("child.own")
def child_remove(request: ActingRequest, child_id: UUID) -> HttpResponse:
    """Take a child off one's own list."""
    child = access_child(request.actor, child_id)
    if request.method == "POST":
        release_child(actor=request.actor, child_id=child.pk)
        messages.success(request, _("The child is off your list."))
        return redirect("my_family")
    context = {
        "title": _("Take this child off your list?"),
        "lead": _("New requests can no longer choose it. Requests already sent keep it, and the other parent keeps it too."),
        "facts": [(_("Name"), child.name)],
        "confirm_label": _("Take off the list"),
        "back_url": reverse("my_family"),
    }  # fmt: skip
    return render(request, "ui/confirm.html", context)


def _form_page(request: ActingRequest, form: ChildForm, **more: Any) -> HttpResponse:
    context = {"form": form, "see_rows": see_child(), **more}
    return render(request, "families/mine/child_form.html", context, status=BAD_FORM if form.errors else 200)
