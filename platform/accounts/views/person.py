"""One's own page: what the school says, and what one changes oneself; and the link of an invitation."""

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.actor import ActingRequest
from accounts.forms import PhoneForm
from accounts.invitations import accept, invited
from accounts.models import Membership, User
from accounts.profile import change_phone
from accounts.tries import take
from kernel.errors import DomainError, NotFound, TooMany


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: ActingRequest) -> HttpResponse:
    """Name, number and department as the school has them; the telephone number to change, confirmed by the password."""
    if request.actor.user_id is None:
        raise NotFound
    user = User.objects.get(pk=request.actor.user_id)
    form = PhoneForm(request.POST or None, initial={"phone": user.phone})
    if request.method == "POST" and form.is_valid():
        tried = take(request, "password_again", user=user)  # one limit for every place that asks
        if tried is None:
            raise TooMany("too_many")
        try:
            change_phone(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            if error.reason != "password_wrong":
                tried.give_back()
            form.refuse(error)
        else:
            tried.give_back()
            messages.success(request, _("Saved."))
            return redirect("account_profile")
    member = Membership.objects.select_related("department").filter(pk=request.actor.membership_id).first()
    context = {"form": form, "person": user, "member": member}
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the first password. A link that is wrong, used or too old always gets the same page."""
    tenant = getattr(request, "tenant", None)
    if tenant is None:
        raise NotFound
    try:
        user = invited(token, tenant)
        form = SetPasswordForm(user, request.POST or None)
        if request.method == "POST" and form.is_valid():
            accept(token=token, tenant=tenant, password=form.cleaned_data["new_password1"])
            messages.success(request, _("Your password is set. Please sign in."))
            return redirect("account_login")
    except NotFound:
        return render(request, "accounts/invitation_ended.html", status=404)
    except ValidationError as error:  # the account changed between the two looks
        form.add_error("new_password2", error)
    return render(request, "accounts/invitation.html", {"form": form}, status=422 if form.errors else 200)
