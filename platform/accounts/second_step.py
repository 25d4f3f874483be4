"""Checks the code of the second factor: each code signs in once, and tries are limited."""

from datetime import timedelta
from typing import Final

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt

from accounts.models import User
from accounts.tries import Try, once, take

KEPT: Final = timedelta(hours=1)
"""How long a used code is remembered: far beyond the minute and a half in which it could be shown again."""


def count(user: User) -> Try:
    """Count a try of the second step. ValidationError when there were too many."""
    tried = take(context.request, "second_step", key=str(user.pk))
    if tried is None:
        raise get_account_adapter().validation_error("too_many_login_attempts")
    return tried


def accept(user: User, code: str) -> Authenticator:
    """The authenticator of ``user`` that ``code`` is of; the code is used up by this.

    ValidationError for a wrong one, and for the app's code that was accepted before: it lives for as long as the
    tolerance lets it be right, a minute and a half, and whoever looked over a shoulder must not follow it in.
    """
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    for row in Authenticator.objects.filter(user_id=user.pk, type__in=kinds).order_by("-type"):
        if row.type == Authenticator.Type.TOTP:
            if accept_app_code(user, decrypt(row.data["secret"]), code):
                return row
        elif row.wrap().validate_code(code):  # locks its row and strikes the code off
            return row
    raise get_mfa_adapter().validation_error("incorrect_code")


def accept_app_code(user: User, secret: str, code: str) -> bool:
    """Whether an app with ``secret`` shows ``code`` about now; ValidationError when it was accepted before."""
    for step in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            if not once(f"totp|{user.pk}|{app_settings.TOTP_PERIOD}|{step}|{hotp_value(secret, step)}", kept=KEPT):
                raise get_mfa_adapter().validation_error("used_code")
            return True
    return False
