"""Emergency kits: places, medicine only in a licensed clinic, and who is told that something ends (row 14.9)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction

from audit.models import AuditEntry
from kernel.errors import DomainError, Forbidden, NotFound
from notifications.models import OutboxMessage
from referrals.emergency.models import KitItem, KitPlace, chain_moment
from referrals.emergency.readiness_facts import read_school
from referrals.emergency.rules.readiness import Why, shorts
from referrals.emergency.schedule import BEAT
from referrals.emergency.tasks import KITS_TASK, tell_what_ends_in_kits
from referrals.emergency.workflow.kits import add_place, change_place, check_item, put_item, remove_item
from tenancy.models import Tenant
from tests.conftest import actor_of, make_person
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.test_duty_pages import browser

pytestmark = pytest.mark.django_db
PAGE = "/centre/emergency/kits/"
DAY = timedelta(days=1)


@pytest.fixture
def centre(open_school: Any) -> Any:
    return make_person(open_school, "centre", title="陈主任")


@pytest.fixture
def doctor(open_school: Any) -> Any:
    return make_person(open_school, "doctor", title="方医生")


def place(by: Any, keeper: Any, **values: Any) -> KitPlace:
    given = {"name": "心理中心柜", "kind": "centre", "licence": ""}
    return add_place(actor=actor_of(by), keeper_id=keeper.pk, **(given | values))


def thing(by: Any, where: Any, **values: Any) -> KitItem:
    given = {"kind": "first_aid", "name": "创可贴", "stock": 10, "least": 5, "expires_on": None}
    return put_item(actor=actor_of(by), place_id=where.pk if where else None, **(given | values))


def today(school: Tenant) -> Any:
    return school.day_of(chain_moment())


def test_what_lies_there_is_called_as_it_was_typed(centre: Any) -> None:
    where = place(centre, centre, name="医务室（东）")
    assert (where.name, thing(centre, where, name="求助卡（中英文）").name) == ("医务室（东）", "求助卡（中英文）")


def refused(code: str, act: Any) -> None:
    """And nothing moved."""
    before = KitItem.objects.count(), AuditEntry.objects.count(), list(KitPlace.objects.values())
    with pytest.raises(DomainError) as caught:
        act()
    assert caught.value.reason == code
    assert before == (KitItem.objects.count(), AuditEntry.objects.count(), list(KitPlace.objects.values()))


def test_nothing_lies_without_a_place(centre: Any) -> None:
    refused("kit_without_place", lambda: thing(centre, None))
    refused("kit_without_place", lambda: put_item(
        actor=actor_of(centre), place_id=uuid4(), kind="paper", name="卡片", stock=1, least=1, expires_on=None
    ))  # fmt: skip


def test_medicine_lies_only_in_a_licensed_clinic_that_the_doctor_keeps(
    open_school: Any, centre: Any, doctor: Any
) -> None:
    until = today(open_school) + 100 * DAY
    pill = {"kind": "medicine", "name": "硝酸甘油", "expires_on": until}
    cupboard = place(centre, centre)
    refused("kit_no_medicine_here", lambda: thing(centre, cupboard, **pill))
    bare = place(centre, doctor, name="医务室", kind="clinic")
    refused("kit_no_medicine_here", lambda: thing(doctor, bare, **pill))
    kept = place(centre, centre, name="医务室二", kind="clinic", licence="PDY10001")
    refused("kit_needs_doctor", lambda: thing(centre, kept, **pill))
    clinic = place(centre, doctor, name="医务室三", kind="clinic", licence="PDY10002")
    refused("kit_medicine_expires", lambda: thing(doctor, clinic, **(pill | {"expires_on": None})))
    item = thing(doctor, clinic, **pill)

    def changed(**values: Any) -> Any:
        given = {"name": clinic.name, "kind": "clinic", "licence": "PDY10002", "keeper_id": doctor.pk}
        return lambda: change_place(actor=actor_of(centre), place_id=clinic.pk, **(given | values))

    refused("kit_has_medicine", changed(licence=""))
    refused("kit_has_medicine", changed(keeper_id=centre.pk))
    refused("kit_licence_elsewhere", changed(kind="centre"))
    with pytest.raises(ProgrammingError), transaction.atomic():
        KitItem.objects.filter(pk=item.pk).update(place=bare)  # the database has the last word
    with pytest.raises(ProgrammingError), transaction.atomic():
        KitItem.objects.create(place=bare, kind="medicine", name="x", stock=1, expires_on=until, checked_on=until)


def test_what_no_place_and_no_thing_is(centre: Any) -> None:
    here = place(centre, centre)
    refused("kit_place_twice", lambda: place(centre, centre))
    refused("kit_place_name", lambda: place(centre, centre, name="　"))
    refused("kit_place_kind", lambda: place(centre, centre, kind="garage"))
    refused("kit_item_kind", lambda: thing(centre, here, kind="weapon"))
    refused("kit_item_name", lambda: thing(centre, here, name=""))
    refused("kit_item_name", lambda: thing(centre, here, name="长" * 61))
    refused("kit_stock", lambda: thing(centre, here, stock=-1))
    refused("kit_stock", lambda: thing(centre, here, least=10_001))
    for role in ("staff", "duty", "principal", "admin", "doctor"):
        with pytest.raises(Forbidden):
            thing(make_person(Tenant.objects.get(pk=here.tenant_id), role), here)


def test_whoever_keeps_it_is_told_once_of_what_ends_within_thirty_days_however_late_the_round(
    open_school: Any, centre: Any, doctor: Any
) -> None:
    here = place(centre, doctor)
    ends = today(open_school) + 31 * DAY
    item = thing(centre, here, expires_on=ends)
    thing(centre, here, name="剪刀")
    assert tell_what_ends_in_kits() >= 1 and not OutboxMessage.objects.exists(), "31 days are time enough"
    with chain_ahead(DAY):
        for _again in range(2):
            tell_what_ends_in_kits()
        told = OutboxMessage.objects.filter(template="kit_ends").values_list("to_user_id", flat=True).distinct()
        assert list(told) == [doctor.user_id]
    before = OutboxMessage.objects.count()
    with chain_ahead(2 * DAY):
        tell_what_ends_in_kits()
    assert OutboxMessage.objects.count() == before, "nor on the next day"
    with chain_ahead(40 * DAY):
        check_item(actor=actor_of(centre), item_id=item.pk, stock=3, least=5, expires_on=ends + 2 * DAY)
        tell_what_ends_in_kits()  # other things, other day: told anew, though it is over already
    assert OutboxMessage.objects.count() > before and KITS_TASK in BEAT


def test_where_the_keeper_has_left_whoever_keeps_kits_is_told(open_school: Any, centre: Any) -> None:
    gone = make_person(open_school, "moral")
    thing(centre, place(centre, gone), expires_on=today(open_school))
    gone.active_from, gone.left_on = None, today(open_school) - DAY
    gone.save()
    tell_what_ends_in_kits()
    told = set(OutboxMessage.objects.filter(template="kit_ends").values_list("to_user_id", flat=True))
    assert told == {centre.user_id}


def test_readiness_counts_what_is_over_ends_or_is_short(open_school: Any, centre: Any) -> None:
    day = today(open_school)

    def whys() -> set[Why]:
        found = {short.why for short in shorts(read_school(open_school, chain_moment()).facts)}
        return found & {Why.NO_KIT, Why.KIT_OVER, Why.KIT_ENDS, Why.KIT_SHORT}

    assert whys() == {Why.NO_KIT}
    here = place(centre, centre)
    item = thing(centre, here, expires_on=day)
    assert whys() == {Why.KIT_ENDS}, "its last good day is a good day"
    check_item(actor=actor_of(centre), item_id=item.pk, stock=4, least=5, expires_on=day - DAY)
    assert whys() == {Why.KIT_OVER, Why.KIT_SHORT}
    remove_item(actor=actor_of(centre), item_id=item.pk)
    assert whys() == {Why.NO_KIT}
    with pytest.raises(NotFound):
        remove_item(actor=actor_of(centre), item_id=item.pk)
    with pytest.raises(NotFound):
        check_item(actor=actor_of(centre), item_id=item.pk, stock=1, least=1, expires_on=None)


def test_the_pages(open_school: Any, centre: Any, doctor: Any) -> None:
    client = browser(open_school, centre)
    assert "还没有登记应急箱" in client.get(PAGE).text
    form = {"name": "医务室", "kind": "clinic", "licence": "", "keeper": str(doctor.pk)}
    assert client.post(f"{PAGE}new/", form).status_code == 302
    here = KitPlace.objects.get()
    pill = {"name": "药", "kind": "medicine", "stock": "1", "least": "1", "expires_on": "2027-01-01"}
    answer = client.post(f"{PAGE}{here.pk}/new/", pill)
    assert answer.status_code == 422 and "这里不能放药品" in answer.text and not KitItem.objects.exists()
    assert client.post(f"{PAGE}{here.pk}/new/", pill | {"kind": "calming", "stock": "２"}).status_code == 302
    item = KitItem.objects.get()
    assert item.stock == 2 and "药" in client.get(PAGE).text and "方医生" in client.get(PAGE).text
    assert client.post(f"{PAGE}items/{item.pk}/", {"stock": "0", "least": "1", "expires_on": ""}).status_code == 302
    assert "不够" in browser(open_school, make_person(open_school, "duty")).get(PAGE).text
    keeper = browser(open_school, doctor)  # has no part in the chain, and keeps the clinic
    assert keeper.get(f"{PAGE}items/{item.pk}/").status_code == 200 and "医务室" in keeper.get(PAGE).text
    assert keeper.get(f"{PAGE}{here.pk}/").status_code == 404, "what the place is, the centre says"
    elsewhere = place(centre, centre, name="心理中心的柜子")
    assert "心理中心的柜子" not in keeper.get(PAGE).text
    assert keeper.get(f"{PAGE}{elsewhere.pk}/new/").status_code == 404
    other = browser(open_school, make_person(open_school, "doctor"))
    for path in (PAGE, f"{PAGE}items/{item.pk}/", f"{PAGE}items/{item.pk}/remove/", f"{PAGE}{here.pk}/new/"):
        assert other.get(path).status_code == 404, path
    gone = f"{PAGE}items/{item.pk}/remove/"
    assert client.post(gone).status_code == 302 and client.post(gone, follow=True).status_code == 200
    for role in ("staff", "head", "union"):
        assert browser(open_school, make_person(open_school, role)).get(PAGE).status_code == 404
    assert browser(open_school, make_person(open_school, "principal")).get(f"{PAGE}new/").status_code == 404
