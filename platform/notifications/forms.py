"""The preference page's form: one row of ticks per topic."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.inbox import CHOOSABLE_TOPICS
from notifications.models import Channel
from notifications.texts import Topic

LABELS: Final = {
    Topic.REQUESTS: _("Requests"),
    Topic.APPOINTMENTS: _("Appointments"),
    Topic.VOUCHERS: _("Vouchers"),
    Topic.CONTACTS: _("Emergency contacts"),
    Topic.WORK: _("My work"),
}


class PreferenceForm(forms.Form):
    """Topic → channels beside 消息. ``channels`` are those the school offers."""

    def __init__(self, *args: Any, channels: Iterable[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for topic in CHOOSABLE_TOPICS:
            self.fields[topic.value] = forms.MultipleChoiceField(
                label=LABELS[topic],
                required=False,
                choices=[(channel.value, channel.label) for channel in channels],
                widget=forms.CheckboxSelectMultiple,
            )
