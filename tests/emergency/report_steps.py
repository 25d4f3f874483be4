"""Reports of anybody in a live school: kept, taken, let lie, counted."""

from datetime import timedelta
from typing import Any

from referrals.emergency import work
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.report_clocks import decide_reports
from referrals.emergency.models import Delivery, Incident, Report
from referrals.emergency.receipts import receipt_hash
from referrals.emergency.workflow import answering, ending
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.receiving import NEW_REPORT, Told, send_report
from tests.emergency.world import World

SEEN = Told(words="他说不想活了，把东西都送人了")


def send(told: Told = SEEN, *, danger: bool = False, worked: bool = False, **more: Any) -> Report:
    """Keep one, and read the row."""
    asked, answer = solved() if worked else ("", "")
    receipt = send_report(told=told, danger_now=danger, asked=asked, answer=answer, **more)
    return Report.objects.get(receipt_hash=receipt_hash(receipt))


def solved() -> tuple[str, str]:
    asked = work.question()
    return asked, next(str(number) for number in range(10**7) if work.work_hash(asked, str(number)))


def take(world: World, incident: Incident, post: str = "duty") -> None:
    decide_school()
    answering.acknowledge(actor=world.actor(post), incident_id=incident.pk, kind="school")


def earlier(*minutes: int) -> None:
    """Let what was opened have been opened so long ago."""
    for one in Incident.objects.all():
        Incident.objects.filter(pk=one.pk).update(opened_at=one.opened_at - timedelta(minutes=minutes[0]))


def unread_since_long() -> int:
    Report.objects.filter(next_at__isnull=False).update(next_at=chain_now() - timedelta(seconds=1))
    return decide_reports()


def calls(incident: Incident, *, in_house: bool) -> int:
    rows = Delivery.objects.filter(leg__incident=incident, text=NEW_REPORT)
    return (rows.filter(channel="in_app") if in_house else rows.exclude(channel="in_app")).count()


def end(world: World, incident: Incident) -> None:
    for post in ("duty", "second"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
