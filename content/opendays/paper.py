"""The list for the people at the gate, on paper: it works when nothing else does."""

import base64
from typing import Final

import segno
from django.template.loader import render_to_string

from content.models import ReportPage
from content.opendays.checkins import Report, Row, Tally
from content.opendays.models import OpenDay
from kernel.clock import now
from papers.printer import print_pdf
from surveys.questionnaires import Questionnaire
from tenancy.models import Tenant
from ui.names import CHINESE, reads_chinese

_PRINTED: Final = "fill-900x675|format-jpeg"
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


def report_pdf(day: OpenDay, report: Report, page: ReportPage | None, school: Tenant) -> bytes:
    """The day afterwards: numbers, what families said, and the pictures of ``page`` once it is published and while they may
    be shown. PDF/UA-1 in the active language; Unavailable ``no_pdf`` as above.
    """
    context = {
        "day": day,
        "report": report,
        "page": page if page is not None and page.live else None,
        "shots": _shots(page) if page is not None and page.live else [],
        "school": school,
        "at": now(),
        "lang": CHINESE if reads_chinese() else "en",
    }
    return print_pdf(render_to_string("opendays/report_paper.html", context))


def _shots(page: ReportPage) -> list[tuple[str, str]]:
    """(picture as a ``data:`` address, its line): an engine that prints fetches nothing."""
    found = []
    for shot in page.shown_pictures() or ():
        rendition = shot.value["picture"].get_rendition(_PRINTED)
        with rendition.file.open("rb") as file:
            drawn = base64.b64encode(file.read()).decode()
        found.append((f"data:image/jpeg;base64,{drawn}", shot.value["caption"]))
    return found
