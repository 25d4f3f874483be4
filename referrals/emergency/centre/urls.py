"""Addresses of the offices' pages of the chain."""

from django.urls import URLPattern, include, path

from referrals.emergency.centre import (
    views_acts,
    views_after,
    views_board,
    views_chain,
    views_checklist,
    views_companions,
    views_coverage,
    views_drill,
    views_duties,
    views_duty,
    views_follow_up,
    views_incident,
    views_lines,
    views_opening,
    views_person,
    views_plans,
    views_progress,
    views_relief,
    views_reports,
    views_reviews,
    views_seats,
    views_sheet,
    views_support,
    views_swaps,
    views_tasks,
)


def _coverage(office: str) -> list[URLPattern]:
    here = {"office": office}
    return [
        path(f"{office}/contacts/", views_coverage.covered, here, name=f"{office}_contacts"),
        path(f"{office}/contacts/ask/", views_coverage.ask, here, name=f"{office}_contacts_ask"),
    ]


_desk = [
    # incidents
    path("", views_board.board, name="emergency_board"),
    path("closed.csv", views_board.closed_csv, name="emergency_closed_csv"),
    path("new/", views_opening.new, name="emergency_new"),
    path("<uuid:incident_id>/", views_incident.incident, name="emergency_incident"),
    path("<uuid:incident_id>/agreed/", views_after.agreed, name="emergency_agreed"),
    path("<uuid:incident_id>/agreed/write/", views_after.agreed_write, name="emergency_agreed_write"),
    path("<uuid:incident_id>/looks/", views_after.looks, name="emergency_looks"),
    path("<uuid:incident_id>/tasks/<uuid:task_id>/done/", views_tasks.task_done, name="emergency_task_done"),
    path("<uuid:incident_id>/tasks/<uuid:task_id>/later/", views_tasks.task_later, name="emergency_task_later"),
    path("<uuid:incident_id>/call/<uuid:contact_id>/", views_tasks.call_contact, name="emergency_call_contact"),
    path("<uuid:incident_id>/state/", views_incident.state, name="emergency_state"),
    path("<uuid:incident_id>/person/", views_person.person, name="emergency_person"),
    path("<uuid:incident_id>/relief/", views_relief.relief, name="emergency_relief"),
    # reports of anybody
    path("<uuid:incident_id>/reports/", views_reports.reports, name="emergency_reports"),
    path("<uuid:incident_id>/reports/read/", views_reports.reports_read, name="emergency_reports_read"),
    path("<uuid:incident_id>/reports/<uuid:report_id>/", views_reports.report, name="emergency_report"),
    path(
        "<uuid:incident_id>/reports/<uuid:report_id>/picture/", views_reports.picture, name="emergency_report_picture"
    ),
    path("signs/", views_checklist.signs, name="emergency_signs"),
    # afterwards
    path("<uuid:incident_id>/companions/", views_companions.companions, name="emergency_companions"),
    path(
        "<uuid:incident_id>/companions/<uuid:shift_id>/cancel/",
        views_companions.companion_cancel,
        name="emergency_companion_cancel",
    ),
    path("<uuid:incident_id>/told/", views_support.told, name="emergency_told"),
    path("<uuid:incident_id>/support/", views_support.support, name="emergency_support"),
    path("<uuid:incident_id>/return/", views_support.gradual_return, name="emergency_return"),
    path("<uuid:incident_id>/progress/<str:kind>/", views_progress.progress, name="emergency_progress"),
    path("reviews/", views_reviews.reviews, name="emergency_reviews"),
    path("reviews/<uuid:change_id>/done/", views_reviews.change_done, name="emergency_change_done"),
    path("<uuid:incident_id>/review/", views_reviews.review, name="emergency_review"),
    path("follow-ups/", views_follow_up.follow_ups, name="emergency_follow_ups"),
    path("<uuid:incident_id>/follow-up/", views_follow_up.follow_up, name="emergency_follow_up"),
    path("<uuid:incident_id>/follow-up/stop/", views_follow_up.follow_up_stop, name="emergency_follow_up_stop"),
    path("<uuid:incident_id>/follow-up/<str:act>/", views_follow_up.follow_up_act, name="emergency_follow_up_act"),
    path("<uuid:incident_id>/ask-card/", views_follow_up.ask_card, name="emergency_ask_card"),
    # changed duties
    path("<uuid:incident_id>/duties/", views_duties.duties, name="emergency_duties"),
    path("changed-duties/<uuid:change_id>/renew/", views_duties.renew, name="emergency_duties_renew"),
    path("changed-duties/<uuid:change_id>/end/", views_duties.end, name="emergency_duties_end"),
    path("<uuid:incident_id>/<str:act>/", views_acts.whole_act, name="emergency_act"),
    path("<uuid:incident_id>/<str:kind>/<str:act>/", views_acts.leg_act, name="emergency_leg_act"),
    # duty and plans
    path("duty/", views_duty.duty, name="emergency_duty"),
    path("duty/take/", views_duty.take, name="emergency_duty_take"),
    path("duty/new/", views_duty.shift_new, name="emergency_shift_new"),
    path("duty/week/", views_duty.week, name="emergency_week"),
    path("duty/<uuid:shift_id>/remove/", views_duty.shift_remove, name="emergency_shift_remove"),
    path("duty/<uuid:shift_id>/end/", views_duty.shift_end, name="emergency_shift_end"),
    path("duty/<uuid:shift_id>/swap/", views_swaps.swap_new, name="emergency_swap_new"),
    path("duty/swaps/<uuid:swap_id>/", views_swaps.swap, name="emergency_swap"),
    path("seats/", views_seats.seats, name="emergency_seats"),
    path("seats/<str:seat_kind>/", views_seats.seat, name="emergency_seat"),
    path("seats/<str:seat_kind>/end/", views_seats.seat_end, name="emergency_seat_end"),
    path("sheet/", views_sheet.sheet, name="emergency_sheet"),
    path("sheet/print/", views_sheet.sheet_print, name="emergency_sheet_print"),
    path("lines/", views_lines.lines, name="emergency_lines"),
    path("lines/new/", views_lines.line_new, name="emergency_line_new"),
    path("lines/<uuid:line_id>/", views_lines.line, name="emergency_line"),
    path("lines/<uuid:line_id>/end/", views_lines.line_end, name="emergency_line_end"),
    path("lines/<uuid:line_id>/resume/", views_lines.line_resume, name="emergency_line_resume"),
    path("plans/", views_plans.plans, name="emergency_plans"),
    path("plans/draft/", views_plans.plan_draft, name="emergency_plan_draft"),
    path("plans/<uuid:plan_id>/", views_plans.plan, name="emergency_plan"),
    path("plans/<uuid:plan_id>/use/", views_plans.plan_use, name="emergency_plan_use"),
    path("plans/<uuid:plan_id>/discard/", views_plans.plan_discard, name="emergency_plan_discard"),
    path("plans/<uuid:plan_id>/retire/", views_plans.plan_retire, name="emergency_plan_retire"),
    path("plans/<uuid:plan_id>/<str:leg>/new/", views_plans.step_new, name="emergency_step_new"),
    path("plans/<uuid:plan_id>/steps/<uuid:step_id>/", views_plans.step, name="emergency_step"),
    path("plans/<uuid:plan_id>/steps/<uuid:step_id>/move/", views_plans.step_move, name="emergency_step_move"),
    path("plans/<uuid:plan_id>/steps/<uuid:step_id>/remove/", views_plans.step_remove, name="emergency_step_remove"),
    # drills
    path("drills/", views_drill.drills, name="emergency_drills"),
    path("drills/drills.csv", views_drill.drills_csv, name="emergency_drills_csv"),
    path("drills/new/<str:scenario>/", views_drill.drill_new, name="emergency_drill_new"),
    path("drills/<uuid:drill_id>/", views_drill.drill, name="emergency_drill"),
    path("drills/<uuid:drill_id>/change/", views_drill.drill_change, name="emergency_drill_change"),
    path("drills/<uuid:drill_id>/report/", views_drill.report, name="emergency_drill_report"),
    path("drills/<uuid:drill_id>/report.pdf", views_drill.report_pdf, name="emergency_drill_report_pdf"),
    # duty and plans
    path("chain/", views_chain.chain, name="emergency_chain"),
    path("chain/line/", views_chain.chain_line, name="emergency_chain_line"),
    path("chain/withdraw/", views_chain.chain_withdraw, name="emergency_chain_withdraw"),
    path("chain/<str:event>/", views_chain.chain_switch, name="emergency_chain_switch"),
]

urlpatterns = [
    path("centre/emergency/", include(_desk)),
    # afterwards
    path("union/grants/", views_support.grants, name="union_grants"),
    path("union/grants/<uuid:grant_id>/", views_support.grant, name="union_grant"),
    # contacts
    *_coverage("centre"),
    *_coverage("union"),
]
