"""Rounds of several workers at the same moment: one letter, one tip, one ending; and a control that sends twice."""

import threading

from django.core import mail

from kernel.clock import begun_at
from tenancy.scope import use_tenant
from tests.concurrency.test_families_races import at_once
from tests.tips.conftest import FRIDAY, THURSDAY, at, build_home, subscribe
from tips.due import run_due
from tips.models import Given, Letter, LetterState, Subscription
from tips.workflow.sending import look_after


def test_four_workers_send_each_tip_once(committed):
    home = build_home()
    with begun_at(at(THURSDAY)), use_tenant(home.tenant.id):
        subscribe(home.token)
    mail.outbox.clear()
    with begun_at(at(FRIDAY)):
        at_once(4, run_due)
        at_once(4, run_due)
    assert [message.body.splitlines()[0] for message in mail.outbox] == ["云杉第1条（3 分钟）"]
    with use_tenant(home.tenant.id):
        assert Letter.objects.filter(kind="tips").count() == 1
        assert Given.objects.count() == 1

    # The control: a worker that looks, and marks later, sends what the other has in hand as well.
    gate, sent = threading.Barrier(2), []
    with use_tenant(home.tenant.id):
        Letter.objects.filter(kind="tips").update(state=LetterState.DUE)

    def careless():
        with use_tenant(home.tenant.id):
            letter = Letter.objects.get(kind="tips")
            gate.wait(timeout=30)
            if letter.state == LetterState.DUE:
                sent.append(letter.pk)
                Letter.objects.filter(pk=letter.pk).update(state=LetterState.SENDING)

    at_once(2, careless)
    assert len(sent) == 2


def test_two_rounds_that_end_it_say_one_word(committed):
    home = build_home()
    with begun_at(at(THURSDAY)), use_tenant(home.tenant.id):
        subscribe(home.token)
    mail.outbox.clear()
    with use_tenant(home.tenant.id):
        wanted = Subscription.objects.get().pk

    def end():
        with use_tenant(home.tenant.id):
            return look_after(subscription_id=wanted)

    with begun_at(at("2027-12-10 12:00")):
        assert sorted(at_once(2, end)) == [False, True]
        at_once(2, run_due)
    told = [message for message in mail.outbox if home.tenant.host in message.body]
    assert len(told) == 1
    with use_tenant(home.tenant.id):
        assert list(Letter.objects.filter(kind="last").values_list("state", "sends")) == [("sent", 1)]
