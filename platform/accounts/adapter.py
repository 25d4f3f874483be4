"""What allauth asks of us: who may sign in where, how a telephone number is kept, where one lands."""

import base64
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.elsewhere import schools_of
from accounts.entry import may_enter
from accounts.known_by import numbers_changed
from accounts.middleware import after_answer
from accounts.models import PHONE_FIELDS, User, phone_index
from accounts.places import actor_at, home_of
from accounts.tokens import end_keys, living_keys
from accounts.tries import Try, clear, take
from kernel.clock import now
from kernel.errors import Invalid
from kernel.fold import fold_email
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from vault.keyring import GLOBAL_TENANT
from vault.phones import normalise_phone
from vault.sealed import seal, unseal

_NOWHERE = "0.0.0.0"  # noqa: S104 - the name of one counter, no address that is bound
logger = logging.getLogger(__name__)

NO_ENTRY = _("The account or the password is not right. Check both, or ask for a sign-in code.")


class PhoneField(forms.CharField):
    """A telephone number as people here write it: 138 0013 8000."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})

    def clean(self, value: Any) -> str:
        """In E.164 form. ValidationError when it is not a number."""
        text = super().clean(value)
        if not text:
            return ""
        try:
            return normalise_phone(text)
        except Invalid as error:
            raise ValidationError(_("This is not a telephone number."), code="phone_invalid") from error


class AccountAdapter(DefaultAccountAdapter):  # allauth has no types
    """Sign-up is closed; every failed sign-in says the same; a telephone number lies sealed."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # One text for every way to fail, or the text would tell which addresses exist.
        "email_password_mismatch": NO_ENTRY,
        "phone_password_mismatch": NO_ENTRY,
        "username_password_mismatch": NO_ENTRY,
        "invalid_login": NO_ENTRY,
        "unknown_email": NO_ENTRY,
        "unknown_phone": NO_ENTRY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a school's roster or an invitation makes accounts."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where a request comes from, for the limits by address. Behind a socket, or a proxy that says nothing, all share
        one counter: allauth would answer a bare 403 instead.
        """
        try:
            address: str = super().get_client_ip(request)
        except PermissionDenied:
            return _NOWHERE
        return address

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The desk of the person's first role on this host; who has none yet is shown the place that waits."""
        actor = _actor(request)
        return home_of(actor) if actor is not None else reverse("account_place")

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Refuses, with one text for all causes, whoever has no place here, taken or waiting; also for codes and passkeys."""
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if response is None and not may_enter(request, user):
            messages.error(request, NO_ENTRY)
            return redirect("account_login")
        return response

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """allauth's own key knows no telephone (all of them would share one bucket) and differs from host to host."""
        login = credentials.get("email") or credentials.get("phone") or credentials.get("username") or ""
        try:
            login = normalise_phone(login)
        except Invalid:
            login = fold_email(login)
        return f"login:{login}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Before the password is checked: whether this account may be tried from here.

        The narrow limit comes first, and a try it refuses is not counted against the account. Both are the same for an
        address that nobody has. All are counted in the database (``accounts.tries``), not in allauth's cache.
        """
        login = self._get_login_attempts_cache_key(request, **credentials)
        here = take(request, "login_failed_here", key=self._here(request, login))
        if here is None:
            raise self.validation_error("too_many_login_attempts")
        anywhere = take(request, "login_failed", key=login)
        if anywhere is None:
            here.give_back()  # no password was looked at: others' tries from this place cost this account nothing
            raise self.validation_error("too_many_login_attempts")
        self._tries: tuple[Try, ...] = (here, anywhere)

    def _rollback_login_failed_rl_usage(self) -> None:
        """The password was right: the try counts nowhere."""
        for tried in getattr(self, "_tries", ()):
            tried.give_back()

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """A new password was set with a link: the person starts anew, here and everywhere."""
        login = self._get_login_attempts_cache_key(request, **credentials)
        clear(request, "login_failed", key=login)
        clear(request, "login_failed_here", key=self._here(request, login))

    def _here(self, request: HttpRequest, login: str) -> str:
        """One account from one place; of an IPv6 address the network counts, as it does for allauth."""
        return f"{ratelimit.get_ip(request)}|{login}"

    def set_password(self, user: User, password: str, *, keeps_keys: bool = False) -> None:
        """Called by every page of allauth that writes a password. Ends the person's access keys on every host."""
        with transaction.atomic():
            super().set_password(user, password)
            ended = 0 if keeps_keys else end_keys(user)
        if ended:
            sentence = ngettext(
                "%(n)s access key for programs was ended.", "%(n)s access keys for programs were ended.", ended
            )
            self.add_message(self.request, messages.INFO, message=sentence % {"n": ended})

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """As allauth's; the words about a new password also say whether keys of programs still work."""
        said = {"living_keys": living_keys(user).count(), **(context or {})}
        super().send_notification_mail(template_prefix, user, said, email)

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """The account's own address never: another takes its place once it is proved, or the account would be left with
        one that waits for its link, or with none.
        """
        return not email_address.primary and email_address.email != email_address.user.email

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        """The field shown and used to tell a number from an address."""
        return PhoneField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        """In E.164 form."""
        return PhoneField().clean(phone)

    def get_user_by_phone(self, phone: str) -> User | None:
        """By blind index, among numbers that a code has proved. None for an unknown or unreadable number."""
        try:
            number = normalise_phone(phone)
        except Invalid:
            return None
        return User.objects.filter(phone_hash=phone_index(number), phone_verified=True).first()

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """The number and whether a code proved it."""
        number = user.phone
        return (number, user.phone_verified) if number else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        """Keep the number, sealed. One that no code has proved is not kept (``accounts.phone_proof`` proves it)."""
        if verified:
            user.keep_proved_phone(phone)
            user.save(update_fields=PHONE_FIELDS)
            for school in schools_of(user.pk):
                numbers_changed(school)

    def set_phone_verified(self, user: User, phone: str) -> None:
        """A code sent to the number signed its owner in: that proves it anew. Who has lost it meanwhile gets it not back."""
        User.objects.filter(pk=user.pk, phone_hash=phone_index(phone)).update(phone_proved_at=now())

    def send_number_gone(self, user: User) -> None:
        """Tell ``user`` that somebody else has proved the number: not who, nor where, so not in a school's name either."""
        if user.email:
            with override(user.language):
                self.send_mail("account/email/number_gone", user.email, {"user": user})

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        """Hand the code to the channel named by ``settings.SIGN_IN_SMS``; without one nothing leaves."""
        if not settings.SIGN_IN_SMS:
            logger.warning("a sign-in code by SMS was asked for, but no channel is set")
            return
        self._afterwards(partial(import_string(settings.SIGN_IN_SMS), phone=phone, code=code))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write and send after the answer has gone out: only a known address is written to, and the time that takes,
        or a mail server that is down, would tell a stranger which address is known (promise S3).
        """
        self._afterwards(partial(super().send_mail, template_prefix, email, context))

    def _afterwards(self, act: Callable[[], None]) -> None:
        """``act`` once the answer has gone out, in the school, the language and the request of this moment."""
        request, language = self.request, get_language()
        tenant: Tenant | None = getattr(request, "tenant", None)
        if request is None or tenant is None:
            act()
            return

        def late() -> None:
            with request_context(request), use_tenant(tenant.id), override(language):
                try:
                    act()
                except Exception as error:  # noqa: BLE001 - nobody stands above: the answer is out already
                    logger.error("a message about an account could not be sent: %s", type(error).__name__)

        after_answer(request, late)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the second factor's secret sealed, so that a stolen database signs nobody in."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "used_code": _(
            "These figures were used already. Wait for the next ones; the app shows new ones every half minute."
        ),
    }

    _TABLE, _FIELD = "mfa_authenticator", "data"

    def encrypt(self, text: str) -> str:
        """A token in base 64."""
        return base64.b64encode(seal(GLOBAL_TENANT, self._TABLE, "", self._FIELD, text)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. ``vault.cipher.Unreadable`` when it was altered."""
        return unseal(GLOBAL_TENANT, self._TABLE, "", self._FIELD, base64.b64decode(encrypted_text))

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """What a passkey is called until the person names it: "master key" would promise too much."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Device %(number)s") % {"number": number}


def _actor(request: HttpRequest) -> Actor | None:
    """The actor of a person who has just signed in: the middleware ran before they had."""
    user = request.user
    tenant = getattr(request, "tenant", None)
    return actor_at(tenant, user) if tenant is not None and isinstance(user, User) else None


def display_name(user: User) -> str:
    """What allauth's pages and mails call a person."""
    return user.full_name or user.email or ""
