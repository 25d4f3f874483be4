"""The union's chair grants crisis relief alone up to a limit; otherwise two sign, one of them chair or deputy (books §1, ADR 0049)."""

import re
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Forbidden, Invalid, NotFound, Refused
from ledger.selectors import difference
from referrals.emergency.models import chain_moment
from referrals.emergency.readiness_facts import read_school
from referrals.emergency.rules.readiness import Why, shorts
from referrals.models import ReliefWord, UnionPost
from referrals.subsidies.accounting import units_difference
from referrals.who_signs import LED, ONE_CASE_FEN, Act, Signs, who_signs
from referrals.workflow.hardship import ask_hardship, grant_hardship
from referrals.workflow.pools import approve_pool_order, ask_pool_order
from referrals.workflow.union_posts import holders, is_led, led_then, name_post, needed
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey
from tests.workflow.chair_steps import lead, relief, sign
from tests.workflow.several_steps import pay_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def union(journey: Journey) -> Journey:
    """A pool of relief and four of the union: ``chair``, ``deputy``, ``one``, ``other``; nobody is named yet."""
    pay_for(journey, "crisis_relief", share_bp=10_000, pool_fen=5_000_000)
    for number, who in enumerate(("chair", "deputy", "one", "other")):
        journey.members[who] = make_person(journey.tenant, "union", "staff", name=f"工会{'甲乙丙丁'[number]}")
    return journey


def member(journey: Journey, who: str) -> Membership:
    return journey.members[who]


def words() -> list[str]:
    return [row.state for row in ReliefWord.objects.order_by("given_at")]


@pytest.mark.parametrize(("led", "leads", "over"), list(product((False, True), repeat=3)))
def test_the_rule(led: bool, leads: bool, over: bool) -> None:
    found = who_signs(Act.RELIEF, amount_fen=ONE_CASE_FEN + over, is_led=led, gives_lead=leads)
    assert found == (Signs(second=over or not leads, lead=True) if led else Signs(second=True, lead=False))
    for act in set(Act) - LED:
        assert who_signs(act, amount_fen=1, is_led=led, gives_lead=leads) == Signs(second=True, lead=False)
    assert ONE_CASE_FEN == 200_000


@pytest.mark.parametrize("who", ["chair", "deputy"])
def test_chair_or_deputy_alone_up_to_the_limit_and_one_fen_more_takes_two(union: Journey, who: str) -> None:
    lead(union, "chair", "deputy")
    assert sign(union, relief(union, ONE_CASE_FEN), member(union, who)) == "offered"
    assert not words()
    more = relief(union, 1, days=6)
    assert sign(union, more, member(union, who)) == "submitted", "the case is more than that now"
    assert sign(union, more, member(union, "one")) == "offered"
    assert words() == ["seconded"]
    assert difference() == units_difference() == 0


def test_a_case_is_one_persons_and_what_was_approved_of_it(union: Journey) -> None:
    """Two halves are one case, in whatever order they are asked; what waits beside, and another person's, counts for nothing."""
    lead(union, "chair")
    half, other_half = relief(union, ONE_CASE_FEN), relief(union, ONE_CASE_FEN, days=6)
    elsewhere = relief(union, ONE_CASE_FEN, person="staff2")
    assert sign(union, half, member(union, "chair")) == "offered"
    assert sign(union, elsewhere, member(union, "chair")) == "offered"
    assert sign(union, other_half, member(union, "chair")) == "submitted"
    assert words() == ["waiting"]


def test_an_officers_yes_is_a_first_word_however_small_and_the_chair_is_the_second(union: Journey) -> None:
    lead(union, "chair")
    asked = relief(union, 100)
    assert sign(union, asked, member(union, "one")) == "submitted"
    with pytest.raises(Forbidden, match="chair_signs"):
        sign(union, asked, member(union, "other"))
    assert words() == ["waiting"]
    assert sign(union, asked, member(union, "chair")) == "offered"
    assert words() == ["seconded"]


def test_above_the_limit_the_order_of_the_two_does_not_matter_and_two_officers_are_not_enough(union: Journey) -> None:
    lead(union, "", "deputy")
    asked = relief(union, ONE_CASE_FEN + 1)
    assert sign(union, asked, member(union, "one")) == "submitted"
    with pytest.raises(Forbidden, match="chair_signs"):
        sign(union, asked, member(union, "other"))
    assert sign(union, asked, member(union, "deputy")) == "offered", "a deputy without a chair leads"


@pytest.mark.parametrize("fee", [1, ONE_CASE_FEN, ONE_CASE_FEN + 1])
def test_where_nobody_is_named_any_two_sign_whatever_the_sum(union: Journey, fee: int) -> None:
    asked = relief(union, fee)
    assert sign(union, asked, member(union, "one")) == "submitted"
    with pytest.raises(Forbidden, match="same_person"):
        sign(union, asked, member(union, "one"))
    assert sign(union, asked, member(union, "other")) == "offered"


def test_chair_and_deputy_of_one_person_are_one(union: Journey) -> None:
    lead(union, "chair")
    for who in ("chair", "other"):
        row = Membership.objects.get(pk=member(union, who).pk)
        assert row.user is not None
        row.user.keep_proved_phone("138 0013 8222") if who == "chair" else row.keep_phone("+86 13800138222")
        row.user.save()
        row.save()
    asked = relief(union, ONE_CASE_FEN + 1)
    sign(union, asked, member(union, "chair"))
    with pytest.raises(Forbidden, match="same_person"):
        sign(union, asked, member(union, "other"))
    with pytest.raises(Refused, match="post_held"):
        lead_more(union, "deputy", "other")
    assert not led_then(member(union, "other").user_id, now()), "a second account holds no post"


def lead_more(journey: Journey, kind: str, who: str | None) -> UnionPost | None:
    person = member(journey, who).pk if who else None
    return name_post(actor=actor_of(member(journey, "admin")), tenant=journey.tenant, kind=kind, person_id=person)


# Late time, second actor


def test_a_word_weighs_as_whoever_gave_it_stood_then(union: Journey) -> None:
    lead(union, "chair", "deputy")
    asked, moment = relief(union, ONE_CASE_FEN + 1), now()
    assert sign(union, asked, member(union, "chair")) == "submitted"
    with as_of(moment + timedelta(hours=1)):
        lead_more(union, "chair", "other")
    with as_of(moment + timedelta(hours=2)):
        assert sign(union, asked, member(union, "one")) == "offered", "the chair's word was the chair's"


def test_who_becomes_chair_after_an_officers_word_has_given_an_officers_word(union: Journey) -> None:
    lead(union, "chair", "deputy")
    asked, small, moment = relief(union, ONE_CASE_FEN + 1), relief(union, 100, person="staff2"), now()
    for row in (asked, small):
        assert sign(union, row, member(union, "one")) == "submitted"
    with as_of(moment + timedelta(hours=1)):
        lead_more(union, "chair", "one")
    with as_of(moment + timedelta(hours=2)):
        with pytest.raises(Forbidden, match="chair_signs"):
            sign(union, asked, member(union, "other"))
        with pytest.raises(Forbidden, match="same_person"):
            sign(union, asked, member(union, "one"))
        assert sign(union, small, member(union, "one")) == "offered", (
            "what a chair grants alone needs nobody's second word"
        )
        assert sorted(words()) == ["ended", "waiting"]
        assert sign(union, asked, member(union, "deputy")) == "offered"


def test_who_was_chair_before_is_an_officer(union: Journey) -> None:
    lead(union, "chair")
    moment = now()
    with as_of(moment + timedelta(hours=1)):
        lead_more(union, "chair", "other")
    with as_of(moment + timedelta(hours=2)):
        asked = relief(union, 100)
        assert sign(union, asked, member(union, "chair")) == "submitted"
        with pytest.raises(Forbidden, match="chair_signs"):
            sign(union, asked, member(union, "one"))


def test_the_chair_is_named_between_the_words_and_is_needed(union: Journey) -> None:
    asked, moment = relief(union, 100), now()
    assert sign(union, asked, member(union, "one")) == "submitted"
    with as_of(moment + timedelta(hours=1)):
        lead(union, "chair")
    with as_of(moment + timedelta(hours=2)):
        with pytest.raises(Forbidden, match="chair_signs"):
            sign(union, asked, member(union, "other"))
        lead(union)
        assert sign(union, asked, member(union, "other")) == "offered", "vacant again: any two"


@pytest.mark.parametrize("gone", ["role", "left"])
def test_who_is_no_longer_of_the_union_leads_nothing(union: Journey, gone: str) -> None:
    lead(union, "chair")
    assert is_led(now())
    change = {
        "role": {"roles": ["staff"]}, "left": {"left_on": union.tenant.today() - timedelta(days=1)},
    }[gone]  # fmt: skip
    Membership.objects.filter(pk=member(union, "chair").pk).update(**change)
    assert not is_led(now())
    asked = relief(union, 100)
    assert sign(union, asked, member(union, "one")) == "submitted"
    assert sign(union, asked, member(union, "other")) == "offered"


def test_a_post_without_the_role_leads_nothing_beside_a_deputy_who_has_it(union: Journey) -> None:
    lead(union, "chair", "deputy")
    one, other = member(union, "chair"), member(union, "deputy")
    assert needed(Act.RELIEF, one.user_id, now(), amount_fen=1) == Signs(second=False, lead=True)
    Membership.objects.filter(pk=one.pk).update(roles=["staff"])
    assert needed(Act.RELIEF, one.user_id, now(), amount_fen=1) == Signs(second=True, lead=True)
    assert needed(Act.RELIEF, other.user_id, now(), amount_fen=1) == Signs(second=False, lead=True)


def test_after_72_hours_the_chairs_word_is_a_first_word_again(union: Journey) -> None:
    lead(union, "chair")
    asked = relief(union, ONE_CASE_FEN + 1)
    sign(union, asked, member(union, "chair"))
    word = ReliefWord.objects.get()
    with as_of(word.until):
        assert sign(union, asked, member(union, "one")) == "submitted"
        assert words() == ["lapsed", "waiting"]
        with pytest.raises(Forbidden, match="chair_signs"):
            sign(union, asked, member(union, "other"))


# What finance decides stays between two of finance


def test_a_chair_has_no_part_in_what_finance_decides(union: Journey) -> None:
    lead(union, "chair")
    today = union.tenant.today()
    order = ask_pool_order(
        actor=union.finance, tenant=union.tenant, kind="grant", scheme="crisis_relief", year=today.year,
        amount_fen=10_000_000, reason="增拨",
    )  # fmt: skip
    with pytest.raises(Forbidden):
        approve_pool_order(actor=actor_of(member(union, "chair")), tenant=union.tenant, order_id=order.pk)
    with pytest.raises(Forbidden, match="same_person"):
        approve_pool_order(actor=union.finance, tenant=union.tenant, order_id=order.pk)
    assert approve_pool_order(actor=union.finance2, tenant=union.tenant, order_id=order.pk).state == "approved"
    file = ask_hardship(
        actor=actor_of(member(union, "one")), tenant=union.tenant, person_id=member(union, "staff").pk, number="KN-9",
        ceiling_fen=500_000, first_day=today, last_day=today,
    )  # fmt: skip
    with pytest.raises(Forbidden):
        grant_hardship(actor=actor_of(member(union, "chair")), file_id=file.pk)
    assert grant_hardship(actor=union.finance, file_id=file.pk).state == "granted"


# Naming


def test_naming_and_vacating_is_kept_and_recorded(union: Journey) -> None:
    lead(union, "chair", "deputy")
    again = lead_more(union, "chair", "chair")
    assert (UnionPost.objects.count(), again) == (2, holders(now())["chair"]), "said twice, named once"
    lead_more(union, "chair", "one")
    lead_more(union, "deputy", None)
    assert {kind: row.holder_id for kind, row in holders(now()).items()} == {"chair": member(union, "one").pk}
    assert UnionPost.objects.count() == 3
    assert lead_more(union, "deputy", "chair"), "who was chair before may be deputy"
    lead_more(union, "deputy", None)
    told = AuditEntry.objects.filter(action__startswith="union.post").values_list("action", flat=True)
    assert sorted(told) == ["union.post"] * 4 + ["union.post_end"] * 3


def test_who_names_and_who_can_be_named(union: Journey) -> None:
    lead(union, "chair")
    for who in ("chair", "one", "centre", "finance", "staff"):
        with pytest.raises(Forbidden):
            name_post(
                actor=actor_of(member(union, who)),
                tenant=union.tenant,
                kind="deputy",
                person_id=member(union, "one").pk,
            )
    foreign = make_school()
    with use_tenant(foreign.id):
        stranger = make_person(foreign, "union", "staff").pk
    admin = actor_of(member(union, "admin"))
    for person in (stranger, member(union, "staff").pk, member(union, "admin").pk, "x"):
        with pytest.raises(NotFound):
            name_post(actor=admin, tenant=union.tenant, kind="deputy", person_id=person)
    with pytest.raises(Invalid):
        name_post(actor=admin, tenant=union.tenant, kind="boss", person_id=member(union, "one").pk)
    with pytest.raises(Refused, match="post_held"):
        lead_more(union, "deputy", "chair")
    row = Membership.objects.get(pk=member(union, "one").pk)
    row.keep_phone("+86 13800138333")
    row.save()
    mine = Membership.objects.get(pk=member(union, "admin").pk)
    mine.keep_phone("+86 13800138333x"[:-1])
    Membership.objects.filter(pk=mine.pk).update(staff_no="Z 77")
    Membership.objects.filter(pk=row.pk).update(staff_no="z77")
    with pytest.raises(Forbidden, match="same_person"):
        lead_more(union, "deputy", "one")
    assert list(holders(now())) == ["chair"]


@pytest.mark.parametrize("wrong", ["kind", "holder", "word", "days"])
def test_the_database_holds_one_of_each(union: Journey, wrong: str) -> None:
    lead(union, "chair")
    by = member(union, "admin").user_id
    row: dict[str, Any] = {"kind": "deputy", "holder": member(union, "one"), "named_by_id": by}
    row |= {
        "kind": {"kind": "chair"}, "holder": {"holder": member(union, "chair")}, "word": {"kind": "boss"},
        "days": {"since": now(), "until": now() - timedelta(seconds=1)},
    }[wrong]  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        UnionPost.objects.create(**row)


# On screen


def browser(journey: Journey, who: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    client.force_login(member(journey, who).user)
    return client


def said(answer: Any) -> str:
    return re.sub(r"<[^>]+>", "", answer.content.decode())


def test_by_hand_the_administration_names_and_each_of_the_union_reads_what_their_word_means(union: Journey) -> None:
    lead(union)
    admin, page = browser(union, "admin"), "/school/union/"
    assert "还没有指定" in said(admin.get(page))
    asked = relief(union, 100)
    request = f"/union/referrals/{asked.pk}/"
    one, other, chair = (browser(union, who) for who in ("one", "other", "chair"))
    assert "没有指定工会主席" in said(one.get(request))
    assert "没有指定工会主席" in said(one.get("/union/"))
    form = admin.get(f"{page}chair/").content.decode()
    assert "工会甲" in form
    assert str(member(union, "staff").pk) not in form, "only people of the union are offered"
    assert admin.post(f"{page}chair/", {"person": str(member(union, "staff").pk)}).status_code == 422
    assert admin.post(f"{page}chair/", {"person": str(member(union, "chair").pk)})["Location"] == page
    assert "工会甲" in said(admin.get(page))
    assert admin.post(f"{page}deputy/", {"person": str(member(union, "chair").pk)}).status_code == 422
    assert admin.get(f"{page}boss/").status_code == 404
    assert "工会甲" in said(one.get("/union/"))
    assert "您的一句话就够" in said(chair.get(request))
    assert "主席或副主席" in said(one.get(request))
    assert one.post(f"{request}approve/")["Location"] == request
    shown = other.get(request).content.decode()
    assert "由主席或副主席" in shown
    assert f'href="{request}approve/"' not in shown
    assert other.get(f"{request}approve/").status_code == 302
    refused = other.post(f"{request}approve/")
    assert (refused.status_code, "两人中要有一位是主席或副主席" in said(refused)) == (403, True)
    assert chair.post(f"{request}approve/")["Location"] == "/union/"
    for who in ("one", "chair", "finance", "centre"):
        assert browser(union, who).get(page).status_code in (403, 404)
    assert admin.post(f"{page}chair/", {"person": ""})["Location"] == page
    assert not is_led(now())


def test_readiness_says_that_nobody_leads_and_who_mends_it(union: Journey) -> None:
    def lacks() -> list[str]:
        found = shorts(read_school(union.tenant, chain_moment()).facts)
        return [short.means.mends.value for short in found if short.why is Why.UNION_UNLED]

    assert lacks() == ["admin"]
    lead(union, "", "deputy")
    assert lacks() == []
