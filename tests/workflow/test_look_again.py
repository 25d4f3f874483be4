"""A declined person may ask once that a human looks again (rules §2); partner and deciders are told."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.clock import as_of, local_day, now
from kernel.errors import Forbidden, IllegalMove, NotFound, Refused
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.models import InstitutionMember
from referrals.models import Offer, Referral
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.submitting import approve_referral, decline_referral, look_again
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import ask, pool

pytestmark = pytest.mark.django_db


def declined(journey: Journey) -> Referral:
    referral = ask(journey, units=4, days=3)
    return decline_referral(actor=journey.centre, referral_id=referral.pk, reason="talk_first")


def again(journey: Journey, referral: Referral, who: Any = None) -> Referral:
    return look_again(actor=who or journey.staff, tenant=journey.tenant, referral_id=referral.pk)


def told(template: str) -> int:
    return OutboxMessage.objects.filter(template=template).count()


def test_a_human_looks_again_and_may_say_yes(journey: Journey) -> None:
    referral = declined(journey)
    assert pool(journey).reserved == 0
    asked_before = told("referral_needs_decision")
    again(journey, referral)
    referral.refresh_from_db()
    assert (referral.state, referral.decline_reason, referral.decided_by_id) == ("submitted", "", None)
    assert referral.deadline is not None
    assert referral.deadline > now()
    assert pool(journey).reserved == referral.subsidy_fen, "the same price is held again"
    assert told("referral_needs_decision") == 2 * asked_before > 0
    assert AuditEntry.objects.filter(action="referral.look_again").count() == 1
    approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk)
    assert Offer.objects.get().state == "open"
    assert told("referral_approved") == 1
    assert difference() == 0


def test_a_second_no_gives_all_back_again_and_is_the_last(journey: Journey) -> None:
    referral = declined(journey)
    again(journey, referral)
    decline_referral(actor=journey.centre, referral_id=referral.pk, reason="not_covered")
    assert (pool(journey).reserved, difference()) == (0, 0)
    assert (told("referral_declined"), told("referral_declined_again")) == (1, 1)
    with pytest.raises(Refused, match="looked_already"):
        again(journey, referral)
    referral.refresh_from_db()
    assert (referral.state, pool(journey).reserved) == ("declined", 0)


def test_only_the_person_only_after_a_no_and_only_while_a_time_is_to_come(journey: Journey) -> None:
    waiting = ask(journey, units=4, days=3)
    with pytest.raises(IllegalMove):
        again(journey, waiting)
    referral = decline_referral(actor=journey.centre, referral_id=waiting.pk, reason="talk_first")
    before = told("referral_needs_decision")
    for who, error in ((journey.staff2, NotFound), (journey.centre, NotFound), (journey.partner_office, NotFound)):
        with pytest.raises((error, Forbidden)):
            again(journey, referral, who)
    with as_of(now() + timedelta(days=4)), pytest.raises(Refused, match="times_over"):
        again(journey, referral)
    referral.refresh_from_db()
    assert (referral.state, referral.looked_again_at, pool(journey).reserved) == ("declined", None, 0)
    assert told("referral_needs_decision") == before


def test_the_pages_show_the_road(journey: Journey) -> None:
    referral = declined(journey)
    mine = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    mine.force_login(journey.members["staff"].user)
    address = f"/my/referrals/{referral.pk}/again/"
    assert address in mine.get(f"/my/referrals/{referral.pk}/").content.decode()
    assert mine.get(address).status_code == 200
    referral.refresh_from_db()
    assert referral.state == "declined", "looking changes nothing"
    assert mine.post(address).status_code == 302
    assert address not in mine.get(f"/my/referrals/{referral.pk}/").content.decode()
    assert mine.post(address).status_code == 409
    office = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    office.force_login(journey.members["centre"].user)
    assert "Looks again" in office.get("/centre/").content.decode()
    page = office.get(f"/centre/referrals/{referral.pk}/").content.decode()
    assert "the person asks you to look again" in page
    assert "This was the second look" in office.get(f"/centre/referrals/{referral.pk}/decline/").content.decode()


# ---- who is told


def test_whoever_decides_today_is_told_with_a_planned_last_day_too(journey: Journey) -> None:
    today = local_day(now())
    planned = make_person(journey.tenant, "centre", left_on=today + timedelta(days=30))
    last_day = make_person(journey.tenant, "centre", left_on=today)
    gone = make_person(journey.tenant, "centre", left_on=today - timedelta(days=1))
    to_come = make_person(journey.tenant, "centre", active_from=today + timedelta(days=30))
    ask(journey, units=4)
    asked = set(OutboxMessage.objects.filter(template="referral_needs_decision").values_list("to_user", flat=True))
    assert asked == {journey.members["centre"].user_id, planned.user_id, last_day.user_id}
    assert not asked & {gone.user_id, to_come.user_id}
    assert actor_of(planned).may("referral.decide.centre")
    assert Membership.objects.count() >= 4


def test_a_partner_that_waits_with_a_request_hears_that_it_was_taken_back(journey: Journey) -> None:
    referral = ask(journey)
    InstitutionMember.objects.filter(user=journey.counter_user).update(
        valid_until=local_day(now()) + timedelta(days=20)
    )
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert Offer.objects.get().state == "withdrawn"
    told_to = set(OutboxMessage.objects.filter(template="offer_withdrawn").values_list("to_user", flat=True))
    assert told_to == {journey.partner_user.pk, journey.counter_user.pk}
