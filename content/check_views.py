"""The centre's desk for texts: what waits to be read, one draft as readers will see it, and two answers."""

from contextlib import suppress
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.fields import ProseField, WholeField
from content.bodies import body_of
from content.checking import CHECKED, LONGEST_NOTE, Waiting, answered, say_checked, send_back, waiting, waiting_at
from content.models.checked import SecondReadPage
from content.textchecks import findings_of
from kernel.errors import NotFound
from ui.lists import ListPage, page_of
from ui.navigation import at_desk

PER_PAGE: Final = 20
OFFICE: Final = 60


class CheckedForm(forms.Form):
    """Says who stands behind the check: the office, as readers will see it."""

    revision = WholeField(widget=forms.HiddenInput)
    office = ProseField(label=gettext_lazy("Reviewed by"), max_length=OFFICE, help_text=gettext_lazy("An office, such as the counselling centre"))  # fmt: skip


class BackForm(forms.Form):
    revision = WholeField(widget=forms.HiddenInput)
    note = forms.CharField(label=gettext_lazy("What should be changed?"), max_length=LONGEST_NOTE, widget=forms.Textarea)  # fmt: skip


@require_safe
@role_required("content.check")
def texts(request: ActingRequest) -> HttpResponse:
    """Drafts that editors have called ready, those about a crisis first."""
    page: ListPage[Waiting] = page_of(waiting_at(request.actor.tenant_id), request.GET.get("page"), PER_PAGE)
    return render(request, "content/check/texts.html", at_desk(request, "centre", page=page))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("content.check")
def text(request: ActingRequest, page_id: int) -> HttpResponse:
    """One draft, and both answers. A refusal is told on the page of the house."""
    form: forms.Form = CheckedForm(request.POST) if request.method == "POST" else CheckedForm()
    if request.method == "POST" and form.is_valid():
        with suppress(NotFound):  # it waits no longer, which is told below
            draft = say_checked(
                actor=request.actor, user=request.user, page_id=page_id, revision=form.cleaned_data["revision"],
                office=form.cleaned_data["office"], today=request.tenant.today(),
            )  # fmt: skip
            messages.success(request, _("Written in. The editors publish “%(title)s” now.") % {"title": draft.title})
            return redirect("texts_to_check")
    found = _waiting(request, page_id)
    if isinstance(found, HttpResponse):
        return found
    if request.method != "POST":
        form = CheckedForm(initial={"revision": found.revision, "office": _("Psychological centre")})
    return render(request, "content/check/text.html", _context(request, found, form=form))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("content.check")
def back(request: ActingRequest, page_id: int) -> HttpResponse:
    """A word to the editors on what to change."""
    form: forms.Form = BackForm(request.POST) if request.method == "POST" else BackForm()
    if request.method == "POST" and form.is_valid():
        with suppress(NotFound):
            send_back(
                actor=request.actor, user=request.user, page_id=page_id, revision=form.cleaned_data["revision"],
                note=form.cleaned_data["note"],
            )  # fmt: skip
            messages.success(request, _("Given back to the editors, with your words."))
            return redirect("texts_to_check")
    found = _waiting(request, page_id)
    if isinstance(found, HttpResponse):  # what became of it stands at one address
        return found if request.method == "POST" else redirect("text_to_check", page_id=page_id)
    if request.method != "POST":
        form = BackForm(initial={"revision": found.revision})
    return render(request, "content/check/back.html", _context(request, found, form=form))


def _waiting(request: ActingRequest, page_id: int) -> Waiting | HttpResponse:
    """The draft; where it waits no longer, the page that says what became of it. NotFound for what is not the school's."""
    try:
        return waiting(request.actor.tenant_id, page_id)
    except NotFound:
        told = answered(request.actor.tenant_id, page_id)
    context = at_desk(request, "centre", told=told, is_checked=told.act == CHECKED)
    return render(request, "content/check/answered.html", context, status=409 if request.method == "POST" else 200)


def _context(request: HttpRequest, found: Waiting, **more: Any) -> dict[str, Any]:
    draft = found.draft
    return at_desk(
        request,
        "centre",
        is_second_read=isinstance(draft, SecondReadPage),
        draft=draft,
        body=body_of(draft, None),
        findings=findings_of(draft),
        **more,
    )
