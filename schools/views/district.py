"""``/district/``: what an education bureau finds after sign-in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest


@require_safe
@role_required("district.read")
def district(request: ActingRequest) -> HttpResponse:
    """What a bureau will see here and what it never will. No figure of a school is shown before the reports are built."""
    return render(request, "schools/district.html")
