"""Settings of the test suite: real PostgreSQL; one connection takes the three roles in a rolled-back transaction.

The tester role may become app, partner or system and has no right of its own; the walls stand as in production.
Tests that need committed rows or several connections use the fixture ``committed``.
"""

import os

_defaults = {
    "SECRET_KEY": "tests-only",
    "VAULT_KEY": "dGVzdC12YXVsdC1rZXktMzItYnl0ZXMtbG9uZy0hISE=",
    "HASH_KEY": "dGVzdC1oYXNoLWtleS0zMi1ieXRlcy1sb25nLSEhISE=",
    "DATABASE_URL": "postgresql://xinqiao_owner:dev@127.0.0.1:15432/xinqiao",
}
for _name, _value in _defaults.items():
    os.environ.setdefault(_name, _value)
os.environ.setdefault("TESTER_DATABASE_URL", os.environ["DATABASE_URL"].replace("xinqiao_owner", "xinqiao_tester"))
for _name in ("APP", "PARTNER", "SYSTEM"):
    os.environ[f"{_name}_DATABASE_URL"] = os.environ["TESTER_DATABASE_URL"]

# A closed port: every writer of the suite works with the broker down, and drains by hand what is due.
os.environ["BROKER_URL"] = "redis://127.0.0.1:1/0"

from settings.base import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
DATABASES = {
    "default": env.database(  # noqa: F405
        os.environ["TESTER_DATABASE_URL"],
        ENGINE="tenancy.pgtenant",
        CONN_MAX_AGE=0,
        TEST={"NAME": os.environ.get("TEST_DB_NAME", "test_xinqiao")},
    ),
}
OWNER_DATABASE = env.database(os.environ["DATABASE_URL"], ENGINE="django.db.backends.postgresql")  # noqa: F405
TENANCY_ALIASES = {"app": "default", "partner": "default", "system": "default"}
TENANCY_SWITCH_ROLE = True

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
# Looked up when asked for: else every browser of a test begins by opening all static files, a third of a page test's time.
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = False
DEMO_PASSWORD = "xinqiao-demo-2026"
LOOPBACK_IS_OURS = True
CHAIN_CLOCK_MAY_MOVE = True
INSTANCE_ID = "tests"
SECOND_FACTOR_REQUIRED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # the journeys' server speaks plain HTTP on *.localhost, as dev does
REFUSALS_PER_MINUTE = 0
CHAIN_MUST_BE_WATCHED = False
SIGN_IN_SMS = SIGN_IN_SMS_OFFERED = ""  # a test that sends codes says by what
CHAIN_CHANNELS = ("wecom", "sms", "voice")
