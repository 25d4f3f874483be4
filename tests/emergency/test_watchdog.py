"""What the watchdog reads and says, on the real tables: signs, probes, the phone book, alarms, canaries (chain §7)."""

from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from notifications.models import ProviderAccount
from notifications.providers import mark
from operations.doctor_chain import CHECKS
from referrals.emergency.engine import canaries, phonebook, rounds
from referrals.emergency.engine.alarms import Alarms, key_of
from referrals.emergency.engine.canaries import Canaries, gateway_account
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.probes import decide_probes, now_and_then, send_probes
from referrals.emergency.engine.rounds import decide_round
from referrals.emergency.engine.signs import signs
from referrals.emergency.engine.watchdog import Watchdog
from referrals.emergency.models import Canary, ChainNow, EngineProcess, Incident, Leg, NeverContact, Report, WatchProbe
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.rules.watching import Alarm
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.receiving import Told
from tenancy.scope import no_scope, use_tenant
from tests.conftest import make_school
from tests.emergency.report_steps import send
from tests.emergency.world import OPERATOR_LINE, PHONES, World, make_world
from tests.faults.chain import until
from tests.gateway import Gateway, open_gateway

pytestmark = pytest.mark.django_db
TROUBLE = Alarm(None, ("engine",))


class Here(Executor):
    """Does at once what it is given: the sends themselves are real."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def gateway(settings: Any) -> Any:
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        settings.OPERATOR_EMAIL = "ops@example.org"
        yield server


def late(world: World, seconds: int = 90) -> Any:
    incident = world.open()
    Leg.objects.filter(incident=incident, kind="school").update(next_at=chain_now() - timedelta(seconds=seconds))
    return incident


def school_alarm(world: World) -> Alarm:
    return Alarm(world.school.pk, ("overdue",))


def numbers(gateway: Gateway) -> set[str]:
    return {message["to"] for message in gateway.taken}


def test_signs_tell_how_late_the_latest_clock_is_and_leave_drills_out(world: World) -> None:
    assert signs().late == {}
    late(world)
    assert 89 < signs().late[world.school.pk] < 120
    Leg.objects.update(next_at=chain_now() + timedelta(hours=1))
    assert signs().late == {}, "the incident's own clock runs too, and is not over"
    Leg.objects.update(next_at=None, state="closed", next_event="")
    drill = world.open(person_id=world.members["head"].pk, is_drill=True)
    Leg.objects.filter(incident=drill).update(next_at=chain_now() - timedelta(hours=1))
    assert signs().late == {}
    Incident.objects.exclude(pk=drill.pk).update(next_at=chain_now() - timedelta(seconds=70))
    assert 69 < signs().late[world.school.pk] < 100


def test_pages_that_wait_are_counted_by_channel_and_those_of_an_answered_leg_are_not(world: World) -> None:
    incident = world.open()
    decide_school()
    waiting = signs().waiting
    assert waiting["sms"].count > 0
    assert waiting["sms"].oldest >= 0
    Leg.objects.filter(incident=incident).update(epoch=99)
    assert signs().waiting == {}


def test_a_report_that_should_call_by_itself_is_late_too_and_whom_it_leaves_out_is_not_alarmed(world: World) -> None:
    send(Told(words="x", not_told=("principal",)), danger=True)
    Incident.objects.update(next_at=None, next_event="", state="closed", closed_at=chain_now(), outcome="supported")
    Leg.objects.update(state="closed", next_event="", next_at=None)
    assert signs().late == {}
    Report.objects.update(next_at=chain_now() - timedelta(seconds=90))
    assert 89 < signs().late[world.school.pk] < 120
    assert world.members["principal"].pk in phonebook.left_out_now(world.school.pk).members


def test_a_probe_is_decided_before_it_is_sent_and_each_channel_takes_its_own() -> None:
    probe = WatchProbe.objects.create(watchdog=EngineProcess().pk, channel="sms")
    assert send_probes("sms") == 0, "nobody decided yet"
    assert decide_round(between=decide_probes) == 0
    assert send_probes("in_app") == 0
    assert send_probes("sms") == 1
    assert send_probes("sms") == 0
    probe.refresh_from_db()
    assert probe.written_at <= probe.decided_at <= probe.sent_at
    with pytest.raises(IntegrityError), transaction.atomic():
        WatchProbe.objects.filter(pk=probe.pk).update(decided_at=None)


def test_a_long_round_takes_probes_between_two_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST_TOGETHER", 1)
    late(world)
    other = make_school()
    with use_tenant(other.pk):
        late(make_world(other))
    calls: list[int] = []
    with no_scope():
        decide_round(between=lambda: calls.append(1) or 0)
    assert len(calls) == 3, "before the first, and after each"


def test_a_thread_asks_for_probes_now_and_then_only() -> None:
    asked: list[int] = []
    ask = now_and_then(lambda: asked.append(1) or 1, seconds=60)
    assert [ask(), ask(), ask()] == [1, 0, 0]


def test_the_book_knows_who_is_on_duty_who_sits_in_the_team_and_the_operator(world: World, settings: Any) -> None:
    settings.OPERATOR_PHONE, settings.OPERATOR_EMAIL = "+8613911112222", "ops@example.org"
    with no_scope():
        book = phonebook.read()
    assert [entry.number or entry.email for entry in book.operator] == [
        "+8613911112222", OPERATOR_LINE, "ops@example.org",
    ]  # fmt: skip
    own = book.schools[world.school.pk]
    at = chain_now()
    called = {entry.number for entry in phonebook.team_of(own, at, phonebook.left_out_now(world.school.pk))}
    assert called == {PHONES[post] for post in ("duty", "second", "centre", "deputy", "principal", "moral", "doctor")}
    later = {
        entry.number
        for entry in phonebook.team_of(own, at + timedelta(days=9), phonebook.left_out_now(world.school.pk))
    }
    assert PHONES["second"] not in later, "a shift that is over calls nobody, however long the book is kept"
    assert PHONES["principal"] in later
    assert not any(number in repr(book) for number in (*PHONES.values(), "13911112222"))


def test_a_school_whose_chain_is_off_stands_in_no_book(world: World) -> None:
    other = make_school()
    with no_scope():
        assert set(phonebook.read().schools) & {other.pk, world.school.pk} == {world.school.pk}


@pytest.mark.parametrize("by", ["subject", "member", "number"])
def test_who_must_not_know_is_not_called_by_an_alarm_either(by: str, world: World, gateway: Gateway) -> None:
    principal = world.members["principal"]
    if by == "subject":
        world.open(person_id=principal.pk)
    else:
        bar = (
            {"member": principal} if by == "member" else {"number_hash": number_hash(world.school.pk, principal.phone)}
        )
        NeverContact.objects.create(person=world.members["person"], **bar)
        world.open()
    with no_scope():
        book = phonebook.read()
        Alarms(Here()).give(school_alarm(world), book, chain_now(), phonebook.left_out_now(world.school.pk))
    assert PHONES["principal"] not in numbers(gateway)
    assert PHONES["duty"] in numbers(gateway)
    assert principal.email not in {address for message in mail.outbox for address in message.to}


def test_an_alarm_names_no_incident_nobody_and_no_school_of_another(world: World, gateway: Gateway, capfd: Any) -> None:
    incident = late(world)
    with no_scope():
        book = phonebook.read()
        alarms = Alarms(Here())
        assert alarms.give(TROUBLE, book, chain_now()) == 2, "a landline by voice, an address by mail"
        assert alarms.give(school_alarm(world), book, chain_now(), phonebook.left_out_now(world.school.pk)) > 6
    assert alarms.count == 2
    assert numbers(gateway) >= {OPERATOR_LINE, PHONES["duty"], PHONES["centre"]}
    assert {message["kind"] for message in gateway.taken} == {"watchdog"}
    said = [message["body"] for message in gateway.taken] + [f"{one.subject} {one.body}" for one in mail.outbox]
    for word in (str(incident.pk), str(incident.number), "老师", "psychological", "心理", "家", "学校名"):
        assert not [text for text in said if word in text], word
    assert not {"incident", "leg"} & {name for message in gateway.taken for name in message}
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("watchdog ALARM")]
    assert [line.split(";")[0] for line in lines] == [
        "watchdog ALARM to operator: engine", f"watchdog ALARM to school {world.school.slug}: overdue",
    ]  # fmt: skip


def test_two_watchdogs_say_it_under_one_key_within_five_minutes() -> None:
    entry = phonebook.Entry(number="+8613911112222")
    at = datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC)
    keys = {key_of(TROUBLE, entry, "sms", at + timedelta(seconds=gone)) for gone in (0, 1, 299)}
    assert len(keys) == 1
    others = {
        key_of(TROUBLE, entry, "sms", at + timedelta(seconds=300)),
        key_of(TROUBLE, entry, "voice", at),
        key_of(Alarm(None, ("engine",), is_well=True), entry, "sms", at),
        key_of(TROUBLE, phonebook.Entry(number="+8613911113333"), "sms", at),
    }
    assert len(others | keys) == 5


class TestOutside:
    """The heartbeat: only for an engine that took a probe, and never from a copy."""

    def told(self, gateway: Gateway, settings: Any, claimed: float | None) -> int:
        settings.HEARTBEAT_URL = gateway.url
        dog = Watchdog()
        dog._say_outside(claimed)
        if "outside" in dog._last:
            until(lambda: dog._beaten.is_set(), "it was heard")
        return len(gateway.asked)

    def test_it_goes_out_when_a_probe_was_taken(self, gateway: Gateway, settings: Any) -> None:
        assert self.told(gateway, settings, 5.0) == 1

    @pytest.mark.parametrize("claimed", [None, 61.0])
    def test_it_is_silent_when_none_was(self, claimed: float | None, gateway: Gateway, settings: Any) -> None:
        assert self.told(gateway, settings, claimed) == 0

    def test_a_copy_never_says_that_the_original_is_well(self, gateway: Gateway, settings: Any) -> None:
        settings.LOOPBACK_IS_OURS = False
        mark.forget()
        assert self.told(gateway, settings, 5.0) == 0


class TestCanaries:
    def test_the_gateway_is_asked_once_a_minute_whoever_asks(self, gateway: Gateway) -> None:
        first, second = Canaries(Here()), Canaries(Here())
        assert first.ask_due(gateway_account(), chain_now()) == 1
        assert second.ask_due(gateway_account(), chain_now()) == 0
        assert [(message["kind"], message["to"]) for message in gateway.taken] == [("canary", "")]
        first.write()
        row = Canary.objects.get()
        assert (row.result, row.failures, row.well_at is not None) == ("taken", 0, True)
        assert timedelta(seconds=59) < row.next_at - row.asked_at < timedelta(seconds=61)

    def test_one_that_was_well_and_fails_twice_is_silent_and_one_that_never_was_is_not(self, gateway: Gateway) -> None:
        ours = Canaries(Here())
        gateway.status = 500
        for _ in range(3):
            Canary.objects.update(next_at=chain_now())
            ours.ask_due(gateway_account(), chain_now())
        ours.write()
        assert (Canary.objects.get().result, Canary.objects.get().failures) == ("http_500", 3)
        assert canaries.silent_accounts() == {}, "it never answered: doctor says so, nobody is woken"
        Canary.objects.update(well_at=chain_now() - timedelta(minutes=5))
        assert 299 < canaries.silent_accounts()["gateway:gateway"] < 330
        Canary.objects.update(asked_at=chain_now() - timedelta(hours=1))
        assert canaries.silent_accounts() == {}, "nobody asks it any more"

    def test_one_account_is_asked_once_however_many_schools_use_it(self, settings: Any, school: Any) -> None:
        settings.CANARY_ADDRESSES = {"sms": "+8613911112222"}
        keys = []
        for one in (school, make_school()):
            with use_tenant(one.pk):
                row = ProviderAccount(provider="tencent", channel="sms", is_active=True)
                row.credentials = '{"secret_id": "a", "secret_key": "b", "app_id": "12345", "name": "心桥"}'
                row.save()
                keys += [account.key for account in canaries.accounts_of(row, "1")]
        assert len(keys) == 4
        assert len(set(keys)) == 2, "a trial text, and what is left in the packages"
        assert "secret" not in keys[0]

    def test_nobody_is_written_to_where_no_address_is_set(self, settings: Any, open_school: Any) -> None:
        settings.CANARY_ADDRESSES = {}
        row = ProviderAccount(provider="aliyun", channel="sms", is_active=True)
        row.credentials = '{"key_id": "a", "key_secret": "b", "name": "心桥"}'
        row.save()
        assert [account.key.split(":")[-1] for account in canaries.accounts_of(row, "SMS_1")] == ["balance", "sign"]


class TestHealth:
    def beat(self, ago: int = 0, kind: str = "engine") -> None:
        with no_scope():
            EngineProcess.objects.create(kind=kind, beat_at=ChainNow() - timedelta(seconds=ago))

    def test_readiness_tells_of_the_engine(self) -> None:
        assert Client().get("/readyz").json()["engine"] == "down"
        self.beat(31)
        assert Client().get("/readyz").json()["engine"] == "down"
        self.beat(29)
        assert Client().get("/readyz").json()["engine"] == "ok"

    def test_without_an_address_outside_nothing_is_ready(self, settings: Any) -> None:
        """Chain §7; what is built and tried here need not be watched."""
        assert Client().get("/readyz").json()["heartbeat"] == "ok"
        settings.CHAIN_MUST_BE_WATCHED = True
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.json()["heartbeat"]) == (503, "unset")
        settings.HEARTBEAT_URL = "https://watch.example.org/x"
        assert Client().get("/readyz").json()["heartbeat"] == "ok"

    def test_figures_tell_signs_overdue_clocks_and_waiting_pages(self, world: World, settings: Any) -> None:
        settings.METRICS_TOKEN = "t"
        self.beat(5)
        late(world)
        answer = Client().get("/metrics", headers={"authorization": "Bearer t"}).content.decode()
        figures = dict(line.rsplit(" ", 1) for line in answer.splitlines() if line.startswith("xinqiao_chain"))
        assert figures["xinqiao_chain_known"] == "1.0"
        assert figures['xinqiao_chain_processes{kind="engine"}'] == "1.0"
        assert 5 <= float(figures['xinqiao_chain_sign_seconds{kind="engine"}']) < 30
        assert 89 < float(figures["xinqiao_chain_overdue_seconds"]) < 120
        assert figures['xinqiao_chain_pages_waiting{channel="sms"}'] == "0.0"

    def test_the_doctor_has_a_line_for_each_part(self, settings: Any) -> None:
        def wrong() -> list[str]:
            """Connections are kept on a cluster of their own (``tests/faults/test_reserved_connections``)."""
            found = [check() for check in CHECKS]
            return [one.what for one in found if not one.well and one.what != "Reserved connections"]

        assert set(wrong()) == {"Engine", "Watchdog", "Heartbeat"}
        self.beat()
        self.beat(kind="watchdog")
        settings.HEARTBEAT_URL, settings.OPERATOR_PHONE, settings.OPERATOR_EMAIL = "https://x", "+86139", "a@b"
        assert wrong() == []
        with no_scope():
            EngineProcess.objects.update(skew_ms=-2001)
            Canary.objects.create(key="gateway", provider="gateway", channel="gateway", every_seconds=60,
                                  asked_at=ChainNow(), failures=1, result="http_500")  # fmt: skip
        assert wrong() == ["Engine", "Watchdog", "Canaries"]
