"""What the database itself refuses of tasks, agreed plans, changed duties, cards, and of who was asked to take a leg over."""

from datetime import date, timedelta
from typing import Any

import pytest

from families.models import Relative
from kernel.clock import now
from referrals.emergency.models import AgreedPlan, Card, DutyChange, Incident, Leg, WatchTask
from tenancy.models import Tenant
from tests.conftest import make_person
from tests.emergency.incident_rows import delivery_row, incident_row, leg_row, recipient_row, task_row
from tests.emergency.test_incident_tables import refused

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 9, 7)


@pytest.fixture
def person(open_school: Tenant) -> Any:
    return make_person(open_school, "staff")


@pytest.fixture
def colleague(open_school: Tenant) -> Any:
    return make_person(open_school, "staff", "duty")


@pytest.fixture
def incident(person: Any) -> Incident:
    return incident_row(person)


def relative_of(person: Any) -> Relative:
    relative = Relative(person=person, relation="sibling")
    relative.name, relative.phone = "家人", "+8613900000012"
    relative.save(force_insert=True)
    return relative


class TestTasks:
    def test_an_open_one_has_a_clock_and_a_done_one_none(self, incident: Incident, colleague: Any) -> None:
        rows = WatchTask.objects.filter(pk=task_row(incident, colleague).pk)
        for broken in (
            {"next_at": None},
            {"done_at": now()},
            {"done_by": colleague},
            {"done_at": now(), "done_by": colleague},
            {"done_at": now(), "next_at": None},
            {"done_at": now(), "done_by": colleague, "next_at": None, "asked_by": colleague},
        ):
            refused("watch_task_open_has_a_clock", lambda broken=broken: rows.update(**broken))
        rows.update(done_at=now(), done_by=colleague, next_at=None)

    def test_a_telling_names_whom_and_no_other_task_does(self, incident: Incident, person: Any, colleague: Any) -> None:
        relative = relative_of(person)
        refused("watch_task_tells_whom", lambda: task_row(incident, colleague, kind="tell_both"))
        refused("watch_task_tells_whom", lambda: task_row(incident, colleague, relative=relative))
        task_row(incident, colleague, kind="tell_both", relative=relative)

    def test_one_open_of_a_kind_and_contact(self, incident: Incident, person: Any, colleague: Any) -> None:
        relative = relative_of(person)
        first = task_row(incident, colleague)
        task_row(incident, colleague, kind="tell_both", relative=relative)
        refused("watch_task_once_open", lambda: task_row(incident, colleague))
        refused("watch_task_once_open", lambda: task_row(incident, colleague, kind="tell_both", relative=relative))
        WatchTask.objects.filter(pk=first.pk).update(done_at=now(), done_by=colleague, next_at=None)
        task_row(incident, colleague)


def test_a_version_of_the_agreed_plan_is_there_once(incident: Incident, colleague: Any) -> None:
    given: dict[str, Any] = {"incident": incident, "agreed_on": MONDAY, "by": colleague, "words_sealed": b"x"}
    AgreedPlan.objects.create(version=1, **given)
    refused("agreed_plan_version_once", lambda: AgreedPlan.objects.create(version=1, **given))
    AgreedPlan.objects.create(version=2, **given)


class TestChangedDuties:
    @pytest.fixture
    def given(self, incident: Incident, person: Any, colleague: Any) -> dict[str, Any]:
        return {
            "incident": incident,
            "person": person,
            "written_by": colleague,
            "duties": ["evening"],
            "starts_on": MONDAY,
            "until": MONDAY + timedelta(days=6),
        }

    def test_what_is_no_duty_and_none_at_all(self, given: dict[str, Any]) -> None:
        for duties in (["garden"], ["evening", "garden"], []):
            refused(
                "duty_change_duties_known",
                lambda duties=duties: DutyChange.objects.create(**(given | {"duties": duties})),
            )

    def test_the_last_day_before_the_first(self, given: dict[str, Any]) -> None:
        # With the range of its days the same is refused, in words that name no rule.
        before = given | {"until": MONDAY - timedelta(days=1)}
        refused("duty_change_days|range lower bound", lambda: DutyChange.objects.create(**before))
        DutyChange.objects.create(**(given | {"until": MONDAY}))

    def test_received_and_arranged_by_somebody_in_that_order(
        self, given: dict[str, Any], person: Any, colleague: Any
    ) -> None:
        rows = DutyChange.objects.filter(pk=DutyChange.objects.create(**given).pk)
        received = {"received_at": now(), "received_by": colleague}
        arranged = {"arranged_at": now(), "arranged_by": colleague}
        refused("duty_change_received_by_somebody", lambda: rows.update(received_at=now()))
        refused("duty_change_received_by_somebody", lambda: rows.update(received_by=colleague))
        refused("duty_change_arranged_is_received", lambda: rows.update(**arranged))
        refused("duty_change_arranged_is_received", lambda: rows.update(**received, arranged_at=now()))
        refused("duty_change_arranged_is_received", lambda: rows.update(**received, arranged_by=colleague))
        refused("duty_change_not_by_oneself", lambda: rows.update(received_at=now(), received_by=person))
        rows.update(**received, **arranged)

    def test_one_at_a_time_by_the_day(self, given: dict[str, Any], incident: Incident) -> None:
        first = DutyChange.objects.create(**given)
        last = given["until"]
        following = given | {"starts_on": last, "until": last + timedelta(days=6)}
        refused("duty_change_one_at_a_time", lambda: DutyChange.objects.create(**following))
        DutyChange.objects.create(**(following | {"starts_on": last + timedelta(days=1)}))
        DutyChange.objects.filter(pk=first.pk).update(ended_at=now())
        DutyChange.objects.create(**given)


def test_a_card_is_one_for_each_recipient_and_none_in_a_drill(incident: Incident, person: Any) -> None:
    recipient = recipient_row(leg_row(incident, kind="family"))
    Card.objects.create(recipient=recipient, purpose="family")
    refused("card_once_a_recipient", lambda: Card.objects.create(recipient=recipient, purpose="family"))
    drill = recipient_row(leg_row(incident_row(None, is_drill=True)), member=person)
    refused("card_never_in_a_drill", lambda: Card.objects.create(recipient=drill, purpose="family", is_drill=True))
    refused("emergency_card_recipient_fk", lambda: Card.objects.create(recipient=drill, purpose="family"))


def test_only_whoever_is_there_has_asked_somebody_else(incident: Incident, person: Any, colleague: Any) -> None:
    rows = Leg.objects.filter(pk=leg_row(incident).pk)
    refused("leg_asked_by_who_has_it", lambda: rows.update(asked=person))
    rows.update(state="engaged", owner=colleague, next_event="life_due")
    refused("leg_asked_by_who_has_it", lambda: rows.update(asked=colleague))
    refused("leg_asked_by_who_has_it", lambda: rows.update(asked=person, owner=None))
    rows.update(asked=person)
    refused("leg_asked_by_who_has_it", lambda: rows.update(state="acknowledged"))


def test_a_secret_and_the_reference_of_a_page_are_of_one(incident: Incident) -> None:
    leg = leg_row(incident)
    first = recipient_row(leg, token_hash=b"t" * 32)
    refused("recipient_secret_once", lambda: recipient_row(leg, token_hash=b"t" * 32, target_hash=b"y" * 32))
    delivery_row(first, reference_hash=b"r" * 32)
    refused("delivery_reference_once", lambda: delivery_row(first, reference_hash=b"r" * 32))
