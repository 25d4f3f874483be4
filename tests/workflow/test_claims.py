"""An amount is wrong: the person, the agency or the union tells finance, who corrects it or says why not (books §5)."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from referrals.models import AmountClaim, Correction, CorrectionSide, Redemption, Referral, Voucher
from referrals.workflow.claiming import MOST_TAKEN_BACK, claim_amount, decline_claim, readable_claim, withdraw_claim
from referrals.workflow.correcting import approve_correction, ask_correction, decline_correction, withdraw_correction
from referrals.workflow.objecting import agree
from referrals.workflow.redeeming import redeem, reverse
from tenancy.scope import use_partner, use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.several_steps import agency_with

pytestmark = pytest.mark.django_db
PERSON, AGENCY, UNION = CorrectionSide.PERSON, CorrectionSide.AGENCY, CorrectionSide.UNION


def redeemed(journey: Journey, referral: Referral | None = None) -> Redemption:
    booking = answer(journey, referral or ask(journey))
    with as_of(booking.starts_at):
        [line] = redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral_id=booking.referral_id).code)
    return line


@pytest.fixture
def used(journey: Journey) -> Redemption:
    """Counselling at ¥300 that the person has agreed to."""
    return agree(actor=journey.staff, redemption_id=redeemed(journey).pk)


def claimed(journey: Journey, line: Redemption, side: CorrectionSide = PERSON, **extra: Any) -> AmountClaim:
    who = {PERSON: journey.staff, AGENCY: journey.partner_office, UNION: journey.union}
    said = {"actor": who[side], "cause": "price", "reason": "协议里是 240 元", "fee_fen": 24_000, **extra}
    return claim_amount(redemption_id=line.pk, side=side, **said)


def corrected(journey: Journey, claim: AmountClaim, **extra: Any) -> Correction:
    said = {"actor": journey.finance, "cause": "price", "fee_fen": 24_000, "reason": "核对协议", **extra}
    return ask_correction(redemption_id=claim.redemption_id, side=claim.side, claim_id=claim.pk, **said)


def state(claim: AmountClaim) -> str:
    return AmountClaim.objects.get(pk=claim.pk).state


def told(template: str) -> int:
    return OutboxMessage.objects.filter(template=template, channel="in_app").count()


def test_a_claim_becomes_a_correction_that_a_second_person_decides(journey: Journey, used: Redemption) -> None:
    claim = claimed(journey, used)
    assert told("amount_questioned") == 2, "both of finance"
    row = corrected(journey, claim)
    assert state(claim) == "taken"
    with pytest.raises(IllegalMove):
        withdraw_claim(actor=journey.staff, claim_id=claim.pk, side=PERSON)
    with pytest.raises(IllegalMove):
        decline_claim(actor=journey.finance2, claim_id=claim.pk, answer="不改")
    approve_correction(actor=journey.finance2, correction_id=row.pk)
    claim.refresh_from_db()
    assert (claim.state, claim.correction_id, claim.answered_by_id) == ("corrected", row.pk, journey.finance2.user_id)
    assert told("use_corrected") == 1, "told of the correction, and not twice"
    assert told("amount_answered") == 0


@pytest.mark.parametrize("ends", ["declined", "withdrawn"])
def test_a_correction_that_is_not_approved_leaves_the_claim_waiting(
    journey: Journey, used: Redemption, ends: str
) -> None:
    claim = claimed(journey, used)
    row = corrected(journey, claim)
    if ends == "declined":
        decline_correction(actor=journey.finance2, correction_id=row.pk)
    else:
        withdraw_correction(actor=journey.finance, correction_id=row.pk)
    assert state(claim) == "open"
    again = corrected(journey, claim)
    assert (state(claim), AmountClaim.objects.get().correction_id) == ("taken", again.pk)


def test_finance_says_why_it_stays_and_the_sentence_goes_back(journey: Journey, used: Redemption) -> None:
    claim = claimed(journey, used)
    for nothing in ("", "  ", "长" * 201):
        with pytest.raises(Invalid):
            decline_claim(actor=journey.finance, claim_id=claim.pk, answer=nothing)
    decline_claim(actor=journey.finance, claim_id=claim.pk, answer="那天的协议价是 300 元")
    assert (state(claim), told("amount_answered")) == ("declined", 1)
    assert AmountClaim.objects.get().answer == "那天的协议价是 300 元"
    with pytest.raises(IllegalMove):
        corrected(journey, claim)
    assert not Correction.objects.exists(), "refused, and nothing of it stays"
    assert state(claimed(journey, used)) == "open", "answered, it can be asked again"


def test_asking_and_taking_back_ends_somewhere(journey: Journey, used: Redemption) -> None:
    for _ in range(MOST_TAKEN_BACK):
        withdraw_claim(actor=journey.staff, claim_id=claimed(journey, used).pk, side=PERSON)
    before = told("amount_questioned")
    assert before == 2 * MOST_TAKEN_BACK
    with pytest.raises(Conflict, match="claim_often"):
        claimed(journey, used)
    assert (told("amount_questioned"), AmountClaim.objects.count()) == (before, MOST_TAKEN_BACK)
    there = claimed(journey, used, AGENCY)
    withdraw_claim(actor=journey.partner_office, claim_id=there.pk, side=AGENCY)
    AmountClaim.objects.update(answered_at=now() - timedelta(days=1, seconds=1))
    assert claimed(journey, used).state == "open", "the next day it may be asked again"


def test_one_waits_for_a_use_and_who_asked_is_told_to_nobody(journey: Journey, used: Redemption) -> None:
    claim = claimed(journey, used)
    with pytest.raises(Conflict, match="claim_open"):
        claimed(journey, used, AGENCY)
    with pytest.raises(IntegrityError), transaction.atomic():
        again = AmountClaim.objects.get(redemption=used)
        again.pk = uuid4()
        again.save(force_insert=True)
    withdraw_claim(actor=journey.staff, claim_id=claim.pk, side=PERSON)
    there = claimed(journey, used, AGENCY)
    assert (there.agency_id, claim.agency_id) == (used.partner_id, None)
    with use_partner(used.partner_id):
        assert [row.pk for row in AmountClaim.objects.all()] == [there.pk], "an institution reads no claim of a person"


def test_only_what_counts_is_questioned(journey: Journey) -> None:
    line = redeemed(journey)
    for side in (PERSON, AGENCY):
        with pytest.raises(Refused, match="still_open"):
            claimed(journey, line, side)
    agree(actor=journey.staff, redemption_id=line.pk)
    claim = claimed(journey, line)
    reverse(actor=journey.partner_office, redemption_id=line.pk, reason="not_delivered")
    with pytest.raises(IllegalMove):
        corrected(journey, claim)
    assert state(claim) == "open", "taken back since: finance says so"
    withdraw_claim(actor=journey.staff, claim_id=claim.pk, side=PERSON)
    with pytest.raises(IllegalMove):
        claimed(journey, line)


def test_nobody_speaks_of_anothers_use(journey: Journey, used: Redemption) -> None:
    _service, other = agency_with(journey, "counselling", 20_000)
    foreign = make_journey(make_school())
    for actor, side, error in (
        (journey.staff2, PERSON, NotFound), (foreign.staff, PERSON, NotFound), (other, AGENCY, NotFound),
        (journey.partner_counter, AGENCY, Forbidden), (journey.partner_office, PERSON, Forbidden),
        (journey.centre, UNION, Forbidden), (journey.staff, AGENCY, Forbidden),
        (journey.union, UNION, NotFound),  # counselling is not the union's
    ):  # fmt: skip
        with pytest.raises(error):
            claimed(journey, used, side, actor=actor)
    assert not AmountClaim.objects.exists()
    claim = claimed(journey, used)
    for actor, side, error in (
        (journey.staff2, PERSON, NotFound), (journey.partner_office, AGENCY, NotFound), (journey.union, UNION, NotFound),
    ):  # fmt: skip
        with pytest.raises(error):
            withdraw_claim(actor=actor, claim_id=claim.pk, side=side)
    for actor in (journey.staff, journey.union, journey.centre):
        with pytest.raises(Forbidden):
            decline_claim(actor=actor, claim_id=claim.pk, answer="不改")
    with use_tenant(foreign.tenant.id), pytest.raises(NotFound):
        decline_claim(actor=foreign.finance, claim_id=claim.pk, answer="不改")
    assert state(claim) == "open"


def test_nobody_of_finance_answers_about_their_own_use(journey: Journey, used: Redemption) -> None:
    mine = actor_of(make_person(journey.tenant, "finance", "staff"))
    Voucher.objects.update(person_id=mine.membership_id)
    claim = claimed(journey, used, actor=mine)
    with pytest.raises(Forbidden, match="same_person"):
        decline_claim(actor=mine, claim_id=claim.pk, answer="不改")
    with pytest.raises(Forbidden, match="same_person"):
        corrected(journey, claim, actor=mine)
    withdraw_claim(actor=mine, claim_id=claim.pk, side=PERSON)
    there = claimed(journey, used, AGENCY)
    with pytest.raises(Forbidden, match="same_person"):
        decline_claim(actor=mine, claim_id=there.pk, answer="不改")
    with pytest.raises(Forbidden, match="same_person"):
        readable_claim(mine, there.pk)
    assert state(there) == "open"
    decline_claim(actor=journey.finance, claim_id=there.pk, answer="不改")


def test_who_asked_for_the_union_does_not_answer_for_finance(journey: Journey, used: Redemption) -> None:
    both = actor_of(make_person(journey.tenant, "finance", "union", "staff"))
    Referral.objects.update(kind="home_help")
    claim = claimed(journey, used, UNION, actor=both)
    with pytest.raises(Forbidden, match="same_person"):
        decline_claim(actor=both, claim_id=claim.pk, answer="不改")
    decline_claim(actor=journey.finance, claim_id=claim.pk, answer="不改")
    assert told("amount_answered_there") == 1


def test_the_union_speaks_of_its_own_kinds_and_not_of_an_officers_own_use(journey: Journey, used: Redemption) -> None:
    Referral.objects.update(kind="home_help")
    claim = claimed(journey, used, UNION)
    approve_correction(actor=journey.finance2, correction_id=corrected(journey, claim).pk)
    assert (state(claim), told("amount_answered_there")) == ("corrected", 1)
    officer = make_person(journey.tenant, "union", "staff")
    Voucher.objects.update(person_id=officer.pk)
    with pytest.raises(NotFound):
        claimed(journey, used, UNION, actor=actor_of(officer))


def test_a_claim_is_taken_for_its_own_use_only(journey: Journey, used: Redemption) -> None:
    other = agree(actor=journey.staff, redemption_id=redeemed(journey, ask(journey, days=9)).pk)
    claim = claimed(journey, other)
    with pytest.raises(NotFound):
        ask_correction(
            actor=journey.finance, redemption_id=used.pk, cause="price", side="person", fee_fen=24_000, reason="核对",
            claim_id=claim.pk,
        )  # fmt: skip
    assert (state(claim), Correction.objects.count()) == ("open", 0)


def test_a_correction_that_answers_a_claim_is_of_the_claims_side(journey: Journey, used: Redemption) -> None:
    claim = claimed(journey, used, AGENCY)
    for side in ("person", "union", "finance"):
        with pytest.raises(Invalid) as refused:
            ask_correction(
                actor=journey.finance, redemption_id=used.pk, cause="price", side=side, fee_fen=24_000, reason="核对",
                claim_id=claim.pk,
            )  # fmt: skip
        assert refused.value.fields == (("side", "out_of_range", "agency"),)
    new = f"/finance/corrections/new/{used.pk}/"
    form = browser(journey, "finance").get(f"{new}?claim={claim.pk}").content.decode()
    assert re.findall(r'<option value="(\w+)"', form) == ["agency"], "nothing else can be chosen"
    body = {
        "cause": "price",
        "fee": "240",
        "side": "person",
        "reason": "核对",
        "claim": str(claim.pk),
        "confirmed": "1",
    }
    assert browser(journey, "finance").post(new, {**body, "reference": str(uuid4())}).status_code == 422
    assert (state(claim), Correction.objects.count()) == ("open", 0)
    assert corrected(journey, claim).side == AGENCY


def test_bad_input_asks_nothing(journey: Journey, used: Redemption) -> None:
    for wrong in (
        {"cause": "gift"}, {"cause": ""}, {"reason": " "}, {"reason": "长" * 201}, {"fee_fen": 0}, {"fee_fen": -1},
        {"fee_fen": 1.5}, {"fee_fen": True}, {"fee_fen": 10**15}, {"cause": "not_had"},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            claimed(journey, used, **wrong)
    assert not AmountClaim.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="claim.").exists()
    assert claimed(journey, used, cause="not_had", fee_fen=None).fee_fen is None


# On screen


def browser(journey: Journey, who: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    client.force_login(journey.members[who].user)
    return client


def named(journey: Journey, name: str = "欧阳静婉") -> str:
    """The person has a name of their own: everybody of a journey is called alike."""
    Membership.objects.filter(pk=journey.members["staff"].pk).update(name=name)
    return name


def words(answer: Any) -> str:
    return re.sub(r"<[^>]+>", "", answer.content.decode())


def test_on_screen_the_person_asks_finance_answers_and_nobody_is_named(journey: Journey, used: Redemption) -> None:
    name = named(journey)
    staff, finance, other = (browser(journey, who) for who in ("staff", "finance", "finance2"))
    use = f"/vouchers/uses/{used.pk}/"
    assert f"{use}wrong/" in staff.get(use).content.decode()
    assert staff.post(f"{use}wrong/", {"cause": "price", "reason": ""}).status_code == 422
    assert staff.post(f"{use}wrong/", {"cause": "not_had", "fee": "3", "reason": "没有来"}).status_code == 422
    assert staff.post(f"{use}wrong/", {"cause": "price", "fee": "240", "reason": "协议里是 240 元"}).status_code == 302
    assert "Finance is asked" in words(staff.get(use))
    assert staff.get(f"{use}wrong/").status_code == 302, "one at a time"
    claim = AmountClaim.objects.get()
    page = f"/finance/corrections/claims/{claim.pk}/"
    assert used.voucher_number in words(finance.get("/finance/corrections/claims/"))
    for address in ("/finance/corrections/claims/", page, f"{page}decline/", "/finance/corrections/claims/export.csv"):
        shown = words(finance.get(address))
        for secret in (name, f"{used.service_date:%Y-%m-%d}", journey.counselling.name):
            assert secret not in shown, (address, secret)
    new = f"/finance/corrections/new/{used.pk}/"
    form = finance.get(f"{new}?claim={claim.pk}").content.decode()
    assert 'value="240.00"' in form, "prefilled"
    assert re.search(r'value="person"[^>]* selected', form)
    body = {"cause": "price", "fee": "240", "side": "person", "reason": "核对协议", "claim": str(claim.pk)}
    assert f'name="claim" value="{claim.pk}"' in finance.post(new, body).content.decode()
    assert finance.post(new, {**body, "confirmed": "1", "reference": str(uuid4())}).status_code == 302
    assert "A correction is being decided" in words(staff.get(use))
    correction = Correction.objects.get()
    assert f"/finance/corrections/{correction.pk}/" in finance.get(page).content.decode()
    assert other.post(f"/finance/corrections/{correction.pk}/approve/").status_code == 302
    assert "Corrected" in words(staff.get(use))


def test_on_screen_the_agency_and_the_union_ask_and_read_their_own_answers(journey: Journey, used: Redemption) -> None:
    name = named(journey)
    agency = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    agency.force_login(journey.partner_user)
    asks = f"/partner/redemptions/{used.pk}/wrong/"
    assert asks in agency.get("/partner/redemptions/").content.decode()
    assert agency.post(asks, {"cause": "policy", "reason": "补贴比例不对"}).status_code == 302
    claim = AmountClaim.objects.get()
    assert "What you asked finance" not in words(browser(journey, "staff").get(f"/vouchers/uses/{used.pk}/"))
    finance = browser(journey, "finance")
    page = f"/finance/corrections/claims/{claim.pk}/decline/"
    assert finance.post(page, {"answer": ""}).status_code == 422
    assert finance.post(page, {"answer": "比例按九月的政策"}).status_code == 302
    assert "比例按九月的政策" in words(agency.get("/partner/redemptions/"))
    Referral.objects.update(kind="home_help")
    union = browser(journey, "union")
    found = union.get("/union/amounts/", {"q": used.voucher_number})
    assert f"/union/amounts/{used.pk}/" in found.content.decode()
    assert name not in words(found)
    assert union.post(f"/union/amounts/{used.pk}/", {"cause": "not_had", "reason": "没有来"}).status_code == 302
    mine = words(union.get("/union/amounts/"))
    assert "没有来" in mine
    assert "补贴比例不对" not in mine, "nothing of the agency's"
    last = AmountClaim.objects.get(side="union")
    assert union.post(f"/union/amounts/claims/{last.pk}/withdraw/").status_code == 302
    assert state(last) == "withdrawn"
