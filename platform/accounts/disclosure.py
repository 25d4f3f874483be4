"""Who sees what of an account and of a place in a school; found by ``disclosure.table`` (docs/privacy.md)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows, silent
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "account": Thing(),
    "key": Thing(pgettext_lazy("thing", "who has made an access key"), rank=90),
}

MODELS: Final = {
    "accounts.User": columns(
        "last_login is_superuser phone_verified phone_proved_at language is_active is_staff is_operator date_joined",
        hidden="password phone_hash",
        email=Facet.EMAIL,
        full_name=Facet.NAME,
        phone_sealed=Facet.PHONE,
    ),
    "accounts.User_groups": columns("user group"),
    "accounts.User_user_permissions": columns("user permission"),
    "accounts.Department": columns("key sort_key", name=Facet.DEPARTMENT),
    "accounts.Membership": columns(
        "user accepted_at sort_key roles reopened_at invited_at created_at",
        hidden="phone_hash",
        email=Facet.EMAIL,
        phone_sealed=Facet.PHONE,
        name=Facet.NAME,
        title=Facet.TITLE,
        staff_no=Facet.STAFF_NO,
        gender=Facet.GENDER,
        department=Facet.DEPARTMENT,
        active_from=Facet.PLACE_DAYS,
        left_on=Facet.PLACE_DAYS,
    ),
    "accounts.RosterImport": columns(
        "uploaded_by file_name state marks_leavers counts done_rows total_rows created_at applied_at",
        hidden="file_hash",
        errors=Facet.NAME,
        sealed_rows=Facet.NAME,
    ),
    "accounts.PhoneCode": columns("user tries sent_at", hidden="code_hash", phone_sealed=Facet.PHONE),
    "accounts.ApiToken": columns(
        "user created_at last_used_on expires_at revoked_at", hidden="token_hash", label=Facet.KEY
    ),
    "accounts.TryCount": columns("times kept_until", hidden="key"),
}

ROWS: Final[Mapping[Key, Row]] = {
    ("account", Reader.PERSON): sees(Facet.NAME, Facet.PHONE_END, Facet.EMAIL),
    ("key", Reader.PERSON): sees(Facet.KEY),
    ("key", Reader.ADMIN): sees(Facet.NAME),
}

_ACCOUNT: Final = shows("account member", Reader.PERSON)

PAGES: Final[Mapping[str, Page]] = {
    **dict.fromkeys(
        (
            "account_profile", "account_phone_code", "account_phone_remove", "account_place", "account_email",
            "account_email_verification_sent", "account_reauthenticate", "account_change_password",
        ),
        _ACCOUNT,
    ),
    **dict.fromkeys(("account_tokens", "account_token_revoke"), shows("key account", Reader.PERSON)),
    **silent(
        "set_language account_invitation account_logout account_confirm_email account_login account_inactive"
        " account_signup account_set_password account_reset_password account_confirm_login_code"
        " account_reset_password_from_key_done account_reset_password_from_key account_reset_password_done"
        " account_request_login_code mfa_index mfa_authenticate mfa_reauthenticate mfa_activate_totp"
        " mfa_deactivate_totp mfa_view_recovery_codes mfa_generate_recovery_codes mfa_download_recovery_codes"
        " mfa_list_webauthn mfa_add_webauthn mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_edit_webauthn"
        " mfa_login_webauthn"
    ),
}  # fmt: skip
