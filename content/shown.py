"""Which pictures readers see now: those of published pages, without the ones that are held back (books §6)."""

from wagtail.models import Page

from content.models import ReportPage, SchoolImage
from content.models.uses import standing


def is_shown(image: SchoolImage, home: str) -> bool:
    """Whether a published page below ``home`` (treebeard's path) shows ``image``, and none holds it back.

    A picture of an open day that is held on its report is shown nowhere, whatever other page has it. Two queries and more for
    an open day's.
    """
    pages = [row["pk"] for row in Page.objects.live().filter(pk__in=list(standing(image, home))).values("pk")]
    reports = ReportPage.objects.filter(pk__in=pages, of_open_day=True) if pages else []
    return bool(pages) and not any(report.are_held for report in reports)
