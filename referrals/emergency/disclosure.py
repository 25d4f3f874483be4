"""Who sees what of an emergency; found by ``disclosure.table`` (docs/emergency.md, chain §6)."""

from typing import Final

from disclosure.table import columns
from disclosure.words import Facet

MODELS: Final = {
    # incident
    "emergency.ChainClock": columns("ahead"),
    "emergency.EngineProcess": columns("kind version started_at beat_at skew_ms"),
    "emergency.Incident": columns(
        "number person kind suggested grade state home company can_be_asked danger_now found_at opened_at reported_by"
        " graded_by outcome closed_at is_drill next_event next_at",
        hidden="own_key",
        place=Facet.PLACE,
        signs_sealed=Facet.NOTE,
        place_sealed=Facet.PLACE,
        meeting_place_sealed=Facet.PLACE,
    ),
    "emergency.FirstWord": columns("incident leg act facts by at ended_at"),
    "emergency.Leg": columns(
        "incident is_drill kind state is_required grade epoch round position required_answers ticks extensions owner"
        " taken_by since next_event next_at"
    ),
    "emergency.LegStep": columns("leg purpose position rule wait_seconds channels"),
    "emergency.Recipient": columns(
        "leg step is_drill epoch round role member partner shown_number answer answered_at paged_at",
        hidden="target_hash token_hash code_hash",
        address_sealed=Facet.RELATIVE_PHONE,
    ),
    "emergency.Delivery": columns(
        "recipient leg is_drill key channel text epoch rank state due_at lease_until claims error provider_ref settled_at"
        " receipt receipt_at created_at",
        hidden="reference_hash",
    ),
    "emergency.Timeline": columns("incident leg at code by who facts", words_sealed=Facet.NOTE),
    # duty and plans
    "emergency.DutyLine": columns("name number kind answers is_active created_at"),
    "emergency.Seat": columns("kind holder holder_line deputy deputy_line since until created_at"),
    "emergency.DutyShift": columns("layer holder line starts_at ends_at created_at"),
    "emergency.Plan": columns("kind grade version state drafted_by put_in_use_by created_at in_use_at retired_at"),
    "emergency.PlanStep": columns(
        "plan leg position target number seat partner line dial wait_minutes channels text_id"
    ),
    "emergency.Chain": columns(
        "state operator_line wanted asked_by asked_at switched_by agreed_by switched_at told_faults"
    ),
    # contacts
    "emergency.Contact": columns(
        "person relative rank grades is_next_of_kin adult_said_at confirmed_on fault bounced_at created_at",
        hidden="number_hash",
    ),
    "emergency.NeverContact": columns("person member set_by created_at", hidden="number_hash label_sealed end_sealed"),
    "emergency.HomeCommunity": columns("person community changed_at", hidden="street_sealed"),
    "emergency.ContactAsked": columns("person asked_at"),
}
