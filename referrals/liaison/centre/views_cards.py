"""``/centre/cards/``: whom the centre hands on to a hospital or an agency, what the person agreed to, and what came back (6.3, 16.8)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.models import Membership
from accounts.same_person import same_member
from accounts.search import contains
from audit import record_read
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from referrals.liaison.card_states import UNDER_WAY, WORDS, CardField, CardState, stands_as
from referrals.liaison.card_texts import FIELD_TEXTS, PURPOSE_TEXTS, field_rows, report_rows
from referrals.liaison.forms import LiaisonForm
from referrals.liaison.models import HandOn, LetterCopy
from referrals.liaison.printing import print_letter
from referrals.liaison.selectors import CARDS, record_file, record_list
from referrals.liaison.workflow.handing_on import institutions_for, withdraw_card, words_of, write_card
from referrals.liaison.workflow.reporting import report_of
from referrals.offices.colleagues import colleague, finding
from ui.confirm import asked_again
from ui.lists import Column, Listing, Nothing
from ui.names import named
from ui.navigation import at_desk
from ui.states import sign_of
from ui.templatetags.ui import school_time

_HELP: dict[str, Any] = {
    CardField.ASK: gettext_lazy("One or two sentences: what you would like them to do."),
    CardField.SITUATION: gettext_lazy("Only what they need for this. No diagnosis, nothing of other people."),
    CardField.MEDICINES: gettext_lazy("As the person told you; leave it empty otherwise."),
    CardField.REACH: gettext_lazy("A telephone of the centre and its hours."),
}


class CardForm(LiaisonForm):
    """To whom, what for, and what would go along; the person ticks each item afterwards."""

    partner = forms.ChoiceField(label=gettext_lazy("To whom"))
    purpose = forms.ChoiceField(
        label=gettext_lazy("What for"),
        choices=[(str(code), text) for code, text in PURPOSE_TEXTS.items()],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, partners: list[tuple[str, str]], reach: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].choices = partners  # type: ignore[attr-defined]
        for field in WORDS:
            self.fields[field.value] = forms.CharField(
                label=FIELD_TEXTS[field],
                required=field is CardField.ASK,
                help_text=_HELP.get(field, ""),
                initial=reach if field is CardField.REACH else "",
                widget=forms.Textarea(attrs={"rows": 2 if field is CardField.REACH else 3}),
            )

    def values(self) -> dict[str, Any]:
        """What the writer takes."""
        data = self.cleaned_data
        words = {field.value: data[field.value] for field in WORDS}
        return {"partner_id": data["partner"], "purpose": data["purpose"], "words": words}


class CardFilter(forms.Form):
    """Which of them."""

    q = forms.CharField(label=gettext_lazy("Name or number"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=lambda: [
            ("", _("All states")),
            *((state.value, sign_of(state.value, "hand_on").text) for state in CardState),
        ],
    )


class CardList(Listing[HandOn, HandOn]):
    """Newest first; ``?q=&state=&page=``. The file has numbers and no names."""

    form = CardFilter
    file_route, file_name = "centre_cards_csv", "cards"
    export = "card.export"
    columns = (
        Column[HandOn](gettext_lazy("Number"), lambda row: row.number),
        Column(gettext_lazy("To whom"), lambda row: named(row.partner)),
        Column(gettext_lazy("State"), lambda row: sign_of(_state(row), "hand_on").text),
        Column(gettext_lazy("Written on"), lambda row: row.written_at),
    )
    nothing = Nothing(
        gettext_lazy("Nobody has been handed on yet"),
        gettext_lazy(
            "When the centre's help is not enough, write a card; it goes out once the person has said yes to each item."
        ),
        "send",
    )
    nothing_found = Nothing(gettext_lazy("Nothing found"), gettext_lazy("Try another word or another state."), "search")

    def rows(self) -> QuerySet[HandOn]:
        """By when they were written."""
        rows = HandOn.objects.order_by("-written_at", "-id").prefetch_related("person", "partner")
        if self.wanted["state"]:
            rows = rows.filter(state=self.wanted["state"])
        if q := self.wanted["q"]:
            named_so = Membership.objects.filter(contains(q, "name")).values_list("pk", flat=True)
            rows = rows.filter(contains(q, "number")) | rows.filter(person_id__in=list(named_so))
        return rows


def _state(case: HandOn) -> CardState:
    return stands_as(case.state, case.until, now())


@require_safe
@role_required("card.write")
def cards(request: ActingRequest) -> HttpResponse:
    """A page at a time; a page of names is a look at each."""
    shown = CardList(request).context()
    record_list(request.actor, "card.list", CARDS, shown["page"].object_list)
    lines = [(row, named(row.partner), _state(row)) for row in shown["page"].object_list]
    context = at_desk(request, "centre", lines=lines, quick_exit=True, **shown)
    return render(request, "liaison/centre/cards.html", context)


@require_safe
@role_required("card.write")
def cards_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file, without names."""
    listed = CardList(request)
    record_file(request.actor, "card.list", CARDS, listed.rows(), listed.wanted["q"])
    return listed.file()


@require_safe
@role_required("card.write")
def find(request: ActingRequest) -> HttpResponse:
    """About whom; ``?q=`` is looked for in names."""
    context = at_desk(request, "centre", **finding(request, "centre_card_new"), quick_exit=True)
    return render(request, "liaison/centre/find.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("card.write")
def new(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """What would be said, to whom, what for."""
    person = colleague(request, person_id)
    if person is None:
        raise NotFound
    partners = [(str(one.pk), named(one)) for one in institutions_for(request.tenant.today())]
    school = request.tenant
    reach = " · ".join(part for part in (school.duty_phone, school.duty_hours) if part)
    form = CardForm(request.POST if request.method == "POST" else None, partners=partners, reach=reach)
    if request.method == "POST" and form.is_valid():
        try:
            case = write_card(actor=request.actor, tenant=request.tenant, person_id=person.pk, **form.values())
        except NotFound:
            raise
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Written. The person reads it first; nothing has gone out."))
            return redirect("centre_card", case_id=case.pk)
    context = at_desk(request, "centre", person=person, form=form, partners=partners, quick_exit=True)
    return render(request, "liaison/centre/card_new.html", context, status=422 if form.errors else 200)


def _found(case_id: UUID) -> HandOn:
    found = HandOn.objects.select_related("person", "partner", "written_by").filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


@require_safe
@role_required("card.write")
def card(request: ActingRequest, case_id: UUID) -> HttpResponse:
    """One card: what the person agreed to, how it stands, what came back. The look is recorded."""
    case = _found(case_id)
    record_read(actor=request.actor, action="card.read", obj=case)
    state = _state(case)
    own = same_member(case.person_id, request.actor.membership_id)
    context = at_desk(
        request,
        "centre",
        case=case,
        state=state,
        facts=_facts(case),
        words=_words(case),
        report=report_rows(report_of(case)),
        copies=LetterCopy.objects.filter(hand_on=case).order_by("-number")[:20],
        may_withdraw=state == CardState.SHOWN and not own,
        may_print=state in UNDER_WAY and not own,
        quick_exit=True,
    )
    return render(request, "liaison/centre/card.html", context)


def _words(case: HandOn) -> list[tuple[Any, str]]:
    """Once agreed only what was; before it all that the person reads. The telephone is not the centre's to read here."""
    there = words_of(case)
    names = case.agreed if case.agreed_at else list(there)
    rows = {name: there[name] for name in names if name in there}
    if CardField.PHONE in rows:
        rows[CardField.PHONE.value] = _("as the school has it")
    return field_rows(rows)


def _facts(case: HandOn) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (_("About whom"), case.person.name),
        (_("To whom"), named(case.partner)),
        (_("What for"), PURPOSE_TEXTS[case.purpose]),
        (_("Number"), case.number),
        (_("Written on"), school_time(case.written_at)),
    ]
    if case.agreed_at:
        facts.append((_("The person agreed on"), school_time(case.agreed_at)))
    return facts


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("card.write")
def withdraw(request: ActingRequest, case_id: UUID) -> HttpResponse:
    """Take a card back that the person has not answered: asked once more."""
    case = _found(case_id)
    return asked_again(
        request,
        lambda: withdraw_card(actor=request.actor, case_id=case.pk),
        back=reverse("centre_card", args=[case.pk]),
        waits=_state(case) == CardState.SHOWN,
        title=_("Take the card back?"),
        facts=[(_("About whom"), case.person.name), (_("To whom"), named(case.partner))],
        lead=_("What you wrote is deleted, and nothing goes out. The person is told that it has changed."),
        label=_("Take the card back"),
        done=_("Taken back. The person has been told."),
        quick_exit=True,
    )


@require_POST
@role_required("card.write")
def letter(request: ActingRequest, case_id: UUID) -> HttpResponse:
    """A numbered copy for the person to take along."""
    case = _found(case_id)
    if same_member(case.person_id, request.actor.membership_id):
        raise NotFound
    return print_letter(request, case)
