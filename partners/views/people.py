"""The operator's pages of an institution's people: invite, move, end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import NotFound
from partners.forms import MemberChangeForm, MemberForm
from partners.kinds import MemberRole
from partners.models import InstitutionMember
from partners.views.operator_forms import access_institution, form_page
from partners.workflow import add_member, change_member, end_member, invite_member
from ui.confirm import asked_again
from ui.names import named


def _access_member(slug: str, member_id: UUID) -> InstitutionMember:
    """A present member of this institution; NotFound for who has left."""
    present = InstitutionMember.objects.select_related("institution").filter(valid_until__isnull=True)
    member = present.filter(pk=member_id, institution__slug=slug).first()
    if member is None:
        raise NotFound
    return member


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def member_new(request: ActingRequest, slug: str) -> HttpResponse:
    """A person who acts for the institution: invited by e-mail, the same whether they have an account or not."""
    found = access_institution(slug)
    back = reverse("operator_institution", args=[slug])

    def write(data: dict[str, Any]) -> str:
        add_member(actor=request.actor, institution_id=found.pk, **data)
        return back

    return form_page(request, MemberForm(request.POST or None), heading=_("Add a person"), back_url=back, write=write)


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def member_change(request: ActingRequest, slug: str, member_id: UUID) -> HttpResponse:
    """Office or counter, and the counter's name."""
    member = _access_member(slug, member_id)
    back = reverse("operator_institution", args=[slug])
    form = MemberChangeForm(request.POST or None, initial={"role": member.role, "counter": member.counter})

    def write(data: dict[str, Any]) -> str:
        change_member(actor=request.actor, member_id=member.pk, **data)
        return back

    facts = [
        (pgettext("person", "Name"), member.name or "–"),
        (_("Institution"), named(member.institution)),
    ]
    notice = _("It takes effect with the person's next click. What was redeemed before keeps the counter of that time.")
    heading = _("Change a person")
    return form_page(request, form, heading=heading, back_url=back, write=write, notice=notice, facts=facts)


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def member_invite(request: ActingRequest, slug: str, member_id: UUID) -> HttpResponse:
    """Send the invitation again, asked once more before."""
    member = _access_member(slug, member_id)
    back = reverse("operator_institution", args=[slug])
    return asked_again(
        request,
        lambda: invite_member(actor=request.actor, member_id=member.pk),
        back=back,
        title=_("Send an invitation?"),
        facts=[
            (pgettext("person", "Name"), member.name or "–"),
            (_("E-mail"), member.email or "–"),
            (_("Institution"), named(member.institution)),
        ],
        lead=_(
            "The person gets a link by e-mail to take their place. It works once, and ends the link of an earlier one."
        ),
        label=_("Send an invitation"),
        done=_("The invitation is on its way."),
    )


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def member_end(request: ActingRequest, slug: str, member_id: UUID) -> HttpResponse:
    """Prepare (GET) and take the person off (POST)."""
    member = _access_member(slug, member_id)
    back = reverse("operator_institution", args=[slug])
    if request.method == "POST":
        end_member(actor=request.actor, member_id=member.pk)
        messages.success(request, _("Taken off. The person has no access any more."))
        return redirect(back)
    offices = member.institution.members.filter(valid_until__isnull=True, user__isnull=False, role=MemberRole.OFFICE)
    warning = _(
        "The person loses access at once, on every device and for every program. What they redeemed stays in the records."
    )
    if not offices.exclude(pk=member.pk).exists():
        warning += " " + _("Nobody would be left in the office to answer requests.")
    context = {
        "title": _("Take this person off?"),
        "facts": [
            (pgettext("person", "Name"), member.name or "–"),
            (_("Institution"), named(member.institution)),
            (_("Role"), member.get_role_display()),
            (_("Counter"), member.counter or "–"),
        ],
        "warning": warning,
        "confirm_label": _("Take off"),
        "danger": True,
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)
