"""A report that anybody could have sent, two days ago: taken, asked about by letter, and found to be a misunderstanding."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accounts.actor import Actor
from demo.chain_time import Clock
from kernel.clock import as_of
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, Recipient, Report, chain_moment
from referrals.emergency.workflow.answering import acknowledge, engage
from referrals.emergency.workflow.ending import say_false_alarm
from referrals.emergency.workflow.receiving import Told, send_report, write_letter
from referrals.emergency.workflow.report_acts import answer_report, read_reports
from tenancy.models import Tenant

DAYS_AGO: Final = 2
_AT: Final = time(16, 20)
_TOLD: Final = Told(
    words="实验楼二层有一间屋子，灯亮着，门从里面锁了，敲了几次没有人应，里面有很响的音乐。平时这个时候没有人。",
    where="实验楼二层",
)
_ASKED: Final = "谢谢您告诉我们，老师已经往那边去了。您最后一次敲门大约是几点？"
_SAID: Final = "四点过五分左右。后来我看见有人提着乐器出来，可能是在排练，没有听见敲门。"
_ANSWERED: Final = "找到了，是在排练，人都好。您这样做很对，谢谢。"


def tell_reports(school: Tenant, cast: Mapping[str, Actor], clock: Clock, *, today: date) -> None:
    """Inside the school's scope, whose chain was live by then and where nothing real is open."""
    began = datetime.combine(today - timedelta(days=DAYS_AGO), _AT, ZoneInfo(school.time_zone))
    if began <= chain_moment() + timedelta(hours=1):
        return

    def at(minutes: float, act: Callable[[], object]) -> None:
        moment = began + timedelta(minutes=minutes)
        clock.stand_at(moment)
        with as_of(moment):
            act()
            decide_school()

    at(0, lambda: send_report(told=_TOLD, danger_now=False))
    report = Report.objects.select_related("incident").get()
    _answer(report, report.incident, cast, at)


def _answer(report: Report, one: Incident, cast: Mapping[str, Actor], at: Callable[..., None]) -> None:
    pk, first = one.pk, _who_is_called(one, cast)
    at(2, lambda: acknowledge(actor=first, incident_id=pk, kind="school", eta=15))
    at(3, lambda: read_reports(actor=first, incident_id=pk, report_ids=[report.pk]))
    at(4, lambda: answer_report(actor=first, incident_id=pk, report_id=report.pk, words=_ASKED))
    at(11, lambda: write_letter(report_id=report.pk, words=_SAID))
    at(13, lambda: engage(actor=first, incident_id=pk, kind="school"))
    at(15, lambda: answer_report(actor=first, incident_id=pk, report_id=report.pk, words=_ANSWERED))
    at(17, lambda: say_false_alarm(actor=cast["centre"], incident_id=pk))
    at(19, lambda: say_false_alarm(actor=cast["centre2"], incident_id=pk))


def _who_is_called(one: Incident, cast: Mapping[str, Actor]) -> Actor:
    """Whoever was called first, of those of the demo."""
    called = Recipient.objects.filter(leg__incident=one, leg__kind="school").order_by("paged_at", "pk")
    members = list(called.values_list("member_id", flat=True))
    return next((actor for actor in cast.values() if actor.membership_id in members[:1]), cast["duty"])
