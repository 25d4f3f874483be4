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
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.fields import DayField
from accounts.models import Membership, User
from audit import record_read
from audit.models import AuditEntry
from exports import MOST_ROWS, csv_answer
from kernel.clock import end_of_day, start_of_day
from schools.record_texts import DOORS, KINDS, acts, areas, facts, nameless
from ui.navigation import at_desk
from ui.refusals import explain

PAGE: Final = 50
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

    def entries(self) -> QuerySet[AuditEntry]:
        """The rows that fit, newest first; an unreadable filter is none. Days are the school's."""
        wanted = self.cleaned_data if self.is_valid() else {}
        rows = AuditEntry.objects.order_by("-seq")
        if wanted.get("area"):
            firsts = areas()[wanted["area"]][1]
            rows = rows.filter(reduce(or_, (Q(action__startswith=f"{first}.") for first in firsts)))
        if wanted.get("first"):
            rows = rows.filter(at__gte=start_of_day(wanted["first"]))
        if wanted.get("last"):
            rows = rows.filter(at__lt=end_of_day(wanted["last"]))
        return rows.filter(action__endswith=_REFUSED) if wanted.get("refused") else rows


@require_safe
@role_required("audit.read")
def school_record(request: ActingRequest) -> HttpResponse:
    """``/school/record/``: ``?area=&first=&last=&refused=&before=``."""
    return _page(request, "school_record_csv", "school")


@require_safe
@role_required("audit.read.platform")
def operator_record(request: ActingRequest) -> HttpResponse:
    """``/operator/record/``: the platform's own record, institutions and schools."""
    return _page(request, "operator_record_csv", "operator")


def _page(request: ActingRequest, export: str, desk: str) -> HttpResponse:
    form = RecordFilter(request.GET)
    rows = form.entries()
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 18:
        rows = rows.filter(seq__lt=int(before))
    found = list(rows[: PAGE + 1])
    context = at_desk(
        request,
        desk,
        filter=form,
        filtered=any(form.cleaned_data.values()) if form.is_valid() else False,
        rows=[*_shown(request, found[:PAGE])],
        older=found[PAGE - 1].seq if len(found) > PAGE else None,
        from_start=not before,
        export_url=reverse(export),
    )
    return render(request, "schools/record.html", context)


@require_safe
@role_required("audit.read")
def school_record_csv(request: ActingRequest) -> HttpResponse:
    """The record as filtered, in a file; the download is itself recorded."""
    return _file(request)


@require_safe
@role_required("audit.read.platform")
def operator_record_csv(request: ActingRequest) -> HttpResponse:
    """The platform's record in a file."""
    return _file(request)


def _file(request: ActingRequest) -> HttpResponse:
    entries = RecordFilter(request.GET).entries()[: MOST_ROWS + 1]  # one more than fits: then the file says so
    answer = csv_answer(
        [_("Number"), _("Time"), _("Act"), _("By"), _("Outcome"), _("Details")],
        (
            [
                row["seq"],
                row["at"],
                row["act"],
                row["by"],
                row["refused"],
                "; ".join(f"{label} {value}" for label, value in row["facts"]),
            ]
            for row in _shown(request, entries)
        ),
        name="record",
    )
    record_read(actor=request.actor, action="record.export", facts={"rows": answer.rows})
    return answer


def _shown(request: ActingRequest, entries: Iterable[AuditEntry]) -> Iterable[dict[str, Any]]:
    found = list(entries)
    names = _names(request, found)
    for row in found:
        action = row.action.removesuffix(_REFUSED)
        name = names.get(row.actor_id) if row.actor_id and _may_be_named(request, row) else ""
        yield {
            "seq": row.seq,
            "at": row.at,
            "act": acts().get(action) or DOORS.get(action.partition(".")[0], action),
            "by": name or KINDS.get(row.actor_kind, KINDS["system"]),
            "refused": explain(str(row.facts.get("code", ""))).title if row.action.endswith(_REFUSED) else None,
            "facts": [(title, show(row.facts[key])) for key, (title, show) in facts().items() if key in row.facts],
        }


def _names(request: ActingRequest, rows: Iterable[AuditEntry]) -> dict[UUID, str]:
    """In a school, the names that it wrote itself; on the platform's own page, those of its operators."""
    users = {row.actor_id for row in rows if row.actor_id and _may_be_named(request, row)}
    if request.actor.is_operator:
        return dict(User.objects.filter(pk__in=users, is_operator=True).values_list("pk", "full_name"))
    return dict(Membership.objects.filter(user_id__in=users).values_list("user_id", "name"))


def _may_be_named(request: ActingRequest, row: AuditEntry) -> bool:
    kind = "operator" if request.actor.is_operator else "member"
    return row.actor_kind == kind and row.action.partition(".")[0] not in nameless()
