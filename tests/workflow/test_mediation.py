"""Family mediation in two steps: the school's psychologist first, then, with both sides' yes, the room outside (16.6)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from partners.models import Service
from referrals.liaison.models import Mediation
from referrals.liaison.tasks import end_what_is_over
from referrals.liaison.workflow.mediation import (
    agree,
    ask_mediation,
    close,
    invite,
    lapse,
    settle,
    stay,
    suggest,
    withdraw,
)
from referrals.models import Offer, Referral
from referrals.states import ReferralState
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.submitting import submit_referral
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, soon
from tests.workflow.several_steps import agency_with, pay_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(journey: Journey) -> Service:
    """A mediation room that the school has an agreement with, paid whole."""
    pay_for(journey, "mediation", share_bp=10_000)
    return agency_with(journey, "mediation", 20_000)[0]


def asked(journey: Journey, note: str = "想先听听老师怎么说") -> Mediation:
    return ask_mediation(actor=journey.staff, tenant=journey.tenant, note=note)


def talked(journey: Journey) -> tuple[Mediation, datetime]:
    """The first talk was two days later; the second is when it is over."""
    row = asked(journey)
    at = now() + timedelta(days=2)
    invite(actor=journey.centre, mediation_id=row.pk, talk_at=at, place="centre")
    return row, at + timedelta(hours=1)


def suggested(journey: Journey) -> tuple[Mediation, datetime]:
    row, after = talked(journey)
    with as_of(after):
        suggest(actor=journey.centre, tenant=journey.tenant, mediation_id=row.pk, sides="both")
    return row, after


def agreed(journey: Journey) -> tuple[Mediation, datetime]:
    row, after = suggested(journey)
    with as_of(after):
        agree(actor=journey.staff, mediation_id=row.pk, own=True, other=True)
    return row, after


def send(journey: Journey, room: Service, **more: Any) -> Referral:
    return submit_referral(
        actor=more.pop("actor", journey.staff), tenant=journey.tenant, service_id=room.pk, units=1,
        windows=[soon(days=4)], consent=["referral"], **more,
    )  # fmt: skip


def test_no_mediation_room_is_asked_before_the_psychologist_has_heard_and_both_agree(
    journey: Journey, room: Service
) -> None:
    with pytest.raises(Refused, match="mediation_first"), transaction.atomic():
        send(journey, room)
    row, after = suggested(journey)
    with as_of(after):
        with pytest.raises(Refused, match="mediation_first"), transaction.atomic():
            send(journey, room)
        for said in ({"own": True, "other": False}, {"own": False, "other": True}):
            with pytest.raises(Invalid, match="consent_missing"):
                agree(actor=journey.staff, mediation_id=row.pk, **said)
        agree(actor=journey.staff, mediation_id=row.pk, own=True, other=True)
        sent = send(journey, room)
    row.refresh_from_db()
    assert (row.state, row.referral_id) == ("linked", sent.pk)
    assert (sent.state, sent.needs_person) == (ReferralState.OFFERED, False), "the centre has said its word already"


def test_the_room_learns_nothing_of_the_first_talk(journey: Journey, room: Service) -> None:
    _row, after = agreed(journey)
    with as_of(after):
        sent = send(journey, room)
    offer = Offer.objects.get(referral=sent)
    assert (sent.note, offer.wishes.access) == ("", ())


def test_one_yes_opens_one_request_and_another_only_when_that_came_to_nothing(journey: Journey, room: Service) -> None:
    row, after = agreed(journey)
    with as_of(after):
        first = send(journey, room)
        with pytest.raises(Refused, match="mediation_first"), transaction.atomic():
            send(journey, room)
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=first.pk)
        second = send(journey, room)
    row.refresh_from_db()
    assert row.referral_id == second.pk


def test_the_dates_decide_whether_or_not_a_sweep_has_been(journey: Journey, room: Service) -> None:
    row, after = suggested(journey)
    with as_of(after + timedelta(days=30)), pytest.raises(IllegalMove):
        agree(actor=journey.staff, mediation_id=row.pk, own=True, other=True)
    with as_of(after):
        agree(actor=journey.staff, mediation_id=row.pk, own=True, other=True)
    with as_of(after + timedelta(days=90)):
        with pytest.raises(Refused, match="mediation_first"), transaction.atomic():
            send(journey, room)
        again = ask_mediation(actor=journey.staff, tenant=journey.tenant)
        row.refresh_from_db()
        assert (row.state, again.state) == ("lapsed", "asked"), "a late sweep keeps nobody from asking again"


def test_the_sweep_ends_what_is_over_and_tells_once(journey: Journey, room: Service) -> None:
    row, after = suggested(journey)
    with as_of(after + timedelta(days=29)):
        assert not lapse(mediation_id=row.pk)
    with as_of(after + timedelta(days=31)):
        assert end_what_is_over() == 1
        assert end_what_is_over() == 0
        assert not lapse(mediation_id=row.pk), "found twice it ends once"
    row.refresh_from_db()
    assert row.state == "lapsed"
    assert OutboxMessage.objects.filter(template="mediation_lapsed", channel="in_app").count() == 1


def test_what_came_of_a_talk_is_written_after_its_time(journey: Journey, room: Service) -> None:
    row, after = talked(journey)
    for write in (settle, lambda **said: suggest(tenant=journey.tenant, **said)):
        with pytest.raises(Refused, match="not_talked"), transaction.atomic():
            write(actor=journey.centre, mediation_id=row.pk, sides="one")
    with as_of(after):
        settle(actor=journey.centre, mediation_id=row.pk, sides="one")
    row.refresh_from_db()
    assert (row.state, row.sides, row.until) == ("settled", "one", None)


def test_nothing_is_suggested_while_there_is_no_room_to_go_to(journey: Journey) -> None:
    row, after = talked(journey)
    with as_of(after), pytest.raises(Refused, match="no_mediation_room"):
        suggest(actor=journey.centre, tenant=journey.tenant, mediation_id=row.pk, sides="both")


@pytest.mark.parametrize("days", [-1, 0, 61])
def test_a_time_that_is_over_or_far_away_is_none(journey: Journey, days: int) -> None:
    row = asked(journey)
    with pytest.raises(Invalid) as refused:
        invite(actor=journey.centre, mediation_id=row.pk, talk_at=now() + timedelta(days=days), place="centre")
    assert refused.value.fields[0][1] == "talk_at"


def test_words_that_do_not_fit_are_refused_by_the_writer_too(journey: Journey) -> None:
    with pytest.raises(Invalid):
        asked(journey, "长" * 501)
    assert not Mediation.objects.exists()


def test_words_of_no_list_are_refused_by_the_writer_too(journey: Journey, room: Service) -> None:
    row, after = talked(journey)
    with as_of(after):
        for write in (
            lambda: suggest(actor=journey.centre, tenant=journey.tenant, mediation_id=row.pk, sides="three"),
            lambda: settle(actor=journey.centre, mediation_id=row.pk, sides=""),
            lambda: close(actor=journey.centre, mediation_id=row.pk, reason="tired"),
        ):
            with pytest.raises(Invalid):
                write()
    row.refresh_from_db()
    assert (row.state, row.sides, row.close_reason) == ("invited", "", "")


def test_one_at_a_time_and_the_same_person_never_hears_their_own(journey: Journey) -> None:
    row = asked(journey)
    with pytest.raises(Conflict, match="mediation_open"):
        asked(journey)
    own = ask_mediation(actor=journey.centre, tenant=journey.tenant)
    with pytest.raises(Forbidden, match="same_person"):
        invite(actor=journey.centre, mediation_id=own.pk, talk_at=now() + timedelta(days=1), place="phone")
    other = actor_of(make_person(journey.tenant, "centre", "staff"))
    invite(actor=other, mediation_id=own.pk, talk_at=now() + timedelta(days=1), place="phone")
    assert row.state == "asked"


def test_a_stranger_and_other_offices_get_nothing(journey: Journey, room: Service) -> None:
    row, after = suggested(journey)
    with as_of(after):
        for write in (stay, withdraw):
            with pytest.raises(NotFound):
                write(actor=journey.staff2, mediation_id=row.pk)
        for who in (journey.union, journey.finance, journey.staff):
            with pytest.raises(Forbidden):
                close(actor=who, mediation_id=row.pk, reason="other_help")


def test_taken_back_the_words_are_gone_and_the_psychologist_is_told(journey: Journey, room: Service) -> None:
    row, after = suggested(journey)
    with as_of(after):
        withdraw(actor=journey.staff, mediation_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.note, bytes(row.note_sealed)) == ("withdrawn", "", b"")
    told = OutboxMessage.objects.filter(template="mediation_ended", channel="in_app")
    assert [one.to_user_id for one in told] == [journey.members["centre"].user_id]


def test_the_database_knows_no_second_step_without_the_first(journey: Journey) -> None:
    row = asked(journey)
    for change in (
        {"state": "suggested"},
        {"state": "agreed", "until": now(), "talk_at": now()},
        {"state": "linked", "until": now(), "talk_at": now(), "both_agreed_at": now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Mediation.objects.filter(pk=row.pk).update(**change)


def test_the_record_tells_no_word_and_messages_no_reason(journey: Journey, room: Service) -> None:
    agreed(journey)
    acts = AuditEntry.objects.filter(action__startswith="mediation.")
    assert [row.facts for row in acts] == [{}] * 4
    for message in OutboxMessage.objects.filter(template__startswith="mediation"):
        assert message.context == {}


def client_of(journey: Journey, role: str) -> Client:
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(journey.members[role].user)
    return client


def test_by_hand_from_the_first_click_to_the_room(journey: Journey, room: Service) -> None:
    person, centre = client_of(journey, "staff"), client_of(journey, "centre")
    answer = person.get(f"/apply/{room.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/my/mediation/"), "the service leads to its first step"
    person.post("/my/mediation/", {"note": "想好好谈一次"})
    row = Mediation.objects.get()
    page = f"/centre/mediation/{row.pk}/"
    assert "想好好谈一次" in centre.get(page).content.decode()
    assert AuditEntry.objects.filter(action="mediation.read").count() == 1
    soon_at = journey.tenant.day_of(now()) + timedelta(days=1)
    centre.post(page, {"talk_at": f"{soon_at}T10:00", "where": "centre"})
    with as_of(now() + timedelta(days=3)):
        person, centre = client_of(journey, "staff"), client_of(journey, "centre")
        bad = centre.post(f"{page}outcome/", {"outcome": "suggest"})
        assert bad.status_code == 422
        centre.post(f"{page}outcome/", {"outcome": "suggest", "sides": "both"})
        assert "/agree/" in person.get("/my/mediation/").content.decode()
        mine = f"/my/mediation/{row.pk}/agree/"
        assert person.post(mine, {"own": "on"}).status_code == 422
        person.post(mine, {"own": "on", "other": "on"})
        begun = person.get(f"/apply/{room.pk}/")
        assert begun["Location"].startswith("/apply/"), "now the room can be asked"
        stranger = client_of(journey, "staff2")
        assert {
            stranger.get(f"/my/mediation/{row.pk}/{act}/").status_code for act in ("agree", "stay", "take-back")
        } == {404}
        assert client_of(journey, "union").get(page).status_code == 404


def test_a_talk_takes_place_where_the_list_says(journey: Journey) -> None:
    row = asked(journey)
    before = OutboxMessage.objects.count()
    for place in ("cafe", "", "CENTRE"):
        with pytest.raises(Invalid, match="out_of_range"):
            invite(actor=journey.centre, mediation_id=row.pk, talk_at=now() + timedelta(days=2), place=place)
    row.refresh_from_db()
    assert (row.state, row.talk_at, OutboxMessage.objects.count()) == ("asked", None, before)
