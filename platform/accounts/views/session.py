"""allauth's views with stricter rules: sign out, e-mail address, and the link that confirms an address."""

from typing import Any

from allauth.account.views import ConfirmEmailView, EmailView, LogoutView
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User


class SignOutView(LogoutView):
    """Also for who is signed in without a place here: on a shared machine the next person would find the session."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As allauth's, with the person behind the session."""
        guest = getattr(request, "guest", None)
        if guest is not None:
            request.user = guest
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class AddressView(EmailView):
    """One address at a time: another one counts by its link, and by no button."""

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Nothing: allauth makes an unproved address count when none is proved (seen in 65.x)."""


class ProveAddressView(ConfirmEmailView):
    """The link proves a mailbox to the account that asked, so only that account may use it.

    Whoever gets such a letter without having asked would else give their address, and the places that wait for it, to
    a stranger's account by one click.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Anonymous → sign-in, and back."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.path)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_object(self, queryset: Any = None) -> Any:
        """The confirmation. Http404 for another account's, and for an address that somebody else has proved."""
        confirmation = super().get_object(queryset)
        asked = confirmation.email_address
        taken = User.objects.filter(email=asked.email).exclude(pk=asked.user_id).exists()
        if asked.user_id != self.request.user.pk or taken:
            raise Http404
        return confirmation
