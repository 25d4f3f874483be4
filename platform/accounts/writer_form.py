"""Base form that shows a writer's refusal beside its field. It reads input only; writers decide."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from accounts.refused import remember
from kernel.errors import DomainError


class WriterForm(forms.Form):
    """What was typed stays; each fault stands at its field, the rest above the form.

    ``names``: the writer's name of a field → the form's. ``shows_all``: a refusal that names no field is shown here too,
    at ``elsewhere`` when that is set; else it is raised again and gets a page of its own.
    """

    names: ClassVar[Mapping[str, str]] = {}
    shows_all: ClassVar[bool] = False
    elsewhere: ClassVar[str] = ""

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What is said of one fault; None when the form has no sentence, so that the error is raised again."""
        raise NotImplementedError

    def place(self, field: str) -> str | None:
        """The form's field for the writer's ``field``; None for above the form."""
        name = self.names.get(field, field)
        return name if name in self.fields else None

    def refuse(self, error: DomainError) -> None:
        """Show ``error``. Raises it again when there is nothing to show or no sentence for it."""
        faults = error.fields or (((self.elsewhere, error.reason, ""),) if self.shows_all else ())
        told = [(self.place(field), self.sentence(code, error, detail)) for field, code, detail in faults]
        if not told or any(text is None for _place, text in told):
            raise error
        remember(error)
        for place, text in told:
            self.add_error(place, str(text))
