"""Taken out in the instant in which they are called: no page leaves that is written meanwhile, and none a second time (chain §2)."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from families.models import Relative
from families.workflow import change_relative, end_purpose
from kernel.errors import Refused
from notifications.providers.ports import Failed
from referrals.emergency.engine import decide
from referrals.emergency.engine.claiming import Claimed, claim
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.queue import Tried, settle
from referrals.emergency.models import Delivery, Incident, Leg, Recipient
from referrals.emergency.workflow import holding, outside, second_accounts, withdrawing
from referrals.emergency.workflow.moving import Locked, chain_now
from referrals.emergency.workflow.never import bar_number
from referrals.emergency.workflow.outside import Said
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.emergency.test_second_account_found import by_the_administrator
from tests.emergency.world import PHONES, World, legs_of, make_due

pytestmark = pytest.mark.usefixtures("committed")
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"
LONGEST = 1.5
"""Seconds that the engine waits for the other hand, which waits for the engine: shorter than the two that it waits for a lock."""

Out = Callable[[World, str], Any]


def withdrawn(world: World, name: str) -> None:
    """The person takes back that this contact may be called."""
    relative = world.contacts[name].relative_id
    end_purpose(actor=world.actor("person"), relative_id=relative, purpose="emergency")


def barred(world: World, name: str) -> None:
    """The person writes them as never to be called."""
    bar_number(actor=world.actor("person"), phone=PHONES[name])


def renumbered(world: World, name: str) -> None:
    """The person writes another number of theirs: nobody at the new one has agreed to anything."""
    named = Relative.objects.get(pk=world.contacts[name].relative_id)
    change_relative(
        actor=world.actor("person"),
        relative_id=named.pk,
        relation=named.relation,
        name=named.name,
        phone="13900000077",
    )


def held(world: World) -> Incident:
    with use_tenant(world.school.pk):
        incident = world.open()
        decide_school()
        holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
    return incident


def replace(world: World, incident: Incident) -> Leg:
    return holding.replace(
        actor=world.actor("duty"), incident_id=incident.pk, kind="family", choice="contact:2", agreed_how="当面同意"
    )


def waiting(world: World, name: str) -> list[Delivery]:
    """What could still leave for a contact."""
    with use_tenant(world.school.pk):
        rows = Delivery.objects.filter(
            leg__kind="family", state="queued", recipient__target_hash=world.contacts[name].number_hash
        )
        return [row for row in rows.select_related("leg") if row.epoch == row.leg.epoch]


def called_while(world: World, out: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The engine has looked whom it may call; then ``out`` begins, and then the pages are written."""
    looked, done = threading.Event(), threading.Event()
    written = decide.write

    def write_later(acts: Any) -> None:
        looked.set()
        done.wait(LONGEST)
        written(acts)

    def taken_out() -> Any:
        assert looked.wait(30)
        try:
            return out()
        finally:
            done.set()

    monkeypatch.setattr(decide, "write", write_later)
    results = at_once(world.school, [decide_school, taken_out])
    assert not [result for result in results if isinstance(result, Exception)], results
    return results


@pytest.mark.parametrize("out", [withdrawn, barred, renumbered])
def test_who_is_taken_out_between_the_look_and_the_page_is_not_called(
    out: Out, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with use_tenant(world.school.pk):
        incident = world.open()
    called_while(world, lambda: out(world, "wife"), monkeypatch)
    assert waiting(world, "wife") == []
    with use_tenant(world.school.pk):
        assert Delivery.objects.filter(leg__incident=incident, leg__kind="school", state="queued").exists()


@pytest.mark.parametrize("out", [withdrawn, barred, renumbered])
def test_control_without_the_lock_their_page_leaves(out: Out, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawing, "_HOLD", "SELECT 1")
    with use_tenant(world.school.pk):
        world.open()
    called_while(world, lambda: out(world, "wife"), monkeypatch)
    assert waiting(world, "wife"), "the race is there; it is the lock that ends it"


@pytest.mark.parametrize("out", [withdrawn, barred, renumbered])
def test_somebody_else_is_chosen_in_the_instant_in_which_they_withdraw(out: Out, world: World) -> None:
    incident = held(world)
    results = at_once(world.school, [lambda: replace(world, incident), lambda: out(world, "brother"), decide_school])
    faults = [result for result in results if isinstance(result, Exception)]
    assert not [fault for fault in faults if not isinstance(fault, Refused)], results
    with use_tenant(world.school.pk):
        leg = legs_of(incident)["family"]
        assert (leg.state == "held") is bool(faults) and leg.next_at is not None
        make_due(incident, "family")
        decide_school()
    assert waiting(world, "brother") == []


def test_control_chosen_and_paged_before_they_withdraw_they_had_been_called(world: World) -> None:
    incident = held(world)
    with use_tenant(world.school.pk):
        replace(world, incident)
        decide_school()
    assert waiting(world, "brother")
    with use_tenant(world.school.pk):
        withdrawn(world, "brother")
    assert waiting(world, "brother") == []


def tried_and_failed(world: World, act: Callable[[], Any], *, together: bool) -> list[Claimed]:
    """A call is claimed while ``act`` runs, its provider does not answer, and it comes again; what would leave then."""
    with use_tenant(world.school.pk):
        incident = world.open()
        decide_school()
        page = Delivery.objects.get(leg__incident=incident, leg__kind="family", channel="sms")
    if together:
        results = at_once(world.school, [lambda: claim([page.pk]), act])
        claimed: list[Claimed] = results[0]
    else:
        with use_tenant(world.school.pk):
            claimed = claim([page.pk])
            act()
    with use_tenant(world.school.pk):
        for one in claimed:
            settle(one.page, Tried(Failed("timed_out"), "aliyun"))
        Delivery.objects.filter(pk=page.pk).update(due_at=chain_now())
        return claim([page.pk])


@pytest.mark.parametrize("turn", range(3))
def test_a_page_that_is_being_claimed_is_not_tried_again_once_they_are_never_to_be_called(
    turn: int, world: World
) -> None:
    assert tried_and_failed(world, lambda: barred(world, "wife"), together=True) == []


@pytest.mark.parametrize("said", ["never", Said.DECLINE, Said.WRONG_NUMBER])
def test_a_page_that_a_sender_holds_is_not_tried_again_either(said: str, world: World) -> None:
    def act() -> None:
        if said == "never":
            barred(world, "wife")
        else:
            page = Recipient.objects.get(leg__kind="family", role="contact:1")
            outside.answer(recipient_id=page.pk, said=Said(said))

    assert tried_and_failed(world, act, together=False) == []


def test_control_a_page_whose_try_is_not_ended_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tried_and_failed(world, lambda: None, together=False), "a try that failed is repeated"
    with use_tenant(world.school.pk):
        Incident.objects.update(state="closed", next_event="", next_at=None, closed_at=chain_now())
    only_what_waits = withdrawing._DROP.replace("IN ('queued', 'claimed', 'folded')", "IN ('queued', 'folded')")
    assert only_what_waits != withdrawing._DROP
    monkeypatch.setattr(withdrawing, "_DROP", only_what_waits)
    assert tried_and_failed(world, lambda: barred(world, "wife"), together=False), "and was, though they were barred"


def second_account(world: World) -> None:
    """Whoever is on duty turns out to be the person, by a staff number that is written."""
    with use_tenant(world.school.pk):
        by_the_administrator(world, "person")


def waiting_for_duty(world: World) -> list[Delivery]:
    with use_tenant(world.school.pk):
        return list(Delivery.objects.filter(recipient__member=world.members["duty"], state__in=["queued", "claimed"]))


def test_whose_second_account_is_found_between_the_look_and_the_page_is_not_called(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with use_tenant(world.school.pk):
        world.open(by="second")
    called_while(world, lambda: second_account(world), monkeypatch)
    assert waiting_for_duty(world) == []
    with use_tenant(world.school.pk):
        assert Delivery.objects.filter(recipient__member=world.members["centre"], state="queued").exists()


def test_control_without_the_lock_the_page_of_the_second_account_leaves(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(incident_id: Any) -> Locked:
        return Locked(Incident.objects.get(pk=incident_id), {}, chain_now())

    monkeypatch.setattr(withdrawing, "_HOLD", "SELECT 1")
    monkeypatch.setattr(second_accounts, "lock", unlocked)
    with use_tenant(world.school.pk):
        world.open(by="second")
    called_while(world, lambda: second_account(world), monkeypatch)
    assert waiting_for_duty(world), "the race is there; it is the lock that ends it"
