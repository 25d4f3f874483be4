"""``…/progress/<kind>/``: how it goes on, for a party outside that still helps (chain §3)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import DomainError, NotFound
from referrals.emergency.centre.choices import ChainForm
from referrals.emergency.centre.incident_forms import MOST_WORDS
from referrals.emergency.centre.views_follow_up import known
from referrals.emergency.incident_texts import LEG_TEXTS
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.workflow.progress import MOST_PROGRESS, helps, write_progress


class ProgressForm(ChainForm):
    """What they read, and the person's yes."""

    elsewhere = "words"
    words = forms.CharField(
        label=gettext_lazy("How it goes on"),
        max_length=MOST_PROGRESS,
        help_text=gettext_lazy(
            "What they can still do, and when. No diagnosis, nothing of the talks; their link shows no name."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    agreed_how = forms.CharField(
        label=gettext_lazy("How and when the person agreed"),
        max_length=MOST_WORDS,
        help_text=gettext_lazy("Only the centre and who is on duty read this."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("incident.follow")
def progress(request: ActingRequest, incident_id: UUID, kind: str) -> HttpResponse:
    """Written anew each time; they are telephoned that there is something to read."""
    one = known(request, incident_id)
    if kind not in {leg.kind for leg in helps(one)}:
        raise NotFound
    form = ProgressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            write_progress(actor=request.actor, incident_id=one.pk, kind=kind, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Kept. Please telephone them: the link that they had shows it for two weeks."))
            return redirect("emergency_support", incident_id)
    context = {
        "title": _("A word for who still helps"),
        "lead": _("It stands behind the link that they had, for two weeks at most. Nothing is sent."),
        "facts": [(_("Number"), one.number), (pgettext("progress", "For"), LEG_TEXTS[LegKind(kind)])],
        "form": form,
        "confirm_label": pgettext("progress", "Put it on their card"),
        "back_url": reverse("emergency_support", args=[incident_id]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
