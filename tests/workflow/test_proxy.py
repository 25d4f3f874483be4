"""An officer of the union applies for a colleague who agreed: told at once, stopped with one tap, nothing of health (rules §2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from families.models import Consent
from families.workflow import register_child
from kernel.clock import as_of, local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.models import Service
from referrals.models import Offer, Proxy, Referral, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow.answering import confirm_offer
from referrals.workflow.proxy import stop_proxy, submit_proxy
from referrals.workflow.submitting import approve_referral
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, soon
from tests.workflow.apply_steps import always_asks
from tests.workflow.journey_steps import pool
from tests.workflow.several_steps import agency_with, pay_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def helper(journey: Journey) -> tuple[Service, Any]:
    pay_for(journey, "home_help")
    return agency_with(journey, "home_help", 20_000, mode="confirm")


def apply_for(journey: Journey, service: Service, **more: Any) -> Referral:
    start, _end = soon(days=more.pop("days", 2))
    said: dict[str, Any] = {
        "actor": journey.union, "person_id": journey.members["staff"].pk, "units": 1, "agreed_how": "by_phone",
        "agreed_on": journey.tenant.today(), "windows": [(start, start + timedelta(hours=3))],
    }  # fmt: skip
    return submit_proxy(tenant=journey.tenant, service_id=service.pk, **{**said, **more})


def told(user: Any, template: str) -> int:
    return OutboxMessage.objects.filter(template=template, to_user=user).count()


def test_the_request_is_the_colleague_s_who_is_told_at_once_and_gets_the_voucher(
    journey: Journey, helper: tuple[Service, Any]
) -> None:
    sent = apply_for(journey, helper[0])
    assert (sent.person_id, sent.state, sent.note, sent.wishes.access) == (
        journey.members["staff"].pk, "offered", "", (),
    )  # fmt: skip
    assert told(journey.members["staff"].user, "referral_by_proxy") == 1
    proxy = Proxy.objects.get()
    assert (proxy.officer_id, proxy.agreed_how) == (journey.members["union"].pk, "by_phone")
    facts = AuditEntry.objects.get(action="referral.proxy").facts
    assert facts["agreed_how"] == "by_phone"
    assert facts["agreed_on"] == journey.tenant.today().isoformat()
    consent = Consent.objects.get(referral_id=sent.pk)
    assert (consent.person_id, consent.recipient_id) == (sent.person_id, helper[0].institution_id)
    start = sent.windows.get().starts_at
    confirm_offer(
        actor=helper[1], tenant=journey.tenant, offer_id=Offer.objects.get().pk, starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )  # fmt: skip
    assert Voucher.objects.get().person_id == journey.members["staff"].pk
    assert difference() == units_difference() == 0


def test_one_tap_stops_it_once_and_the_officer_hears_of_it(journey: Journey, helper: tuple[Service, Any]) -> None:
    sent = apply_for(journey, helper[0])
    assert pool(journey, "home_help").reserved == 10_000
    for _tap in range(2):
        stop_proxy(actor=journey.staff, tenant=journey.tenant, referral_id=sent.pk)
    sent.refresh_from_db()
    assert (sent.state, pool(journey, "home_help").reserved) == ("cancelled", 0)
    assert Consent.objects.get(referral_id=sent.pk).state == "withdrawn"
    assert told(journey.members["union"].user, "proxy_stopped") == 1
    assert AuditEntry.objects.filter(action="referral.proxy_stop").count() == 1
    assert difference() == units_difference() == 0


def test_near_its_time_it_is_cancelled_on_the_usual_page_where_the_price_is_said(
    journey: Journey, helper: tuple[Service, Any]
) -> None:
    sent = apply_for(journey, helper[0])
    start = sent.windows.get().starts_at
    confirm_offer(
        actor=helper[1], tenant=journey.tenant, offer_id=Offer.objects.get().pk, starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )  # fmt: skip
    with as_of(start - timedelta(hours=2)), pytest.raises(Conflict, match="stop_is_late"):
        stop_proxy(actor=journey.staff, tenant=journey.tenant, referral_id=sent.pk)
    assert Proxy.objects.get().stopped_at is None


def test_nobody_but_the_person_stops_it(journey: Journey, helper: tuple[Service, Any]) -> None:
    sent = apply_for(journey, helper[0])
    for who in (journey.staff2, journey.union):
        with pytest.raises(NotFound):
            stop_proxy(actor=who, tenant=journey.tenant, referral_id=sent.pk)


@pytest.mark.parametrize("days", [-31, 1])
def test_the_day_of_the_consent_is_one_of_the_last_thirty(
    journey: Journey, helper: tuple[Service, Any], days: int
) -> None:
    with pytest.raises(Invalid, match="consent_day"):
        apply_for(journey, helper[0], agreed_on=journey.tenant.today() + timedelta(days=days))
    with pytest.raises(Invalid, match="consent_way"):
        apply_for(journey, helper[0], agreed_how="guessed")
    assert Referral.objects.count() == Proxy.objects.count() == 0


def test_talks_are_not_asked_for_in_another_s_place(journey: Journey) -> None:
    """So nothing that the product answers tells an officer how many talks somebody had."""
    with pytest.raises(Refused, match="not_in_place"):
        apply_for(journey, journey.counselling)
    assert Referral.objects.count() == 0


def test_a_child_s_care_is_asked_for_by_the_day_of_birth_that_the_colleague_told(journey: Journey) -> None:
    born = local_day(now()) - timedelta(days=7 * 365)
    mine = register_child(actor=journey.staff, name="小满", born=born)
    register_child(actor=journey.staff2, name="别人的孩子", born=born - timedelta(days=1))
    sent = apply_for(journey, journey.childcare, child_born=born)
    assert (sent.child_id, sent.person_id, sent.consent) == (
        mine.pk, journey.members["staff"].pk, ["childcare", "referral"],
    )  # fmt: skip
    noted = Consent.objects.get(purpose="childcare", referral_id=sent.pk)
    assert (noted.child_id, noted.person_id) == (mine.pk, journey.members["staff"].pk)
    assert pool(journey, "childcare").reserved == sent.subsidy_fen > 0
    assert difference() == units_difference() == 0


def test_without_one_child_of_that_day_nothing_is_sent_and_the_way_is_shown(journey: Journey) -> None:
    born = local_day(now()) - timedelta(days=7 * 365)
    with pytest.raises(Invalid, match="child_missing"):
        apply_for(journey, journey.childcare)
    register_child(actor=journey.staff2, name="别人的孩子", born=born)
    with pytest.raises(Refused, match="child_not_entered"):
        apply_for(journey, journey.childcare, child_born=born)
    for name in ("大宝", "小宝"):
        register_child(actor=journey.staff, name=name, born=born)
    with pytest.raises(Refused, match="children_alike"):
        apply_for(journey, journey.childcare, child_born=born)
    assert Referral.objects.count() == Consent.objects.filter(referral_id__isnull=False).count() == 0


def test_not_for_oneself_and_not_without_the_union_s_office(journey: Journey, helper: tuple[Service, Any]) -> None:
    with pytest.raises(NotFound):
        apply_for(journey, helper[0], person_id=journey.members["union"].pk)
    with pytest.raises(Forbidden):
        apply_for(journey, helper[0], actor=journey.staff2)


def test_who_applied_for_a_colleague_does_not_decide_it(journey: Journey, helper: tuple[Service, Any]) -> None:
    always_asks(journey.tenant)
    sent = apply_for(journey, helper[0])
    assert sent.state == "submitted"
    with pytest.raises(Forbidden, match="same_person"):
        approve_referral(actor=journey.union, tenant=journey.tenant, referral_id=sent.pk)
    second = make_person(journey.tenant, "union", "staff")
    approve_referral(actor=actor_of(second), tenant=journey.tenant, referral_id=sent.pk)


def client_of(journey: Journey, role: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    client.force_login(journey.members[role].user)
    return client


def test_by_hand_from_the_name_to_the_tap_that_stops_it(journey: Journey, helper: tuple[Service, Any]) -> None:
    union, person = client_of(journey, "union"), journey.members["staff"]
    found = union.get("/union/proxy/", {"q": person.name}).content.decode()
    address = f"/union/proxy/{person.pk}/"
    assert address in found
    assert str(helper[0].pk) in union.get(address).content.decode()
    form = union.get(f"{address}?service={helper[0].pk}").content.decode()
    assert not any(word in form for word in ("textarea", 'name="note"', "wish_"))
    boxes = {f"box_{kind}_{part}": "on" for kind in ("workday", "weekend") for part in ("morning", "afternoon")}
    answer = union.post(
        f"{address}?service={helper[0].pk}",
        {"units": "1", "agreed_how": "in_person", "agreed_on": local_day(now()).isoformat(), **boxes},
    )
    sent = Referral.objects.get()
    assert answer["Location"] == f"/union/referrals/{sent.pk}/"
    assert "本人同意" in union.get(answer["Location"]).content.decode()
    staff = client_of(journey, "staff")
    assert "同事替您提交了申请" in staff.get(f"/my/referrals/{sent.pk}/").content.decode()
    assert staff.post(f"/my/referrals/{sent.pk}/stop-proxy/").status_code == 302
    sent.refresh_from_db()
    assert sent.state == "cancelled"
    assert "本人已停下" in union.get(f"/union/referrals/{sent.pk}/").content.decode()
    assert client_of(journey, "staff2").post(f"/my/referrals/{sent.pk}/stop-proxy/").status_code == 404
