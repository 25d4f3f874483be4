"""Asks who has no password to sign in once more before their sign-in settings change: an open screen must not move an account.

allauth asks for the password, or for the second factor, once more; of who has neither it asks nothing (seen in 65.x), and
its page for a first password asks nobody.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.middleware import signed_in_at
from kernel.clock import now

FIRST_PASSWORD: Final = "account_set_password"  # noqa: S105 - the name of an address
GUARDED: Final = frozenset(
    {
        FIRST_PASSWORD, "account_email", "account_tokens", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn",
    }
)  # fmt: skip
"""Addresses by which a way in is added, changed or taken off, a key for programs among them."""
LOOKED_AT: Final = frozenset({"account_email", "account_tokens"})
"""Those of them that show what there is to whoever does not change it."""


class FreshSignInMiddleware:
    """Before the pages of ``GUARDED``: a sign-in of the last ``ACCOUNT_REAUTHENTICATION_TIMEOUT`` seconds, where allauth asks
    for nothing itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """None lets the view answer."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        only_looks = name in LOOKED_AT and request.method in ("GET", "HEAD")
        if name not in GUARDED or only_looks or not request.user.is_authenticated or _is_fresh(request):
            return None
        ways = get_adapter().get_reauthentication_methods(request.user)
        if not ways:
            messages.info(
                request,
                _(
                    "Please sign out and in again. How you sign in can be changed in the five minutes after you signed in."
                ),
            )
            return redirect("account_logout")
        if name == FIRST_PASSWORD:
            return redirect(f"{ways[0]['url']}?{urlencode({'next': request.path})}")
        return None  # allauth asks


def _is_fresh(request: HttpRequest) -> bool:
    signed_in = signed_in_at(request)
    return signed_in is not None and now() - signed_in < timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
