"""What Django looks at before it starts: keys and numbers go to no provider in clear."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from notifications.providers.line import is_loopback


@register()
def addresses_are_sealed(**kwargs: Any) -> list[Error]:
    """Every address of ``PROVIDER_ADDRESSES`` is https, or loopback where that is ours."""
    return [
        Error(
            f"PROVIDER_ADDRESSES[{service!r}] is not sealed",
            hint="It begins with https://. Keys and telephone numbers would go in clear.",
            id="notifications.E001",
        )
        for service, base in settings.PROVIDER_ADDRESSES.items()
        if not base.startswith("https://") and not (settings.LOOPBACK_IS_OURS and is_loopback(base))
    ]
