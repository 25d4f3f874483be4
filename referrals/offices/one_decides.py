"""What one office decides between a person and an agency: the facts, what each finding means, the button."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.actor import ActingRequest
from audit import record_read
from referrals.models import Referral
from ui.navigation import at_desk


def office_decides(
    request: ActingRequest,
    office: str,
    found: Referral,
    write: Callable[[], object],
    *,
    form: forms.Form,
    may_decide: bool,
    back: str,
    done: str,
    **shown: Any,
) -> HttpResponse:
    """A valid POST calls ``write``, says ``done`` and leads to ``<office>_<back>``; a look is recorded for the person.

    Whoever may not decide and sends all the same is refused by the writer. ``shown``: ``title``, ``lead``, ``facts``,
    ``warning``, ``button``, ``own`` (it is the reader's own) and ``own_text``.
    """
    if request.method == "POST" and (form.is_valid() or not may_decide):
        write()
        messages.success(request, done)
        return redirect(f"{office}_{back}")
    record_read(actor=request.actor, action="referral.read", obj=found)
    back_url = reverse(f"{office}_{back}")
    context = at_desk(request, office, form=form, may_decide=may_decide, back_url=back_url, quick_exit=True, **shown)
    return render(request, "referrals/office/quarrel.html", context, status=422 if form.errors else 200)
