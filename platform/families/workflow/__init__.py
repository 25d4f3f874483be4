"""The only writers of relatives, children, consents and family links."""

from families.workflow.consents import (
    FAMILY,
    FamilyVoice,
    answer_consent,
    ask_consent,
    end_by_time,
    end_own_consents,
    end_purpose,
    give_own_consent,
    note_consent,
    put_off_answer,
    withdraw_by_link,
    withdraw_consent,
)
from families.workflow.persons import (
    change_child,
    change_relative,
    forget_relative,
    register_child,
    register_relative,
    release_child,
)

__all__ = [
    "FAMILY",
    "FamilyVoice",
    "answer_consent",
    "ask_consent",
    "change_child",
    "change_relative",
    "end_by_time",
    "end_own_consents",
    "end_purpose",
    "forget_relative",
    "give_own_consent",
    "note_consent",
    "put_off_answer",
    "register_child",
    "register_relative",
    "release_child",
    "withdraw_by_link",
    "withdraw_consent",
]
