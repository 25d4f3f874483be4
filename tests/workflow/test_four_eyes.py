"""Two people for one paper: the second is told, and the first is shown no button that cannot work."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from kernel.clock import as_of, local_day, now
from kernel.errors import Forbidden, Invalid
from notifications.models import OutboxMessage
from partners.models import Agreement
from partners.workflow import LineDraft, draft_agreement
from referrals.models import HardshipFile, SubsidyPolicy
from referrals.workflow.hardship import ask_hardship
from referrals.workflow.in_place import colleague_of
from referrals.workflow.objecting import decide_dispute, dispute
from referrals.workflow.policies import draft_policy, mark_of
from referrals.workflow.submitting import approve_referral, decline_referral
from referrals.workflow.unscanned import decide_unscanned
from tests.api.journey_client import API, staff_of
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import ask
from tests.workflow.missed_steps import booked, say
from tests.workflow.test_after import used

pytestmark = pytest.mark.django_db


def told(template: str) -> set[Any]:
    return set(OutboxMessage.objects.filter(template=template).values_list("to_user_id", flat=True))


def browser(journey: Journey, role: str) -> Client:
    client = Client(HTTP_HOST=journey.tenant.host)
    client.force_login(journey.members[role].user)
    return client


def drafted(journey: Journey) -> SubsidyPolicy:
    return draft_policy(
        actor=journey.finance, scheme="camp", share_bp=5000, valid_from=local_day(now()) + timedelta(days=40)
    )


def agreed(journey: Journey, who: str = "union") -> Agreement:
    day = local_day(now())
    return draft_agreement(
        actor=journey.actors[who], partner_id=journey.institution.pk, valid_from=day + timedelta(days=400),
        valid_until=day + timedelta(days=500), data_part_valid_until=day + timedelta(days=500),
        lines=[LineDraft(journey.counselling.pk, 30_000)],
    )  # fmt: skip


def test_whoever_else_may_approve_is_told_and_nobody_else(journey: Journey) -> None:
    gone = make_person(journey.tenant, "finance", left_on=local_day(now()) - timedelta(days=1))
    OutboxMessage.objects.all().delete()
    drafted(journey)
    assert told("policy_drafted") == {journey.members["finance2"].user_id}
    agreed(journey)
    assert told("agreement_drafted") == {journey.members[role].user_id for role in ("finance", "finance2")}
    assert gone.user_id not in told("policy_drafted") | told("agreement_drafted")


def test_what_is_not_drafted_tells_nobody(journey: Journey) -> None:
    OutboxMessage.objects.all().delete()
    with pytest.raises(Invalid):
        draft_policy(actor=journey.finance, scheme="camp", share_bp=-1, valid_from=local_day(now()))
    assert told("policy_drafted") == set()


def test_the_first_sees_no_button_and_the_second_does(journey: Journey) -> None:
    policy = drafted(journey)
    page = f"/finance/policies/{policy.pk}/"
    first, second = browser(journey, "finance"), browser(journey, "finance2")
    assert first.get(f"{page}approve/")["Location"] == page
    assert "approve/" not in first.get(page).content.decode()
    assert first.post(f"{page}approve/").status_code == 403
    policy.refresh_from_db()
    assert policy.state == "draft"
    assert second.get(f"{page}approve/").status_code == 200
    assert second.post(f"{page}approve/", {"seen": mark_of(policy)})["Location"] == page
    assert second.get(f"{page}approve/")["Location"] == page, "what is approved needs no button"


def test_an_agreement_has_the_same_four_eyes(journey: Journey) -> None:
    both = make_person(journey.tenant, "union", "finance")
    journey.actors["both"], journey.members["both"] = actor_of(both), both
    page = f"/finance/agreements/{agreed(journey, 'both').pk}/"
    first, second = browser(journey, "both"), browser(journey, "finance")
    assert first.get(f"{page}approve/")["Location"] == page
    assert first.post(f"{page}approve/").status_code == 403
    assert second.get(f"{page}approve/").status_code == 200


def test_no_sentence_says_that_everything_has_four_eyes(journey: Journey) -> None:
    """A pool is filled by one person; only what is drafted and approved has two."""
    page = f"/finance/policies/{drafted(journey).pk}/"
    for role in ("finance", "finance2"):
        assert "每一项" not in browser(journey, role).get(page, headers={"accept-language": "zh-hans"}).content.decode()


def test_nobody_decides_their_own_request_under_another_account(journey: Journey) -> None:
    asked = ask(journey, units=5)
    assert asked.state == "submitted"
    one, other = journey.members["staff"], journey.members["centre"]
    Membership.objects.filter(pk=one.pk).update(staff_no="T 017")
    Membership.objects.filter(pk=other.pk).update(staff_no="t017")
    for act in (
        lambda: approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=asked.pk),
        lambda: decline_referral(actor=journey.centre, referral_id=asked.pk, reason="not_covered"),
    ):
        with pytest.raises(Forbidden, match="same_person"):
            act()
    Membership.objects.filter(pk=other.pk).update(staff_no="t018")
    assert approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=asked.pk).state == "offered"


def as_one(one: Membership, other: Membership) -> None:
    Membership.objects.filter(pk=one.pk).update(staff_no="T 017")
    Membership.objects.filter(pk=other.pk).update(staff_no="t017")


def test_nobody_decides_a_quarrel_about_their_own_under_another_account(journey: Journey) -> None:
    as_one(journey.members["staff"], journey.members["centre"])
    _referral, booking, _voucher = booked(journey)
    say(journey, journey.partner_counter, booking, "no_show", booking.ends_at)
    say(journey, journey.staff, booking, "yes", booking.ends_at + timedelta(hours=1))
    with as_of(booking.ends_at + timedelta(hours=2)), pytest.raises(Forbidden, match="same_person"):
        decide_unscanned(actor=journey.centre, tenant=journey.tenant, booking_id=booking.pk, decision="took_place")
    booking.refresh_from_db()
    assert booking.state == "disputed"


@pytest.mark.parametrize("finding", ["uphold", "reverse"])
def test_nobody_decides_their_own_objection_under_another_account(journey: Journey, finding: str) -> None:
    as_one(journey.members["staff"], journey.members["centre"])
    _referral, line = used(journey)
    with as_of(line.redeemed_at + timedelta(hours=1)):
        dispute(actor=journey.staff, tenant=journey.tenant, redemption_id=line.pk, reason="not_received")
        with pytest.raises(Forbidden, match="same_person"):
            decide_dispute(actor=journey.centre, redemption_id=line.pk, finding=finding)
    line.refresh_from_db()
    assert line.state == "disputed"


def test_nobody_of_the_union_asks_for_themself_under_another_account(journey: Journey) -> None:
    as_one(journey.members["staff"], journey.members["union"])
    today = journey.tenant.today()
    with pytest.raises(Forbidden, match="same_person"):
        ask_hardship(
            actor=journey.union, tenant=journey.tenant, person_id=journey.members["staff"].pk, scheme="hardship",
            number="KN-77", ceiling_fen=80_000, first_day=today, last_day=today + timedelta(days=100),
        )  # fmt: skip
    with pytest.raises(Forbidden, match="same_person"):
        colleague_of(journey.union, journey.tenant, journey.members["staff"].pk, now())
    assert not HardshipFile.objects.exists()


@pytest.mark.parametrize("door", ["screen", "program"])
def test_nobody_approves_their_own_draft_of_a_policy_under_another_account(journey: Journey, door: str) -> None:
    """One staff number, or one telephone, is one person at both doors; no button leads there, and nothing has changed."""
    policy = drafted(journey)
    second = journey.members["finance2"]
    as_one(journey.members["finance"], second)
    page = f"/finance/policies/{policy.pk}/"
    screen, program = browser(journey, "finance2"), staff_of(journey, "finance2")
    if door == "screen":
        assert "approve/" not in screen.get(page).content.decode()
        assert screen.get(f"{page}approve/")["Location"] == page
        assert screen.post(f"{page}approve/").status_code == 403
        assert screen.post(f"{page}return/", {"reason": "比例太高"}).status_code == 403
    else:
        for act, said in (("approve", {}), ("return", {"reason": "比例太高"})):
            answer = program.post(f"{API}policies/{policy.pk}/{act}/", said)
            assert (answer.status_code, answer.json()["code"]) == (403, "same_person")
    policy.refresh_from_db()
    assert (policy.state, policy.approved_by_id, policy.return_reason) == ("draft", None, "")
    Membership.objects.filter(pk=second.pk).update(staff_no="t018")
    if door == "screen":
        assert screen.post(f"{page}approve/", {"seen": mark_of(policy)})["Location"] == page
    else:
        assert program.post(f"{API}policies/{policy.pk}/approve/", {}).json()["state"] == "approved"
    policy.refresh_from_db()
    assert policy.state == "approved"
