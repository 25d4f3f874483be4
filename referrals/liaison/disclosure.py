"""Who sees what of what the school hands on; found by ``disclosure.table`` (docs/privacy.md)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "mediation": Thing(pgettext_lazy("thing", "family mediations"), own=pgettext_lazy("thing", "mediations"), rank=12),
}

MODELS: Final = {
    "liaison.Mediation": columns(
        "state deadline talk_place talk_with sides close_reason until both_agreed_at referral changed_at",
        person=Facet.NAME,
        note_sealed=Facet.NOTE,
        asked_at=Facet.SENT,
        talk_at=Facet.TIME,
    ),
}

_LOOKS: Final = ("mediation.read", "mediation.list")
ROWS: Final[Mapping[Key, Row]] = {
    ("mediation", Reader.PERSON): sees(Facet.NOTE, Facet.SENT, Facet.TIME),
    ("mediation", Reader.CENTRE): sees(
        Facet.NAME, Facet.NOTE, Facet.SENT, Facet.TIME, never=(Facet.PHONE,), looks=_LOOKS
    ),
    ("mediation", Reader.AGENCY): sees(never=(Facet.NOTE,)),
}

_MINE: Final = shows("mediation", Reader.PERSON)
_CENTRE: Final = shows("mediation", Reader.CENTRE)

PAGES: Final[Mapping[str, Page]] = {
    **dict.fromkeys(("mediation", "mediation_agree", "mediation_stay", "mediation_withdraw"), _MINE),
    **dict.fromkeys(
        ("centre_mediations", "centre_mediations_csv", "centre_mediation", "centre_mediation_outcome"), _CENTRE
    ),
}
