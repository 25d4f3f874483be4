"""``Authorization: Token …`` for the API (contract §API). Sets ``request.actor`` as the session's middleware does."""

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.places import SecondFactorNeeded, admit
from accounts.tokens import living_token


class TokenAuthentication(BaseAuthentication):
    """A key works on the host it was made for, for as long as its owner belongs there."""

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """None without such a header; AuthenticationFailed (one text for every cause) when it does not fit.

        SecondFactorNeeded for a key that fits, of a person who first has to set up a second factor.
        """
        header = get_authorization_header(request).split()
        if not header or header[0].lower() != self.keyword.lower().encode():
            return None
        http: HttpRequest = request._request
        tenant = getattr(http, "tenant", None)
        try:
            raw = header[1].decode("ascii") if len(header) == 2 else ""
        except UnicodeDecodeError:
            raw = ""
        found = living_token(raw, tenant) if raw and tenant is not None else None
        if found is None or tenant is None:
            raise AuthenticationFailed
        token, known = found
        actor = admit(tenant, token.user, came_in=token.created_at, known=known)
        if actor is None:
            raise AuthenticationFailed
        http.actor = actor  # type: ignore[attr-defined]
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Makes a refusal a 401 instead of a 403."""
        return self.keyword


class MemberSessionAuthentication(SessionAuthentication):
    """The session of a person who has a place on this host, with a browser's CSRF check."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """None when nobody who belongs here is signed in; SecondFactorNeeded for who still has to set one up."""
        if getattr(request._request, "half_signed_in", False):
            raise SecondFactorNeeded
        if getattr(request._request, "actor", None) is None:
            return None
        answer: tuple[User, None] | None = super().authenticate(request)
        return answer
