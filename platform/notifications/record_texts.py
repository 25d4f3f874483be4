"""What the record says about a school's ways out. Found by ``schools.record_texts``."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.models import Channel, ProviderName
from notifications.models.providers import MessageKind
from notifications.results import in_words

AREAS: Final[Mapping[str, str]] = {"channel": "house"}
ACTS: Final[Mapping[str, Any]] = {
    "channel.save": _("Account of a channel entered or changed"),
    "channel.rules": _("What a channel may carry changed"),
    "channel.test": _("Test of a channel sent"),
    "channel.prove": _("Test of a channel arrived"),
}


def _label(choices: Any) -> Callable[[Any], Any]:
    return lambda value: choices(value).label if value in choices.values else str(value)


def _labels(value: Any) -> str:
    return "、".join(str(_label(MessageKind)(kind)) for kind in value)


FACTS: Final[Mapping[str, tuple[Any, Callable[[Any], Any]]]] = {
    "provider": (pgettext_lazy("record", "Provider"), _label(ProviderName)),
    "channel": (pgettext_lazy("record", "Channel"), _label(Channel)),
    "kinds": (pgettext_lazy("record", "Kinds of messages"), _labels),
    "outcome": (pgettext_lazy("record", "Result"), in_words),
}
