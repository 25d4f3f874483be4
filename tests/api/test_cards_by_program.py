"""Cards by program: written, agreed to item by item, opened and answered; the same refusals as on the pages (6.3)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from audit.models import AuditEntry
from kernel.clock import as_of, now
from referrals.liaison.card_states import GOOD_FOR, THINKING
from referrals.liaison.models import HandOn
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, contents, counter_of, office_of, staff_of
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.card_steps import WORDS, hospital

pytestmark = pytest.mark.django_db
MINE, CENTRE, THEIRS = f"{API}cards/", f"{API}centre/cards/", f"{API}partner/cards/"
NOTED = ("audit.AuditEntry", "audit.AuditHead", "api.IdempotencyKey", "accounts.ApiToken", "accounts.TryCount")


class There(NamedTuple):
    partner: str
    office: Caller


@pytest.fixture
def there(journey: Journey) -> Iterator[There]:
    with use_tenant(journey.tenant.id):
        found, _user, office = hospital(journey)
    yield There(str(found.pk), Caller(journey.platform, office))


def body(journey: Journey, there: There, **changes: Any) -> dict[str, Any]:
    said = {"person": str(journey.members["staff"].pk), "partner": there.partner, "purpose": "assessment"}
    return {**said, "words": WORDS, **changes}


def written(journey: Journey, there: There) -> str:
    made = staff_of(journey, "centre").post(CENTRE, body(journey, there))
    assert made.status_code == 201, made.content
    return str(made.json()["id"])


def test_what_the_person_named_is_read_there_and_nothing_else(journey: Journey, there: There) -> None:
    person, centre, case = staff_of(journey), staff_of(journey, "centre"), written(journey, there)
    again = centre.post(CENTRE, body(journey, there))
    assert (again.status_code, again.json()["code"]) == (409, "card_open")
    shown = person.get(f"{MINE}{case}/").json()
    assert {row["item"] for row in shown["items"]} >= {"ask", "name", "situation", "medicines"}
    assert there.office.get(THEIRS).json()["results"] == [], "nothing goes out before the yes"
    phone = [row["text"] for row in centre.get(f"{CENTRE}{case}/").json()["items"] if row["item"] == "phone"]
    assert phone in ([], [""]), "the telephone is not the centre's to read here"
    sent = person.post(f"{MINE}{case}/consent/", {"items": ["situation"]}).json()
    assert (sent["state"], [row["item"] for row in sent["items"]]) == ("sent", ["ask", "situation"])
    [card] = there.office.get(THEIRS).json()["results"]
    assert (card["state"], "items" in card) == ("sent", False)
    unread = there.office.post(f"{THEIRS}{card['id']}/report/", {"outcome": "seen", "goes_on": "there"})
    assert (unread.status_code, unread.json()["code"]) == (422, "card_unread")
    opened = there.office.post(f"{THEIRS}{card['id']}/open/", {}).json()
    assert [(row["item"], row["text"]) for row in opened["items"]] == [
        ("ask", WORDS["ask"]),
        ("situation", WORDS["situation"]),
    ]
    late = person.post(f"{MINE}{case}/revoke/", {})
    assert (late.status_code, late.json()["code"]) == (422, "card_read")
    told = {"outcome": "seen", "goes_on": "both", "advice": "先请假两周"}
    done = [there.office.post(f"{THEIRS}{card['id']}/report/", told, key="r") for _ in range(2)]
    assert [answer.status_code for answer in done] == [201, 201]
    assert there.office.post(f"{THEIRS}{card['id']}/report/", told).json()["code"] == "card_reported"
    for found in (person.get(f"{MINE}{case}/"), centre.get(f"{CENTRE}{case}/")):
        assert found.json()["report"]["advice"] == "先请假两周"
    [listed] = centre.get(CENTRE).json()["results"]
    assert (listed["person"], listed["state"]) == (journey.members["staff"].name, "answered")
    with use_tenant(journey.tenant.id):
        for action in ("card.list", "card.read", "card.partner_read"):
            assert AuditEntry.objects.filter(action=action).exists(), action


def test_a_no_a_taking_back_and_the_centres_own(journey: Journey, there: There) -> None:
    person, centre = staff_of(journey), staff_of(journey, "centre")
    for who, steps, state in (
        (person, ("refuse",), "refused"),
        (person, ("consent", "revoke"), "revoked"),
        (centre, ("withdraw",), "withdrawn"),
    ):
        case, at = written(journey, there), MINE if who is person else CENTRE
        for step in steps:
            answer = who.post(f"{at}{case}/{step}/", {"items": []} if step == "consent" else {})
            assert answer.status_code == 200, answer.content
        assert (answer.json()["state"], answer.json()["items"]) == (state, [])
        assert person.post(f"{MINE}{case}/consent/", {"items": ["ask"]}).status_code == 409


def test_the_dates_decide_whatever_the_sweep_has_done(journey: Journey, there: There) -> None:
    person, waits, = staff_of(journey), written(journey, there)  # fmt: skip
    with as_of(now() + THINKING):
        assert person.get(f"{MINE}{waits}/").json()["state"] == "lapsed"
        assert person.post(f"{MINE}{waits}/consent/", {"items": []}).status_code == 409
        assert written(journey, there), "another of the same kind may be written"
        [case] = [row["id"] for row in person.get(MINE).json()["results"] if row["state"] == "shown"]
        person.post(f"{MINE}{case}/consent/", {"items": []})
        [card] = there.office.get(THEIRS).json()["results"]
    with as_of(now() + THINKING + GOOD_FOR + timedelta(days=1)):
        assert there.office.get(THEIRS).json()["results"][0]["state"] == "lapsed"
        assert there.office.post(f"{THEIRS}{card['id']}/open/", {}).status_code == 404


def test_bad_input_and_strangers_move_nothing(journey: Journey, there: There, other_school: Any) -> None:
    case, centre, person = written(journey, there), staff_of(journey, "centre"), staff_of(journey)
    strangers = {
        "colleague": staff_of(journey, "staff2"),
        "union": staff_of(journey, "union"),
        "another agency": office_of(journey),
        "counter": counter_of(journey),
        "foreign": staff_of(make_journey(other_school), "centre"),
    }
    before = contents(journey.tenant, without=NOTED)
    for wrong in (
        {}, body(journey, there, purpose="gossip"), body(journey, there, words={}), body(journey, there, more=1),
        body(journey, there, words={**WORDS, "name": "x"}), body(journey, there, words={"ask": "长" * 501}),
        body(journey, there, person=7),
    ):  # fmt: skip
        assert centre.post(CENTRE, wrong).status_code == 400, wrong
    assert centre.post(CENTRE, body(journey, there, person=str(uuid4()))).status_code == 404
    own = centre.post(CENTRE, body(journey, there, person=str(journey.members["centre"].pk)))
    assert own.status_code == 404, "nobody hands themself on"
    assert centre.post(CENTRE, body(journey, there, partner=str(uuid4()))).json()["code"] == "no_agreement"
    for wrong in ({}, {"items": ["diagnosis"]}, {"items": "ask"}):
        assert person.post(f"{MINE}{case}/consent/", wrong).status_code == 400, wrong
    for name, caller in strangers.items():
        assert caller.get(f"{MINE}{case}/").status_code in (403, 404), name
        assert caller.get(f"{CENTRE}{case}/").status_code in (403, 404), name
        for at, act, sent in ((MINE, "consent", {"items": []}), (MINE, "refuse", {}), (CENTRE, "withdraw", {})):
            assert caller.post(f"{at}{case}/{act}/", sent).status_code in (403, 404), (name, act)
    assert strangers["colleague"].get(MINE).json()["results"] == []
    assert contents(journey.tenant, without=NOTED) == before
    person.post(f"{MINE}{case}/consent/", {"items": ["name"]})
    [card] = there.office.get(THEIRS).json()["results"]
    for name, caller in strangers.items():
        assert caller.post(f"{THEIRS}{card['id']}/open/", {}).status_code in (403, 404), name
        sent = {"outcome": "seen", "goes_on": "there"}
        assert caller.post(f"{THEIRS}{card['id']}/report/", sent).status_code in (403, 404), name
    with use_tenant(journey.tenant.id):
        assert HandOn.objects.get().state == "sent"
