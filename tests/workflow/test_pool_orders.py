"""What two people do with a pool: grant, return, close its year; and drafts of policies that come back (books §1)."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Membership
from accounts.same_person import same_person
from audit.models import AuditEntry
from kernel.clock import as_of, local_day, now, start_of_day
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from ledger.keys import AccountKey
from ledger.models import Transfer
from ledger.selectors import balance, difference
from notifications.models import OutboxMessage
from partners.workflow import approve_agreement
from referrals.models import PoolOrder, Redemption, Unit, Voucher
from referrals.subsidies import accounting
from referrals.workflow.policies import approve_policy, draft_policy, edit_policy, return_policy, withdraw_policy
from referrals.workflow.pools import (
    approve_pool_order,
    ask_pool_order,
    closing_of,
    decline_pool_order,
    pool_key,
    withdraw_pool_order,
)
from referrals.workflow.redeeming import redeem, reverse
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db


def at(day: date, hour: int = 10) -> datetime:
    return start_of_day(day) + timedelta(hours=hour)


def asked(journey: Journey, kind: str = "grant", amount: int = 5_000, who: Any = None, **extra: Any) -> PoolOrder:
    said = {"scheme": "camp", "year": local_day(now()).year, "reason": "年度预算", **extra}
    return ask_pool_order(actor=who or journey.finance, tenant=journey.tenant, kind=kind, amount_fen=amount, **said)


def approve(journey: Journey, order: PoolOrder, who: Any = None) -> PoolOrder:
    return approve_pool_order(actor=who or journey.finance2, tenant=journey.tenant, order_id=order.pk)


def told(template: str, order: PoolOrder) -> set[Any]:
    """The accounts of those to whom it was written of this order."""
    rows = OutboxMessage.objects.filter(template=template, key__startswith=f"pool/{order.pk}/")
    return set(rows.values_list("to_user_id", flat=True))


def even() -> bool:
    return difference() == 0 == accounting.units_difference()


# ---- who counts as a second person


def test_two_accounts_of_one_telephone_or_staff_number_are_one_person(journey: Journey, school: Any) -> None:
    one, other = journey.members["finance"], journey.members["finance2"]
    assert not same_person(one.user_id, other.user_id)
    assert same_person(one.user_id, one.user_id)
    assert same_person(None, other.user_id)
    first, second = one.user, other.user
    assert first is not None
    assert second is not None
    second.keep_proved_phone("138 0013 8111")
    second.save()
    member = Membership.objects.get(pk=one.pk)
    member.keep_phone("+86 13800138111")
    member.save()
    assert same_person(one.user_id, other.user_id), "the school's number of one is the other's own"
    member.keep_phone("")
    member.staff_no = "Ｔ 001"  # noqa: RUF001 - full width is meant
    member.save()
    assert not same_person(one.user_id, other.user_id)
    Membership.objects.filter(pk=other.pk).update(staff_no="t001")
    assert same_person(one.user_id, other.user_id), "written another way it is the same number"


def test_four_eyes_are_those_of_two_people_not_of_two_accounts(journey: Journey) -> None:
    Membership.objects.filter(pk=journey.members["finance"].pk).update(staff_no="7 7")
    Membership.objects.filter(pk=journey.members["finance2"].pk).update(staff_no="77")
    order = asked(journey)
    policy = draft_policy(actor=journey.finance, scheme="mediation", share_bp=1, valid_from=local_day(now()))
    agreement = journey.agreement
    type(agreement).objects.filter(pk=agreement.pk).update(
        state="draft", approved_by=None, drafted_by=journey.finance.user_id
    )
    before = Transfer.objects.count()
    for act in (
        lambda: approve(journey, order),
        lambda: decline_pool_order(actor=journey.finance2, order_id=order.pk),
        lambda: approve_policy(actor=journey.finance2, policy_id=policy.pk),
        lambda: return_policy(actor=journey.finance2, policy_id=policy.pk, reason="no"),
        lambda: approve_agreement(actor=journey.finance2, agreement_id=agreement.pk),
    ):
        with pytest.raises(Forbidden, match="same_person"):
            act()
    assert Transfer.objects.count() == before


# ---- orders


def test_a_grant_and_a_return_need_a_second_person_and_a_reason(journey: Journey) -> None:
    key = pool_key("camp", local_day(now()).year)
    order = asked(journey)
    assert balance(key).granted == 0
    assert OutboxMessage.objects.filter(template="pool_order_asked").exists()
    with pytest.raises(Forbidden, match="same_person"):
        approve(journey, order, journey.finance)
    assert told("pool_order_done", order) == set()
    approve(journey, order)
    assert told("pool_order_done", order) == {journey.finance.user_id}, "not whoever has just decided"
    assert balance(key).available == 5_000
    with pytest.raises(IllegalMove):
        approve(journey, order)
    with pytest.raises(Refused, match="not_enough"):
        asked(journey, "return", 5_001)
    back = asked(journey, "return", 2_000)
    approve(journey, back)
    assert (balance(key).available, balance(key).granted) == (3_000, 3_000)
    assert AuditEntry.objects.filter(action__in=("ledger.grant", "ledger.return", "pool.approve")).count() >= 4
    assert even()


def test_what_is_asked_can_be_taken_back_or_declined_and_moves_nothing(journey: Journey) -> None:
    before = Transfer.objects.count()
    order = asked(journey)
    with pytest.raises(Forbidden, match="not_yours"):
        withdraw_pool_order(actor=journey.finance2, order_id=order.pk)
    withdraw_pool_order(actor=journey.finance, order_id=order.pk)
    with pytest.raises(IllegalMove):
        approve(journey, order)
    other = asked(journey)
    decline_pool_order(actor=journey.finance2, order_id=other.pk)
    assert told("pool_order_declined", other) == {journey.finance.user_id}
    assert not told("pool_order_done", other)
    for stranger in (journey.union, journey.staff, journey.centre):
        with pytest.raises(Forbidden):
            asked(journey, who=stranger)
    assert Transfer.objects.count() == before
    assert set(PoolOrder.objects.filter(scheme="camp").values_list("state", flat=True)) == {"withdrawn", "declined"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "gift"}, {"amount": 0}, {"amount": -1}, {"amount": True}, {"amount": 10**18}, {"scheme": "yacht"},
        {"year": 1999}, {"reason": " "}, {"reason": "x" * 201}, {"kind": "close_year", "year": 2020},
    ],
)  # fmt: skip
def test_an_order_without_sense_is_not_written(journey: Journey, wrong: dict[str, Any]) -> None:
    before = PoolOrder.objects.count()
    with pytest.raises(Invalid):
        asked(journey, **{"kind": "grant", **wrong})
    assert PoolOrder.objects.count() == before


def test_the_database_holds_four_eyes_and_amounts_by_itself(journey: Journey) -> None:
    order = asked(journey)
    rows = PoolOrder.objects.filter(pk=order.pk)
    for name, change in (
        ("pool_order_four_eyes", {"state": "approved", "decided_by": journey.finance.user_id}),
        ("pool_order_amount", {"amount_fen": 0}),
        ("pool_order_words", {"state": "maybe"}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**change)


def test_orders_of_another_school_are_missing(journey: Journey, other_school: Any) -> None:
    order = asked(journey)
    with use_tenant(other_school.id):
        stranger = actor_of(make_person(other_school, "finance"))
        with pytest.raises(NotFound):
            approve_pool_order(actor=stranger, tenant=other_school, order_id=order.pk)


# ---- the year is closed


@pytest.fixture
def year() -> Iterator[Journey]:
    """A school that began in 2027, on 10 December."""
    with as_of(at(date(2027, 12, 10))):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            yield journey


OLD, NEW = (AccountKey("pool", "counselling", each, "fen") for each in (2027, 2028))
MARCH = date(2028, 3, 31)


def closed(journey: Journey) -> PoolOrder:
    return approve(journey, asked(journey, "close_year", 0, scheme="counselling", year=2027))


def test_a_year_is_closed_from_the_last_of_march_on_and_its_reservations_are_carried_line_by_line(
    year: Journey,
) -> None:
    kept = ask(year, units=2)
    spent = ask(year, days=2, who=year.staff2)
    booking = answer(year, spent)
    with as_of(booking.starts_at):
        redeem(actor=year.partner_counter, text=Voucher.objects.get().code)
    granted, before_new = balance(OLD).granted, balance(NEW)
    with as_of(at(MARCH - timedelta(days=1))), pytest.raises(Refused, match="year_runs"):
        closed(year)
    with as_of(at(MARCH)):
        listed = closing_of("counselling", 2027)
        assert (listed.returned_fen, [unit.subsidy_fen for unit in listed.carried]) == (granted - 63_000, [21_000] * 2)
        with pytest.raises(Conflict, match="asked_already"):
            asked(year, "close_year", 0, scheme="counselling", year=2027)
            asked(year, "close_year", 0, scheme="counselling", year=2027, who=year.finance2)
    PoolOrder.objects.filter(kind="close_year").delete()
    with as_of(at(MARCH)):
        order = closed(year)
        assert (order.returned_fen, order.carried_fen) == (granted - 63_000, 42_000)
        old, new = balance(OLD), balance(NEW)
        assert (old.available, old.reserved, old.spent, old.granted) == (0, 0, 21_000, 21_000)
        assert new.reserved == 42_000 == new.granted - before_new.granted
        assert new.available == before_new.available, "nobody else's money pays for it"
        for kind in ("grant", "return"):
            with pytest.raises(Refused, match="year_closed"):
                asked(year, kind, 100, scheme="counselling", year=2027)
    units = Unit.objects.filter(referral=kept)
    assert {(unit.carried_to, unit.attempt, unit.state) for unit in units} == {(2028, 2, "held")}
    assert even()


def test_a_refund_after_the_closing_leaves_the_closed_year_in_the_same_act(year: Journey) -> None:
    booking = answer(year, ask(year))
    with as_of(booking.starts_at):
        redeem(actor=year.partner_counter, text=Voucher.objects.get().code)
    with as_of(at(MARCH)):
        closed(year)
        taken = Redemption.objects.get()
        reverse(actor=year.partner_office, redemption_id=taken.pk, reason="not_delivered")
        assert balance(OLD) == type(balance(OLD))(), "refunded, and returned at once"
        back = Transfer.objects.get(reference=f"redemption/{taken.pk}/return")
        assert (back.kind, back.budget_year) == ("return", 2027)
    assert even()


def test_a_unit_given_back_in_a_closed_year_is_held_by_the_next(year: Journey) -> None:
    """Its voucher lives: the money goes with it, and the next year's own is not touched."""
    booking = answer(year, ask(year))
    voucher = Voucher.objects.get()
    with as_of(booking.starts_at):
        redeem(actor=year.partner_counter, text=voucher.code)
    Voucher.objects.update(valid_until=MARCH + timedelta(days=9), state="active", units_left=0)
    available = balance(NEW).available
    with as_of(at(MARCH)):
        closed(year)
        reverse(actor=year.partner_office, redemption_id=Redemption.objects.get().pk, reason="not_delivered")
        assert (balance(OLD).available, balance(NEW).reserved, balance(NEW).available) == (0, 21_000, available)
        unit = Unit.objects.get()
        assert (unit.state, unit.carried_to) == ("held", 2028)
    assert even()


# ---- drafts of policies


def draft(journey: Journey, **extra: Any) -> Any:
    return draft_policy(
        actor=journey.finance, **{"scheme": "camp", "share_bp": 4_000, "valid_from": local_day(now()), **extra}
    )


def test_a_draft_comes_back_with_a_reason_is_changed_and_waits_again(journey: Journey) -> None:
    policy = draft(journey)
    with pytest.raises(Invalid):
        return_policy(actor=journey.finance2, policy_id=policy.pk, reason="  ")
    return_policy(actor=journey.finance2, policy_id=policy.pk, reason="比例应为五成")
    policy.refresh_from_db()
    assert (policy.state, policy.return_reason) == ("returned", "比例应为五成")
    assert OutboxMessage.objects.filter(template="policy_returned").exists()
    with pytest.raises(IllegalMove):
        approve_policy(actor=journey.finance2, policy_id=policy.pk)
    changes: dict[str, Any] = {"share_bp": 5_000, "valid_from": local_day(now())}
    with pytest.raises(Forbidden, match="not_yours"):
        edit_policy(actor=journey.finance2, policy_id=policy.pk, **changes)
    with pytest.raises(Invalid):
        edit_policy(actor=journey.finance, policy_id=policy.pk, **{**changes, "share_bp": 10_001})
    edited = edit_policy(actor=journey.finance, policy_id=policy.pk, **changes)
    assert (edited.state, edited.share_bp, edited.return_reason) == ("draft", 5_000, "")
    approve_policy(actor=journey.finance2, policy_id=policy.pk)
    for act in (
        lambda: edit_policy(actor=journey.finance, policy_id=policy.pk, **changes),
        lambda: withdraw_policy(actor=journey.finance, policy_id=policy.pk),
        lambda: return_policy(actor=journey.finance2, policy_id=policy.pk, reason="late"),
    ):
        with pytest.raises(IllegalMove):
            act()


def test_a_withdrawn_draft_never_counts_and_leaves_its_number(journey: Journey) -> None:
    policy = draft(journey)
    with pytest.raises(Forbidden, match="not_yours"):
        withdraw_policy(actor=journey.finance2, policy_id=policy.pk)
    withdraw_policy(actor=journey.finance, policy_id=policy.pk)
    with pytest.raises(IllegalMove):
        approve_policy(actor=journey.finance2, policy_id=policy.pk)
    assert draft(journey).version == policy.version + 1


def test_the_pages_of_a_draft_show_each_what_they_may_do(journey: Journey) -> None:
    policy = draft(journey)
    clients = {}
    for who in ("finance", "finance2", "union"):
        clients[who] = Client(headers={"host": journey.tenant.host})
        user = journey.members[who].user
        assert user is not None
        clients[who].force_login(user)
    one = f"/finance/policies/{policy.pk}/"
    assert f"{one}edit/" in clients["finance"].get(one).content.decode()
    assert f"{one}return/" in clients["finance2"].get(one).content.decode()
    for name in ("edit", "return", "withdraw"):
        assert clients["union"].get(f"{one}{name}/").status_code == 404
    assert clients["finance2"].post(f"{one}return/", {"reason": ""}).status_code == 422
    assert clients["finance2"].post(f"{one}return/", {"reason": "再看一下日期"}).status_code == 302
    assert "再看一下日期" in clients["finance"].get(one).content.decode()
    page = clients["finance"].get(f"{one}edit/")
    assert page.status_code == 200
    body = {"share": "50", "valid_from": local_day(now()).isoformat()}
    assert clients["finance"].post(f"{one}edit/", {**body, "share": "x"}).status_code == 422
    assert clients["finance"].post(f"{one}edit/", body).status_code == 302
    assert clients["finance"].post(f"{one}withdraw/").status_code == 302
    policy.refresh_from_db()
    assert (policy.state, policy.share_bp) == ("withdrawn", 5_000)


def test_pages_of_an_order_lead_through_four_eyes(journey: Journey) -> None:
    order = asked(journey)
    pages = {}
    for who in ("finance", "finance2", "staff"):
        client = Client(headers={"host": journey.tenant.host})
        user = journey.members[who].user
        assert user is not None
        client.force_login(user)
        pages[who] = client
    one = f"/finance/orders/{order.pk}/"
    assert f"{one}withdraw/" in pages["finance"].get(one).content.decode()
    assert f"{one}approve/" in pages["finance2"].get(one).content.decode()
    assert pages["staff"].get(one).status_code == 404
    assert pages["finance2"].get(f"{one}decline/").status_code == 200
    assert pages["finance2"].get(f"{one}withdraw/").status_code == 302, "it says who may"
    assert pages["finance2"].post(f"{one}decline/").status_code == 302
    assert pages["finance"].get("/finance/orders/?state=declined").status_code == 200


def test_a_yes_is_to_the_draft_that_was_read(journey: Journey) -> None:
    """Whoever drafted it may write it anew until it is approved: not between what the second person reads and their click."""
    first_day = local_day(now()) + timedelta(days=20)
    policy = draft_policy(actor=journey.finance, scheme="counselling", share_bp=5_000, valid_from=first_day)
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(Membership.objects.get(pk=journey.finance2.membership_id).user)
    page = f"/finance/policies/{policy.pk}/approve/"
    read = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(page).content.decode())
    assert read
    edit_policy(actor=journey.finance, policy_id=policy.pk, share_bp=10_000, valid_from=first_day)
    for seen in ({"seen": read[1]}, {}):
        refused = client.post(page, seen)
        assert refused.status_code == 409
        policy.refresh_from_db()
        assert policy.state == "draft"
    with pytest.raises(Conflict, match="policy_changed"):
        approve_policy(actor=journey.finance2, policy_id=policy.pk, seen=read[1])
    again = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(page).content.decode())
    assert again
    assert client.post(page, {"seen": again[1]}).status_code == 302
    policy.refresh_from_db()
    assert (policy.state, policy.share_bp) == ("approved", 10_000)
