"""Settings for development: plain HTTP on loopback, mail to files, the demo's passwords."""

from settings.base import *  # noqa: F403

DEBUG = env.flag("DEBUG", False)  # noqa: F405
ALLOWED_HOSTS = [".localhost", "localhost", "127.0.0.1", "[::1]"]
DEMO_PASSWORD = "xinqiao-demo-2026"
LOOPBACK_IS_OURS = True
CHAIN_CLOCK_MAY_MOVE = True
GATEWAY_IS_OWN = env.flag("GATEWAY_IS_OWN", True)  # noqa: F405
MAILERS = {
    "default": {
        "BACKEND": "demo.mail.EmailBackend",
        "OPTIONS": {"file_path": VAR / "mail"},  # noqa: F405
    }
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # passkeys over plain HTTP on *.localhost, which browsers trust
SECOND_FACTOR_REQUIRED = env.flag("SECOND_FACTOR_REQUIRED")  # noqa: F405  - the demo signs in with a password alone
CHAIN_MUST_BE_WATCHED = False
CHAIN_CHANNELS = ("wecom", "sms", "voice")
