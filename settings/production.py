"""Settings for production: HTTPS in front, secrets from the environment, nothing of the demo."""

from settings.base import *  # noqa: F403

ALLOWED_HOSTS = env.text("ALLOWED_HOSTS").split(",")  # noqa: F405
CSRF_TRUSTED_ORIGINS = [origin for origin in env.text("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]  # noqa: F405
# The proxy in front names the visitor; without this every visitor would share the proxy's limits of attempts.
ALLAUTH_TRUSTED_PROXY_COUNT = int(env.text("TRUSTED_PROXIES", "1"))  # noqa: F405
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked on the machine itself, beside the proxy
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # SAMEORIGIN, not DENY: the CMS shows an editor the preview of their page
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
MAIL_IS_SET = bool(env.text("EMAIL_HOST", ""))  # noqa: F405
MAILERS = {
    "default": {
        "BACKEND": "notifications.providers.mail.EmailBackend",
        "OPTIONS": {
            "timeout": 5,
            "host": env.text("EMAIL_HOST", "") or "localhost",  # noqa: F405
            "port": int(env.text("EMAIL_PORT", "25")),  # noqa: F405
            "username": env.text("EMAIL_HOST_USER", ""),  # noqa: F405
            "password": env.text("EMAIL_HOST_PASSWORD", ""),  # noqa: F405
            "use_tls": env.flag("EMAIL_USE_TLS"),  # noqa: F405
        },
    }
}
