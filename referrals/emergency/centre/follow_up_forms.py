"""What is typed about weekly talks: how one went, and why they stop."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import WholeField
from referrals.emergency.centre.choices import ChainForm
from referrals.emergency.incident_texts import WENT_TEXTS
from referrals.emergency.rules.follow_ups import FollowUpEnd
from referrals.emergency.workflow.following_up import MOST_TALK_WORDS
from referrals.emergency.workflow.reasons import SHORTEST_REASON


class TalkForm(ChainForm):
    """How it went. ``seen``: how many talks the page showed."""

    went = forms.ChoiceField(
        label=_("How are they?"),
        choices=[(str(went), text) for went, text in WENT_TEXTS.items()],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=MOST_TALK_WORDS,
        help_text=_("Only the centre and who is on duty read this. Sealed; destroyed with the incident."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = WholeField(widget=forms.HiddenInput, min_value=0)


class StopForm(ChainForm):
    """Why nobody rings any more."""

    why = forms.ChoiceField(
        label=_("Why do they end?"),
        choices=[
            (FollowUpEnd.LEFT.value, _("The person has left the school and needs no more")),
            (FollowUpEnd.DIED.value, _("The person has died")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("A word about it"),
        min_length=SHORTEST_REASON,
        max_length=500,
        help_text=pgettext_lazy("talks", "At least 20 characters, for whoever reads it later."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
