"""A wrong split corrected by a program: the same acts, the same two persons (books §2, §9)."""

from uuid import uuid4

import pytest

from kernel.clock import as_of
from referrals.models import Redemption, Voucher
from referrals.workflow.objecting import agree
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.api.journey_client import API, contents, staff_of
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db
CORRECTIONS = f"{API}corrections/"
NOTED = ("audit.AuditEntry", "audit.AuditHead", "api.IdempotencyKey", "accounts.ApiToken", "accounts.TryCount")


@pytest.fixture
def line(journey: Journey) -> Redemption:
    with use_tenant(journey.tenant.id):
        booking = answer(journey, ask(journey))
        with as_of(booking.starts_at):
            [used] = redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        return agree(actor=journey.staff, redemption_id=used.pk)


def body(line: Redemption, **changes: object) -> dict[str, object]:
    said = {"redemption": str(line.pk), "cause": "price", "side": "person", "fee_fen": 24_000, "reason": "协议价"}
    return said | changes


def test_it_is_asked_by_one_decided_by_another_and_given_back(journey: Journey, line: Redemption) -> None:
    one, other, person = (staff_of(journey, role) for role in ("finance", "finance2", "staff"))
    made = [one.post(CORRECTIONS, body(line), key="one") for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].content == made[1].content
    row = made[0].json()
    assert (row["state"], row["month"]) == ("asked", f"{line.service_date:%Y-%m}")
    assert row["change"] == {"fee_fen": -6_000, "subsidy_fen": -4_200, "self_fen": -1_800}
    address = f"{CORRECTIONS}{row['id']}/"
    assert one.post(CORRECTIONS, body(line, fee_fen=25_000)).json()["code"] == "correction_asked"
    assert one.post(f"{address}approve/", {}).json()["code"] == "same_person"
    assert other.post(f"{address}withdraw/", {}).status_code == 403
    assert other.post(f"{address}approve/", {}).json()["state"] == "approved"
    assert other.post(f"{address}decline/", {}).status_code == 409
    assert one.get(CORRECTIONS).json()["results"] == [one.get(address).json()]
    back = f"{API}vouchers/corrected/{row['id']}/"
    assert other.post(back, {}).status_code == 404
    said = person.post(back, {}).json()
    assert (said["own_share_due"], said["redemption"]) == (False, str(line.pk))


def test_it_is_declined_or_taken_back(journey: Journey, line: Redemption) -> None:
    one, other = staff_of(journey, "finance"), staff_of(journey, "finance2")
    for who, act, state in ((other, "decline", "declined"), (one, "withdraw", "withdrawn")):
        address = f"{CORRECTIONS}{one.post(CORRECTIONS, body(line)).json()['id']}/"
        assert who.post(f"{address}{act}/", {}).json()["state"] == state


def test_bad_input_and_strangers_move_nothing(journey: Journey, line: Redemption, other_school: object) -> None:
    one = staff_of(journey, "finance")
    address = f"{CORRECTIONS}{one.post(CORRECTIONS, body(line)).json()['id']}/"
    foreign = staff_of(make_journey(other_school), "finance2")
    before = contents(journey.tenant, without=NOTED)
    for wrong in (
        {}, body(line, cause="gift"), body(line, side="nobody"), body(line, fee_fen=-1), body(line, fee_fen=1.5),
        body(line, fee_fen=0), body(line, cause="not_had"), body(line, reason=" "), body(line, reason="长" * 201),
        body(line, redemption=7), body(line, more=1),
    ):  # fmt: skip
        assert one.post(CORRECTIONS, wrong).status_code == 400, wrong
    assert one.post(CORRECTIONS, body(line, redemption=str(uuid4()))).status_code == 404
    for role in ("staff", "centre", "union"):
        assert staff_of(journey, role).get(CORRECTIONS).status_code == 403
    for act in ("approve", "decline", "withdraw"):
        assert foreign.post(f"{address}{act}/", {}).status_code == 404
    assert foreign.get(address).status_code == 404
    assert contents(journey.tenant, without=NOTED) == before
