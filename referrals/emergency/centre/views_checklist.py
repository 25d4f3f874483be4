"""``/centre/emergency/signs/``: the signs that a report of anybody asks for; the centre edits them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.writer_form import WriterForm
from kernel.errors import DomainError
from referrals.emergency.models import ReportChecklist
from referrals.emergency.report_texts import DIMENSION_TEXTS, signs_of_school
from referrals.emergency.rules.reporting import Dimension
from referrals.emergency.workflow.checklist import reset_checklist, write_checklist
from ui.navigation import at_desk
from ui.refusals import explain


class ChecklistForm(WriterForm):
    """One field a dimension, one sign a line."""

    shows_all = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for dimension in Dimension:
            self.fields[dimension.value] = forms.CharField(
                label=DIMENSION_TEXTS[dimension],
                required=False,
                help_text=gettext_lazy("One sign a line, twelve at most"),
                widget=forms.Textarea(attrs={"rows": 6}),
            )

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What happened, and the next step."""
        told = explain(code)
        return _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step}

    def signs(self) -> dict[Dimension, list[str]]:
        """By dimension, a line each."""
        return {dimension: str(self.cleaned_data[dimension.value]).splitlines() for dimension in Dimension}


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.plans")
def signs(request: ActingRequest) -> HttpResponse:
    """Those asked for now; saved they are asked for at once."""
    if request.method == "POST" and request.POST.get("act") == "reset":
        if reset_checklist(actor=request.actor):
            messages.success(request, _("The signs of the product are asked for again."))
        else:
            messages.info(request, _("They are asked for already. Nothing was changed."))
        return redirect("emergency_signs")
    known = {dimension.value: "\n".join(texts) for dimension, texts in signs_of_school().items()}
    form = ChecklistForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        try:
            write_checklist(actor=request.actor, signs=form.signs())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. Reports ask for these from now on."))
            return redirect("emergency_signs")
    context = at_desk(request, "emergency", form=form, is_own=ReportChecklist.objects.exists())
    return render(request, "emergency/reports/signs.html", context, status=422 if form.errors else 200)
