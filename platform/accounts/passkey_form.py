"""Adding a passkey, and giving it another name."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.utils.translation import gettext_lazy as _


class PasskeyForm(AddWebAuthnForm):  # allauth has no types
    """allauth's form in our words; it opens the account by itself unless the person says otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of this device")
        way_in = self.fields["passwordless"]
        way_in.label = _("It opens the account without a password")
        way_in.help_text = _("The device asks for your finger, your face or its code. Untick for a plain security key.")
        way_in.initial = True


class PasskeyNameForm(EditWebAuthnForm):
    """The name alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of this device")
