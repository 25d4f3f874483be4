"""Who sees what of what the school hands on; found by ``disclosure.table`` (docs/privacy.md)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows, silent
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "mediation": Thing(pgettext_lazy("thing", "family mediations"), own=pgettext_lazy("thing", "mediations"), rank=12),
    "hand_on": Thing(
        pgettext_lazy("thing", "cards to hospitals and agencies"), own=pgettext_lazy("thing", "cards"), rank=13
    ),
}

MODELS: Final = {
    "liaison.Mediation": columns(
        "state deadline talk_place talk_with sides close_reason until both_agreed_at referral changed_at",
        person=Facet.NAME,
        note_sealed=Facet.NOTE,
        asked_at=Facet.SENT,
        talk_at=Facet.TIME,
    ),
    "liaison.HandOn": columns(
        "number purpose state agreed agreed_at written_by until kept_until changed_at",
        person=Facet.NAME,
        partner=Facet.AGENCY,
        words_sealed=Facet.HANDED,
        written_at=Facet.SENT,
    ),
    "liaison.HandOnCard": columns(
        "hand_on number purpose read_at reported_at ended_at until",
        partner=Facet.AGENCY,
        body_sealed=Facet.HANDED,
        sent_at=Facet.SENT,
    ),
    "liaison.ReturnReport": columns(
        "hand_on outcome goes_on written_by written_at", advice_sealed=Facet.ANSWER, back_on=Facet.DAY
    ),
    "liaison.LetterCopy": columns("hand_on number by at", hidden="token_hash"),
}

_LOOKS: Final = ("mediation.read", "mediation.list")
ROWS: Final[Mapping[Key, Row]] = {
    ("mediation", Reader.PERSON): sees(Facet.NOTE, Facet.SENT, Facet.TIME),
    ("mediation", Reader.CENTRE): sees(
        Facet.NAME, Facet.NOTE, Facet.SENT, Facet.TIME, never=(Facet.PHONE,), looks=_LOOKS
    ),
    ("hand_on", Reader.PERSON): sees(
        Facet.NAME, Facet.PHONE, Facet.AGENCY, Facet.HANDED, Facet.ANSWER, Facet.DAY, Facet.SENT
    ),
    ("hand_on", Reader.CENTRE): sees(
        Facet.NAME, Facet.AGENCY, Facet.HANDED, Facet.ANSWER, Facet.DAY, Facet.SENT, looks=("card.read", "card.list")
    ),
    ("hand_on", Reader.AGENCY): sees(
        Facet.NAME,
        Facet.PHONE,
        Facet.HANDED,
        Facet.SENT,
        looks=("card.partner_read",),
        remark=_("Only what you ticked, only its office, and only while the card is good."),
    ),
}

_MINE: Final = shows("mediation", Reader.PERSON)
_CENTRE: Final = shows("mediation", Reader.CENTRE)
_CARD_MINE: Final = shows("hand_on", Reader.PERSON)
_CARD_CENTRE: Final = shows("hand_on", Reader.CENTRE)
_CARD_THERE: Final = shows("hand_on", Reader.AGENCY)

PAGES: Final[Mapping[str, Page]] = {
    **dict.fromkeys(("mediation", "mediation_agree", "mediation_stay", "mediation_withdraw"), _MINE),
    **dict.fromkeys(("api-mediation", "api-mediation-agree", "api-mediation-stay", "api-mediation-withdraw"), _MINE),
    **dict.fromkeys(
        ("api-heard-list", "api-heard", "api-heard-invite", "api-heard-suggest", "api-heard-settle", "api-heard-close"),
        _CENTRE,
    ),
    **dict.fromkeys(("api-cards", "api-card", "api-card-consent", "api-card-refuse", "api-card-revoke"), _CARD_MINE),
    **dict.fromkeys(("api-centre-cards", "api-centre-card", "api-centre-card-withdraw"), _CARD_CENTRE),
    **dict.fromkeys(("api-their-cards", "api-their-card-open", "api-their-card-report"), _CARD_THERE),
    **dict.fromkeys(
        ("centre_mediations", "centre_mediations_csv", "centre_mediation", "centre_mediation_outcome"), _CENTRE
    ),
    **dict.fromkeys(("my_cards", "my_card", "my_card_refuse", "my_card_revoke", "my_card_letter"), _CARD_MINE),
    **dict.fromkeys(
        ("centre_cards", "centre_cards_csv", "centre_card", "centre_card_withdraw", "centre_card_letter"), _CARD_CENTRE
    ),
    "centre_card_find": shows("member", Reader.CENTRE),
    "centre_card_new": shows("member price", Reader.CENTRE),
    **dict.fromkeys(("partner_cards", "partner_cards_csv", "partner_card", "partner_card_report"), _CARD_THERE),
    **silent("letter_check"),
}
