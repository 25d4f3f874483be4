"""What an issuer types. Reading only: the writers decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import DayField, ProseField
from accounts.models import Department
from accounts.roles import Role
from accounts.writer_form import WriterForm
from kernel.errors import DomainError
from readings.kinds import kinds
from readings.models import ProofKind
from readings.rules import QUESTIONS
from ui.refusals import explain


class ReadingForm(WriterForm):
    """Shows a refusal with the sentences of ``ui.refusals``."""

    shows_all = True

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What happened and the next step."""
        said = explain(code, error.params)
        return f"{said.title} – {said.next_step}"


def _day(label: Any) -> DayField:
    return DayField(
        label=label,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        error_messages={"required": _("Please choose a day.")},
    )


class IssueForm(ReadingForm):
    """Which document, to whom, until when, proved how."""

    elsewhere = "document"
    names = {"questions": "question_1"}

    document = forms.ChoiceField(label=_("Document"), error_messages={"required": _("Please choose a document.")})
    due_on = _day(_("Everyone has it by"))
    roles = forms.MultipleChoiceField(
        label=_("Only these roles"),
        required=False,
        choices=[choice for choice in Role.choices if choice[0] != Role.DISTRICT],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing chosen here and below: all staff."),
    )
    departments = forms.MultipleChoiceField(
        label=_("Only these departments"), required=False, widget=forms.CheckboxSelectMultiple
    )
    proof = forms.ChoiceField(
        label=_("What proves it"), choices=ProofKind.choices, initial=ProofKind.READ, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        documents = [
            (f"{name}:{ref}", f"{title} · {kind.label}")
            for name, kind in kinds().items()
            for ref, title in kind.choices()
        ]
        self.has_documents = bool(documents)
        self._offer("document", documents)
        self._offer("departments", [(str(row.pk), row.name) for row in Department.objects.order_by("sort_key", "pk")])
        for n in range(1, QUESTIONS + 1):
            for name, label in (
                ("question", _("Question %(n)s")),
                ("right", _("Right answer to %(n)s")),
                ("wrong_a", _("A wrong answer to %(n)s")),
                ("wrong_b", _("Another wrong answer to %(n)s")),
            ):
                self.fields[f"{name}_{n}"] = ProseField(label=label % {"n": n}, required=False, max_length=200)
        self.fields["question_1"].help_text = _("Only for three questions: leave them empty otherwise.")

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def values(self) -> dict[str, Any]:
        """As the writer takes them."""
        data = self.cleaned_data
        kind, _colon, ref = data["document"].partition(":")
        questions = [
            {
                "question": data[f"question_{n}"],
                "right": data[f"right_{n}"],
                "wrong": [data[f"wrong_a_{n}"], data[f"wrong_b_{n}"]],
            }
            for n in range(1, QUESTIONS + 1)
        ]
        return {
            "kind": kind,
            "ref": ref,
            "due_on": data["due_on"],
            "roles": data["roles"],
            "departments": data["departments"],
            "proof": data["proof"],
            "questions": questions,
        }


class RenewForm(ReadingForm):
    """Whether the new wording opens it again, and until when then."""

    elsewhere = "due_on"

    is_material = forms.BooleanField(
        label=_("Something that matters has changed: everybody reads it again"),
        required=False,
        help_text=_("Left empty, the new wording takes the place of the old one and nobody is asked again."),
    )
    due_on = DayField(
        label=_("Everyone has it again by"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )


class LeaveForm(ReadingForm):
    """From when to when somebody is away. Nobody asks why."""

    elsewhere = "last_day"

    first_day = _day(_("First day of the leave"))
    last_day = _day(_("Last day of the leave"))


class HandOverForm(ReadingForm):
    """Who keeps it from now on."""

    elsewhere = "to"

    to = forms.ChoiceField(label=_("Successor"), error_messages={"required": _("Please choose a colleague.")})

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
