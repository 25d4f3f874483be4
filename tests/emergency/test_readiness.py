"""Would it hold tonight: every rule of readiness, the page that tells it, and what it tells to whom (chain §2, §8)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Department, Membership
from accounts.permissions import grants
from audit.models import AuditEntry
from notifications.models import ProviderAccount
from referrals.emergency.centre.views_chain import MENDED_AT
from referrals.emergency.going_live import Lacking
from referrals.emergency.models import Contact, SheetCopy, chain_moment
from referrals.emergency.readiness_facts import LACKS, answers_always, read_school
from referrals.emergency.readiness_texts import AREA_TEXTS, DOORS, HOLDS_TEXTS, WHY_TEXTS
from referrals.emergency.rules.plan_check import Mender
from referrals.emergency.rules.readiness import (
    WHYS,
    Area,
    Kit,
    Level,
    Portion,
    Proof,
    SchoolFacts,
    Still,
    Why,
    is_proven,
    shorts,
    still_open,
    tiles,
)
from referrals.emergency.selectors import Staff, reached_people, readiness_of
from referrals.emergency.workflow.drilling import end
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.emergency.contact_steps import MOTHER, agreed, contact, member_of, somebody
from tests.emergency.drill_steps import begun, fresh
from tests.emergency.ready import make_ready
from tests.emergency.rota import line_row
from tests.emergency.test_duty_pages import browser
from tests.emergency.world import World

PAGE = "/centre/readiness/"
NOW = datetime(2027, 1, 1, 4, 0, tzinfo=UTC)
"""Noon of New Year in Shanghai."""
TODAY = date(2027, 1, 1)
GOOD = SchoolFacts(
    moment=NOW,
    day=TODAY,
    lacks={},
    proofs=[Proof("sms", NOW - timedelta(days=1)), Proof("voice", NOW)],
    has_other_way=False,
    has_local_line=True,
    hospitals=[date(2027, 12, 31)],
    communities=[date(2027, 12, 31)],
    contacts=Portion(80, 100),
    homes=Portion(50, 100),
    kit=Kit(things=3),
    drilled_at=NOW - timedelta(days=30),
    printed_at=NOW - timedelta(days=3),
)


def whys(facts: SchoolFacts) -> set[Why]:
    return {short.why for short in shorts(facts)}


def test_every_reason_has_its_tile_its_mender_its_words_and_its_button() -> None:
    assert set(WHYS) == set(WHY_TEXTS) == set(DOORS) == set(Why)
    assert set(AREA_TEXTS) == set(HOLDS_TEXTS) == set(Area) == {means.area for means in WHYS.values()}
    known = {permission for own in grants().values() for permission in own}
    for why, door in DOORS.items():
        if door is None:
            assert WHYS[why].mends is Mender.OPERATOR, why
        else:
            assert reverse(door.route).startswith("/") and door.permission in known, why
    assert set(LACKS) == set(MENDED_AT) == set(Lacking), "what going live lacks is short here, and both pages lead on"


def test_a_school_that_lacks_nothing_has_only_tiles_that_hold() -> None:
    found = tiles(GOOD)
    assert [tile.area for tile in found] == list(Area)
    assert {tile.level for tile in found} == {Level.HOLDS} and not shorts(GOOD)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"lacks": {Why.DUTY_GAPS: 1}}, Why.DUTY_GAPS),
        ({"away_due": 1}, Why.AWAY_DUE),
        ({"away_ahead": 1}, Why.AWAY_AHEAD),
        ({"lacks": {Why.SEATS_EMPTY: 1}}, Why.SEATS_EMPTY),
        ({"proofs": []}, Why.NO_CHANNEL),
        ({"proofs": [Proof("sms", None)]}, Why.UNPROVEN),
        ({"proofs": [Proof("sms", NOW - timedelta(days=90))]}, Why.PROVEN_LONG_AGO),
        ({"has_local_line": False}, Why.NO_LOCAL_LINE),
        ({"hospitals": []}, Why.NO_HOSPITAL),
        ({"hospitals": [TODAY + timedelta(days=30)]}, Why.AGREEMENT_ENDS),
        ({"communities": []}, Why.NO_COMMUNITY),
        ({"contacts": Portion(49, 100)}, Why.CONTACTS_MISSING),
        ({"contacts": Portion(79, 100)}, Why.CONTACTS_FEW),
        ({"contacts": None}, Why.CONTACTS_UNTOLD),
        ({"by_hand": 1}, Why.CONTACTS_BY_HAND),
        ({"homes": Portion(49, 100)}, Why.HOMES_FEW),
        ({"homes": None}, Why.HOMES_UNTOLD),
        ({"kit": Kit()}, Why.NO_KIT),
        ({"kit": Kit(3, over=1)}, Why.KIT_OVER),
        ({"kit": Kit(3, ends=1)}, Why.KIT_ENDS),
        ({"kit": Kit(3, short=1)}, Why.KIT_SHORT),
        ({"drilled_at": None}, Why.NO_DRILL),
        ({"drilled_at": NOW - timedelta(days=183)}, Why.DRILL_OLD),
        ({"printed_at": None}, Why.NO_SHEET),
        ({"printed_at": NOW - timedelta(days=14)}, Why.SHEET_OLD),
    ],
)
def test_each_thing_that_is_short_is_said_alone(change: dict[str, Any], wanted: Why) -> None:
    facts = replace(GOOD, **change)
    assert whys(facts) == {wanted}
    [tile] = [tile for tile in tiles(facts) if tile.shorts]
    assert (tile.area, tile.level) == (WHYS[wanted].area, WHYS[wanted].level)


@pytest.mark.parametrize(
    "change",
    [
        {"proofs": [Proof("sms", NOW - timedelta(days=90) + timedelta(seconds=1))]},
        {"proofs": [], "has_other_way": True},
        {"hospitals": [TODAY + timedelta(days=31)]},
        {"printed_at": NOW - timedelta(days=14) + timedelta(seconds=1)},
    ],
)
def test_up_to_its_edge_it_holds(change: dict[str, Any]) -> None:
    assert not shorts(replace(GOOD, **change))


def test_the_worst_of_a_tile_stands_first_and_colours_it() -> None:
    facts = replace(GOOD, proofs=[Proof("sms", NOW - timedelta(days=120)), Proof("voice", None)])
    [tile] = [tile for tile in tiles(facts) if tile.area is Area.CHANNELS]
    assert [short.why for short in tile.shorts] == [Why.UNPROVEN, Why.PROVEN_LONG_AGO] and tile.level is Level.MISSING
    assert not is_proven(None, NOW)


@pytest.mark.parametrize(
    ("words", "always"),
    [
        ("全天", True), ("全天，有人值守", True), ("24小时", True), ("每天 24 小时", True), ("24 h", True),
        ("全天，节假日除外", False), ("24 小时；周日休息", False), ("每天 20:00 到次日 8:00", False),
        ("周一至周五 24小时", False), ("工作日 8:00–20:00", False), ("有人接", False), ("", False),
    ],
)  # fmt: skip
def test_a_line_answers_always_only_when_it_says_so(words: str, always: bool) -> None:
    assert answers_always(words) is always


def test_what_a_person_can_still_add() -> None:
    assert still_open(1, has_community=False) == [Still.SECOND, Still.COMMUNITY]
    assert still_open(2, has_community=True) == []


@pytest.mark.django_db
def test_the_page_tells_what_the_rows_say_and_looking_writes_nothing(open_school: Any) -> None:
    ready = make_ready(open_school)
    line_row("+8657187650002", kind="district", answers="全天")
    SheetCopy.objects.create(number=1, by=ready.head)
    found = whys(read_school(open_school, chain_moment()).facts)
    # Nobody is on the sheet of contacts, no community agreed, nothing was drilled, no kit is entered, nobody leads the union.
    expected = {Why.CONTACTS_MISSING, Why.NO_COMMUNITY, Why.HOMES_FEW, Why.NO_DRILL, Why.NO_KIT, Why.UNION_UNLED}
    assert found == expected
    written = AuditEntry.objects.count()
    page = browser(open_school, ready.head).get(PAGE)
    assert page.status_code == 200 and AuditEntry.objects.count() == written
    assert "12 项里就绪 7 项" in page.text and "还没有演练过" in page.text and "今天没有一个社区签着协议" in page.text
    order = [
        page.text.index(word)
        for word in ("还没有演练过", "工会没有主席也没有副主席", "还没有登记应急箱", "最后一道一定有人接")
    ]
    assert order == sorted(order), "what is missing stands first, what holds last"


@pytest.mark.django_db
def test_who_mends_it_gets_the_button_and_everybody_else_reads_who_does(open_school: Any) -> None:
    ready = make_ready(open_school)
    ProviderAccount.objects.create(provider="aliyun", channel="sms", credentials_sealed=b"x")
    admin, centre, union = (make_person(open_school, role) for role in ("admin", "centre", "union"))
    button = f'small" href="{reverse("channels")}"'
    assert button in browser(open_school, admin).get(PAGE).text
    told = browser(open_school, centre).get(PAGE).text
    assert button not in told and "管理员" in told
    assert browser(open_school, union).get(PAGE).status_code == 404
    assert browser(open_school, ready.principal).get(PAGE).status_code == 200


@pytest.mark.django_db
def test_a_channel_is_proven_for_ninety_days(open_school: Any) -> None:
    make_ready(open_school)
    account = ProviderAccount.objects.create(provider="aliyun", channel="sms", credentials_sealed=b"x")
    now = chain_moment()
    assert Why.UNPROVEN in whys(read_school(open_school, now).facts)
    account.tested_at = account.proven_at = now
    account.save()
    assert not {Why.UNPROVEN, Why.PROVEN_LONG_AGO} & whys(read_school(open_school, now).facts)
    assert Why.PROVEN_LONG_AGO in whys(read_school(open_school, now + timedelta(days=90)).facts)
    account.is_active = False
    account.save()
    assert Why.PROVEN_LONG_AGO not in whys(read_school(open_school, now + timedelta(days=90)).facts)


@pytest.mark.django_db
def test_departments_stand_alone_only_with_enough_people_and_not_for_everybody(open_school: Any) -> None:
    ready = make_ready(open_school)
    large, small = (Department.objects.create(name=name) for name in ("语文组", "体艺组"))
    for number in range(9):
        somebody(open_school, department=large if number < 6 else small)
    page = browser(open_school, ready.head).get(PAGE).text
    assert "语文组" in page and "体艺组" not in page
    assert "语文组" not in browser(open_school, ready.principal).get(PAGE).text, (
        "how many of a department is the centre's"
    )


@pytest.mark.django_db
def test_of_a_handful_of_people_no_share_is_told(open_school: Any) -> None:
    actor = somebody(open_school)
    agreed(actor)
    found = read_school(open_school, chain_moment()).facts
    assert found.contacts is None and found.homes is None


@pytest.mark.django_db
def test_who_is_reached_is_the_same_in_both_readings(open_school: Any) -> None:
    """The reading at volume and the one contact by contact say the same of each."""
    people = [somebody(open_school) for _ in range(3)]
    made, _token = agreed(people[0])
    contact(people[1])
    made.fault, made.bounced_at = "bounced", chain_moment()
    one, _token = agreed(people[2])
    rows = [made, one]
    one_by_one = {row.person_id for row in rows if readiness_of([row])[row.pk].is_reached}
    made.save()
    assert reached_people(open_school.today()) == {one.person_id} == one_by_one - {made.person_id}
    assert Staff(open_school.today()).keys >= {one.person_id, made.person_id}


@pytest.mark.django_db
def test_people_whom_no_machine_reaches_are_counted_apart(open_school: Any) -> None:
    """Abroad is by hand: red where nobody else is reachable by machine (chain §2)."""
    for _ in range(8):
        somebody(open_school)
    far, both, near = (somebody(open_school) for _ in range(3))
    agreed(far, "+4915112345678")
    agreed(both, "+4915112345678")
    agreed(both, MOTHER, relation="parent")
    agreed(near)
    found = read_school(open_school, chain_moment()).facts
    assert found.by_hand == 1 and Why.CONTACTS_BY_HAND in whys(found)
    assert found.contacts is not None and found.contacts.reached == 3
    Contact.objects.filter(person=member_of(both), rank=2).update(fault="wrong", bounced_at=chain_moment())
    assert read_school(open_school, chain_moment()).facts.by_hand == 2


@pytest.mark.django_db
def test_the_school_is_read_in_few_questions(open_school: Any) -> None:
    ready = make_ready(open_school)
    client = browser(open_school, ready.head)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(PAGE).status_code == 200
    assert len(asked) <= 15, [query["sql"][:120] for query in asked]


@pytest.mark.django_db
def test_a_drill_that_ended_is_the_last_drill(world: World) -> None:
    with use_tenant(world.school.pk):
        assert read_school(world.school, chain_moment()).facts.drilled_at is None
        drill = begun(world)
        assert read_school(world.school, chain_moment()).facts.drilled_at is None, "it is played still"
        end(actor=world.actor("deputy"), drill_id=drill.pk)
        assert read_school(world.school, chain_moment()).facts.drilled_at == fresh(drill).ended_at


@pytest.mark.django_db
def test_their_own_tile_tells_a_person_what_they_can_still_add(open_school: Any) -> None:
    actor = somebody(open_school)
    agreed(actor)
    member = Membership.objects.get(pk=actor.membership_id)
    tile = browser(open_school, member).get("/my/").text
    assert "还可以补上：第二位联系人" in tile and "所在社区" in tile
