"""People of the test town as sign-in knows them: one with every second factor, one without any, one without a password."""

import hashlib
import json
import secrets
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts.models import User
from tenancy.models import Tenant
from tests.conftest import make_person


def account_people(tenant: Tenant) -> dict[str, User]:
    """By the word that the sheet uses."""
    settled, passwordless = (make_person(tenant, "staff", name=name).user for name in ("沈静", "何远"))
    TOTP.activate(settled, generate_totp_secret())
    RecoveryCodes.activate(settled)
    for name, alone in (("沈静的手机", True), ("办公室电脑上那把蓝色的安全密钥，平时放在抽屉里", False)):
        _add_key(settled, tenant, name, alone=alone)
    EmailAddress.objects.create(user=settled, email=settled.email, primary=True, verified=True)
    EmailAddress.objects.create(user=settled, email=f"new-{settled.email}", verified=False)
    passwordless.set_unusable_password()
    passwordless.save()
    return {"settled": settled, "passwordless": passwordless}


def account_paths(people: dict[str, User]) -> dict[str, str]:
    """Addresses that stand in mails, or hold an id."""
    settled, forgetful = people["settled"], people["passwordless"]
    key = Authenticator.objects.filter(user=settled, type="webauthn").earliest("pk")
    waiting = EmailAddress.objects.get(user=settled, verified=False)
    token = default_token_generator.make_token(forgetful)
    return {
        "key": f"/accounts/2fa/webauthn/keys/{key.pk}/",
        "confirm_email": f"/accounts/confirm-email/{EmailConfirmationHMAC(waiting).key}/",
        "reset_key": f"/accounts/password/reset/key/{user_pk_to_url_str(forgetful)}-{token}/",
    }


def _add_key(user: User, tenant: Tenant, name: str, *, alone: bool) -> None:
    """A key as the browser hands it over; ``alone``: it opens the account without a password."""
    number = secrets.token_bytes(16)
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    about = AuthenticatorData.create(
        hashlib.sha256(tenant.host.encode()).digest(),
        AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT,
        0,
        AttestedCredentialData.create(Aaguid.NONE, number, public),
    )
    client = {"type": "webauthn.create", "challenge": "", "origin": f"http://{tenant.host}"}
    credential: dict[str, Any] = {
        "id": websafe_encode(number),
        "rawId": websafe_encode(number),
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": alone}},
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(client).encode()),
            "attestationObject": websafe_encode(AttestationObject.create("none", about, {})),
        },
    }
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": credential}
    )
