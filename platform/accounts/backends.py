"""Password check that also asks whether the person belongs to the host (house §Tenancy: a host is not a membership)."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.entry import may_enter
from accounts.models import User


class HostBackend(AuthenticationBackend):  # allauth has no types
    """Checks the password and the place on the host; a foreign host is answered exactly as a wrong password."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """The user when password and place fit; None otherwise."""
        user: User | None = super().authenticate(request, **credentials)
        if user is None or (request is not None and not may_enter(request, user)):
            return None
        return user

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        """As allauth's, but by a proved address only (ADR 0010): one that waits for its link signs nobody in."""
        for user in User.objects.with_address(email):
            found: User | None = self._check_password(user, password)
            if found is not None:
                return found
        return None
