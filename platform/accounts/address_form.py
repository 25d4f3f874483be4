"""Forms that ask for one's e-mail address. Changing it: the new one counts when the link sent to it has been used."""

from typing import Any

from allauth.account.forms import AddEmailForm, ResetPasswordForm
from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest

from accounts.fields import EmailField
from accounts.models import User


class AddressForm(AddEmailForm):  # allauth has no types
    """allauth takes an unproved address for the one that is being left and removes it (seen in 65.x): the account would
    lose its address. Here the school vouches for the present one, so it is proved before another is asked for.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = EmailField.like(self.fields["email"])

    @transaction.atomic
    def save(self, request: HttpRequest) -> Any:
        """The row of the address that waits for its link."""
        if self.user.email:
            EmailAddress.objects.filter(email=self.user.email).exclude(user=self.user).delete()
            EmailAddress.objects.update_or_create(
                user=self.user, email=self.user.email, defaults={"verified": True, "primary": True}
            )
        return super().save(request)


class ForgottenForm(ResetPasswordForm):
    """Asking for a link to choose a new password: the address in any spelling."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = EmailField.like(self.fields["email"])

    def clean_email(self) -> str:
        """The address; the link goes to nobody but who has proved it. allauth also writes to one that waits for its link."""
        email: str = super().clean_email()
        self.users = User.objects.with_address(email, active=True)
        return email
