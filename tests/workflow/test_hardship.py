"""Hardship by file number: two persons, one semester, in place of other schemes, seen by nobody who need not (books §2)."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import Membership
from kernel.clock import as_of
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from ledger.selectors import difference
from notifications.models import OutboxMessage
from referrals.models import HardshipFile, Offer, Referral, Voucher
from referrals.policy import Decision, recompute
from referrals.subsidies.accounting import accounts_for, units_difference
from referrals.subsidies.hardship import of_file, terms_of_person
from referrals.subsidies.prices import price_service
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.hardship import ask_hardship, decline_hardship, end_hardship, grant_hardship
from referrals.workflow.redeeming import redeem
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask, pool
from tests.workflow.several_steps import pay_for

pytestmark = pytest.mark.django_db
CEILING = 80_000


@pytest.fixture(autouse=True)
def _money(journey: Journey) -> None:
    pay_for(journey, "hardship", share_bp=10_000)


def asked(journey: Journey, **more: Any) -> HardshipFile:
    today = journey.tenant.today()
    said: dict[str, Any] = {
        "person_id": journey.members["staff"].pk, "number": "KN-77", "ceiling_fen": CEILING, "first_day": today,
        "last_day": today + timedelta(days=100),
    }  # fmt: skip
    return ask_hardship(actor=more.pop("actor", journey.union), tenant=journey.tenant, **{**said, **more})


def granted(journey: Journey, **more: Any) -> HardshipFile:
    return grant_hardship(actor=journey.finance, file_id=asked(journey, **more).pk)


def even() -> bool:
    return difference() == units_difference() == 0


def test_it_pays_in_place_of_the_kind_s_own_scheme_and_never_adds_to_it(journey: Journey) -> None:
    granted(journey)
    referral = ask(journey)
    assert (referral.fee_fen, referral.subsidy_fen, referral.self_fen) == (30_000, 30_000, 0)
    assert (pool(journey, "hardship").reserved, pool(journey).reserved) == (30_000, 0)
    assert ask(journey, who=journey.staff2, days=2).self_fen == 9_000, "nobody else's price is another one"
    assert recompute(referral.decision["inputs"]) == Decision.from_json(referral.decision)
    assert even()
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert pool(journey, "hardship").reserved == 0
    assert even()


def test_what_is_beyond_the_ceiling_is_the_person_s_and_a_line_of_its_own(journey: Journey) -> None:
    granted(journey)
    referral = ask(journey, units=3)
    assert (referral.subsidy_fen, referral.self_fen) == (CEILING, 10_000)
    assert ask(journey, days=3).subsidy_fen == 0, "it is used up; the ordinary scheme does not come on top"
    assert even()


def test_a_file_that_crosses_the_first_of_september_has_one_ceiling(journey: Journey) -> None:
    """Quotas of everybody begin anew with the school year; what a file may pay in all does not."""
    file, today = granted(journey), journey.tenant.today()
    september = date(today.year, 9, 1)
    file.first_day, file.last_day = september - timedelta(days=30), september + timedelta(days=120)
    paid_by_it = terms_of_person(frozenset({file.person_id}), "counselling", today)
    other = frozenset({journey.members["staff2"].pk})
    terms, own = of_file(paid_by_it, file), terms_of_person(other, "counselling", today)
    days = (september - timedelta(days=1), september)
    of_it = {accounts_for(terms, day, person_id=file.person_id, child_id=None).quota for day in days}
    ordinary = {accounts_for(own, day, person_id=file.person_id, child_id=None).quota for day in days}
    assert (len(of_it), len(ordinary)) == (1, 2)


def test_what_was_asked_for_is_what_the_page_said(journey: Journey) -> None:
    granted(journey)
    shown = price_service(journey.staff, journey.counselling.pk, journey.tenant.today() + timedelta(days=1))
    assert shown.decision is not None
    assert (shown.decision.self_fen, shown.quota_left) == (0, None)


def test_before_its_word_after_its_end_and_after_its_last_day_the_ordinary_scheme_counts(journey: Journey) -> None:
    file = asked(journey)
    assert ask(journey).self_fen == 9_000, "not granted yet"
    grant_hardship(actor=journey.finance, file_id=file.pk)
    HardshipFile.objects.filter(pk=file.pk).update(last_day=journey.tenant.today() + timedelta(days=5))
    assert ask(journey, days=4).self_fen == 0
    assert ask(journey, days=8).self_fen == 9_000, "the day of the service decides, no sweep"
    kept = Referral.objects.get(self_fen=0)
    end_hardship(actor=journey.union, file_id=file.pk)
    assert ask(journey, days=3).self_fen == 9_000
    kept.refresh_from_db()
    assert (kept.state, kept.self_fen) == ("offered", 0), "what was priced stays priced"
    assert even()


def test_two_different_persons_and_never_the_one_it_is_for(journey: Journey) -> None:
    both = make_person(journey.tenant, "union", "finance", "staff")
    file = asked(journey, actor=actor_of(both))
    with pytest.raises(Forbidden, match="same_person"):
        grant_hardship(actor=actor_of(both), file_id=file.pk)
    Membership.objects.filter(pk=journey.members["finance2"].pk).update(staff_no=both.staff_no or "")
    own = asked(journey, number="KN-78", person_id=journey.members["finance"].pk)
    with pytest.raises(Forbidden, match="same_person"):
        grant_hardship(actor=journey.finance, file_id=own.pk)
    with pytest.raises(Forbidden):
        grant_hardship(actor=journey.union, file_id=file.pk)
    with pytest.raises(NotFound):
        asked(journey, number="KN-79", person_id=journey.members["union"].pk)
    assert not HardshipFile.objects.filter(state="granted").exists()


def test_a_no_and_an_end_are_final(journey: Journey) -> None:
    file = asked(journey)
    decline_hardship(actor=journey.finance, file_id=file.pk)
    with pytest.raises(IllegalMove):
        grant_hardship(actor=journey.finance2, file_id=file.pk)
    again = granted(journey)
    end_hardship(actor=journey.union, file_id=again.pk)
    with pytest.raises(IllegalMove):
        end_hardship(actor=journey.union, file_id=again.pk)


def test_one_file_a_number_and_a_day_and_a_semester_at_most(journey: Journey) -> None:
    today = journey.tenant.today()
    asked(journey)
    with pytest.raises(Conflict, match="file_overlaps"):
        asked(journey, number="KN-80")
    with pytest.raises(Conflict, match="file_asked"):
        asked(journey, person_id=journey.members["staff2"].pk)
    for wrong in (
        {"last_day": today + timedelta(days=184)},
        {"last_day": today - timedelta(days=1)},
        {"first_day": today - timedelta(days=1)},
        {"ceiling_fen": 0},
        {"number": " "},
    ):
        with pytest.raises(Invalid, match="out_of_range"):
            asked(journey, **{"number": "KN-81", "person_id": journey.members["staff2"].pk, **wrong})
    assert HardshipFile.objects.count() == 1


def client_of(journey: Journey, role: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    client.force_login(journey.members[role].user)
    return client


def test_finance_reads_number_sum_and_last_day_and_no_name_anywhere(journey: Journey) -> None:
    person = journey.members["staff"]
    Membership.objects.filter(pk=person.pk).update(name="柳问渠", title="柳老师")
    file = asked(journey)
    finance = client_of(journey, "finance")
    pages = [
        finance.get(address).content.decode()
        for address in (
            "/finance/hardship/", "/finance/hardship/export.csv", f"/finance/hardship/{file.pk}/",
            f"/finance/hardship/{file.pk}/grant/", f"/finance/hardship/{file.pk}/decline/",
        )
    ]  # fmt: skip
    assert all("KN-77" in page for page in pages)
    assert not any(word in page for page in pages for word in ("柳问渠", "柳老师", str(person.pk)))
    found = finance.get("/finance/hardship/", {"q": "柳问渠"}).content.decode()
    assert "KN-77" not in found, "a name finds nothing"
    assert finance.get(f"/union/hardship/{file.pk}/").status_code in (403, 404)
    assert finance.post(f"/finance/hardship/{file.pk}/grant/").status_code == 302
    for message in OutboxMessage.objects.filter(template__in=["hardship_asked", "subsidy_changed"]):
        assert "柳" not in str(message.context) + message.link
    assert "柳问渠" in client_of(journey, "union").get("/union/hardship/").content.decode()


def test_by_hand_the_union_asks_and_ends(journey: Journey) -> None:
    union, person = client_of(journey, "union"), journey.members["staff"]
    assert f"/union/hardship/new/{person.pk}/" in union.get("/union/hardship/new/", {"q": person.name}).content.decode()
    today = journey.tenant.today()
    days = {
        "scheme": "hardship", "first_day": today.isoformat(), "last_day": (today + timedelta(days=300)).isoformat(),
    }  # fmt: skip
    address = f"/union/hardship/new/{person.pk}/"
    refused = union.post(address, {"number": "KN-9", "ceiling": "800", **days})
    assert refused.status_code == 422
    assert "最后一天不能早于第一天" in refused.content.decode(), "it says what to change"
    assert refused.content.decode().count('type="date"') == 2
    days["last_day"] = (today + timedelta(days=90)).isoformat()
    answered = union.post(address, {"number": "KN-9", "ceiling": "800", **days})
    file = HardshipFile.objects.get()
    assert answered["Location"] == f"/union/hardship/{file.pk}/"
    assert union.post(f"/union/hardship/{file.pk}/end/").status_code == 302
    file.refresh_from_db()
    assert file.state == "withdrawn"


def plain(page: str) -> str:
    """A page without what tells two requests apart by right: keys, numbers, amounts, days, how to address whom."""
    page = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "KEY", page)
    page = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)  # a coin drawn in the proportion of the amounts
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    page = re.sub(r'(nonce|data-key|content)="[^"]*"', "", page)
    page = re.sub(r"#?\b[0-9A-F]{6}\b", "REF", page)
    return re.sub(r"[\d,.:]+", "0", page)


def seen_by_the_agency(journey: Journey, *, in_hardship: bool) -> list[str]:
    """One request from its offer to the line of what was spent, as the agency's pages have it; undone again."""
    agency = Client(headers={"host": journey.platform.host, "accept-language": "zh-hans"})
    agency.force_login(journey.partner_user)
    with transaction.atomic():
        if in_hardship:
            granted(journey)
        referral = ask(journey)
        offer = Offer.objects.get(referral=referral)
        assert (offer.fee_fen, offer.subsidy_fen, offer.self_fen) == (30_000, None, None)
        lists = ("/partner/", "/partner/offers/", "/partner/offers/export.csv", "/partner/bookings/")
        pages = [agency.get(at) for at in (f"/partner/offers/{offer.pk}/", *lists)]
        booking = answer(journey, referral)
        voucher = Voucher.objects.get(referral=referral)
        assert voucher.self_fen == (0 if in_hardship else 9_000)
        pages += [agency.get(at) for at in (f"/partner/offers/{offer.pk}/", *lists)]
        with as_of(booking.starts_at):
            pages.append(agency.get("/partner/"))
            redeem(actor=journey.partner_counter, text=voucher.code)
            pages += [agency.get(at) for at in ("/partner/redemptions/", "/partner/bookings/")]
        assert {page.status_code for page in pages} == {200}
        assert even()
        transaction.set_rollback(True)
    return [plain(b"".join(page).decode()) for page in pages]


def test_to_the_agency_it_looks_like_any_other_but_for_the_amounts(journey: Journey) -> None:
    """Byte by byte: the request before it is accepted and after, the lists and their files, what was spent."""
    usual, theirs = (seen_by_the_agency(journey, in_hardship=is_one) for is_one in (False, True))
    for ours, other in zip(usual, theirs, strict=True):
        assert ours == other
