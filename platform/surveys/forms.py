"""What anybody fills in. Reading only: the writer decides."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from surveys.questionnaires import Questionnaire
from surveys.rules import LONGEST


class SurveyForm(forms.Form):
    """The questions of one questionnaire; none has to be answered."""

    def __init__(self, asked: Questionnaire, data: QueryDict | None = None) -> None:
        super().__init__(data, label_suffix="")
        for rating in asked.ratings:
            self.fields[rating.code] = forms.TypedChoiceField(
                label=rating.text,
                choices=rating.choices,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": _("Choose one of the answers.")},
            )
        for words in asked.words:
            self.fields[words.code] = forms.CharField(
                label=words.text,
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_("At most %(most)s signs. Please name nobody.") % {"most": LONGEST},
            )
        self._ratings = [rating.code for rating in asked.ratings]
        self._words = [words.code for words in asked.words]

    @property
    def rated(self) -> list[Any]:
        """The fields with a scale."""
        return [self[code] for code in self._ratings]

    @property
    def written(self) -> list[Any]:
        """The fields for one's own words."""
        return [self[code] for code in self._words]

    def ratings(self) -> dict[str, int]:
        """What was chosen, as ``answer_survey`` takes it."""
        return {code: self.cleaned_data[code] for code in self._ratings if self.cleaned_data[code] is not None}

    def words(self) -> dict[str, str]:
        """What was written."""
        return {code: self.cleaned_data[code] for code in self._words}
