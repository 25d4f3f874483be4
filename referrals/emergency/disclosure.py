"""Who sees what of an emergency; found by ``disclosure.table`` (docs/emergency.md, chain §6)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows, silent
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    # contacts
    "contact": Thing(pgettext_lazy("thing", "emergency contacts"), own=pgettext_lazy("thing", "emergency contacts")),
    "never": Thing(pgettext_lazy("thing", "those who are never called")),
    "community": Thing(pgettext_lazy("thing", "the community where somebody lives")),
    # duty and plans
    "rota": Thing(pgettext_lazy("thing", "the rota and the seats of the emergency chain")),
    "sheet": Thing(pgettext_lazy("thing", "the printed contact sheet")),
    # incident
    "incident": Thing(pgettext_lazy("thing", "emergencies")),
    # afterwards
    "grant": Thing(pgettext_lazy("thing", "the union's own grants after a crisis")),
    # changed duties
    "duties": Thing(pgettext_lazy("thing", "changes of duties"), own=pgettext_lazy("thing", "changes of duties")),
}

MODELS: Final = {
    # incident
    "emergency.ChainClock": columns("ahead"),
    "emergency.EngineProcess": columns(
        "kind version started_at beat_at skew_ms alarms heartbeat_at circuits left_alone"
    ),
    "emergency.WatchProbe": columns("watchdog channel written_at decided_at sent_at"),
    "emergency.Canary": columns(
        "provider channel every_seconds next_at asked_at well_at result failures", hidden="key"
    ),
    "emergency.Incident": columns(
        "person kind suggested grade state home company can_be_asked danger_now by_line found_at opened_at reported_by"
        " graded_by outcome closed_at is_drill next_event next_at released_at addresses_gone_at erased_at",
        hidden="own_key",
        number=Facet.NUMBER,
        place=Facet.PLACE,
        signs_sealed=Facet.NOTE,
        place_sealed=Facet.PLACE,
        meeting_place_sealed=Facet.PLACE,
    ),
    "emergency.LeftOut": columns("incident why", hidden="number_hash", member=Facet.NEVER),
    "emergency.Report": columns(
        "incident opened danger_now received_at next_at read_at was_read read_by",
        hidden="receipt_hash work_hash own_key",
        words_sealed=Facet.NOTE,
        picture_sealed=Facet.NOTE,
    ),
    "emergency.ReportLetter": columns("report number by written_at", words_sealed=Facet.NOTE),
    "emergency.ReportChecklist": columns("signs changed_by changed_at"),
    "emergency.SheetCopy": columns("number by at"),
    "emergency.FirstWord": columns("incident leg act facts by at ended_at"),
    "emergency.Leg": columns(
        "incident is_drill kind state is_required grade epoch round position required_answers ticks extensions owner"
        " taken_by since next_event next_at first_position asked"
    ),
    "emergency.AgreedPlan": columns("incident version agreed_on by written_at", words_sealed=Facet.NOTE),
    "emergency.WatchTask": columns(
        "incident kind leg relative by created_at due_at next_at deferrals asked_by done_at done_by"
    ),
    "emergency.CaseReview": columns("incident version by written_at", words_sealed=Facet.NOTE),
    "emergency.ReviewChange": columns("incident who until next_at done_at done_by", what_sealed=Facet.TITLE),
    "emergency.UnionGrant": columns("incident person state asked_on asked_by decided_on decided_by"),
    "emergency.GroupCare": columns("kind department how_many asked_on asked_by"),
    "emergency.CompanionShift": columns(
        "incident companion owner starts_at ends_at state next_at here_at left_at created_at", words_sealed=Facet.NOTE
    ),
    "emergency.FollowUp": columns(
        "incident mode owner began_on until talks due_at next_at goes_on_since ended_at ended_why"
    ),
    "emergency.FollowUpTalk": columns("follow_up number by at went", words_sealed=Facet.NOTE),
    "emergency.LegStep": columns("leg purpose position rule wait_seconds channels"),
    "emergency.Recipient": columns(
        "leg step is_drill epoch round role member partner shown_number answer answered_at paged_at",
        hidden="target_hash token_hash code_hash",
        address_sealed=Facet.RELATIVE_PHONE,
    ),
    "emergency.Delivery": columns(
        "recipient leg is_drill key channel text epoch rank state due_at lease_until claims error provider_ref settled_at"
        " provider template tried_at folded_into receipt receipt_at used_at created_at",
        hidden="reference_hash member_hash",
    ),
    "emergency.Timeline": columns("incident leg at code by who facts", words_sealed=Facet.NOTE),
    "emergency.DutyChange": columns(
        "incident person follows written_by written_at department received_by received_at arranged_by arranged_at ended_at",
        duties=Facet.DUTIES,
        share=Facet.DUTIES,
        starts_on=Facet.DAY,
        until=Facet.DAY,
    ),
    "emergency.Card": columns("recipient is_drill partner purpose until revoked_at created_at", body_sealed=Facet.NOTE),
    # drills
    "emergency.Drill": columns(
        "title scenario leader planned_for briefing abort_word kind suggested home place danger_now signs injects told_injects"
        " state incident is_drill created_at begun_at frozen_at stopped_seconds ended_at next_event next_at learnt"
    ),
    "emergency.DrillPlayer": columns("drill member part briefed_at"),
    "emergency.DrillFault": columns("drill leg position fault"),
    "emergency.DrillChange": columns("drill what who until written_at done_at"),
    # duty and plans
    "emergency.DutyLine": columns("name number kind answers is_active ended_at created_at"),
    "emergency.Seat": columns("kind holder holder_line deputy deputy_line since until created_at"),
    "emergency.DutyShift": columns("layer holder line starts_at ends_at created_at told_day told_soon"),
    "emergency.DutySwap": columns(
        "shift asker asked layer starts_at ends_at state asked_at accepted_at ended_at ended_by"
    ),
    "emergency.Plan": columns("kind grade version state drafted_by put_in_use_by created_at in_use_at retired_at"),
    "emergency.PlanStep": columns(
        "plan leg position target number seat partner line dial wait_minutes channels text_id"
    ),
    "emergency.DutyAway": columns("member first_day last_day written_at"),
    "emergency.DutyFeed": columns("member made_at", hidden="token_hash"),
    "emergency.DutyHandOver": columns("shift by numbers at"),
    "emergency.KitPlace": columns("name kind licence keeper created_at"),
    "emergency.KitItem": columns("place kind name stock least expires_on checked_on told_on"),
    "emergency.Expert": columns("name sort_key kind reach partner phone_sealed ended_at created_at"),
    "emergency.Chain": columns(
        "state operator_line wanted asked_by asked_at switched_by agreed_by switched_at told_faults"
    ),
    # contacts
    "emergency.Contact": columns(
        "person relative rank adult_said_at confirmed_on created_at",
        hidden="number_hash",
        grades=Facet.CONSENT,
        is_next_of_kin=Facet.RELATION,
        fault=Facet.RELATIVE_PHONE,
        bounced_at=Facet.RELATIVE_PHONE,
    ),
    "emergency.NeverContact": columns(
        "person set_by created_at",
        hidden="number_hash",
        member=Facet.NEVER,
        label_sealed=Facet.NEVER,
        end_sealed=Facet.NEVER,
    ),
    "emergency.HomeCommunity": columns("person changed_at", community=Facet.COMMUNITY, street_sealed=Facet.STREET),
    "emergency.ContactAsked": columns("person asked_at"),
}

_HELPING: Final = (Reader.CENTRE, Reader.DUTY)
"""They see it while help for the person is under way (chain §6), and on no page before."""
_CALLED: Final = _(
    "While help for you is under way: name, telephone and relation of those who are called. Where a life is in danger, a psychologist on duty may also call by hand, with a written reason, one who has not agreed; both of you are then told within 72 hours."
)
_LOOKS: Final = ("incident.read",)
_LEADS: Final = (Reader.CENTRE, Reader.DUTY)
"""Who sees all of an incident (chain §6)."""


_KEEPERS: Final = (Reader.CENTRE, Reader.DUTY, Reader.PRINCIPAL, Reader.ADMIN)
"""Who sees who is on duty, who holds a seat, and which plan calls which of them."""

ROWS: Final[Mapping[Key, Row]] = {
    # duty and plans
    **{("rota", reader): sees(Facet.TITLE) for reader in _KEEPERS},
    **{("sheet", reader): sees(Facet.NAME, Facet.PHONE, Facet.PHONE_END) for reader in (*_LEADS, Reader.PRINCIPAL)},
    # contacts
    ("contact", Reader.PERSON): sees(
        Facet.RELATIVE_NAME, Facet.RELATIVE_PHONE, Facet.RELATION, Facet.CONSENT,
    ),
    # a relative's number is the same number, whichever page shows it
    **{("relative", reader): sees(remark=_CALLED) for reader in _HELPING},
    ("never", Reader.PERSON): sees(Facet.NEVER),
    ("community", Reader.PERSON): sees(Facet.COMMUNITY, Facet.STREET),
    **{
        (thing, reader): sees(remark=remark)
        for reader in _HELPING
        for thing, remark in (
            ("contact", _CALLED),
            ("never", _("While help for you is under way: who is left out.")),
            ("community", _("While help for you is under way at home; that community then too.")),
        )
    },
    # incident
    **{
        ("incident", reader): sees(
            Facet.NAME, Facet.NUMBER, Facet.PLACE, Facet.NOTE, never=(Facet.PHONE, Facet.RELATIVE_PHONE), looks=_LOOKS
        )
        for reader in _LEADS
    },
    ("incident", Reader.PRINCIPAL): sees(
        Facet.NAME, Facet.NUMBER, never=(Facet.NOTE, Facet.PLACE), looks=_LOOKS,
        remark=pgettext_lazy("remark", "The name only when life is in danger."),
    ),
    ("incident", Reader.PERSON): sees(
        remark=pgettext_lazy("remark", "When it has ended and a psychologist has told you: who was told what, which office looked and when, and the plan that you agreed on."),
    ),
    ("incident", Reader.HEAD): sees(Facet.SENT, never=(Facet.NOTE, Facet.REASON)),
    # afterwards
    **{("grant", reader): sees(Facet.DAY) for reader in _LEADS},
    ("grant", Reader.UNION): sees(
        Facet.NAME, Facet.DAY, never=(Facet.REASON, Facet.NOTE, Facet.AMOUNT),
        remark=pgettext_lazy("remark", "With your yes: that support is asked for."),
    ),
    # changed duties
    ("duties", Reader.PERSON): sees(Facet.DUTIES, Facet.DAY),
    **{("duties", reader): sees(Facet.NAME, Facet.DUTIES, Facet.DAY) for reader in _LEADS},
    ("duties", Reader.HEAD): sees(
        Facet.NAME, Facet.DUTIES, Facet.DAY, never=(Facet.REASON, Facet.NOTE),
        remark=pgettext_lazy("remark", "Once you have agreed. Where the department has no head, moral education reads the same."),
    ),
}  # fmt: skip

_LED: Final = shows("incident", *_LEADS)
_CONTACTS: Final = shows("contact relative consent", Reader.PERSON)

PAGES: Final[Mapping[str, Page]] = {
    # contacts
    **dict.fromkeys(
        (
            "emergency_contacts", "emergency_contact_choose", "emergency_contact_new", "emergency_contact",
            "emergency_contact_change", "emergency_contact_first", "emergency_contact_remove", "emergency_contact_trust",
            "emergency_still_right",
            "api-contacts", "api-contact", "api-contact-invite",
        ),
        _CONTACTS,
    ),
    **dict.fromkeys(
        ("emergency_never", "emergency_never_number", "emergency_never_colleague", "emergency_never_lift"),
        shows("never", Reader.PERSON),
    ),
    **dict.fromkeys(("emergency_community", "emergency_community_forget"), shows("community", Reader.PERSON)),
    **silent("union_contacts union_contacts_ask centre_contacts centre_contacts_ask"),
    # duty and plans
    **dict.fromkeys(
        ("emergency_duty", "emergency_seats", "emergency_plan", "emergency_chain"), shows("rota", *_KEEPERS)
    ),
    **dict.fromkeys(
        (
            "emergency_shift_new", "emergency_week", "emergency_shift_remove", "emergency_shift_end", "emergency_seat",
            "emergency_seat_end",
        ),
        shows("rota", Reader.CENTRE),
    ),
    **dict.fromkeys(
        ("emergency_duty_take", "emergency_swap_new", "emergency_swap"), shows("rota", Reader.CENTRE, Reader.DUTY)
    ),
    **silent(
        "emergency_lines emergency_line_new emergency_line emergency_line_end emergency_line_resume emergency_plans"
        " emergency_plan_draft emergency_plan_use emergency_plan_discard emergency_plan_retire emergency_step_new"
        " emergency_step emergency_step_move emergency_step_remove emergency_chain_line emergency_chain_withdraw"
        " emergency_chain_switch"
    ),
    # nobody is known there, and nothing is shown of anybody
    **silent("report report_mailbox api-reports"),
    # drills: about nobody; who plays is named to who plays
    **dict.fromkeys(
        ("emergency_drill", "emergency_drill_report", "emergency_drill_report_pdf", "emergency_drill_new", "emergency_drill_sure", "emergency_drill_change"),
        shows("rota", *_KEEPERS),
    ),
    **silent("emergency_drills emergency_drills_csv"),
    # readiness, vacations, kits, experts: an expert is nobody of the school
    **dict.fromkeys(("emergency_away",), shows("rota", Reader.CENTRE, Reader.DUTY)),
    "emergency_kits": shows("rota", *_KEEPERS),
    "emergency_kit_place_new": shows("rota", Reader.CENTRE),
    "emergency_kit_place": shows("rota", Reader.CENTRE),
    # which agency sends them is chosen from the school's agreements
    **dict.fromkeys(("emergency_expert_new", "emergency_expert"), shows("agreement", Reader.CENTRE)),
    **silent(
        "emergency_readiness emergency_away_back emergency_feed_new emergency_feed_end emergency_hand_over"
        " emergency_kit_item_new emergency_kit_item emergency_kit_item_remove emergency_experts emergency_experts_csv"
        " emergency_expert_end emergency_duty_calendar"
    ),
    # behind a secret, read by whoever was called: no reader of the table signs in there
    **silent("outside_code outside"),
    # incident
    **dict.fromkeys(("emergency_board", "emergency_closed_csv"), _LED),
    "emergency_new": shows("member", *_LEADS),
    **dict.fromkeys(("emergency_sheet", "emergency_sheet_print"), shows("sheet", *_LEADS, Reader.PRINCIPAL)),
    "emergency_person": shows("member incident", *_LEADS),
    "emergency_incident": shows("incident", *_LEADS, Reader.PRINCIPAL, Reader.HEAD),
    **dict.fromkeys(("emergency_agreed", "emergency_agreed_write"), _LED),
    **dict.fromkeys(
        ("emergency_reports", "emergency_reports_read", "emergency_report", "emergency_report_picture"), _LED
    ),
    **silent("emergency_signs"),
    "emergency_looks": shows("incident", Reader.CENTRE),
    "my_incidents": shows("incident", Reader.PERSON),
    **dict.fromkeys(("emergency_task_done", "emergency_task_later"), _LED),
    "emergency_call_contact": shows("contact incident", Reader.DUTY),
    **silent("emergency_state"),
    **dict.fromkeys(("emergency_act", "emergency_leg_act"), shows("incident", *_LEADS, Reader.PRINCIPAL)),
    "my_report": shows("incident colleague", Reader.HEAD),
    # crisis relief: what the centre asks for; the request itself is read where its kind is
    "emergency_relief": shows("incident", Reader.CENTRE),
    # afterwards
    **dict.fromkeys(
        ("emergency_companions", "emergency_review", "emergency_told"), _LED
    ),
    "emergency_support": shows("incident grant", *_LEADS),
    "emergency_return": shows("incident duties", *_LEADS),
    "emergency_progress": shows("incident", *_LEADS),
    **dict.fromkeys(("union_grants", "union_grant"), shows("grant", Reader.UNION)),
    # what is changed, and nobody's name
    **silent("emergency_reviews emergency_change_done"),
    # read by whoever was asked to stay: no office, and nothing but what chain §6 gives them
    **silent("emergency_companion_cancel my_companion my_companion_act"),
    **dict.fromkeys(("emergency_follow_ups", "emergency_follow_up", "emergency_follow_up_stop"), _LED),
    **silent("emergency_follow_up_act emergency_ask_card my_calls"),
    # changed duties
    "my_duties": shows("duties", Reader.PERSON, Reader.HEAD),
    **dict.fromkeys(("my_duties_received", "my_duties_arranged"), shows("duties", Reader.HEAD)),
    "emergency_duties": shows("duties incident", *_LEADS),
    **dict.fromkeys(("emergency_duties_renew", "emergency_duties_end"), shows("duties", *_LEADS)),
    "api-incident": shows("incident", *_LEADS, Reader.PRINCIPAL, Reader.HEAD),
    # the answer of an act is never more than that of "api-incident"
    **silent(
        "api-incidents api-incident-acknowledge api-incident-engage api-incident-done api-incident-close"
        " api-incident-grade api-incident-person api-incident-false-alarm"
    ),
}  # fmt: skip
