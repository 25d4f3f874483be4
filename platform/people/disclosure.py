"""Who sees what of a school's people; found by ``disclosure.table`` (docs/privacy.md §What a school knows of a person)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, sees, shows
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "member": Thing(pgettext_lazy("thing", "members"), is_spelled=True, rank=20),
    "colleague": Thing(pgettext_lazy("thing", "members of the same department"), is_spelled=True, rank=20),
}

_TYPED: Final = (
    Facet.NAME, Facet.TITLE, Facet.PHONE, Facet.EMAIL, Facet.DEPARTMENT, Facet.STAFF_NO, Facet.PLACE_DAYS, Facet.GENDER,
)  # fmt: skip
_FOUND: Final = sees(Facet.NAME, Facet.EMAIL, Facet.DEPARTMENT)

ROWS: Final[Mapping[Key, Row]] = {
    ("member", Reader.PERSON): sees(
        Facet.NAME, Facet.TITLE, Facet.PHONE_END, Facet.EMAIL, Facet.DEPARTMENT, Facet.STAFF_NO
    ),
    ("member", Reader.ADMIN): sees(*_TYPED),
    **{("member", reader): _FOUND for reader in (Reader.CENTRE, Reader.DUTY, Reader.UNION)},
    ("colleague", Reader.HEAD): _FOUND,
}

_ADMIN: Final = shows("member", Reader.ADMIN)

PAGES: Final[Mapping[str, Page]] = {
    **dict.fromkeys(
        (
            "school_home", "school_members", "school_members_csv", "school_members_invite", "school_member_new",
            "school_member", "school_member_invite", "school_departments", "school_department", "school_roster",
            "school_roster_import", "school_roster_apply", "school_roster_discard", "school_roster_csv",
            "school_roster_xlsx",
        ),
        _ADMIN,
    ),
    "api-people": shows("member", Reader.ADMIN, Reader.CENTRE, Reader.DUTY, Reader.UNION) | shows("colleague", Reader.HEAD),
}  # fmt: skip
