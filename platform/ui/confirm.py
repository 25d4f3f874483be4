"""A page that asks once more before something is written (``ui/confirm.html``)."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.writer_form import WriterForm
from kernel.errors import Invalid


def goes_back(request: HttpRequest) -> bool:
    """Whether somebody went back from the page that asks once more: the form is shown filled in, and nothing is written.

    For forms whose values stand in that page (``hidden`` with ``keeps`` in ``ui/confirm.html``).
    """
    return request.method == "POST" and "again" in request.POST


def asked_again(
    request: HttpRequest,
    write: Callable[[], object],
    *,
    back: str,
    waits: bool = True,
    title: str,
    label: str,
    done: str,
    facts: Iterable[tuple[Any, Any]] = (),
    form: WriterForm | None = None,
    **shown: Any,
) -> HttpResponse:
    """A GET shows what it means and the button ``label``; a POST calls ``write``, says ``done`` and leads to ``back``.

    ``waits``: whether there is something to ask for; if not, the page at ``back`` says how it stands. A POST is sent on
    all the same: the writer refuses under its lock. ``form`` is filled in beside the button; its ``Invalid`` is shown
    there (422), every other refusal is raised. ``shown``: ``lead``, ``warning``, ``danger``, ``quick_exit``.
    """
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            write()
        except Invalid as error:
            if form is None:
                raise
            form.refuse(error)
        else:
            messages.success(request, done)
            return redirect(back)
    elif request.method != "POST" and not waits:
        return redirect(back)
    context = {"title": title, "facts": facts, "form": form, "confirm_label": label, "back_url": back, **shown}
    return render(request, "ui/confirm.html", context, status=422 if form is not None and form.errors else 200)
