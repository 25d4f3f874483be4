"""Who sees what of a family; found by ``disclosure.table`` (docs/privacy.md §Families)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "child": Thing(pgettext_lazy("thing", "children"), own=pgettext_lazy("thing", "family")),
    "relative": Thing(pgettext_lazy("thing", "relatives")),
    "consent": Thing(pgettext_lazy("thing", "consents")),
    "link": Thing(pgettext_lazy("thing", "questions to relatives")),
}

MODELS: Final = {
    "families.Relative": columns(
        "person created_at removed_at",
        relation=Facet.RELATION,
        name_sealed=Facet.RELATIVE_NAME,
        phone_sealed=Facet.RELATIVE_PHONE,
    ),
    "families.Child": columns("created_at", hidden="same_child", name_sealed=Facet.CHILD_NAME, born=Facet.CHILD_BORN),
    "families.Guardianship": columns("membership child created_at"),
    "families.Consent": columns(
        "person relative child text_id recipient_id referral_id asked_at at",
        purpose=Facet.CONSENT,
        state=Facet.CONSENT,
    ),
    "families.FamilyLink": columns(
        "act purpose relative consent created_at expires_at used_at later_at", hidden="token_hash"
    ),
}

ROWS: Final[Mapping[Key, Row]] = {
    ("child", Reader.PERSON): sees(
        Facet.CHILD_NAME,
        Facet.CHILD_BORN,
        remark=_("If the other parent works here too, they see the child once they enter it themselves."),
    ),
    **{
        ("child", reader): sees(Facet.AGE_BAND, never=(Facet.CHILD_NAME, Facet.CHILD_BORN))
        for reader in (Reader.AGENCY_ASKED, Reader.AGENCY)
    },
    ("relative", Reader.PERSON): sees(Facet.RELATIVE_NAME, Facet.RELATIVE_PHONE, Facet.RELATION),
    ("consent", Reader.PERSON): sees(Facet.CONSENT),
    ("link", Reader.RELATIVE): sees(Facet.TITLE, Facet.CONSENT),
}

_FAMILY: Final = shows("child relative consent", Reader.PERSON)

PAGES: Final[Mapping[str, Page]] = {
    **dict.fromkeys(
        (
            "my_family", "relative", "relative_new", "relative_change", "relative_remove", "relative_ask",
            "family_consent_end", "child_new", "child_change", "child_remove", "api-children", "api-child",
        ),
        _FAMILY,
    ),
    "family_link": shows("link", Reader.RELATIVE),
    "family_thanks": {},
}  # fmt: skip
