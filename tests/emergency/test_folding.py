"""Which messages are one: the rule over all texts, and that no page is lost by it, whatever becomes of the other."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import now
from notifications.providers.ports import Sent
from referrals.emergency.engine.choosing import reserve
from referrals.emergency.engine.circuits import Circuits
from referrals.emergency.engine.claiming import claim
from referrals.emergency.engine.kinds import KINDS
from referrals.emergency.engine.queue import Tried, failed_later, settle_all
from referrals.emergency.engine.send import send_due
from referrals.emergency.engine.ways import ways_out
from referrals.emergency.models import Delivery, Leg, Timeline
from referrals.emergency.rules.folding import WANTS, Said, Wants, carrier, folds, may_fold, wants_of
from referrals.emergency.rules.sending import ASK_COMPANION, ASKS, ASKS_OF_INCIDENT, PUT_OFF
from referrals.emergency.workflow import moving
from referrals.emergency.workflow.withdrawing import no_page_leaves
from tests.conftest import make_person
from tests.emergency.incident_rows import incident_row, leg_row
from tests.emergency.sending_steps import leg_that_pages, page_row, state
from tests.gateway import Gateway, open_gateway

ONE, TWO = "+8613900000001", "+8613900000002"
HERE, THERE = UUID(int=1), UUID(int=2)
CARRIED = ("sms", "voice", "wecom", "email")
SAID = st.builds(
    Said,
    page=st.uuids(),
    text=st.sampled_from([*sorted(WANTS), "one_of_a_newer_version"]),
    incident=st.sampled_from([HERE, THERE]),
    has_code=st.booleans(),
    is_first=st.booleans(),
    holds=st.booleans(),
)


def said(text: str, incident: UUID = HERE, **values: Any) -> Said:
    return Said(page=UUID(int=9), text=text, incident=incident, **values)


class TestTheRule:
    def test_every_text_of_the_chain_wants_something(self) -> None:
        assert WANTS.keys() == {text for text in KINDS if text.startswith("emergency_")}
        assert {text for text in WANTS if wants_of(text) is Wants.LOOK} == {
            *ASKS.values(),
            *ASKS_OF_INCIDENT.values(),
            ASK_COMPANION,
            PUT_OFF,
        }
        assert wants_of("one_of_a_newer_version") is Wants.ALONE

    @given(new=SAID, into=SAID, channel=st.sampled_from(CARRIED))
    def test_what_is_graver_is_never_folded(self, new: Said, into: Said, channel: str) -> None:
        if not folds(new, into, channel):
            return
        assert may_fold(new.text, has_code=new.has_code), "or nobody would look for what it is told with"
        assert wants_of(new.text) is not Wants.ALONE and not (new.has_code or into.has_code)
        if new.incident != into.incident:
            assert new.text == into.text and channel in ("sms", "voice") and not new.is_first
            assert channel == "sms" or not new.text.startswith("emergency_page_"), "a key answers for one leg"
        if new.is_first:
            assert new.text == into.text, "what somebody has not been told yet is told by its own words"
        if wants_of(new.text) is Wants.OVER or wants_of(into.text) is Wants.OVER:
            assert new.text == into.text and new.incident == into.incident
        else:
            assert into.holds, "whoever has answered has put it away"
        if wants_of(new.text) is Wants.COME:
            assert wants_of(into.text) in (Wants.COME, Wants.ALONE), "a call is not told by a question"

    def test_every_pair_of_texts_of_one_incident(self) -> None:
        """Read as a table: what was told before on its leg, and its first time."""
        for new, into in product(sorted(WANTS), repeat=2):
            again = folds(said(new, is_first=False), said(into), "sms")
            first = folds(said(new), said(into), "sms")
            wants, given_ = wants_of(new), wants_of(into)
            assert again is (
                (new == into and wants is not Wants.ALONE)
                or (wants is Wants.COME and given_ in (Wants.COME, Wants.ALONE))
                or (wants is Wants.LOOK and given_ in (Wants.COME, Wants.ALONE, Wants.LOOK))
            ), (new, into)
            assert first is (new == into and wants is not Wants.ALONE), (new, into)

    @pytest.mark.parametrize(
        "text", ["emergency_dial", "emergency_ask_take_over", "emergency_report_joined", "emergency_page_family",
                 "emergency_page_medical", "emergency_page_community"],
    )  # fmt: skip
    def test_what_one_person_alone_is_asked_is_sent(self, text: str) -> None:
        assert not any(folds(said(text, is_first=False), said(other), "sms") for other in WANTS)

    def test_the_end_of_a_call_is_not_told_by_an_end_before_it(self) -> None:
        over = said("emergency_stood_down")
        assert carrier(over, [said("emergency_stood_down")], "sms") is not None
        lately = [said("emergency_page_school"), said("emergency_stood_down")]
        assert carrier(over, lately, "sms") is None
        assert carrier(over, [said("emergency_page_school", THERE), *lately[1:]], "sms") is not None


@pytest.fixture
def gateway(settings: Any, open_school: Any) -> Iterator[Gateway]:
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        yield server


def colleague(open_school: Any) -> Any:
    return make_person(open_school, "staff", phone=ONE)


def two_legs(kind: str = "team") -> tuple[Leg, Leg]:
    """Two legs of one incident that page; nothing of them is due."""
    incident = incident_row()
    later = {"next_at": now() + timedelta(minutes=2)}
    return leg_row(incident, **later), leg_row(incident, kind=kind, **later)


def alarms(member: Any, **values: Any) -> tuple[Delivery, Delivery]:
    """Two legs that nobody has taken call the same colleague at once."""
    one, other = two_legs()
    return (
        page_row(one, ONE, member=member, text="emergency_alarm", **values),
        page_row(other, ONE, member=member, text="emergency_alarm", **values),
    )


def told_with(page: Delivery, other: Delivery) -> bool:
    page.refresh_from_db()
    return page.state == "folded" and page.folded_into_id == other.pk


@pytest.mark.django_db
@pytest.mark.usefixtures("real_clock")
class TestASender:
    def test_two_legs_of_one_incident_are_one_message_and_the_incident_says_so(
        self, gateway: Gateway, open_school: Any
    ) -> None:
        first, second = alarms(colleague(open_school))
        assert send_due("sms") == 2
        assert len(gateway.taken) == 1
        assert state(first)[0] == "sent" and told_with(second, first)
        assert second.claims == 0 and second.tried_at is None, "it was no try"
        row = Timeline.objects.get(code="delivery.folded")
        assert (row.leg_id, row.facts) == (second.leg_id, {"channel": "sms", "role": "on_duty:1"})
        third = page_row(second.leg, ONE, text="emergency_alarm", due_at=now())
        send_due("sms")
        assert told_with(third, first), "one that left a moment ago"
        Delivery.objects.filter(pk=first.pk).update(tried_at=now() - timedelta(seconds=61))
        fourth = page_row(second.leg, ONE, text="emergency_alarm", due_at=now())
        send_due("sms")
        assert state(fourth)[0] == "sent", "the minute is over"

    def test_another_person_another_channel_and_another_incidents_first_are_sent(
        self, gateway: Gateway, open_school: Any
    ) -> None:
        member = colleague(open_school)
        first, _second = alarms(member)
        other_person = page_row(first.leg, TWO, text="emergency_alarm")
        call = page_row(first.leg, ONE, text="emergency_alarm", channel="voice")
        elsewhere = page_row(leg_row(incident_row(), next_at=now() + timedelta(minutes=2)), ONE, member=member,
                             text="emergency_alarm")  # fmt: skip
        send_due("sms")
        send_due("voice")
        assert {state(page)[0] for page in (first, other_person, call, elsewhere)} == {"sent"}
        assert len(gateway.taken) == 4

    def test_a_first_page_and_what_to_dial_by_hand_are_sent(self, gateway: Gateway, open_school: Any) -> None:
        member = colleague(open_school)
        one, other = two_legs()
        pages = [
            page_row(one, ONE, member=member),
            page_row(other, ONE, member=member, text="emergency_page_team"),
            page_row(other, ONE, member=member, text="emergency_dial"),
        ]
        send_due("sms")
        assert [state(page)[0] for page in pages] == ["sent"] * 3

    def test_somebody_outside_gets_every_code(self, gateway: Gateway) -> None:
        one, other = two_legs("family")
        pages = [page_row(leg, ONE, text="emergency_page_school") for leg in (one, other)]
        send_due("sms")
        assert [state(page)[0] for page in pages] == ["sent"] * 2

    def test_a_page_whose_carrier_was_not_taken_leaves_by_itself(self, gateway: Gateway, open_school: Any) -> None:
        first, second = alarms(colleague(open_school))
        gateway.status = 500
        send_due("sms")
        assert state(first)[0] == "queued", "it is tried again"
        assert state(second)[0] == "queued" and second.folded_into_id is None and second.claims == 0
        gateway.status = 204
        send_due("sms")
        assert state(second)[0] == "sent", "at once, without waiting for the other"

    def test_a_page_whose_carrier_did_not_arrive_leaves_by_itself(self, gateway: Gateway, open_school: Any) -> None:
        first, second = alarms(colleague(open_school))
        send_due("sms")
        first.refresh_from_db()
        failed_later(first)
        assert state(second)[0] == "queued" and second.due_at <= now()
        send_due("sms")
        assert state(second)[0] == "sent"
        assert len(gateway.taken) == 2

    def test_a_page_whose_carriers_sender_has_died_leaves_by_itself(self, gateway: Gateway, open_school: Any) -> None:
        first, second = alarms(colleague(open_school))
        held = claim([first.pk, second.pk])
        assert [page.pk for page, _how in reserve(held, ways_out("sms"), Circuits())] == [first.pk]
        assert told_with(second, first)
        Leg.objects.filter(pk=first.leg_id).update(epoch=2)
        Delivery.objects.filter(pk=first.pk).update(lease_until=now() - timedelta(seconds=1))
        send_due("sms")
        assert state(first)[0] == "dropped", "its leg was answered, and it is nobody's"
        send_due("sms")
        assert state(second)[0] == "sent"

    def test_a_leg_that_is_taken_takes_no_other_legs_page_with_it(self, gateway: Gateway, open_school: Any) -> None:
        first, second = alarms(colleague(open_school))
        send_due("sms")
        leg = first.leg
        moving.stand_down(leg, now(), text="emergency_stood_down", to_all=False)
        Leg.objects.filter(pk=leg.pk).update(epoch=2)
        assert state(second)[0] == "queued"
        send_due("sms")
        assert state(second)[0] == "sent", "nothing is asked of them for the one, and still for the other"

    def test_what_has_died_goes_no_more_though_its_carrier_failed(self, gateway: Gateway, open_school: Any) -> None:
        first, second = alarms(colleague(open_school))
        send_due("sms")
        moving.drop_calls(second.leg, now())
        assert state(second)[0] == "folded" and second.folded_into_id is None, "it was told"
        failed_later(first)
        send_due("sms")
        assert state(second)[0] == "folded"
        assert len(gateway.taken) == 1

    def test_whoever_is_never_to_be_called_is_not_called_by_what_was_folded(
        self, gateway: Gateway, open_school: Any
    ) -> None:
        member, person = colleague(open_school), make_person(open_school, "staff")
        first, second = alarms(member)
        first.leg.incident.person = person
        first.leg.incident.save(update_fields=["person"])
        send_due("sms")
        no_page_leaves(person.pk, members=[member.pk])
        failed_later(first)
        send_due("sms")
        assert state(second)[0] == "folded" and len(gateway.taken) == 1

    def test_a_folded_page_counts_as_reached(self, gateway: Gateway, open_school: Any) -> None:
        first, second = alarms(colleague(open_school))
        send_due("sms")
        moving.stand_down(second.leg, now(), text="emergency_stood_down", to_all=False)
        assert Delivery.objects.get(text="emergency_stood_down").recipient_id == second.recipient_id
        assert state(first)[0] == "sent"


NUMBERS = tuple(f"+861390000{number:04d}" for number in range(20))


def asked_for(pages: list[Delivery]) -> list[str]:
    """What the database is asked between the claim of ``pages`` and their way out."""
    with CaptureQueriesContext(connection) as queries:
        found = reserve(claim([page.pk for page in pages]), ways_out("sms"), Circuits())
    settle_all([(page, how if isinstance(how, Tried) else Tried(Sent("x"), "gateway")) for page, how in found])
    return [row["sql"] for row in queries if not row["sql"].startswith(("SAVEPOINT", "RELEASE"))]


@pytest.mark.django_db
class TestWhatItCosts:
    """Pages are sent in their thousands: no page may cost a question of its own."""

    def test_a_page_to_whom_nothing_left_lately_costs_no_question(self, gateway: Gateway) -> None:
        leg = leg_that_pages()
        one = asked_for([page_row(leg, NUMBERS[0], text="emergency_alarm")])
        many = asked_for([page_row(leg, number, text="emergency_alarm") for number in NUMBERS[1:]])
        assert len(many) == len(one)
        assert not any("pg_advisory" in sql for sql in many), "nor a lock"

    def test_what_is_folded_is_asked_for_and_written_for_all_of_them_at_once(self, gateway: Gateway) -> None:
        first, second = two_legs()
        some = asked_for([page_row(leg, NUMBERS[0], text="emergency_alarm") for leg in (first, second)])
        many = asked_for(
            [page_row(leg, number, text="emergency_alarm") for leg in (first, second) for number in NUMBERS[1:]]
        )
        assert len(many) == len(some)
        assert Delivery.objects.filter(state="folded").count() == len(NUMBERS)
