"""Who sees a school's settings and its record; found by ``disclosure.table`` (docs/privacy.md §The record)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, sees, shows, silent
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "record": Thing(pgettext_lazy("thing", "the record of acts"), is_spelled=True, rank=80),
    "setting": Thing(pgettext_lazy("thing", "settings"), of_person=False),
    "school": Thing(pgettext_lazy("thing", "schools"), of_person=False),
}

ROWS: Final[Mapping[Key, Row]] = {
    ("record", Reader.ADMIN): sees(Facet.ACTED, never=(Facet.NAME, Facet.SERVICE, Facet.AGENCY, Facet.AMOUNT)),
    ("setting", Reader.ADMIN): sees(Facet.WHOLE),
    ("school", Reader.OPERATOR): sees(Facet.WHOLE),
}

PAGES: Final[Mapping[str, Page]] = {
    "school_settings": shows("setting", Reader.ADMIN),
    **dict.fromkeys(("school_record", "school_record_csv"), shows("record key", Reader.ADMIN)),
    **dict.fromkeys(
        (
            "operator_schools", "operator_schools_csv", "operator_school", "operator_school_new",
            "operator_school_change", "operator_school_administrator", "operator_school_invite",
        ),
        shows("school", Reader.OPERATOR),
    ),
    "landing": shows("price", *Reader),
    **silent("district operator_home operator_record operator_record_csv operator_second_step"),
}  # fmt: skip
