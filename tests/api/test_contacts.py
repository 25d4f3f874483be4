"""``contacts/``: one's own, with the grades and how each stands; the link is told once."""

import pytest

from families.models import Relative
from families.workflow import answer_consent
from kernel.clock import local_day, now
from referrals.emergency.models import Contact
from tenancy.scope import use_tenant
from tests.api.journey_client import API, staff_of
from tests.fixtures_journey import Journey

pytestmark = pytest.mark.django_db
SPOUSE = {
    "relation": "spouse",
    "name": "王小明",
    "phone": "138 0013 8000",
    "grades": ["extreme", "major"],
    "next_of_kin": "yes",
    "is_of_age": True,
}


def test_a_contact_is_named_asked_and_agrees(journey: Journey) -> None:
    staff = staff_of(journey)
    made = [staff.post(f"{API}contacts/", SPOUSE, key="one") for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].content == made[1].content
    contact = made[0].json()
    today = local_day(now(), journey.tenant.time_zone).isoformat()
    assert contact == contact | {
        "rank": 1, "relation": "spouse", "name": "王小明", "phone": "+8613800138000", "grades": ["major", "extreme"],
        "next_of_kin": "yes", "state": "not_asked", "confirmed_on": today,
    }  # fmt: skip
    one = f"{API}contacts/{contact['id']}/"
    invited = staff.post(f"{one}invite/", {}, key="ask")
    assert invited.status_code == 201
    token = invited.json()["link"].rstrip("/").rpartition("/")[2]
    assert staff.get(one).json()["state"] == "asked"
    with use_tenant(journey.tenant.id):
        answer_consent(token=token, answer="agree")
    assert staff.get(f"{API}contacts/").json()["results"] == [staff.get(one).json()]
    assert staff.get(one).json()["state"] == "ready"
    again = staff.post(f"{one}invite/", {})
    assert (again.status_code, again.json()["code"]) == (409, "consent_given")


def test_a_relative_named_before_is_the_same_one(journey: Journey) -> None:
    staff = staff_of(journey)
    refused = staff.post(f"{API}contacts/", SPOUSE | {"is_of_age": False})
    assert (refused.status_code, refused.json()["code"]) == (422, "contact_of_age")
    with use_tenant(journey.tenant.id):
        assert not Relative.objects.exists(), "both or neither is written"
    assert staff.post(f"{API}contacts/", SPOUSE).status_code == 201
    twice = staff.post(f"{API}contacts/", SPOUSE)
    assert (twice.status_code, twice.json()["code"]) == (409, "contact_twice")
    with use_tenant(journey.tenant.id):
        assert (Relative.objects.count(), Contact.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"grades": []}, 400, "validation"),
        ({"grades": ["mild"]}, 400, "validation"),
        ({"phone": "120"}, 400, "phone_invalid"),
        ({"phone": "0311-11000000"}, 422, "number_is_service"),
        ({"relation": "child"}, 400, "born_missing"),
        ({"relation": "friend"}, 400, "validation"),
        ({"is_of_age": "yes"}, 400, "validation"),
        ({"more": 1}, 400, "validation"),
    ],
)
def test_bad_input_is_refused_and_writes_nothing(
    journey: Journey, change: dict[str, object], status: int, code: str
) -> None:
    answer = staff_of(journey).post(f"{API}contacts/", SPOUSE | change)
    body = answer.json()
    assert answer.status_code == status, body
    assert code == "validation" or code in {body["code"], *(row["code"] for row in body.get("errors", ()))}
    with use_tenant(journey.tenant.id):
        assert not Contact.objects.exists()
        assert not Relative.objects.exists()


def test_another_persons_contact_is_missing(journey: Journey) -> None:
    made = staff_of(journey).post(f"{API}contacts/", SPOUSE).json()["id"]
    other = staff_of(journey, "staff2")
    assert other.get(f"{API}contacts/").json()["results"] == []
    assert other.get(f"{API}contacts/{made}/").status_code == 404
    assert other.post(f"{API}contacts/{made}/invite/", {}).status_code == 404
