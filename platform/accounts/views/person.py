"""One's own page: what the school says, and what one proves oneself."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.actor import ActingRequest
from accounts.elsewhere import other_schools
from accounts.forms import PasswordAgainForm, PhoneCodeForm, PhoneForm
from accounts.models import Membership, User
from accounts.phone_proof import ask_code, is_offered, prove, remove_phone
from accounts.tries import Try, take
from kernel.errors import DomainError, NotFound, TooMany
from vault.phones import mask_phone


@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: ActingRequest) -> HttpResponse:
    """Name, number and department as the school has them; the own telephone number, proved by a code sent to it."""
    user = _own(request)
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tried = _limited(request, user)
        try:
            person, number, code = ask_code(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            if error.reason != "password_wrong":
                tried.give_back()
            form.refuse(error)
        else:
            tried.give_back()
            if not all(take(request, "phone_code", key=key) for key in (f"by|{user.pk}", f"to|{number}")):
                raise TooMany("too_many")
            get_adapter(request).send_verification_code_sms(person, number, code)
            return redirect("account_phone_code")
    member = Membership.objects.select_related("department").filter(pk=request.actor.membership_id).first()
    context = {
        "form": form,
        "school_number": mask_phone(member.phone) if member else "",
        "offered": is_offered(),
        "person": user,
        "number": mask_phone(user.phone),
        "is_old_proof": bool(user.phone) and not user.proved_phone(),
        "shown_name": request.actor.display_name,
        "member": member,
        "other_schools": other_schools(request),
    }
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def phone_remove(request: ActingRequest) -> HttpResponse:
    """Forget the number, confirmed by the password."""
    user = _own(request)
    form = PasswordAgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tried = _limited(request, user)
        try:
            remove_phone(actor=request.actor, password=form.cleaned_data["password"])
        except DomainError as error:
            form.refuse(error)
        else:
            tried.give_back()
            messages.success(request, _("The number was removed."))
            return redirect("account_profile")
    context = {"form": form, "number": mask_phone(user.phone)}
    return render(request, "accounts/phone_remove.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def phone_code(request: ActingRequest) -> HttpResponse:
    """Type the code that was sent. The page is the same whether the number was another account's or nobody's."""
    user = _own(request)
    form = PhoneCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tried = _limited(request, user)
        try:
            before = prove(actor=request.actor, code=form.cleaned_data["code"])
        except DomainError as error:
            form.refuse(error)
        else:
            tried.give_back()
            if before is not None:
                get_adapter(request).send_number_gone(before)
            messages.success(request, _("The number is yours: you can sign in with it."))
            return redirect("account_profile")
    return render(request, "accounts/phone_code.html", {"form": form}, status=422 if form.errors else 200)


def _own(request: ActingRequest) -> User:
    if request.actor.user_id is None:
        raise NotFound
    return User.objects.get(pk=request.actor.user_id)


def _limited(request: ActingRequest, user: User) -> Try:
    """One limit for every place that asks for the password again, or for a code; given back unless the secret was wrong."""
    tried = take(request, "password_again", user=user)
    if tried is None:
        raise TooMany("too_many")
    return tried
