"""A voucher on paper: one A5 page that a counter can read, with the help lines at its foot."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from papers.printer import print_pdf
from referrals.codes import grouped
from referrals.paper.qr import qr_data_uri
from ui.names import CHINESE, reads_chinese


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed. ``facts`` are ``(label, value)`` rows; amounts are whole fen, of all units of a course."""

    school: str
    duty_phone: str
    duty_hours: str
    title: str
    number: str
    state_text: str
    address: str
    code: str
    subsidy_fen: int
    self_fen: int
    facts: list[tuple[Any, Any]]
    is_course: bool = False


def voucher_pdf(paper: Paper) -> bytes:
    """PDF/UA-1 in the active language, tagged and titled by the voucher's number only."""
    context = {
        "paper": paper,
        "code": grouped(paper.code).replace("-", " "),
        "qr": qr_data_uri(paper.address),
        "lang": CHINESE if reads_chinese() else "en",
    }
    return print_pdf(render_to_string("referrals/vouchers/paper.html", context))
