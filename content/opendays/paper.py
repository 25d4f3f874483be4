"""The list for the people at the gate, on paper: it works when nothing else does."""

from typing import Final

import segno
from django.template.loader import render_to_string

from content.opendays.checkins import Report, Row, Tally
from content.opendays.models import OpenDay
from kernel.clock import now
from papers.printer import print_pdf
from surveys.questionnaires import Questionnaire
from tenancy.models import Tenant
from ui.names import CHINESE, reads_chinese

_QUIET: Final = 4
"""Modules of white around the code (ISO/IEC 18004)."""


def visitors_pdf(day: OpenDay, rows: list[Row], sums: Tally, school: Tenant) -> bytes:
    """PDF/UA-1 in the active language. Raises Unavailable ``no_pdf`` on a machine that lacks the engine's libraries."""
    context = {
        "day": day,
        "rows": rows,
        "tally": sums,
        "school": school,
        "at": now(),
        "lang": CHINESE if reads_chinese() else "en",
    }
    return print_pdf(render_to_string("opendays/visitors_paper.html", context))


def questions_pdf(day: OpenDay, asked: Questionnaire, address: str, school: Tenant) -> bytes:
    """One sheet for the exit: the code that opens the questions. PDF/UA-1 in the active language; ``no_pdf`` as above."""
    context = {
        "day": day,
        "asked": asked,
        "address": address,
        "code": segno.make(address, error="m", micro=False).svg_data_uri(border=_QUIET, light="#fff", omitsize=True),
        "school": school,
        "lang": CHINESE if reads_chinese() else "en",
    }
    return print_pdf(render_to_string("opendays/questions_paper.html", context))


def report_pdf(day: OpenDay, report: Report, school: Tenant) -> bytes:
    """The day afterwards, in numbers. PDF/UA-1 in the active language; Unavailable ``no_pdf`` as above."""
    context = {
        "day": day,
        "report": report,
        "school": school,
        "at": now(),
        "lang": CHINESE if reads_chinese() else "en",
    }
    return print_pdf(render_to_string("opendays/report_paper.html", context))
