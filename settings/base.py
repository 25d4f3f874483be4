"""Settings that hold everywhere. What differs stands in dev, test and production."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.allauth_settings import *  # noqa: F403
from api.drf_settings import *  # noqa: F403
from content.wagtail_settings import *  # noqa: F403
from settings import env
from settings.celery import app as _celery  # noqa: F401  every process that may wake a drainer knows the broker
from ui.csp import SECURE_CSP  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(env.text("XINQIAO_VAR", str(ROOT / "var")))

SECRET_KEY = env.text("SECRET_KEY")
VAULT_KEYS = [env.key("VAULT_KEY")]
HASH_KEY = env.key("HASH_KEY")
BASE_PORT = env.text("BASE_PORT", "8000")
PLATFORM_HOST = env.text("PLATFORM_HOST", "localhost")

DEBUG = False
ROOT_URLCONF = "settings.urls"
WSGI_APPLICATION = "settings.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "tenancy",
    "disclosure",
    "ui",
    "vault",
    "audit",
    "accounts",
    "families",
    "notifications",
    "ledger",
    "seats",
    "jobs",
    "api",
    "workdays",
    "readings",
    "surveys",
    "manual",
    "people",
    "partners",
    "referrals",
    "referrals.emergency",
    "referrals.liaison",
    "content",
    "content.opendays",
    "tips",
    "schools",
    "demo",
    "operations",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "content.lean.Documents",
    "content.lean.Images",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "content.lean.Snippets",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_filters",
    "django.contrib.humanize",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "referrals.emergency.reporting.unknown.UnknownSenderMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenancy.middleware.TenantMiddleware",
    "tenancy.page_memory.PageMemoryMiddleware",
    "ui.middleware.ContentSecurityMiddleware",
    "ui.middleware.ReadableRequestMiddleware",
    "ui.page_cache.PageCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ActorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ui.middleware.DomainErrorMiddleware",
    "accounts.fresh.FreshSignInMiddleware",
    "content.gate.CmsGateMiddleware",
    "content.in_turn.EditInTurnMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ui.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "ui.forms.XinqiaoRenderer"

# The three roles of the database; the scope picks one (tenancy.router).
_SCOPED = {"ENGINE": "tenancy.pgtenant"}
if env.flag("XINQIAO_AS_OWNER"):
    DATABASES = {"default": env.database(env.text("DATABASE_URL"), ENGINE="django.db.backends.postgresql")}
    TENANCY_ALIASES = {"app": "default", "partner": "default", "system": "default"}
else:
    DATABASES = {
        "default": env.database(env.text("APP_DATABASE_URL"), **_SCOPED),
        "partner": env.database(env.text("PARTNER_DATABASE_URL"), **_SCOPED),
        "system": env.database(env.text("SYSTEM_DATABASE_URL"), **_SCOPED),
    }
    TENANCY_ALIASES = {"app": "default", "partner": "partner", "system": "system"}
DATABASE_ROUTERS = ["tenancy.router.ScopeRouter"]
TENANCY_SWITCH_ROLE = False

REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = [  # noqa: F405
    "accounts.api_auth.TokenAuthentication",
    "accounts.api_auth.MemberSessionAuthentication",
]

# Which institution a signed-in person belongs to; partners stands above accounts (docs/architecture.md).
INSTITUTION_OF = "partners.members.institution_of"
# Appointments live above partners, whose desk warns before a paper or a service ends under them.
OPEN_BOOKINGS = "referrals.selectors.open_bookings"
# What stands before a request of a kind that begins with a talk at the school (referrals.workflow.first_step).
FIRST_STEP = "referrals.liaison.first_step"
# Whom a relative's word lets the school call stands above families, which tell when it ends.
CONSENT_ENDED = "referrals.emergency.workflow.contacts.consent_ended"
# Who is still to be called about whom stands above accounts, which tell when somebody is known by another number.
NUMBERS_CHANGED = "referrals.emergency.workflow.second_accounts.numbers_changed"
# Which days are worked, and whether the chain is live, is known above ui, whose frame says on every page whether the
# school's line is answered.
SCHOOL_LINE = "referrals.emergency.school_line.line_of"
DUTY_CHANGES = "workdays.duty.changes_after"
# The search of the public pages finds services by name; prices live beside content, which must not know them.
# Which page of "how to use it" fits the page that is looked at (ui.context).
GUIDE_AT = "manual.guides.guide_at"
# What stands beside the tips on a school's first page (content.home_card): a function of the school, or nothing.
HOME_CARD = "content.opendays.home.home_card"
# Until when pictures of an open day may be shown, which the pages beneath it do not know.
PICTURES_UNTIL = "content.opendays.pictures.pictures_until"
LISTED_PRICES = "referrals.subsidies.prices.listed_prices"

# Where nobody is known, whoever is signed in (referrals.emergency.reporting.unknown): reports and anonymous surveys.
UNKNOWN_SENDERS = ("/report", "/api/v1/reports", "/survey")

PAGES_REST_SECONDS = 6.0
"""How long after a change no public page is kept: a second more than a worker remembers a school (``tenancy.hosts``)."""

REFUSALS_PER_MINUTE = 240
"""How often a person (a stranger: an address) may be refused in a minute (``accounts.brake``); 0 counts nothing."""

CACHES = {
    "default": {
        "BACKEND": "settings.cache.LastingCache",
        "LOCATION": env.text("BROKER_URL"),
        "KEY_PREFIX": "cache",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "ui.views.csrf_failure"
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
# What browsers ask for at the root by themselves: `favicon.ico`, for answers without a head (files, the interface).
WHITENOISE_ROOT = ROOT / "platform" / "ui" / "root"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR / "media"
PRIVATE_ROOT = VAR / "private"
HELP_LINES = VAR / "help-lines.json"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

MAILERS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "notifications.providers.mail.EmailBackend"}}
MAIL_IS_SET = True
"""Whether mail leaves this installation at all; where it does not, no page offers it."""
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "noreply@xinqiao.example")
JOB_RESULT_DAYS = int(env.text("JOB_RESULT_DAYS", "30"))
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
GATEWAY_URL = env.text("GATEWAY_URL", "")
# The only proxy on the way there; those of the environment (HTTP_PROXY …) are for other programs.
GATEWAY_PROXY = env.text("GATEWAY_PROXY", "")
# Signs messages and receipts (docs/notifications.md); empty: no receipts.
GATEWAY_SECRET = env.text("GATEWAY_SECRET", "")
# The school's own service may know which incident a message is about; anybody else's may not.
GATEWAY_IS_OWN = env.flag("GATEWAY_IS_OWN")
# What is on this machine reaches nobody outside: a gateway there needs no mark, a provider there no encryption.
LOOPBACK_IS_OURS = False
# Real transports open only where the database bears this name (docs/operations.md §The mark); empty: never.
INSTANCE_ID = env.text("INSTANCE_ID", "")
# Who is called when the engine calls nobody (docs/operations.md §The watchdog), and what hears each minute that it does.
OPERATOR_PHONE = env.text("OPERATOR_PHONE", "")
OPERATOR_EMAIL = env.text("OPERATOR_EMAIL", "")
HEARTBEAT_URL = env.text("HEARTBEAT_URL", "")
# Without both no school's chain may go live (chain §7): nobody would learn that it has stopped. Not asked on a desk.
CHAIN_MUST_BE_WATCHED = True
# Where a provider's account may be tried: a robot member of WeCom, the operator's own device; empty: it is not tried.
CANARY_ADDRESSES = {
    "wecom": env.text("CANARY_WECOM", ""),
    "sms": env.text("CANARY_SMS", ""),
    "voice": env.text("CANARY_VOICE", ""),
}
WATCHDOG_RHYTHM: dict[str, float] = {}
WATCHDOG_LIMITS: dict[str, float] = {}
# Only the demo and the tests move the chain's clock (ADR 0018): elsewhere nothing starts while it is moved.
CHAIN_CLOCK_MAY_MOVE = False
PROVIDER_ADDRESSES = {
    "aliyun_sms": "https://dysmsapi.aliyuncs.com",
    "aliyun_voice": "https://dyvmsapi.aliyuncs.com",
    "aliyun_balance": "https://business.aliyuncs.com",
    "tencent_sms": "https://sms.tencentcloudapi.com",
    "wecom": "https://qyapi.weixin.qq.com",
}
# Who takes what people answer by key, reply or button (notifications.answers); empty: nobody, and every key is unknown.
ANSWERS_TAKER = "referrals.emergency.outside.taking.take_answer"
# Who takes receipts of what the outbox never sent (notifications.receipts): the pages of the chain.
RECEIPTS_TAKER = "referrals.emergency.outside.receipts.take_receipt"
# Who tells how a school's accounts answer (notifications.standing); empty: nobody, and the page of channels says nothing of it.
CHANNEL_STANDING = "referrals.emergency.engine.standing.standing_of_accounts"
# Channels by which the emergency chain reaches people who are not looking, such as "wecom sms voice"; empty: none.
CHAIN_CHANNELS = tuple(env.text("CHAIN_CHANNELS", "").split())

CELERY_BROKER_URL = env.text("BROKER_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 3,
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULER = "operations.heartbeat:BeatingScheduler"
CELERY_TIMEZONE = "Asia/Shanghai"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "kernel.redaction.QuietFormatter", "fmt": "{asctime} {levelname} {name} {message}"}},
    "filters": {"unknown": {"()": "referrals.emergency.reporting.unknown.RefusalFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "django.request": {"filters": ["unknown"]},
        "django_tasks": {"level": "WARNING"},
        "wagtail": {"level": "WARNING"},
    },
}
