"""The hand-over letter: one A4 page with what the person agreed to, its number, and a code by which it is checked (16.8)."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from papers.printer import print_pdf
from referrals.liaison.card_states import CardField
from referrals.liaison.card_texts import PURPOSE_TEXTS, field_rows
from referrals.liaison.models import HandOn
from referrals.liaison.workflow.handing_on import words_of
from referrals.paper.qr import qr_data_uri
from tenancy.models import Tenant
from ui.names import CHINESE, named, reads_chinese
from ui.templatetags.ui import school_day


def letter_address(tenant: Tenant, token: str, *, scheme: str) -> str:
    """``http(s)://<school's host>/letter/<token>/``: any camera opens it."""
    usual = {"http": "80", "https": "443"}[scheme]
    port = "" if usual == settings.BASE_PORT or scheme == "https" else f":{settings.BASE_PORT}"
    return f"{scheme}://{tenant.host}{port}/letter/{token}/"


def letter_pdf(tenant: Tenant, case: HandOn, number: int, address: str) -> bytes:
    """Only what was agreed to goes on paper: the fields of the card and nothing beside them."""
    there = words_of(case)
    agreed = {name: there[name] for name in case.agreed if name in there}
    ask = agreed.pop(CardField.ASK.value, "")
    context = {
        "school": named(tenant),
        "duty_phone": tenant.duty_phone,
        "duty_hours": tenant.duty_hours,
        "number": case.number,
        "copy": number,
        "agency": named(case.partner),
        "purpose": PURPOSE_TEXTS[case.purpose],
        "ask": ask,
        "rows": field_rows(agreed),
        "until": school_day(tenant.day_of(case.until)),
        "qr": qr_data_uri(address),
        "lang": CHINESE if reads_chinese() else "en",
        "title": _("Hand-over letter"),
    }
    return print_pdf(render_to_string("liaison/letter_paper.html", context))
