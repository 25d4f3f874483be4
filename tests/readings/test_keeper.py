"""Who is missing has one reader: the issuer, a successor they name, or the administrator when there is nobody any more."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.errors import Forbidden, Invalid, NotFound, Refused
from readings.models import Reading
from readings.workflow import end_reading, hand_over_reading, renew_reading, take_over_reading
from tests.conftest import actor_of, make_person, make_school
from tests.readings.conftest import House

pytestmark = pytest.mark.django_db
YESTERDAY = date(2026, 11, 30)


def person(actor: Any) -> Membership:
    return Membership.objects.get(pk=actor.membership_id)


def leave(actor: Any) -> None:
    Membership.objects.filter(pk=actor.membership_id).update(left_on=YESTERDAY)


def sees(house: House, who: Membership, reading: Reading) -> bool:
    page = house.client(who).get(f"/school/to-read/{reading.pk}/").content.decode()
    file = house.client(who).get(f"/school/to-read/{reading.pk}/missing.csv")
    assert ("王一" in page) is (file.status_code == 200)
    return file.status_code == 200


def test_a_named_successor_sees_who_is_missing_and_the_giver_no_longer(house: House) -> None:
    reading = house.issue()
    giver, successor = person(house.issuer), make_person(house.side.tenant, "editor", name="郑编辑")
    assert sees(house, giver, reading) and not sees(house, successor, reading)
    page = f"/school/to-read/{reading.pk}/hand-over/"
    assert "郑编辑" in house.client(giver).get(page).content.decode()
    assert house.client(giver).post(page, {"to": str(successor.pk)}).status_code == 302
    assert sees(house, successor, reading) and not sees(house, giver, reading)
    entry = AuditEntry.objects.get(action="reading.hand_over")
    assert (entry.facts["before"], entry.facts["after"]) == (str(giver.pk), str(successor.pk))
    reading.refresh_from_db()
    assert reading.issued_by_id == giver.pk, "who gave it out stays known"


def test_only_the_keeper_hands_over_and_only_to_who_gives_out_documents(house: House) -> None:
    reading = house.issue()
    successor = make_person(house.side.tenant, "editor")
    gone = make_person(house.side.tenant, "editor", left_on=YESTERDAY)
    with pytest.raises(NotFound):
        hand_over_reading(actor=house.second, reading_id=reading.pk, to=successor.pk)
    with pytest.raises(Forbidden):
        hand_over_reading(actor=actor_of(house.people[0]), reading_id=reading.pk, to=successor.pk)
    foreign = make_person(make_school(), "editor")
    for to in (house.people[0].pk, gone.pk, house.issuer.membership_id, foreign.pk, uuid4(), "x", "", "\x00"):
        with pytest.raises(Invalid, match="reading_successor"):
            hand_over_reading(actor=house.issuer, reading_id=reading.pk, to=to)
    reading.refresh_from_db()
    assert reading.kept_by_id is None
    assert not AuditEntry.objects.filter(action="reading.hand_over").exists()
    waits = make_person(house.side.tenant, "editor")
    Membership.objects.filter(pk=waits.pk).update(user=None, accepted_at=None)
    with pytest.raises(Invalid, match="reading_successor"):
        hand_over_reading(actor=house.issuer, reading_id=reading.pk, to=waits.pk)


def test_the_administrator_takes_over_when_the_keeper_has_left(house: House) -> None:
    reading = house.issue()
    admin = person(house.second)
    page = f"/school/to-read/{reading.pk}/"
    assert "take-over" not in house.client(admin).get(page).content.decode()
    with pytest.raises(Refused, match="reading_kept"):
        take_over_reading(actor=house.second, reading_id=reading.pk)
    assert house.client(admin).get(f"{page}take-over/").status_code == 302, "nothing to take over"
    leave(house.issuer)
    assert "take-over" in house.client(admin).get(page).content.decode()
    assert not sees(house, admin, reading), "not before it was taken over"
    assert house.client(admin).get(f"{page}take-over/").status_code == 200
    assert house.client(admin).post(f"{page}take-over/").status_code == 302
    assert sees(house, admin, reading)
    take_over_reading(actor=house.second, reading_id=reading.pk)
    entry = AuditEntry.objects.get(action="reading.take_over")
    assert entry.facts["after"] == str(admin.pk), "once"


def test_also_when_the_keeper_gives_out_no_documents_any_more(house: House) -> None:
    reading = house.issue()
    Membership.objects.filter(pk=house.issuer.membership_id).update(roles=["staff"])
    take_over_reading(actor=house.second, reading_id=reading.pk)
    reading.refresh_from_db()
    assert reading.keeper_id == house.second.membership_id


def test_who_only_gives_out_documents_does_not_take_over(house: House) -> None:
    reading = house.issue()
    editor = make_person(house.side.tenant, "editor")
    leave(house.issuer)
    with pytest.raises(Forbidden):
        take_over_reading(actor=actor_of(editor), reading_id=reading.pk)
    page = f"/school/to-read/{reading.pk}/"
    assert "take-over" not in house.client(editor).get(page).content.decode()
    assert house.client(editor).post(f"{page}take-over/").status_code in (403, 404)
    assert not sees(house, editor, reading)


def test_what_is_over_is_nobodys_to_take(house: House) -> None:
    reading = house.issue()
    end_reading(actor=house.issuer, reading_id=reading.pk)
    with pytest.raises(Refused, match="reading_over"):
        hand_over_reading(actor=house.issuer, reading_id=reading.pk, to=house.second.membership_id)
    leave(house.issuer)
    with pytest.raises(Refused, match="reading_over"):
        take_over_reading(actor=house.second, reading_id=reading.pk)


def test_a_material_wording_stays_with_its_keeper(house: House) -> None:
    reading = house.issue()
    hand_over_reading(actor=house.issuer, reading_id=reading.pk, to=house.second.membership_id)
    fresh = renew_reading(
        actor=house.second, reading_id=reading.pk, is_material=True, due_on=house.today + timedelta(days=20)
    )
    assert fresh.keeper_id == house.second.membership_id


def test_whoever_writes_a_material_wording_in_does_not_become_its_keeper(house: House) -> None:
    """The administrator may not take over what has somebody; a newer wording is no way round that."""
    reading = house.issue()
    admin, keeper = person(house.second), person(house.issuer)
    said = {"is_material": "on", "due_on": (house.today + timedelta(days=20)).isoformat()}
    assert house.client(admin).post(f"/school/to-read/{reading.pk}/renew/", said).status_code == 302
    fresh = Reading.objects.get(follows=reading)
    assert not sees(house, admin, fresh)
    assert sees(house, keeper, fresh)


def test_a_newer_wording_of_what_was_handed_over_stays_with_the_successor(house: House) -> None:
    reading = house.issue()
    hand_over_reading(actor=house.issuer, reading_id=reading.pk, to=house.second.membership_id)
    fresh = renew_reading(
        actor=house.issuer, reading_id=reading.pk, is_material=True, due_on=house.today + timedelta(days=20)
    )
    assert fresh.keeper_id == house.second.membership_id
    assert not sees(house, person(house.issuer), fresh), "the giver no longer does"
