"""A migration that changes one model draws the class of that model alone, not those of the whole house (ADR 0032)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState


@contextmanager
def one_class_at_a_time() -> Iterator[None]:
    """Meanwhile an operation of a migration makes anew the class of its own model only.

    Django makes anew every class within two relations, at each of some eight hundred operations; every table of a school
    points to the school, so that is all of them, and nine tenths of the time. What changes a table reads that table's class.
    A function of a migration may follow relations: before it runs Django makes all classes anew, as for every state that
    is marked as delayed.
    """

    def alone(self: Any, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
        self.is_delayed = True
        return {(app_label, model_name)}

    state: Any = ProjectState
    usual = state._find_reload_model
    state._find_reload_model = alone
    try:
        yield
    finally:
        state._find_reload_model = usual
