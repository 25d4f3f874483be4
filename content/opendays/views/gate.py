"""The gate on the steward's telephone: one page that goes on working without network, and the address it sends marks to."""

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from content.opendays import links
from content.opendays.checkins import families, for_telephone
from content.opendays.workflow.gate import Sent, take_marks
from kernel.clock import end_of_day, now
from kernel.errors import Invalid, NotFound
from tenancy.middleware import HostRequest
from tenancy.models import Tenant

_LONGEST: Final = 200_000
"""Bytes of one sending: five hundred marks are less than half of it."""


@never_cache
@sensitive_variables("token")
@require_safe
def openday_gate(request: HostRequest, token: str) -> HttpResponse:
    """Everything that one gate needs for the day, in one answer: it is not asked again while there is no network."""
    school = request.tenant
    try:
        steward = links.steward_of(token, school)
    except NotFound:
        return render(request, "opendays/gate_shut.html", {"late": _late(token, school), "token": token}, status=404)
    day = steward.open_day
    rows, whole = families(day)
    ends = end_of_day(school.day_of(day.starts_at), school.time_zone)
    context = {
        "steward": steward,
        "token": token,
        "day": day,
        "ends": ends,
        "tally": whole,
        "held": {"day": str(day.pk), "ends": ends.isoformat(), "families": for_telephone(rows)},
    }
    response = render(request, "opendays/gate.html", context)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@never_cache
@sensitive_variables("token")
@require_POST
def openday_gate_marks(request: HostRequest, token: str) -> HttpResponse:
    """Marks as JSON; answers which of them stand, and on the day itself how many of each family are in by all gates."""
    school = request.tenant
    marks = _read(request)
    stands = take_marks(token=token, school=school, marks=marks)
    told = {"stands": sorted(str(each) for each in stands)}
    steward = links.sending_steward_of(token, school)
    if school.day_of(now()) != school.day_of(steward.open_day.starts_at):
        return JsonResponse(told)
    rows, whole = families(steward.open_day)
    return JsonResponse(
        {
            **told,
            "inside": {row.party.gate_hash: row.inside + row.over for row in rows},
            "here": whole.here,
            "expected": whole.expected,
        }
    )


def _late(token: str, school: Tenant) -> UUID | None:
    """The day whose marks a telephone may still send by this link; None where it opens nothing at all."""
    try:
        found: UUID = links.sending_steward_of(token, school).open_day_id
    except NotFound:
        return None
    return found


def _read(request: HttpRequest) -> list[Sent]:
    """The body's marks. Invalid ``mark_wrong`` for anything else."""
    if len(request.body) > _LONGEST:
        raise Invalid("too_many_marks")
    try:
        rows = json.loads(request.body)["marks"]
        return [_mark(row) for row in rows]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Invalid("mark_wrong") from None


def _mark(row: Any) -> Sent:
    party, people, at = row["party"], row["people"], row["at"]
    moment = parse_datetime(at)
    if not isinstance(party, str) or len(party) > 64 or type(people) is not int or not isinstance(moment, datetime):
        raise ValueError
    if moment.tzinfo is None or "\0" in party:
        raise ValueError
    return Sent(UUID(row["id"]), party, people, moment)
