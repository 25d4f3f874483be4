"""Who sees what of readings: oneself, and whoever gave it out. Found by ``disclosure.table`` (docs/privacy.md)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows, silent
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "reading": Thing(pgettext_lazy("thing", "who has which document"), is_spelled=True)
}

MODELS: Final = {
    "readings.Reading": columns(
        "kind ref title version follows roles departments due_on proof questions issued_by kept_by issued_at next_at replaced_at"
        " ended_at"
    ),
    "readings.Proof": columns("reading person how version noted_by second_by marked_at counted_at created_at"),
    "readings.Leave": columns("person first_day last_day noted_by created_at"),
}

_ISSUERS: Final = (Reader.EDITOR, Reader.CENTRE, Reader.ADMIN)
ROWS: Final[Mapping[Key, Row]] = {
    ("reading", reader): sees(
        Facet.NAME,
        Facet.TITLE,
        Facet.STAFF_NO,
        Facet.DEPARTMENT,
        remark=_("Who is missing: whoever gave the document out or took it over, nobody else."),
    )
    for reader in _ISSUERS
}

PAGES: Final[Mapping[str, Page]] = {
    **dict.fromkeys(
        ("reading", "reading_new", "reading_missing_csv", "reading_leave", "reading_hand_over"),
        shows("reading", *_ISSUERS),
    ),
    **silent(
        "to_read to_read_one readings readings_csv reading_renew reading_take_over reading_end reading_handed reading_attested"
    ),
}
