"""The audit record as a page: what was done in this school, newest first, for its administration (promise D2).

The record itself holds ids and amounts; this page adds texts, and a name only where an act of administration asks for
one. Who asked for help is not shown to anyone here (rules §5).
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.fields import DayField
from accounts.models import Membership, User
from audit.models import AuditEntry
from kernel.clock import end_of_day, start_of_day
from schools.record_texts import EDGES, KINDS, acts, areas, facts, nameless
from ui.lists import Column, Listing, ListPage, Nothing
from ui.navigation import at_desk
from ui.refusals import explain

_REFUSED: Final = ".refused"


def _areas() -> list[tuple[str, Any]]:
    return [("", _("Everything")), *((key, title) for key, (title, _firsts) in areas().items())]


class RecordFilter(forms.Form):
    """What narrows the record; nothing is required."""

    area = forms.ChoiceField(
        label=_("About"),
        required=False,
        choices=_areas,
    )
    first = DayField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = DayField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    refused = forms.BooleanField(label=_("Refused only"), required=False)


class Record(Listing[AuditEntry, dict[str, Any]]):
    """The rows that fit, newest first, from below ``?before=``. Days are the school's.

    Paged by its own numbers: every look at it adds a row, and pages that are counted from the top would shift.
    """

    form = RecordFilter
    file_name, export = "record", "record.export"
    paged_by = "before"
    columns = (
        Column[dict[str, Any]](_("Number"), lambda row: row["seq"]),
        Column(_("Time"), lambda row: row["at"]),
        Column(_("Act"), lambda row: row["act"]),
        Column(_("By"), lambda row: row["by"]),
        Column(_("Outcome"), lambda row: row["refused"]),
        Column(_("Details"), lambda row: "; ".join(f"{label} {value}" for label, value in row["facts"])),
    )
    nothing = Nothing(_("No act found"), _("The first act of the school stands here as soon as it is done."))
    nothing_found = Nothing(_("No act found"), _("Try other days or another subject."))

    def __init__(self, request: ActingRequest, desk: str) -> None:
        super().__init__(request)
        self.file_route = f"{desk}_record_csv"

    def rows(self) -> QuerySet[AuditEntry]:
        """By subject, days and outcome."""
        wanted = self.wanted
        rows = AuditEntry.objects.order_by("-seq")
        if wanted["area"]:
            firsts = areas()[wanted["area"]][1]
            rows = rows.filter(reduce(or_, (Q(action__startswith=f"{first}.") for first in firsts)))
        if wanted["first"]:
            rows = rows.filter(at__gte=start_of_day(wanted["first"]))
        if wanted["last"]:
            rows = rows.filter(at__lt=end_of_day(wanted["last"]))
        return rows.filter(action__endswith=_REFUSED) if wanted["refused"] else rows

    def shown(self, rows: list[AuditEntry]) -> list[dict[str, Any]]:
        """In words."""
        return list(_shown(self.request, rows))

    def page(self) -> ListPage[dict[str, Any]]:
        """The rows below ``?before=``."""
        rows = self.rows()
        before = self.request.GET.get("before", "")
        if before.isascii() and before.isdigit() and len(before) < 18:
            rows = rows.filter(seq__lt=int(before))
        found = list(rows[: self.size + 1])
        return ListPage(self.shown(found[: self.size]), 1, self.size, len(found), has_next=len(found) > self.size)


@require_safe
@role_required("audit.read")
def school_record(request: ActingRequest) -> HttpResponse:
    """``/school/record/``: ``?area=&first=&last=&refused=&before=``."""
    return _page(request, "school")


@require_safe
@role_required("audit.read.platform")
def operator_record(request: ActingRequest) -> HttpResponse:
    """``/operator/record/``: the platform's own record, institutions and schools."""
    return _page(request, "operator")


def _page(request: ActingRequest, desk: str) -> HttpResponse:
    listed = Record(request, desk).context()
    page = listed["page"]
    context = at_desk(
        request,
        desk,
        **listed,
        older=page.object_list[-1]["seq"] if page.has_next else None,
        from_start=not request.GET.get("before", ""),
    )
    return render(request, "schools/record.html", context)


@require_safe
@role_required("audit.read")
def school_record_csv(request: ActingRequest) -> HttpResponse:
    """The record as filtered, in a file; the download is itself recorded."""
    return Record(request, "school").file()


@require_safe
@role_required("audit.read.platform")
def operator_record_csv(request: ActingRequest) -> HttpResponse:
    """The platform's record in a file."""
    return Record(request, "operator").file()


def _shown(request: ActingRequest, entries: Iterable[AuditEntry]) -> Iterable[dict[str, Any]]:
    found = list(entries)
    names = _names(request, found)
    for row in found:
        action = row.action.removesuffix(_REFUSED)
        name = names.get(row.actor_id) if row.actor_id and _may_be_named(request, row) else ""
        yield {
            "seq": row.seq,
            "at": row.at,
            "act": acts().get(action) or EDGES.get(action.partition(".")[0], action),
            "by": name or KINDS.get(row.actor_kind, KINDS["system"]),
            "refused": explain(str(row.facts.get("code", ""))).title if row.action.endswith(_REFUSED) else None,
            "facts": [(title, show(row.facts[key])) for key, (title, show) in facts().items() if _may_tell(row, key)],
        }


def _names(request: ActingRequest, rows: Iterable[AuditEntry]) -> dict[UUID, str]:
    """In a school, the names that it wrote itself; on the platform's own page, those of its operators."""
    users = {row.actor_id for row in rows if row.actor_id and _may_be_named(request, row)}
    if request.actor.is_operator:
        return dict(User.objects.filter(pk__in=users, is_operator=True).values_list("pk", "full_name"))
    return dict(Membership.objects.filter(user_id__in=users).values_list("user_id", "name"))


def _may_tell(row: AuditEntry, key: str) -> bool:
    """Of an act around one person's request only how many rows a list had: a price is as good as the service's name."""
    return key in row.facts and (key == "rows" or row.action.partition(".")[0] not in nameless())


def _may_be_named(request: ActingRequest, row: AuditEntry) -> bool:
    kind = "operator" if request.actor.is_operator else "member"
    return row.actor_kind == kind and row.action.partition(".")[0] not in nameless()
