"""What is typed where the school hands somebody on. Forms read input; writers decide."""

from typing import Any

from accounts.writer_form import WriterForm
from kernel.errors import DomainError
from ui.refusals import explain


class LiaisonForm(WriterForm):
    """Shows each refusal of a writer by its title and next step."""

    shows_all = True

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What happened and what to do."""
        said = explain(code, error.params)
        return f"{said.title} – {said.next_step}"
