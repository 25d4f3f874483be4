"""Charity: free talks out of what was donated, on a file's number, seen by nobody who need not (16.11)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from kernel.errors import Conflict, Forbidden, Invalid, Refused
from ledger.selectors import balances, difference
from notifications.models import OutboxMessage
from referrals.kinds import Scheme
from referrals.models import HardshipFile, Payer, Voucher
from referrals.subsidies.accounting import ceiling_of, units_difference
from referrals.subsidies.donations import unpromised
from referrals.subsidies.prices import price_service
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.hardship import ask_hardship, decline_hardship, end_hardship, grant_hardship
from referrals.workflow.payers import payer_of
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask, pool
from tests.workflow.several_steps import agency_with, ask_several, pay_for

pytestmark = pytest.mark.django_db
DONATED = 100_000


@pytest.fixture(autouse=True)
def _money(journey: Journey) -> None:
    pay_for(journey, "charity", share_bp=10_000, pool_fen=DONATED)
    pay_for(journey, "hardship", share_bp=10_000)


def asked(journey: Journey, **more: Any) -> HardshipFile:
    today = journey.tenant.today()
    said: dict[str, Any] = {
        "person_id": journey.members["staff"].pk, "number": "AX-5", "ceiling_fen": 80_000, "first_day": today,
        "last_day": today + timedelta(days=2), "scheme": "charity",
    }  # fmt: skip
    return ask_hardship(actor=more.pop("actor", journey.union), tenant=journey.tenant, **{**said, **more})


def granted(journey: Journey, **more: Any) -> HardshipFile:
    return grant_hardship(actor=journey.finance, file_id=asked(journey, **more).pk)


def even() -> bool:
    return difference() == units_difference() == 0


def test_a_talk_is_free_and_paid_by_what_was_donated_to_the_fen(journey: Journey) -> None:
    granted(journey)
    referral = ask(journey)
    assert (referral.fee_fen, referral.subsidy_fen, referral.self_fen) == (30_000, 30_000, 0)
    assert (pool(journey, "charity").reserved, pool(journey).reserved) == (30_000, 0)
    answer(journey, referral)
    assert Voucher.objects.get(referral=referral).self_fen == 0
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert (pool(journey, "charity").reserved, pool(journey, "charity").available) == (0, DONATED)
    assert even()


def test_what_it_draws_stands_in_the_one_account_of_its_ceiling(journey: Journey) -> None:
    """The account that a request draws on is the one that says what the file still promises."""
    file = granted(journey, ceiling_fen=80_000)
    other = asked(journey, person_id=journey.members["staff2"].pk, number="AX-6", ceiling_fen=30_000)
    assert unpromised(other) == 20_000
    ask(journey)
    assert balances([ceiling_of(file)])[ceiling_of(file)].reserved == 30_000
    assert unpromised(other) == 20_000, "what is held is promised no more, and the pool has it no more either"


def test_it_pays_for_talks_alone_and_hardship_for_the_rest(journey: Journey) -> None:
    pay_for(journey, "home_help", share_bp=0)
    service, _office = agency_with(journey, "home_help", 20_000, mode="confirm")
    granted(journey)
    tomorrow = journey.tenant.today() + timedelta(days=1)
    at_home = price_service(journey.staff, service.pk, tomorrow).decision
    assert at_home is not None
    assert at_home.subsidy_fen == 0, "charity is for counselling and assessment"
    granted(journey, scheme="hardship", number="KN-5")
    both = price_service(journey.staff, service.pk, tomorrow).decision
    assert both is not None
    assert (both.inputs.terms.scheme, both.self_fen) == ("hardship", 0)
    assert ask_several(journey, [service]).decision["inputs"]["terms"]["scheme"] == "hardship"
    assert ask(journey).decision["inputs"]["terms"]["scheme"] == "charity", "the one that goes first"
    assert even()


def test_no_more_is_promised_than_was_donated(journey: Journey) -> None:
    """80 000 of 100 000 are promised; used, they stay promised once; ended, they are free again."""
    first = granted(journey)
    second = asked(journey, person_id=journey.members["staff2"].pk, number="AX-6", ceiling_fen=20_001)
    with pytest.raises(Refused, match="donations_short") as refused:
        grant_hardship(actor=journey.finance, file_id=second.pk)
    assert refused.value.params == {"left": 20_000}
    assert HardshipFile.objects.get(pk=second.pk).state == "asked"
    ask(journey)
    with pytest.raises(Refused, match="donations_short"):
        grant_hardship(actor=journey.finance, file_id=second.pk)
    decline_hardship(actor=journey.finance, file_id=second.pk)
    granted(journey, person_id=journey.members["staff2"].pk, number="AX-7", ceiling_fen=20_000)
    end_hardship(actor=journey.union, file_id=first.pk)
    third = asked(journey, number="AX-8", ceiling_fen=50_001)
    with pytest.raises(Refused, match="donations_short"):
        grant_hardship(actor=journey.finance, file_id=third.pk)  # 30 000 are reserved, 20 000 promised
    decline_hardship(actor=journey.finance, file_id=third.pk)
    granted(journey, number="AX-9", ceiling_fen=50_000)
    assert even()


def test_what_nobody_donated_cannot_be_promised_but_hardship_asks_nothing_of_its_pool(journey: Journey) -> None:
    file = asked(journey, ceiling_fen=DONATED + 1)
    with pytest.raises(Refused, match="donations_short"):
        grant_hardship(actor=journey.finance, file_id=file.pk)
    assert granted(journey, scheme="hardship", number="KN-6", ceiling_fen=90_000_000).state == "granted"


def test_two_persons_and_one_file_a_number_and_a_scheme(journey: Journey) -> None:
    both = make_person(journey.tenant, "union", "finance", "staff")
    file = asked(journey, actor=actor_of(both))
    with pytest.raises(Forbidden, match="same_person"):
        grant_hardship(actor=actor_of(both), file_id=file.pk)
    with pytest.raises(Conflict, match="file_asked"):
        asked(journey, person_id=journey.members["staff2"].pk)
    with pytest.raises(Conflict, match="file_overlaps"):
        asked(journey, number="AX-10")
    with pytest.raises(Invalid, match="out_of_range"):
        asked(journey, number="AX-11", scheme="counselling", person_id=journey.members["staff2"].pk)
    assert asked(journey, scheme="hardship").number == file.number, "the two schemes number apart"


def test_a_school_that_wrote_its_payers_down_before_has_the_union_pay_for_it(journey: Journey) -> None:
    Payer.objects.create(kind="union", name="工会", schemes=["home_help"])
    Payer.objects.create(
        kind="school", name="学校", schemes=[each.value for each in Scheme if each not in ("home_help", "charity")]
    )
    assert payer_of(journey.tenant, "charity").kind == "union"
    assert payer_of(journey.tenant, "hardship").kind == "school", "what was written down stays"


def client_of(journey: Journey, role: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    client.force_login(journey.members[role].user)
    return client


def test_by_hand_and_finance_reads_no_name_but_what_is_left(journey: Journey) -> None:
    union, finance, person = client_of(journey, "union"), client_of(journey, "finance"), journey.members["staff"]
    Membership.objects.filter(pk=person.pk).update(name="柳问渠", title="柳老师")
    today = journey.tenant.today()
    said = {
        "scheme": "charity", "number": "AX-5", "ceiling": "1200", "first_day": today.isoformat(),
        "last_day": (today + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    assert union.post(f"/union/hardship/new/{person.pk}/", said).status_code == 302
    file = HardshipFile.objects.get()
    page = finance.get(f"/finance/hardship/{file.pk}/").content.decode()
    assert "1,000.00" in page
    assert "柳" not in page
    assert finance.get("/finance/hardship/", {"scheme": "charity"}).content.decode().count("AX-5") == 1
    assert "AX-5" not in finance.get("/finance/hardship/", {"scheme": "hardship"}).content.decode()
    refused = finance.post(f"/finance/hardship/{file.pk}/grant/")
    assert refused.status_code == 422
    file.refresh_from_db()
    assert file.state == "asked"
    for message in OutboxMessage.objects.filter(template__in=["hardship_asked", "subsidy_changed"]):
        assert "柳" not in str(message.context) + message.link
