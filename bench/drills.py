"""E6: drills cannot reach people. 10 000 steps of drills in which nobody ever answers, with a gateway that counts what comes.

``ours`` counts what is not of the drill: bytes at the gateway, mails, rows of a real incident, messages that wait in the outbox, a
recipient with an address, a delivery by another channel than in-app. ``floor`` is 0. ``control``: messages that the same steps of one
real incident bring to the same gateway, by the same senders, afterwards; without one the count would say nothing.
"""

import sys
from datetime import timedelta
from typing import Any, Final

from django.core import mail
from django.db.models import Q
from django.test.utils import override_settings

from accounts.actor import Actor
from accounts.models import Membership
from bench._chain import LiveSchool, Sink, make_live_school
from bench._rush import write_incidents
from notifications.models import InboxMessage, OutboxMessage
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.drill_clocks import decide_drills
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.engine.send import CHANNELS, send_due
from referrals.emergency.models import Delivery, Incident, Leg, Recipient, Timeline, chain_moment
from referrals.emergency.rules.drills import PLAYED, Part
from referrals.emergency.rules.grades import Grade
from referrals.emergency.workflow.drilling import Plan, begin, confirm_briefing, plan_drill
from referrals.emergency.workflow.grading import write_grade
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import use_tenant

SCHOOLS: Final = 10
_MAILBOX: Final = "django.core.mail.backends.locmem.EmailBackend"


def run(steps: int = 10_000) -> dict[str, Any]:
    """So many moves of the clock over ten schools. AssertionError when the control reaches nobody."""
    sink, found, done = Sink(), 0, 0
    sent: list[Any] = []
    with override_settings(GATEWAY_URL=sink.url, GATEWAY_IS_OWN=True, EMAIL_BACKEND=_MAILBOX):
        mail.outbox = sent
        for number in range(SCHOOLS):
            school = make_live_school(number, 0)
            with use_tenant(school.pk):
                done += _play(school, steps // SCHOOLS)
                found += _not_of_the_drill()
            print(f"drills: {done} steps", file=sys.stderr, flush=True)
        found += sink.taken + len(sent)
        control = _control(make_live_school(SCHOOLS, 1), sink)
    sink.shutdown()
    assert control, "the gateway counts nothing: the figure says nothing"
    return {"ours": found, "floor": 0, "ratio": None, "unit": "not of the drill", "n": done, "control": control}


def _play(school: LiveSchool, steps: int) -> int:
    """One extreme drill; whatever is due is due at once, and nobody takes anything."""
    members = list(Membership.objects.exclude(pk=school.duty.membership_id).filter(~Q(roles__contains=["head"])))
    parts = [(one.pk, Part.SELF.value) for one in members] + [(members[-1].pk, part) for part in sorted(PLAYED)]
    drill = plan_drill(
        actor=school.duty,
        plan=Plan(
            title="Bench", scenario="own", planned_for=chain_moment() + timedelta(hours=1), briefing="Bench",
            abort_word="Bench", signs="Bench", players=parts, danger_now=True,
        ),
    )  # fmt: skip
    for one in members:
        confirm_briefing(actor=_actor(school, one), drill_id=drill.pk)
    begun = begin(actor=school.duty, drill_id=drill.pk)
    assert begun.incident_id is not None
    write_grade(actor=school.duty, incident_id=begun.incident_id, grade="extreme")
    while (done := Timeline.objects.filter(leg__isnull=False, who="engine").count()) < steps:
        _all_is_due()
    assert InboxMessage.objects.exists(), "nobody was called at all"
    return done


def _all_is_due() -> None:
    """A clock that runs as fast as the engine."""
    Leg.objects.filter(next_at__isnull=False).update(next_at=chain_now() - timedelta(seconds=1))
    Delivery.objects.filter(state="queued").update(due_at=chain_now() - timedelta(seconds=1))
    decide_drills()
    decide_incidents()
    assert decide_school(), "the drill has come to an end"
    for channel in CHANNELS:
        while send_due(channel):
            pass


def _actor(school: LiveSchool, one: Membership) -> Actor:
    return Actor(user_id=one.user_id, tenant_id=school.pk, membership_id=one.pk, roles=frozenset(one.roles))


def _not_of_the_drill() -> int:
    reaches = Recipient.objects.filter(address_sealed__isnull=False) | Recipient.objects.filter(is_drill=False)
    leaves = Delivery.objects.exclude(channel="in_app") | Delivery.objects.filter(is_drill=False)
    real = Incident.objects.filter(is_drill=False)
    return sum(
        rows.count() for rows in (reaches, leaves, real, OutboxMessage.objects.exclude(template__startswith="drill_"))
    )


def _control(school: LiveSchool, sink: Sink) -> int:
    with use_tenant(school.pk):
        write_incidents([None], Grade.EXTREME, chain_now())
        _all_is_due()
    return len(sink.keys)
