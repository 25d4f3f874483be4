"""``/survey/<token>/``: anybody with the link answers; nobody is known here (``UNKNOWN_SENDERS``).

No token against forged forms: it needs a cookie, and whoever forges an answer could as well send one.
"""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from kernel.clock import now
from kernel.errors import DomainError, NotFound
from kernel.identifiers import new_secret
from surveys import links
from surveys.forms import SurveyForm
from surveys.questionnaires import questionnaires
from surveys.workflow import answer_survey, must_take_answers
from ui.refusals import explain

SEE_OTHER: Final = 303
BAD_FORM: Final = 422


@csrf_exempt
@sensitive_post_parameters()
@sensitive_variables("token", "form")
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """The questions; sent, a thank-you that is the same for everybody."""
    if getattr(request, "on_platform", False):
        raise NotFound
    asked_for = links.survey_of(token)
    asked = questionnaires()[asked_for.questionnaire]
    form = SurveyForm(asked, request.POST if request.method == "POST" else None)
    said: Any = None
    if form.is_bound and form.is_valid():
        try:
            answer_survey(token=token, form_key=request.POST.get("key", ""), ratings=form.ratings(), words=form.words())
        except DomainError as error:
            said = explain(error.reason, error.params)
            for field, _code, _detail in error.fields:
                form.add_error(field, str(said.title))
        else:
            return HttpResponseRedirect(reverse("survey_thanks"), status=SEE_OTHER)
    context = {
        "asked": asked,
        "survey": asked_for,
        "form": form,
        "key": request.POST.get("key") or new_secret(),
        "said": said,
        "shut": _why_shut(asked_for),
    }
    return render(request, "surveys/survey.html", context, status=BAD_FORM if form.errors or said else 200)


@require_safe
def survey_thanks(request: HttpRequest) -> HttpResponse:
    """The same page for every answer to every survey."""
    return render(request, "surveys/thanks.html")


def _why_shut(asked_for: Any) -> Any:
    try:
        must_take_answers(asked_for, now())
    except DomainError as error:
        return explain(error.reason, error.params)
    return None
