"""The secret in a link that chooses a new password (``ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR``)."""

from typing import Any

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator


class ResetTokens(EmailAwarePasswordResetTokenGenerator):  # allauth has no types
    """allauth's. A link that was sent before an account was disabled sets no password while it is."""

    def check_token(self, user: Any, token: str | None) -> bool:
        """Whether ``token`` is good for ``user`` now."""
        return bool(user is not None and user.is_active) and bool(super().check_token(user, token))
