"""A migration draws one class at a time (ADR 0032); a function of a migration finds all of them drawn anew."""

from django.core.management import get_commands
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from tenancy.migrating import one_class_at_a_time


def state_of_two() -> ProjectState:
    """A school, and a visit that points to it; both drawn."""
    state = ProjectState()
    state.add_model(ModelState("tenancy", "School", [("id", models.AutoField(primary_key=True))]))
    key = models.ForeignKey("tenancy.School", models.CASCADE)
    state.add_model(ModelState("tenancy", "Visit", [("id", models.AutoField(primary_key=True)), ("school", key)]))
    assert len(state.apps.get_models()) == 2
    return state


def name_the_school(state: ProjectState) -> None:
    state.add_field("tenancy", "school", "name", models.CharField(max_length=9), preserve_default=True)


def test_the_command_is_ours() -> None:
    assert get_commands()["migrate"] == "tenancy"


def test_what_changes_is_drawn_anew_and_its_neighbour_is_not() -> None:
    state = state_of_two()
    visit, school = (state.apps.get_model("tenancy", name) for name in ("visit", "school"))
    with one_class_at_a_time():
        name_the_school(state)
    assert state.apps.get_model("tenancy", "school") is not school
    assert state.apps.get_model("tenancy", "school")._meta.get_field("name").max_length == 9
    assert state.apps.get_model("tenancy", "visit") is visit


def test_a_function_of_a_migration_follows_relations_to_what_has_changed() -> None:
    state = state_of_two()
    with one_class_at_a_time():
        name_the_school(state)
    state.clear_delayed_apps_cache()  # as RunPython does
    school = state.apps.get_model("tenancy", "visit")._meta.get_field("school").related_model
    assert school._meta.get_field("name").max_length == 9


def test_outside_django_draws_as_ever() -> None:
    state = state_of_two()
    visit = state.apps.get_model("tenancy", "visit")
    with one_class_at_a_time():
        pass
    name_the_school(state)
    assert state.apps.get_model("tenancy", "visit") is not visit
