"""What anybody types into a report. Nothing is required and nothing is refused here: the writer decides."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import ProseField
from referrals.emergency.report_texts import POST_TEXTS
from referrals.emergency.rules.reporting import Dimension, Post
from referrals.emergency.workflow.receiving import Told

_AREA = {"rows": 4}


def _line(label: Any, help_text: Any = "", **attrs: str) -> ProseField:
    return ProseField(
        label=label, help_text=help_text, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", **attrs})
    )


class ReportForm(forms.Form):
    """One page. No list of departments: what a school consists of is not a stranger's to read."""

    danger_now = forms.BooleanField(label=_("In danger now, or in the next hours"), required=False)
    about = _line(_("Who is it about"), _("A name, or what they are. Leave it empty if you do not know."))
    department = _line(_("Their department"), _("A small one is not kept: it would tell who it is."))
    set_off = _line(_("What may have set it off"), _("A quarrel, a loss, an illness, trouble at work"))
    words = forms.CharField(
        label=_("In your own words"), required=False, widget=forms.Textarea(attrs={**_AREA, "autocomplete": "off"})
    )
    noticed = _line(_("When you noticed it"), _("Just now, this morning, since Monday"))
    where = _line(_("Where they are now"), _("Building, room, street; who is with them"))
    picture = forms.FileField(
        label=_("A picture"),
        help_text=_(
            "Such as a message. Place, time and telephone are taken off it; what can be seen stays, such as your own name in a chat."
        ),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )
    not_told_names = _line(_("Somebody else by name or number"), _("Several with a comma between"))
    name = _line(pgettext_lazy("of a reporter", "Your name"))
    number = _line(pgettext_lazy("of a reporter", "Your number"), inputmode="tel")

    def __init__(self, *args: Any, signs: dict[Dimension, list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signs = signs

    def told(self) -> Told:
        """What was sent. What is in no list is left out: nothing of it may stop a report."""
        ticked, posts = self._sent("signs"), self._sent("not_told")
        lines = {name: str(self.data.get(name, "")).replace("\0", "") for name in _LINES}
        return Told(
            **lines,
            signs=tuple(sign for signs in self.signs.values() for sign in signs if sign in ticked),
            not_told=tuple(post.value for post in Post if post.value in posts),
        )

    def posts(self) -> list[tuple[str, Any, bool]]:
        """Who must not know: value, words, whether it is ticked."""
        ticked = self._sent("not_told")
        return [(post.value, text, post.value in ticked) for post, text in POST_TEXTS.items()]

    def ticked(self) -> set[str]:
        """The signs that were sent."""
        return self._sent("signs")

    def is_danger_now(self) -> bool:
        """Whether a life is in danger, as it was sent."""
        return bool(self.data.get("danger_now"))

    def _sent(self, name: str) -> set[str]:
        data: Any = self.data
        return set(data.getlist(name)) if hasattr(data, "getlist") else set()


_LINES = ("about", "department", "set_off", "words", "noticed", "where", "not_told_names", "name", "number")


class ReceiptForm(forms.Form):
    """The number that a report was answered with."""

    receipt = forms.CharField(
        label=_("Receipt number"),
        help_text=_("28 digits; with or without blanks"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
