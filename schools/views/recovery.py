"""``/operator/second-step/``: takes a lost second factor off an account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import DomainError
from people.lost_factor import take_off_second_factor
from schools.forms import LostFactorForm
from ui.navigation import at_desk


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("account.recover")
def second_step(request: ActingRequest) -> HttpResponse:
    """What it means, whose account, and how it was made sure who asks. The answer is the same for every address."""
    form = LostFactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            take_off_second_factor(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(
                request, _("Done, if there is an account with this address. Its owner has been written to.")
            )
            return redirect("operator_second_step")
    context = at_desk(request, "operator", form=form)
    return render(request, "schools/second_step.html", context, status=422 if form.errors else 200)
