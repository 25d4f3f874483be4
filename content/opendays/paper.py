"""The list for the people at the gate, on paper: it works when nothing else does."""

from django.template.loader import render_to_string

from content.opendays.checkins import Report, Row, Tally
from content.opendays.models import OpenDay
from kernel.clock import now
from papers.printer import print_pdf
from tenancy.models import Tenant
from ui.names import CHINESE, reads_chinese


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
