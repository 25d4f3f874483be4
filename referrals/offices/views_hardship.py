"""``/union/hardship/`` and ``/finance/hardship/``: one file, two desks; the second never sees whose it is (rules §1)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.fields import DayField
from accounts.same_person import same_person
from kernel.errors import DomainError, NotFound
from kernel.money import yuan
from partners.forms import YuanField
from referrals.kinds import Scheme
from referrals.models import HardshipFile
from referrals.offices.colleagues import colleague, finding
from referrals.offices.forms import OfficeForm
from referrals.offices.hardship_lists import FILE_TEXTS, FinanceFiles, UnionFiles
from referrals.offices.two_people import YOU_ASKED, Answer, Door, answered, decided_page, people_of
from referrals.states import HardshipState
from referrals.subsidies.donations import unpromised
from referrals.workflow.hardship import ask_hardship, decline_hardship, end_hardship, grant_hardship
from ui.confirm import asked_again
from ui.navigation import at_desk
from ui.states import sign_of
from ui.templatetags.ui import school_day

PAYS = [
    (Scheme.HARDSHIP.value, gettext_lazy("Hardship help: any service")),
    (Scheme.CHARITY.value, gettext_lazy("Charity: counselling and assessment, out of what was donated")),
]


class HardshipForm(OfficeForm):
    """What the union asks of finance."""

    names = {"ceiling_fen": "ceiling"}

    scheme = forms.ChoiceField(
        label=gettext_lazy("What is to pay"),
        choices=PAYS,
        initial=Scheme.HARDSHIP.value,
        widget=forms.RadioSelect,
    )
    number = forms.CharField(
        label=gettext_lazy("Number of the union's file"),
        help_text=gettext_lazy("Finance reads it. No name, please."),
    )
    ceiling = YuanField(label=gettext_lazy("At most, in yuan"))
    first_day = DayField(label=pgettext_lazy("hardship", "First day"))
    last_day = DayField(label=pgettext_lazy("hardship", "Last day"), help_text=gettext_lazy("A semester at most."))

    def values(self) -> dict[str, Any]:
        """What the writer takes."""
        data = self.cleaned_data
        return {
            "scheme": data["scheme"],
            "number": data["number"],
            "ceiling_fen": data["ceiling"],
            "first_day": data["first_day"],
            "last_day": data["last_day"],
        }


def _found(file_id: UUID) -> HardshipFile:
    file = HardshipFile.objects.filter(pk=file_id).first()
    if file is None:
        raise NotFound
    return file


def _facts(file: HardshipFile) -> list[tuple[str, Any]]:
    return [
        (_("File number"), file.number),
        (_("What pays"), FILE_TEXTS[file.scheme]),
        (_("At most"), yuan(file.ceiling_fen)),
        (pgettext("hardship", "First day"), school_day(file.first_day)),
        (pgettext("hardship", "Last day"), school_day(file.last_day)),
    ]


@require_safe
@role_required("hardship.ask")
def union_files(request: ActingRequest) -> HttpResponse:
    """The union's files, newest first; ``?q=&state=&page=``."""
    context = at_desk(request, "union", desk="union", **UnionFiles(request).context())
    return render(request, "referrals/office/hardship_files.html", context)


@require_safe
@role_required("hardship.ask")
def union_files_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file, without names."""
    return UnionFiles(request).file()


@require_safe
@role_required("hardship.ask")
def union_find(request: ActingRequest) -> HttpResponse:
    """For whom; ``?q=`` is looked for in names."""
    context = at_desk(request, "union", **finding(request, "union_hardship_new"))
    return render(request, "referrals/office/hardship_find.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("hardship.ask")
def union_new(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """Number, sum and days of the file."""
    person = colleague(request, person_id)
    if person is None:
        raise NotFound
    form = HardshipForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            file = ask_hardship(actor=request.actor, tenant=request.tenant, person_id=person.pk, **form.values())
        except NotFound:
            raise
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Asked. Finance reads the number, the sum and the last day, and no name."))
            return redirect("union_hardship_file", file_id=file.pk)
    context = at_desk(request, "union", person=person, form=form, quick_exit=True)
    return render(request, "referrals/office/hardship_new.html", context, status=422 if form.errors else 200)


@require_safe
@role_required("hardship.ask")
def union_file(request: ActingRequest, file_id: UUID) -> HttpResponse:
    """One file with its person."""
    found = _found(file_id)
    end = Door(reverse("union_hardship_end", args=[found.pk]), _("End this file"))
    return decided_page(
        request,
        desk="union",
        title=_("A hardship file"),
        heading=_("A hardship file"),
        sign=sign_of(found.state, "hardship"),
        back=reverse("union_hardship"),
        facts=[(pgettext("hardship", "Whose"), found.person.name), *_facts(found)],
        people=people_of(found),
        doors=[end] if _may_end(found) else [],
        quick_exit=True,
    )


def _may_end(file: HardshipFile) -> bool:
    return file.state in (HardshipState.ASKED, HardshipState.GRANTED)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("hardship.ask")
def union_end(request: ActingRequest, file_id: UUID) -> HttpResponse:
    """What ending means, then the button."""
    found = _found(file_id)
    return asked_again(
        request,
        lambda: end_hardship(actor=request.actor, file_id=found.pk),
        back=reverse("union_hardship_file", args=[found.pk]),
        waits=_may_end(found),
        title=_("End this file?"),
        facts=_facts(found),
        lead=_("From now on it pays for nothing new. What was asked for before keeps its price."),
        danger=True,
        label=_("End it"),
        done=_("Ended. What was asked for before keeps its price."),
        quick_exit=True,
    )


@require_safe
@role_required("hardship.grant")
def finance_files(request: ActingRequest) -> HttpResponse:
    """Files for finance's word, newest first; ``?q=&state=&page=``."""
    context = at_desk(request, "finance", desk="finance", **FinanceFiles(request).context())
    return render(request, "referrals/office/hardship_files.html", context)


@require_safe
@role_required("hardship.grant")
def finance_files_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file."""
    return FinanceFiles(request).file()


@require_safe
@role_required("hardship.grant")
def finance_file(request: ActingRequest, file_id: UUID) -> HttpResponse:
    """Number, ceiling, last day; who asked; for charity what donations are left; what may be done. Nothing of the person."""
    found = _found(file_id)
    waits, mine = found.state == HardshipState.ASKED, same_person(request.actor.user_id, found.asked_by_id)
    facts = _facts(found)
    if waits and found.scheme == Scheme.CHARITY:
        facts.append((_("Donated and promised to nobody"), yuan(unpromised(found, locked=False))))
    doors = [
        Door(reverse("finance_hardship_grant", args=[found.pk]), _("Approve"), is_yes=True),
        Door(reverse("finance_hardship_decline", args=[found.pk]), _("Do not approve")),
    ]
    return decided_page(
        request,
        desk="finance",
        title=_("A hardship file"),
        heading=_("A hardship file"),
        sign=sign_of(found.state, "hardship"),
        back=reverse("finance_hardship"),
        eyes=(YOU_ASKED if mine else _YOU_SAY_YES) if waits else "",
        facts=facts,
        people=people_of(found),
        doors=doors if waits and not mine else [],
    )


_YOU_SAY_YES = gettext_lazy(
    "The union keeps the file and has looked. You say yes to its number, the sum and the last day; whose it is stays with the union."
)
_GRANT = Answer(
    title=gettext_lazy("Approve this?"),
    lead=gettext_lazy(
        "Up to this sum the file pays in place of every other scheme until its last day. You learn no name."
    ),
    label=gettext_lazy("Approve"),
    done=gettext_lazy("Approved. It counts from its first day on."),
)
_DECLINE = Answer(
    title=gettext_lazy("Not approve this?"),
    lead=gettext_lazy("Nothing changes. The union can ask anew."),
    label=gettext_lazy("Do not approve"),
    done=gettext_lazy("Not approved. The union sees it."),
)


def _answered(
    request: ActingRequest, file_id: UUID, answer: Answer, write: Callable[..., HardshipFile]
) -> HttpResponse:
    found = _found(file_id)
    return answered(
        request,
        found,
        answer,
        lambda: write(actor=request.actor, file_id=found.pk),
        waits=found.state == HardshipState.ASKED,
        back=reverse("finance_hardship_file", args=[found.pk]),
        facts=_facts(found),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("hardship.grant")
def finance_grant(request: ActingRequest, file_id: UUID) -> HttpResponse:
    """What the yes means, then the button."""
    return _answered(request, file_id, _GRANT, grant_hardship)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("hardship.grant")
def finance_decline(request: ActingRequest, file_id: UUID) -> HttpResponse:
    """A no: nothing changes."""
    return _answered(request, file_id, _DECLINE, decline_hardship)
