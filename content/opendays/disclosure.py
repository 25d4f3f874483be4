"""Who sees what of a family that comes; found by ``disclosure.table`` (docs/privacy.md §Families)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows, silent
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "openday_invitation": Thing(pgettext_lazy("thing", "invitations to an open day")),
    "openday_party": Thing(pgettext_lazy("thing", "families at an open day")),
}

MODELS: Final = {
    "opendays.OpenDay": columns(
        "page title summary entrance way starts_at ends_at answers_from answers_until state sequence created_at"
        " reminded_at plates_wiped_at names_wiped_at report report_begun_at pictures_seen_at names_kept_days"
    ),
    "opendays.Session": columns("open_day is_entry title note place starts_at ends_at capacity last_in_line"),
    "opendays.Invitation": columns("open_day person created_at", hidden="token_hash token_sealed"),
    "opendays.Party": columns(
        "open_day invitation created_at left_at was_removed changed_on changes",
        hidden="token_hash form_key gate_hash",
        address_sealed=Facet.RELATIVE_NAME,
        plate_sealed=Facet.PLATE,
    ),
    "opendays.Guest": columns("party photo_ended_at", band=Facet.AGE_BAND, may_photograph=Facet.CONSENT),
    "opendays.Claim": columns("party session seats wants line passed offered offer_until"),
    "opendays.Steward": columns("open_day gate created_at ended_at", hidden="token_hash token_sealed"),
    "opendays.Mark": columns("open_day party steward client_id people at received_at"),
    "opendays.OpenDayIndexPage": columns("page_ptr intro intro_en"),
    "opendays.OpenDayPage": columns("page_ptr summary"),
}

ROWS: Final[Mapping[Key, Row]] = {
    ("openday_invitation", Reader.PERSON): sees(Facet.TITLE),
    ("openday_invitation", Reader.RELATIVE): sees(Facet.TITLE),
    ("openday_party", Reader.RELATIVE): sees(Facet.RELATIVE_NAME, Facet.PLATE, Facet.AGE_BAND, Facet.CONSENT),
    ("openday_party", Reader.PERSON): sees(Facet.RELATIVE_NAME, Facet.AGE_BAND, Facet.CONSENT, never=(Facet.PLATE,)),
    ("openday_party", Reader.UNION): sees(Facet.RELATIVE_NAME, Facet.PLATE, Facet.SUM, looks=("openday.visitors",)),
    ("openday_party", Reader.STEWARD): sees(Facet.RELATIVE_NAME, Facet.SUM, never=(Facet.PLATE,)),
}

_MINE: Final = shows("openday_party", Reader.PERSON)
_FAMILY: Final = shows("openday_party", Reader.RELATIVE)

PAGES: Final[Mapping[str, Page]] = {
    "openday_invitation": shows(
        "openday_invitation", Reader.RELATIVE, Reader.PERSON
    ),  # whose link it is may open it too
    "openday_party": _FAMILY,
    "openday_party_change": _FAMILY,
    "my_open_days": _MINE,
    "my_party_remove": _MINE,
    "office_visitors": shows("openday_party", Reader.UNION),
    "office_visitors_print": shows("openday_party", Reader.UNION),
    "openday_gate": shows("openday_party", Reader.STEWARD),
    **silent(
        "openday_calendar openday_party_leave office_open_days office_open_day office_open_day_new"
        " office_open_day_change office_open_day_publish office_open_day_call_off office_session office_session_new"
        " office_session_drop office_report office_report_print my_guest_photo my_open_day_invite office_gate_open"
        " office_gate_shut office_pictures office_questions office_questions_print office_questions_close openday_gate_marks openday_party_offer openday_party_photo"
    ),
}
