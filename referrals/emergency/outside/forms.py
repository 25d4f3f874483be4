"""What people outside type: a code with the last digits of the number that was called, and these digits alone."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from referrals.emergency.outside.finding import digits_of, is_code

LAST_DIGITS: Final = 4


class LastDigitsForm(forms.Form):
    """The last four digits of the number that the message or the call came to."""

    digits = forms.CharField(
        label=_("Last four digits of the number that was called"),
        help_text=_("Of the telephone that got the message or the call"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_digits(self) -> str:
        """Four digits, however they were written."""
        digits = digits_of(self.cleaned_data["digits"])
        if len(digits) != LAST_DIGITS:
            raise forms.ValidationError(_("Four digits, please, such as 1234."))
        return digits


class OneCodeForm(forms.Form):
    """A code alone: the one that a call has read out."""

    code = forms.CharField(
        label=_("Code that the call reads out"),
        help_text=_("Nine digits; with or without blanks"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        """Nine digits of which the last fits: a slip of the finger is told at once, and is no guess."""
        code = digits_of(self.cleaned_data["code"])
        if not is_code(code):
            raise forms.ValidationError(
                _("This is not a whole code. Please compare it with the message, digit by digit.")
            )
        return code


class CodeForm(OneCodeForm, LastDigitsForm):
    """The code of the text message, and the last four digits."""

    code = forms.CharField(
        label=_("Code in the message"),
        help_text=_("Nine digits; with or without blanks"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = ("code", "digits")

    def say_wrong(self) -> None:
        """Code and number do not belong together; which of the two is wrong is not told."""
        self.add_error(
            None, _("Code and digits do not fit together, or it is over. Please compare both with the message.")
        )
