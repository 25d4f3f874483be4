"""Sign-in by django-allauth: closed sign-up, e-mail or telephone with password or code, second factor, passkeys.

Star-imported by ``settings.base``. Sources: rules §5 Sign-in; docs.allauth.org for each name.
"""

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

AUTHENTICATION_BACKENDS = ["accounts.backends.HostBackend"]

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.DifferentSigns"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
]

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.address_form.AddressForm",
    "reset_password": "accounts.address_form.ForgottenForm",
    "change_password": "accounts.password_form.ChangeForm",
    "login": "accounts.sign_in_form.SignInForm",
    "request_login_code": "accounts.code_form.CodeForm",
    "confirm_login_code": "accounts.code_form.SentCodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_USER_DISPLAY = "accounts.adapter.display_name"
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # sign-up itself is closed by the adapter
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account is made with a link sent to its address: none is unproved (ADR 0010)
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300  # seconds
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.reset_tokens.ResetTokens"  # noqa: S105 - a path, no secret
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # an open screen must not move somebody's address
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds
ACCOUNT_SESSION_REMEMBER = None  # the person chooses; a shared machine in an office is common
ACCOUNT_RATE_LIMITS = {
    # What guards a secret is counted in the database by ``accounts.tries``; what only slows mails and pages down, by
    # allauth in the cache: login, reset_password, request_login_code, reauthenticate, change_password, manage_email.
    "login": "30/m/ip",
    # Wrong passwords are counted twice. Tightly for one account from one place: a stranger shuts out nobody but themself.
    # Loosely for the account alone, so that guessing from many places stays bounded: 100 an hour, which five places have
    # to fill together. ``accounts.adapter`` makes the keys.
    "login_failed_here": "5/5m/key,20/h/key",
    "login_failed": "10/m/ip,100/h/key",
    # The password once more, of a person who is signed in (``accounts.password_form``, the own page).
    "password_again": "5/5m/user,20/h/user",
    # Messages to a number that a person says is theirs: nobody is flooded by one account, nor one number by many.
    "phone_code": "5/h/key,10/d/key",
    # Sign-in codes to one number, known or not: each is paid for, and a stranger may ask.
    "sign_in_text": "5/h/key,10/d/key",
    # A code of a mail or a message lives five minutes, and three times one may look.
    "sign_in_code": "3/10m/key",
    # Six figures: with these, guessing for a year finds less than one in ten codes, and only with the password at hand.
    "second_step": "10/5m/key,30/h/key,100/d/key",
    # The code of a call from the chain with the last four digits of the number called, at ``/a/`` (chain §4): five wrong
    # ones shut a source out for a quarter of an hour; from many places one code or one link has fifty a day.
    "outside_secret": "5/15m/ip,50/d/key",
    "report_receipt": "60/m/key",
    "reset_password": "20/m/ip,5/m/key",
    "request_login_code": "20/m/ip,3/m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
}

MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody can sign up with another's address here, so nothing is gained by waiting
MFA_TOTP_ISSUER = "心桥"
MFA_TOTP_TOLERANCE = (
    1  # one step of 30 s to each side: telephones run late. A code signs in once (accounts.second_step)
)
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "accounts.code_form.SecondStepForm",
    "reauthenticate": "accounts.code_form.SecondStepAgainForm",
    "activate_totp": "accounts.code_form.AppForm",
    "add_webauthn": "accounts.passkey_form.PasskeyForm",
    "edit_webauthn": "accounts.passkey_form.PasskeyNameForm",
}

SECOND_FACTOR_REQUIRED = True
"""Whether the roles of ``accounts.roles.SECOND_FACTOR_ROLES`` are led to set one up before anything else."""

INVITATION_DAYS = 14
"""How long a link to choose a first password works."""

SIGN_IN_SMS = "notifications.codes.send_code"
"""Dotted path of ``(phone: str, code: str) -> None``, which sends one text message; notifications stands above accounts.

Empty: no code by SMS, so no number can be proved and none is kept (``accounts.phone_proof``).
"""

SIGN_IN_SMS_OFFERED = "notifications.codes.is_offered"
"""Dotted path of ``() -> bool``: whether one could leave just now, by an account of the school or the gateway; empty: yes."""

PHONE_PROOF_DAYS = 730
"""How long a code proves a number. Then no sign-in code goes to it and it proves no place until it is proved again."""
