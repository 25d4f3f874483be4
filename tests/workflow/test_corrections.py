"""A use that was counted with a wrong split: one person of finance asks, another decides, the difference is booked (books §2, §9)."""

import re
import unicodedata
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Membership
from kernel.clock import as_of, local_day, now, start_of_day
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from ledger.models import Transfer
from ledger.selectors import balance, difference
from ledger.workflow import correct, move
from notifications.models import OutboxMessage
from referrals.models import Correction, Redemption, Referral, Unit, Voucher
from referrals.subsidies import accounting
from referrals.workflow.claiming import claim_amount
from referrals.workflow.correcting import (
    approve_correction,
    ask_correction,
    confirm_corrected_share,
    decline_correction,
    of_number,
    withdraw_correction,
)
from referrals.workflow.objecting import agree, dispute
from referrals.workflow.policies import approve_policy, draft_policy
from referrals.workflow.pools import approve_pool_order, ask_pool_order, pool_key
from referrals.workflow.redeeming import redeem, reverse
from tenancy.scope import use_tenant
from tests.api.journey_client import API, office_of, staff_of
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.walking_books import check_books, snapshot

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def spend(journey: Journey, referral: Referral) -> list[Redemption]:
    """Every unit of it, agreed to by the person: the first at its appointment, the others one a day."""
    booking = answer(journey, referral)
    voucher = Voucher.objects.get(referral=referral)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    rows = list(Redemption.objects.filter(voucher=voucher).order_by("unit_index"))
    for row in rows:
        agree(actor=journey.staff, redemption_id=row.pk)
    return rows


@pytest.fixture
def used(journey: Journey) -> Redemption:
    """Counselling at ¥300: the school paid ¥210, the person ¥90, who has agreed."""
    return spend(journey, ask(journey))[0]


def asked(journey: Journey, line: Redemption, fee: int = 24_000, cause: str = "price", **extra: Any) -> Correction:
    said = {"actor": journey.finance, "side": "agency", "reason": "协议价写错了", **extra}
    return ask_correction(redemption_id=line.pk, cause=cause, fee_fen=fee, **said)


def corrected(journey: Journey, line: Redemption, fee: int = 24_000, cause: str = "price") -> Correction:
    return approve_correction(actor=journey.finance2, correction_id=asked(journey, line, fee, cause).pk)


def even() -> None:
    assert difference() == 0 == accounting.units_difference()
    check_books()


def key_of(line: Redemption) -> Any:
    return pool_key("counselling", line.service_date.year)


def test_less_goes_back_to_its_pool_and_the_agency_owes_the_person_their_part(
    journey: Journey, used: Redemption
) -> None:
    key = key_of(used)
    before, row = balance(key), asked(journey, used)
    assert balance(key) == before, "nothing moves before a second person"
    assert OutboxMessage.objects.filter(template="correction_asked").exists()
    approve_correction(actor=journey.finance2, correction_id=row.pk)
    row.refresh_from_db()
    assert (row.old, row.new) == ((30_000, 21_000, 9_000), (24_000, 16_800, 7_200))
    assert row.change == (-6_000, -4_200, -1_800)
    assert (balance(key).spent, balance(key).available - before.available) == (before.spent - 4_200, 4_200)
    line = Transfer.objects.get(reference=f"correction/{row.pk}/refund")
    assert (line.kind, line.against.reference) == ("refund", Unit.objects.get().reservation)
    assert (line.service_date, line.budget_year) == (used.service_date, used.service_date.year)
    used.refresh_from_db()
    assert (used.state, used.fee_fen, used.subsidy_fen, used.self_fen) == ("validated", 30_000, 21_000, 9_000)
    assert {m.template for m in OutboxMessage.objects.all()} >= {"use_corrected", "use_corrected_there"}
    assert row.own_share_due
    with pytest.raises(NotFound):
        confirm_corrected_share(actor=journey.staff2, correction_id=row.pk)
    confirm_corrected_share(actor=journey.staff, correction_id=row.pk)
    again = confirm_corrected_share(actor=journey.staff, correction_id=row.pk)
    assert (again.own_share_due, again.own_share_back_at is None) == (False, False)
    even()


def test_more_is_spent_of_what_is_free_and_all_of_it_comes_back_when_the_use_is_taken_back(
    journey: Journey, used: Redemption
) -> None:
    key = key_of(used)
    before, row = balance(key), corrected(journey, used, 36_000)
    assert row.change == (6_000, 4_200, 1_800)
    line = Transfer.objects.get(reference=f"correction/{row.pk}/more")
    assert (line.kind, line.against.reference) == ("correct", Unit.objects.get().reservation)
    assert (balance(key).spent, balance(key).available) == (before.spent + 4_200, before.available - 4_200)
    assert not row.own_share_due
    with pytest.raises(Refused, match="nothing_due"):
        confirm_corrected_share(actor=journey.staff, correction_id=row.pk)
    even()
    with as_of(used.redeemed_at + DAY):
        reverse(actor=journey.partner_office, redemption_id=used.pk, reason="not_delivered")
    assert balance(key).spent == 0
    even()


def test_it_is_the_difference_of_two_splits_never_the_split_of_the_difference(
    journey: Journey, used: Redemption
) -> None:
    assert corrected(journey, used, 30_005).change == (5, 4, 1)
    assert corrected(journey, used, 30_010).change == (5, 3, 2), "the split of 5 fen would be 4 and 1"
    assert [tuple(Voucher.objects.get().unit_splits[0])] == [(30_010, 21_007, 9_003)]
    even()


def test_what_was_not_had_gives_back_money_and_quota(journey: Journey, used: Redemption) -> None:
    unit = Unit.objects.get()
    quota = accounting.accounts_of(unit.referral, unit.service_date).quota
    assert quota is not None
    assert balance(quota).spent == 1
    row = corrected(journey, used, 0, "not_had")
    assert row.change == (-30_000, -21_000, -9_000)
    assert (balance(quota).spent, balance(key_of(used)).spent) == (0, 0)
    even()


def test_a_use_that_no_pool_paid_is_reserved_first_then_spent(db: Any) -> None:
    journey = make_journey(make_school(), quota_sessions=1)
    with use_tenant(journey.tenant.id):
        [first] = spend(journey, ask(journey))
        [second] = spend(journey, ask(journey, days=2))
        assert (first.subsidy_fen, second.subsidy_fen) == (21_000, 0), "one session a year is paid"
        corrected(journey, first, 0, "not_had")
        row = corrected(journey, second, 30_000)
        assert row.change == (0, 21_000, -21_000)
        unit = Unit.objects.get(referral=second.voucher.referral)
        made = {t.reference: t.kind for t in Transfer.objects.filter(budget_year=second.service_date.year)}
        assert made[unit.reservation] == "reserve"
        assert Transfer.objects.get(reference=f"correction/{row.pk}/commit").against.reference == unit.reservation
        even()


def test_the_version_that_counts_on_the_day_is_applied_within_the_same_scheme(journey: Journey) -> None:
    referral = ask(journey, days=3)
    tomorrow = local_day(now()) + DAY
    draft = draft_policy(actor=journey.finance, scheme="counselling", share_bp=5_000, valid_from=tomorrow)
    approve_policy(actor=journey.finance2, policy_id=draft.pk)
    [line] = spend(journey, referral)
    assert line.subsidy_fen == 21_000, "what was priced stays priced"
    row = corrected(journey, line, 30_000, "policy")
    assert (row.version_id, row.new) == (draft.pk, (30_000, 15_000, 15_000))
    even()


def test_four_eyes_and_never_ones_own(journey: Journey, used: Redemption) -> None:
    row, before = asked(journey, used), snapshot()
    for who in (journey.finance, journey.union, journey.staff, journey.centre, journey.partner_office):
        with pytest.raises(Forbidden):
            approve_correction(actor=who, correction_id=row.pk)
    with pytest.raises(Forbidden, match="same_person"):
        decline_correction(actor=journey.finance, correction_id=row.pk)
    with pytest.raises(Forbidden, match="not_yours"):
        withdraw_correction(actor=journey.finance2, correction_id=row.pk)
    number = "6 0 1"
    Membership.objects.filter(pk=journey.members["finance"].pk).update(staff_no=number)
    Membership.objects.filter(pk=journey.members["finance2"].pk).update(staff_no="601")
    with pytest.raises(Forbidden, match="same_person"):
        approve_correction(actor=journey.finance2, correction_id=row.pk)
    assert snapshot() == before
    with transaction.atomic(), pytest.raises(IntegrityError, match="correction_four_eyes"):
        Correction.objects.filter(pk=row.pk).update(state="approved", decided_by=journey.finance.user_id)


@pytest.mark.parametrize("who", ["finance", "finance2"])
def test_nobody_of_finance_asks_or_decides_about_their_own_use(journey: Journey, who: str) -> None:
    referral = ask(journey, who=getattr(journey, who))
    booking = answer(journey, referral)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
    line = Redemption.objects.get()
    agree(actor=getattr(journey, who), redemption_id=line.pk)
    if who == "finance":
        with pytest.raises(Forbidden, match="same_person"):
            asked(journey, line)
        assert not Correction.objects.exists()
        return
    row = asked(journey, line)
    for act in (approve_correction, decline_correction):
        with pytest.raises(Forbidden, match="same_person"):
            act(actor=journey.finance2, correction_id=row.pk)
    claim_amount(actor=journey.finance2, redemption_id=line.pk, side="person", cause="price", reason="多收了")
    for reader, may in (("finance", True), ("finance2", False)):
        own, program = browser(journey, reader), staff_of(journey, reader)
        for address in (f"/finance/corrections/{row.pk}/", f"/finance/corrections/{row.pk}/approve/"):
            assert (own.get(address).status_code == 403) is not may, address
        assert (program.get(f"{API}corrections/{row.pk}/").status_code == 200) is may
        for listed in (
            "corrections/?state=",
            "corrections/export.csv",
            "corrections/claims/",
            "corrections/claims/export.csv",
        ):
            assert (line.voucher_number in plain(own.get(f"/finance/{listed}"))) is may, listed
        for listed in ("corrections/", "claims/"):
            assert (line.voucher_number in program.get(f"{API}{listed}").content.decode()) is may, listed


def test_what_changes_nothing_or_is_asked_twice_is_refused(journey: Journey, used: Redemption) -> None:
    before = snapshot()
    for fee, cause in ((30_000, "price"), (30_000, "policy")):
        with pytest.raises(Refused, match="nothing_changes"):
            asked(journey, used, fee, cause)
    assert snapshot() == before
    row = asked(journey, used)
    with pytest.raises(Conflict, match="correction_asked"):
        asked(journey, used, 25_000)
    assert asked(journey, used, key=row.pk) == row, "sent twice it is asked once"
    approve_correction(actor=journey.finance2, correction_id=row.pk)
    for act in (approve_correction, decline_correction):
        with pytest.raises(IllegalMove):
            act(actor=journey.finance2, correction_id=row.pk)
    with pytest.raises(Refused, match="nothing_changes"):
        asked(journey, used)
    even()


def test_only_what_counts_is_corrected(journey: Journey) -> None:
    booking = answer(journey, ask(journey))
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
    line = Redemption.objects.get()
    with pytest.raises(Refused, match="still_open"):
        asked(journey, line)
    with as_of(line.redeemed_at + timedelta(hours=1)):
        dispute(actor=journey.staff, tenant=journey.tenant, redemption_id=line.pk, reason="other_amount")
        with pytest.raises(Refused, match="still_open"):
            asked(journey, line)
        reverse(actor=journey.partner_office, redemption_id=line.pk, reason="wrong_amount")
    with pytest.raises(IllegalMove):
        asked(journey, line)
    Redemption.objects.update(kind="fee", state="validated")
    with pytest.raises(NotFound):
        asked(journey, line)
    assert (of_number(line.voucher_number), Correction.objects.count()) == ([], 0)


def test_a_use_taken_back_meanwhile_is_not_corrected(journey: Journey, used: Redemption) -> None:
    row = asked(journey, used)
    with as_of(used.redeemed_at + DAY):
        reverse(actor=journey.partner_office, redemption_id=used.pk, reason="not_delivered")
    before = snapshot()
    with pytest.raises(IllegalMove):
        approve_correction(actor=journey.finance2, correction_id=row.pk)
    assert snapshot() == before
    Redemption.objects.update(state="disputed")
    with pytest.raises(Refused, match="still_open"):
        approve_correction(actor=journey.finance2, correction_id=row.pk)


@pytest.mark.parametrize(
    "wrong",
    [
        {"cause": "gift"}, {"side": "nobody"}, {"fee": -1}, {"fee": True}, {"fee": 10**18}, {"fee": 0}, {"reason": " "},
        {"reason": "x" * 201}, {"cause": "not_had"},
    ],
)  # fmt: skip
def test_bad_input_asks_nothing(journey: Journey, used: Redemption, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        asked(journey, used, **wrong)
    assert not Correction.objects.exists()


def test_more_than_the_pool_has_is_refused_and_nothing_moves(journey: Journey, used: Redemption) -> None:
    row, key = asked(journey, used, 36_000), key_of(used)
    left = balance(key).available
    back = ask_pool_order(
        actor=journey.finance, tenant=journey.tenant, kind="return", scheme="counselling", year=key.period,
        amount_fen=left - 100, reason="收回",
    )  # fmt: skip
    approve_pool_order(actor=journey.finance2, tenant=journey.tenant, order_id=back.pk)
    before = snapshot()
    with pytest.raises(Refused, match="pool_used_up"):
        approve_correction(actor=journey.finance2, correction_id=row.pk)
    row.refresh_from_db()
    assert (snapshot(), row.state) == (before, "asked")
    even()


def test_the_ledger_adds_only_to_what_was_spent(journey: Journey, used: Redemption) -> None:
    unit, key = Unit.objects.get(), key_of(used)
    ask(journey, who=journey.staff2, days=2)
    held = Unit.objects.get(state="held").reservation
    for against, code in ((held, "more_than_spent"), ("unit/none/0/1", "reservation")):
        with pytest.raises((Refused, NotFound), match=code):
            correct(actor=journey.finance, account=key, amount=1, reference="correction/x/more", against=against)
    with pytest.raises(Invalid):
        move(actor=journey.finance, kind="correct", amounts={key: 1}, reference="correction/y/more")
    correct(actor=journey.finance, account=key, amount=1, reference="correction/z/more", against=unit.reservation)
    assert balance(key).spent == 21_001
    assert difference() == 0


# ---- a year that is closed


@pytest.fixture
def last_year(db: Any) -> Any:
    """A use of 2027, agreed to, and the pool's year closed on 31 March 2028."""
    with as_of(start_of_day(date(2027, 11, 20)) + timedelta(hours=9)):
        journey = make_journey(make_school())
    with use_tenant(journey.tenant.id):
        with as_of(start_of_day(date(2027, 11, 20)) + timedelta(hours=9)):
            [line] = spend(journey, ask(journey))
        with as_of(start_of_day(date(2028, 3, 31)) + timedelta(hours=9)):
            order = ask_pool_order(
                actor=journey.finance, tenant=journey.tenant, kind="close_year", scheme="counselling", year=2027,
                reason="年终",
            )  # fmt: skip
            approve_pool_order(actor=journey.finance2, tenant=journey.tenant, order_id=order.pk)
            yield journey, line


def test_less_of_a_closed_year_leaves_the_books_in_the_same_act(last_year: tuple[Journey, Redemption]) -> None:
    journey, line = last_year
    row, key = corrected(journey, line), pool_key("counselling", 2027)
    stands = balance(key)
    assert (stands.available, stands.spent, stands.granted) == (0, 16_800, 16_800)
    back = Transfer.objects.get(reference=f"correction/{row.pk}/return")
    assert (back.kind, back.budget_year) == ("return", 2027)
    assert difference() == 0 == accounting.units_difference()


def test_a_closed_year_pays_nothing_more(last_year: tuple[Journey, Redemption]) -> None:
    journey, line = last_year
    before = snapshot()
    with pytest.raises(Refused, match="year_closed"):
        asked(journey, line, 36_000)
    assert snapshot() == before


# ---- pages


def browser(journey: Journey, who: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    user = journey.members[who].user
    assert user is not None
    client.force_login(user)
    return client


def plain(answer: Any) -> str:
    """What stands on the page, without the marks that keep words together on a line."""
    text = unicodedata.normalize("NFKC", answer.content.decode()).replace("\N{HYPHEN}", "-")
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def words(answer: Any) -> str:
    """The same without tags."""
    return re.sub(r"<[^>]+>", "", plain(answer))


def test_finance_finds_it_by_its_number_looks_and_a_second_person_decides(journey: Journey, used: Redemption) -> None:
    one, other = browser(journey, "finance"), browser(journey, "finance2")
    assert browser(journey, "staff").get("/finance/corrections/").status_code == 404
    found = plain(one.get("/finance/corrections/new/", {"q": used.voucher_number}))
    form = f"/finance/corrections/new/{used.pk}/"
    assert form in found
    assert f"{used.service_date:%Y-%m-%d}" not in found, "the month, never the day"
    body = {"cause": "price", "fee": "240", "side": "agency", "reason": "协议价"}
    assert one.post(form, {**body, "fee": "x"}).status_code == 422
    looked = words(one.post(form, body))
    assert "42.00" in looked
    assert "168.00" in looked
    assert not Correction.objects.exists(), "looked at, not asked"
    assert one.post(form, {**body, "confirmed": "1", "reference": str(uuid4())}).status_code == 302
    page = f"/finance/corrections/{Correction.objects.get().pk}/"
    assert f"{page}withdraw/" in plain(one.get(page))
    assert f"{page}approve/" in plain(other.get(page))
    assert one.get(f"{page}approve/").status_code == 302, "it says who may"
    assert other.post(f"{page}approve/").status_code == 302
    assert used.voucher_number in plain(one.get("/finance/corrections/?state=approved"))
    mine = words(browser(journey, "staff").get(f"/vouchers/uses/{used.pk}/"))
    assert "¥72.00 instead of ¥90.00" in mine
    assert "gives you ¥18.00 back" in mine
    assert "协议价" not in mine, "why stands in no page of theirs"
    assert browser(journey, "staff").post(f"/vouchers/corrected/{Correction.objects.get().pk}/").status_code == 302
    assert "You have ¥18.00 back" in words(browser(journey, "staff").get(f"/vouchers/uses/{used.pk}/"))
    agency = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    agency.force_login(journey.partner_user)
    listed = words(agency.get("/partner/redemptions/"))
    assert "the school pays -¥42.00, the person -¥18.00" in listed
    assert "¥168.00" in listed, "the sums count what is corrected"
    assert "-42.00" in plain(agency.get("/partner/redemptions/export.csv"))


def test_a_use_that_was_corrected_to_nothing_and_is_taken_back_comes_back_at_its_price(journey: Journey) -> None:
    """A course of two: the first was corrected to "not had" (0 fen); the agency then takes it back, so that it can be had."""
    line = spend(journey, ask(journey, units=2))[0]
    corrected(journey, line, 0, "not_had")
    with as_of(line.redeemed_at + DAY):
        reverse(actor=journey.partner_office, redemption_id=line.pk, reason="not_delivered")
    assert {(unit.state, unit.fee_fen, unit.subsidy_fen, unit.self_fen) for unit in Unit.objects.all()} == {
        ("held", 30_000, 21_000, 9_000)
    }, "the next session would cost nobody anything, and the agency would get nothing for it"
    even()


def test_one_that_was_corrected_to_another_price_comes_back_at_its_first(journey: Journey) -> None:
    line = spend(journey, ask(journey, units=2))[0]
    corrected(journey, line, 24_000)
    agency = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    agency.force_login(journey.partner_user)
    looked = words(agency.get(f"/partner/redemptions/{line.pk}/reverse/"))
    assert "¥168.00" in looked and "¥72.00" in looked, "what counts now, not what was redeemed"
    assert "¥210.00" not in looked and "¥90.00" not in looked
    with as_of(line.redeemed_at + DAY):
        reverse(actor=journey.partner_office, redemption_id=line.pk, reason="not_delivered")
    voucher = Voucher.objects.get()
    assert (voucher.fee_fen, voucher.subsidy_fen, voucher.self_fen) == (60_000, 42_000, 18_000)
    assert [list(split) for split in voucher.unit_splits] == [[30_000, 21_000, 9_000]] * 2
    held = Unit.objects.get(state="held", index=0)
    assert (held.fee_fen, held.subsidy_fen, held.self_fen, held.quota) == (30_000, 21_000, 9_000, 1)
    even()


@pytest.mark.parametrize("short_of", ["pool", "quota"])
def test_where_others_have_taken_what_it_freed_nothing_is_taken_back(journey: Journey, short_of: str) -> None:
    """Said in words at the page and by a program; the agency reads neither what a pool nor what a person has left."""
    line = spend(journey, ask(journey, units=2))[0]
    corrected(journey, line, 0, "not_had")
    if short_of == "quota":
        assert ask(journey, units=7, days=3).subsidy_fen == 7 * 21_000
    else:
        key = key_of(line)
        order = ask_pool_order(
            actor=journey.finance, tenant=journey.tenant, kind="return", scheme="counselling", year=key.period,
            amount_fen=balance(key).available - 20_999, reason="收回",
        )  # fmt: skip
        approve_pool_order(actor=journey.finance2, tenant=journey.tenant, order_id=order.pk)
    before = snapshot()
    with as_of(line.redeemed_at + DAY):
        with pytest.raises(Refused, match="not_held_again"):
            reverse(actor=journey.partner_office, redemption_id=line.pk, reason="not_delivered")
        agency = Client(headers={"host": journey.platform.host, "accept-language": "en"})
        agency.force_login(journey.partner_user)
        said = agency.post(f"/partner/redemptions/{line.pk}/reverse/", {"reason": "not_delivered"})
        assert said.status_code == 422
        assert "cannot be held at its first price again" in words(said)
        program = office_of(journey).post(
            f"{API}partner/redemptions/{line.pk}/reverse/", {"reason": "not_delivered"}, key=str(uuid4())
        )
        assert (program.status_code, program.json()["code"]) == (422, "not_held_again")
    assert snapshot() == before
    even()
