"""``/school/settings/``: what a school decides for itself (rules.md ⚙)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import DomainError
from schools.forms import SettingsForm
from schools.workflow import save_settings
from tenancy.models import Tenant
from ui.navigation import at_desk


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("setting.manage")
def school_settings(request: ActingRequest) -> HttpResponse:
    """The duty line, and the rules that have an effect today."""
    # Read anew: what a host stands for is remembered for seconds (tenancy.hosts), and the help bar of this page is the
    # first place where a change is looked for.
    request.tenant = Tenant.objects.get(pk=request.tenant.pk)
    form = SettingsForm(
        request.POST if request.method == "POST" else None, initial=SettingsForm.initial_of(request.tenant)
    )
    if form.is_valid():
        line = {name: form.cleaned_data[name] for name in form.LINE}
        try:
            save_settings(actor=request.actor, rules=form.rules(), **line)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("school_settings")
    return render(
        request,
        "schools/school_settings.html",
        at_desk(request, "school", form=form),
        status=422 if form.errors else 200,
    )
