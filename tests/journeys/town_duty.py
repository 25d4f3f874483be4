"""What the pages of the emergency desk have to show: a rota with a red hole and a long turn, seats, lines, a plan and a draft."""

from datetime import timedelta
from typing import Any

from accounts.models import User
from referrals.emergency.models import DutyShift, PlanStep, chain_moment
from referrals.emergency.rules.on_duty import Part, cell_times, rota_day
from referrals.emergency.workflow.lines import add_line
from referrals.emergency.workflow.plans import draft_plan, put_in_use, remove_step
from referrals.emergency.workflow.seats import appoint
from referrals.emergency.workflow.shifts import Draft, enter_shifts
from referrals.emergency.workflow.swaps import accept_swap, ask_swap
from referrals.emergency.workflow.switching import set_operator_line, switch
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey


def duty_town(journey: Journey) -> tuple[dict[str, str], dict[str, User]]:
    """Paths, and who is on duty."""
    school = journey.tenant
    with use_tenant(school.pk):
        head = journey.members["centre"]
        head.keep_phone("13800001001")
        head.save(update_fields=["phone_hash", "phone_sealed"])
        centre = actor_of(head)
        zhou, shen, qian = (
            make_person(school, "duty", name=name, title=title, phone=phone)
            for name, title, phone in (
                ("周晓燕", "周老师", "13800001002"),
                ("沈志强", "沈老师", "13800001003"),
                ("钱文清", "钱老师", "13800001006"),
            )
        )
        principal = make_person(school, "principal", name="顾校长", title="顾校长", phone="13800001004")
        doctor = make_person(school, "doctor", name="方校医", title="方医生", phone="13800001005")
        hotline = add_line(
            actor=centre, name="市心理热线", number="0571-87650001", kind="hotline", answers="每天 20:00 到次日 8:00"
        )
        last = add_line(actor=centre, name="平台值守", number="400-161-9995", kind="operator", answers="全天")
        enter_shifts(actor=centre, shifts=list(_rota(school, zhou.pk, shen.pk, hotline.pk)))
        today = school.day_of(chain_moment())
        appoint(actor=centre, kind="centre_head", since=today, holder_id=head.pk, deputy_id=zhou.pk)
        appoint(actor=centre, kind="principal", since=today, holder_id=principal.pk, deputy_id=head.pk)
        appoint(actor=centre, kind="doctor", since=today, holder_id=doctor.pk)
        set_operator_line(actor=centre, line_id=last.pk)
        used = draft_plan(actor=centre, kind="psychological", grade="general")
        put_in_use(actor=centre, plan_id=used.pk)
        draft = draft_plan(actor=centre, kind="psychological", grade="extreme")
        for row in PlanStep.objects.filter(plan=draft, leg="community"):
            remove_step(actor=centre, plan_id=draft.pk, step_id=row.pk)
        step = PlanStep.objects.filter(plan=draft, leg="school").latest("position")
        switch(actor=centre, event="rehearse")
        asked, agreed, free = DutyShift.objects.filter(holder=zhou, layer=1, starts_at__gt=chain_moment())[:3]
        swap, given = (ask_swap(actor=actor_of(zhou), shift_id=one.pk, colleague_id=qian.pk) for one in (asked, agreed))
        accept_swap(actor=actor_of(qian), swap_id=given.pk)
        running = DutyShift.objects.filter(starts_at__lte=chain_moment()).first()
        coming = DutyShift.objects.filter(starts_at__gt=chain_moment()).latest("starts_at")
    return {
        "chain_line": f"/centre/emergency/lines/{hotline.pk}/",
        "chain_plan": f"/centre/emergency/plans/{used.pk}/",
        "chain_draft": f"/centre/emergency/plans/{draft.pk}/",
        "chain_step": f"/centre/emergency/plans/{draft.pk}/steps/{step.pk}/",
        "shift_running": f"/centre/emergency/duty/{running.pk if running else coming.pk}/",
        "shift_coming": f"/centre/emergency/duty/{coming.pk}/",
        "swap_shift": f"/centre/emergency/duty/{free.pk}/",
        "swap": f"/centre/emergency/duty/swaps/{swap.pk}/",
        "swap_agreed": f"/centre/emergency/duty/swaps/{given.pk}/",
    }, {"on_duty": zhou.user, "asked": qian.user, "principal": principal.user}


def _rota(school: Any, zhou: Any, shen: Any, line: Any) -> Any:
    """Days in turn, nights by the line; the sixth night is nobody's, and on the eighth day one goes on into the night."""
    now = chain_moment()
    first = rota_day(now, school.time_zone)
    for number in range(14):
        day = first + timedelta(days=number)
        for part in Part:
            starts_at, ends_at = cell_times(day, part, school.time_zone)
            if ends_at <= now or (number, part) == (5, Part.NIGHT):
                continue
            if part is Part.DAY or number in (7, 8):
                yield Draft(starts_at, ends_at, holder_id=zhou if number % 4 < 2 or number in (7, 8) else shen)
            else:
                yield Draft(starts_at, ends_at, line_id=line)
    begin, _end = cell_times(first, Part.DAY, school.time_zone)
    yield Draft(begin, begin + timedelta(days=3), holder_id=shen, layer=2)
