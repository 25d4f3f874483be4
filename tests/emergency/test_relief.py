"""Crisis relief: the centre asks for help at home for the person of an incident; the union reads that support is asked for."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from audit.models import AuditEntry
from demo.worlds import agree, fill_pools, make_rules
from families.models import Consent
from kernel.clock import as_of, local_day, now, school_year
from kernel.errors import DomainError, Forbidden, Invalid, NotFound, Refused
from ledger.models import Entry
from notifications.models import OutboxMessage
from partners.models import Agreement, Service
from partners.workflow import add_service
from referrals.emergency.models import Incident, NeverContact, Timeline
from referrals.emergency.workflow import ending
from referrals.emergency.workflow.relief import open_relief
from referrals.models import Offer, Referral, ReferralWindow
from referrals.rules import Cancellation
from referrals.workflow.answering import confirm_offer
from referrals.workflow.cancelling import cancelling_means
from referrals.workflow.submitting import approve_referral
from tenancy.scope import use_tenant
from tests.conftest import make_school, planted_once
from tests.emergency.incident_rows import incident_row
from tests.emergency.world import World, make_world
from tests.fixtures_journey import BOXES, Journey, make_institution, make_journey, make_partner_person, soon
from tests.workflow.chair_steps import lead
from tests.workflow.journey_steps import pool
from ui.refusals import explain

pytestmark = pytest.mark.django_db
AGREED = "本人今天 16:10 在医院病房里当面同意"
HOUR_FEN = 5_000


def build() -> World:
    """A school whose chain is live, with home help, its rules and a pool that pays four hours of it."""
    school = make_school()
    with use_tenant(school.pk):
        return with_home_help(make_world(school))


def with_home_help(found: World) -> World:
    journey = make_journey(found.school)
    found.journey = journey  # type: ignore[attr-defined]
    lead(journey, "union")
    institution = make_institution("home_service", operator=journey.operator)
    with use_tenant(journey.platform.pk):
        found.home_help = add_service(  # type: ignore[attr-defined]
            actor=journey.operator, institution_id=institution.pk, name="上门家政", kind="home_help",
            list_fee_fen=HOUR_FEN, unit="hour", minutes=60,
        )  # fmt: skip
    today = local_day(now())
    days = (today - timedelta(30), today + timedelta(300))
    agree(journey.union, journey.finance, institution.pk, {found.home_help.pk: HOUR_FEN}, days)  # type: ignore[attr-defined]
    first = date(school_year(today), 9, 1)
    terms: dict[str, dict[str, Any]] = {"crisis_relief": {"share_bp": 10_000}, "home_help": {"share_bp": 0}}
    make_rules(journey.finance, found.journey.finance2, first, terms)  # type: ignore[attr-defined]
    fill_pools(journey.finance, journey.finance2, (today.year, today.year + 1), {"crisis_relief": 4 * HOUR_FEN})
    return found


planted = planted_once("relief", build)


@pytest.fixture
def world(planted: World, db: None) -> Iterator[World]:
    """The test's own copy, its school open."""
    with use_tenant(planted.school.pk):
        yield deepcopy(planted)


@pytest.fixture
def incident(world: World) -> Incident:
    return world.open()


def journey_of(world: World) -> Journey:
    found: Journey = world.journey  # type: ignore[attr-defined]
    return found


def help_of(world: World) -> Service:
    found: Service = world.home_help  # type: ignore[attr-defined]
    return found


def ask(world: World, incident: Incident, by: str = "centre", **values: Any) -> Referral:
    start, _end = soon(days=1)
    given: dict[str, Any] = {
        "service_id": help_of(world).pk,
        "units": 2,
        "windows": [(start, start + timedelta(hours=4))],
        "agreed_how": AGREED,
    }
    return open_relief(actor=world.actor(by), tenant=world.school, incident_id=incident.pk, **(given | values))


def trace() -> tuple[int, ...]:
    return (
        Referral.objects.count(), ReferralWindow.objects.count(), Entry.objects.count(), Consent.objects.count(),
        OutboxMessage.objects.count(), Timeline.objects.count(), AuditEntry.objects.exclude(action="incident.read").count(),
    )  # fmt: skip


def refused(code: str, kind: type[DomainError], act: Any) -> None:
    before = trace()
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.reason == code
    assert explain(code, caught.value.params).title
    assert trace() == before


def test_it_is_paid_whole_by_the_unions_pool_and_waits_for_the_union(world: World, incident: Incident) -> None:
    sent = ask(world, incident)
    assert (sent.state, sent.person_id, sent.needs_person) == ("submitted", world.members["person"].pk, True)
    assert (sent.fee_fen, sent.subsidy_fen, sent.self_fen) == (2 * HOUR_FEN, 2 * HOUR_FEN, 0)
    assert sent.policy.scheme == "crisis_relief"
    held = pool(journey_of(world), "crisis_relief")
    assert (held.available, held.reserved) == (2 * HOUR_FEN, 2 * HOUR_FEN)
    union = journey_of(world).members["union"]
    assert OutboxMessage.objects.filter(to_user_id=union.user_id, template="referral_needs_decision").exists()
    assert not Offer.objects.exists()
    approve_referral(actor=journey_of(world).union, tenant=world.school, referral_id=sent.pk)
    assert Offer.objects.get().referral_id == sent.pk


def test_the_persons_yes_is_kept_and_read_by_the_centre_alone(world: World, incident: Incident) -> None:
    sent = ask(world, incident)
    consent = Consent.objects.get(referral_id=sent.pk)
    assert (consent.person_id, consent.state, consent.recipient_id) == (sent.person_id, "given", sent.partner_id)
    by = AuditEntry.objects.get(action="consent.note")
    assert by.actor_id == world.members["centre"].user_id
    client = Client(headers={"host": world.school.host})
    client.force_login(world.members["centre"].user)
    assert "只知道有人申请帮助" in client.get(f"/centre/emergency/{incident.pk}/").content.decode()
    row = Timeline.objects.get(code="relief.opened")
    assert row.words(incident.key) == AGREED and row.facts == {"request": sent.number}
    assert sent.note == ""


def test_the_union_reads_that_support_is_asked_for_and_nothing_of_the_incident(
    world: World, incident: Incident
) -> None:
    sent = ask(world, incident)
    client = Client(headers={"host": world.school.host})
    client.force_login(journey_of(world).members["union"].user)
    page = client.get(f"/union/referrals/{sent.pk}/")
    assert page.status_code == 200 and sent.number in page.content.decode()
    for hidden in (incident.number, str(incident.pk), AGREED, "不想活", "极端", "/centre/"):
        assert hidden not in page.content.decode()
    assert client.get(f"/centre/emergency/{incident.pk}/").status_code == 404
    assert client.get(f"/centre/emergency/{incident.pk}/relief/").status_code == 404
    kept = [str(value) for value in Referral.objects.filter(pk=sent.pk).values().get().values()]
    assert not [value for value in kept if incident.number in value or str(incident.pk) in value]


def test_the_person_reads_it_among_their_own_and_may_take_it_back_until_it_begins(
    world: World, incident: Incident
) -> None:
    start, _end = soon(days=0, minutes=120)
    sent = ask(world, incident, windows=[(start, start + timedelta(hours=1))], units=1)
    client = Client(headers={"host": world.school.host})
    client.force_login(world.members["person"].user)
    assert sent.number in client.get(f"/my/referrals/{sent.pk}/").content.decode()
    approve_referral(actor=journey_of(world).union, tenant=world.school, referral_id=sent.pk)
    journey = journey_of(world)
    office = make_partner_person(journey.operator, journey.platform, sent.partner, "partner_office")[1]
    offer, window = Offer.objects.get(referral=sent), sent.windows.get()
    confirm_offer(
        actor=office, tenant=world.school, offer_id=offer.pk, starts_at=window.starts_at, ends_at=window.ends_at
    )
    sent.refresh_from_db()
    Agreement.objects.update(cancellation_terms={"free_hours": 24, "late_fee_bp": 3_000, "no_show_fee_bp": 5_000})
    with as_of(window.starts_at - timedelta(minutes=30)):
        means = cancelling_means(sent, world.school)
        assert means.meaning is Cancellation.LATE, "the agency sees what it sees of everybody"
        assert means.fee.pool_fen == means.fee.fee_fen > 0 == means.fee.person_fen
        page = client.get(f"/my/referrals/{sent.pk}/cancel/").content.decode()
        assert "现在取消，不收任何费用" in page
        assert "可以收" not in page, "nothing is said of a fee that is not theirs"


def test_after_the_incident_has_ended_it_can_still_be_asked_for(world: World, incident: Incident) -> None:
    for post in ("duty", "centre"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    assert ask(world, incident).state == "submitted"


def test_what_the_pool_does_not_cover_is_not_left_to_the_person(world: World, incident: Incident) -> None:
    refused("relief_not_whole", Refused, lambda: ask(world, incident, units=5))
    ask(world, incident, units=4)
    refused("relief_not_whole", Refused, lambda: ask(world, incident, units=1))


def test_what_it_does_not_pay_for_is_refused(world: World, incident: Incident) -> None:
    counselling = journey_of(world).counselling
    refused("relief_not_covered", Refused, lambda: ask(world, incident, service_id=counselling.pk))


def test_the_yes_a_person_and_something_real_are_needed(world: World, incident: Incident) -> None:
    refused("relief_agreement", Invalid, lambda: ask(world, incident, agreed_how=" \u3000"))
    unknown = world.open(person_id=None)
    refused("relief_no_person", Refused, lambda: ask(world, unknown))
    drill = incident_row(world.members["person"], is_drill=True)
    refused("relief_in_drill", Refused, lambda: ask(world, drill))
    Incident.objects.filter(pk=incident.pk).update(own_key=None)
    refused("incident_ended", Refused, lambda: ask(world, incident))


@pytest.mark.parametrize("post", ["duty", "head", "principal", "person"])
def test_only_the_centre_asks(post: str, world: World, incident: Incident) -> None:
    before = trace()
    with pytest.raises(Forbidden):
        ask(world, incident, by=post)
    assert trace() == before


def test_to_the_excluded_there_is_no_such_incident(world: World, incident: Incident) -> None:
    NeverContact.objects.create(person=world.members["person"], member=world.members["deputy"])
    before = trace()
    with pytest.raises(NotFound):
        ask(world, incident, by="deputy")
    assert trace() == before
    client = Client(headers={"host": world.school.host})
    client.force_login(world.members["deputy"].user)
    assert client.get(f"/centre/emergency/{incident.pk}/relief/").status_code == 404


def test_the_page_offers_what_is_covered_and_asks(world: World, incident: Incident) -> None:
    client = Client(headers={"host": world.school.host})
    client.force_login(world.members["centre"].user)
    path = f"/centre/emergency/{incident.pk}/relief/"
    text = client.get(path).content.decode()
    assert "上门家政" in text and "个人心理咨询" not in text
    assert (
        f"{path.rpartition('/relief/')[0]}/relief/" in client.get(f"/centre/emergency/{incident.pk}/").content.decode()
    )
    chosen = f"{path}?service={help_of(world).pk}"
    assert world.members["person"].name in client.get(chosen).content.decode()
    assert client.post(chosen, {"units": "2", "agreed_how": ""}).status_code == 422
    short = client.post(chosen, {"units": "9", "agreed_how": AGREED, **BOXES})
    assert short.status_code == 422 and "不够支付全部费用" in short.content.decode()
    assert not Referral.objects.exists()
    assert client.post(chosen, {"units": "2", "agreed_how": AGREED, **BOXES}).status_code == 302
    assert Referral.objects.get().number in client.get(path).content.decode()
    assert client.get(f"{path}?service={uuid4()}").status_code == 200
