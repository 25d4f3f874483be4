"""Family mediation by program: the same two steps, the same refusals, and nobody else's (16.6)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from audit.models import AuditEntry
from kernel.clock import as_of, now
from partners.models import Service
from referrals.liaison.models import Mediation
from tenancy.scope import use_tenant
from tests.api.journey_client import API, contents, office_of, staff_of
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.several_steps import agency_with, pay_for

pytestmark = pytest.mark.django_db
MINE, HEARD = f"{API}mediation/", f"{API}centre/mediation/"
NOTED = ("audit.AuditEntry", "audit.AuditHead", "api.IdempotencyKey", "accounts.ApiToken", "accounts.TryCount")


@pytest.fixture
def room(journey: Journey) -> Iterator[Service]:
    with use_tenant(journey.tenant.id):
        pay_for(journey, "mediation", share_bp=10_000)
        yield agency_with(journey, "mediation", 20_000)[0]


def talk(days: int = 2) -> dict[str, Any]:
    return {"talk_at": (now() + timedelta(days=days)).isoformat(), "place": "phone"}


def asked(journey: Journey) -> str:
    made = staff_of(journey).post(MINE, {"note": "想先听听"})
    assert made.status_code == 201, made.content
    return str(made.json()["id"])


def test_it_goes_through_both_steps_and_each_look_is_recorded(journey: Journey, room: Service) -> None:
    person, centre = staff_of(journey), staff_of(journey, "centre")
    made = [person.post(MINE, {"note": "想先听听"}, key="once") for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].content == made[1].content
    row = made[0].json()
    assert person.post(MINE, {}).json()["code"] == "mediation_open"
    assert [each["id"] for each in person.get(MINE).json()["results"]] == [row["id"]]
    [listed] = centre.get(HEARD).json()["results"]
    assert (listed["person"], listed["note"]) == (journey.members["staff"].name, "想先听听")
    invited = centre.post(f"{HEARD}{row['id']}/invite/", talk())
    assert (invited.status_code, invited.json()["state"]) == (200, "invited")
    early = centre.post(f"{HEARD}{row['id']}/suggest/", {"sides": "both"})
    assert (early.status_code, early.json()["code"]) == (422, "not_talked")
    with as_of(now() + timedelta(days=3)):
        assert centre.post(f"{HEARD}{row['id']}/suggest/", {"sides": "both"}).json()["state"] == "suggested"
        half = person.post(f"{MINE}{row['id']}/agree/", {"own": True, "other": False})
        assert (half.status_code, half.json()["code"]) == (400, "consent_missing")
        both = person.post(f"{MINE}{row['id']}/agree/", {"own": True, "other": True})
        assert (both.json()["state"], "person" in both.json()) == ("agreed", False)
        assert centre.get(f"{HEARD}{row['id']}/").json()["sides"] == "both"
    with use_tenant(journey.tenant.id):
        looks = AuditEntry.objects.filter(action__in=["mediation.list", "mediation.read"])
        assert looks.filter(action="mediation.list").count() == 1
        assert looks.filter(action="mediation.read", object_id=row["id"]).count() >= 3


def test_a_suggestion_whose_time_is_over_is_shown_so_and_takes_no_yes(journey: Journey, room: Service) -> None:
    person, centre, row = staff_of(journey), staff_of(journey, "centre"), asked(journey)
    centre.post(f"{HEARD}{row}/invite/", talk())
    with as_of(now() + timedelta(days=3)):
        centre.post(f"{HEARD}{row}/suggest/", {"sides": "one"})
    with as_of(now() + timedelta(days=40)):
        assert person.get(MINE).json()["results"][0]["state"] == "lapsed", "swept or not"
        assert person.post(f"{MINE}{row}/agree/", {"own": True, "other": True}).status_code == 409
        assert person.post(MINE, {}).status_code == 201, "another may be asked"


@pytest.mark.parametrize(
    ("who", "act", "body", "state"),
    [
        ("staff", "withdraw", {}, "withdrawn"),
        ("centre", "close", {"reason": "not_safe"}, "closed"),
        ("centre", "settle", {"sides": "one"}, "settled"),
        ("staff", "stay", {}, "settled"),
    ],
)
def test_it_ends_each_way(
    journey: Journey, room: Service, who: str, act: str, body: dict[str, str], state: str
) -> None:
    centre, row = staff_of(journey, "centre"), asked(journey)
    centre.post(f"{HEARD}{row}/invite/", talk())
    with as_of(now() + timedelta(days=3)):
        if act == "stay":
            centre.post(f"{HEARD}{row}/suggest/", {"sides": "one"})
        address = f"{MINE if who == 'staff' else HEARD}{row}/{act}/"
        answer = staff_of(journey, who).post(address, body)
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        if act == "withdraw":
            assert answer.json()["note"] == ""


def test_bad_input_and_strangers_move_nothing(journey: Journey, room: Service, other_school: Any) -> None:
    row, foreign = asked(journey), make_journey(other_school)
    person, centre = staff_of(journey), staff_of(journey, "centre")
    callers = {
        "colleague": staff_of(journey, "staff2"),
        "union": staff_of(journey, "union"),
        "finance": staff_of(journey, "finance"),
        "office": office_of(journey),
        "foreign": staff_of(foreign, "centre"),
    }
    before = contents(journey.tenant, without=NOTED)
    for wrong in ({"note": "长" * 501}, {"note": 7}, {"more": 1}):
        assert person.post(MINE, wrong).status_code == 400, wrong
    for wrong in (
        {}, {**talk(), "place": "moon"}, {"talk_at": "soon", "place": "phone"}, talk(days=-1), talk(days=61),
        {**talk(), "more": 1},
    ):  # fmt: skip
        assert centre.post(f"{HEARD}{row}/invite/", wrong).status_code == 400, wrong
    for act, wrong in (("suggest", {"sides": "three"}), ("settle", {}), ("close", {"reason": "tired"})):
        assert centre.post(f"{HEARD}{row}/{act}/", wrong).status_code == 400, act
    assert person.post(f"{MINE}{row}/agree/", {"own": 1, "other": True}).status_code == 400
    assert centre.get(f"{HEARD}{uuid4()}/").status_code == 404
    assert callers["colleague"].get(MINE).json()["results"] == []
    for name, caller in callers.items():
        for act, body in (("agree", {"own": True, "other": True}), ("stay", {}), ("withdraw", {})):
            assert caller.post(f"{MINE}{row}/{act}/", body).status_code in (403, 404), (name, act)
        assert caller.get(f"{HEARD}{row}/").status_code in (403, 404), name
        assert caller.post(f"{HEARD}{row}/close/", {"reason": "not_safe"}).status_code in (403, 404), name
    assert contents(journey.tenant, without=NOTED) == before


def test_the_psychologist_does_not_hear_their_own(journey: Journey, room: Service) -> None:
    centre = staff_of(journey, "centre")
    row = centre.post(MINE, {}).json()["id"]
    answer = centre.post(f"{HEARD}{row}/invite/", talk())
    assert (answer.status_code, answer.json()["code"]) == (403, "same_person")
    with use_tenant(journey.tenant.id):
        assert Mediation.objects.get().state == "asked"
