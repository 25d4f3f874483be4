"""``/school/``: members, their roles, departments."""

from datetime import datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.models import Membership, RosterImport
from accounts.roles import Role
from kernel.errors import DomainError, Refused
from people.forms import DepartmentForm, MemberFilter, MemberForm
from people.invitations import invite_again, invite_all, may_invite, never_invited
from people.texts import FIELDS, account_text
from people.workflow import (
    access_member,
    add_member,
    list_departments,
    remove_department,
    save_department,
    search_members,
    update_member,
)
from ui.confirm import goes_back
from ui.lists import Column, Listing, Nothing
from ui.navigation import at_desk

if TYPE_CHECKING:
    from people.shown import ShownMember


class MemberList(Listing[Membership, "ShownMember"]):
    """The members of the school: searched, filtered, by name."""

    form = MemberFilter
    file_route, file_name = "school_members_csv", "members"
    export, object_type = "member.export", "accounts.membership"
    columns = (
        Column["ShownMember"](FIELDS["staff_no"], lambda row: row.staff_no),
        Column(FIELDS["name"], lambda row: row.name),
        Column(FIELDS["title"], lambda row: row.title),
        Column(FIELDS["department"], lambda row: row.department.name if row.department else ""),
        Column(FIELDS["email"], lambda row: row.email),
        Column(FIELDS["roles"], lambda row: " ".join(row.role_words)),
        Column(FIELDS["active_from"], lambda row: row.active_from),
        Column(FIELDS["left_on"], lambda row: row.left_on),
    )
    nothing = nothing_found = Nothing(_lazy("Nobody found"), _lazy("Try another word, or show all roles."), "people")

    def rows(self) -> QuerySet[Membership]:
        """With their departments, for the words that stand beside them."""
        wanted = self.wanted
        return search_members(self.actor, text=wanted["q"], role=wanted["role"], left=bool(wanted["left"]))

    def shown(self, rows: list[Membership]) -> "list[ShownMember]":
        """With roles and the state of the place in words."""
        found = cast("list[ShownMember]", rows)
        for row in found:
            row.role_words = [str(Role(role).label) for role in row.roles]
            row.account_text = str(account_text(row))
        return found


@require_safe
@role_required("member.read")
def home(request: ActingRequest) -> HttpResponse:
    """The desk of the school's administrator."""
    members = search_members(request.actor)
    context = {
        "members": members.count(),
        "waiting": members.filter(user__isnull=True).count(),
        "admins": members.filter(user__isnull=False, roles__contains=[Role.ADMIN]).count(),
        "roster": RosterImport.objects.order_by("-created_at").first(),
    }
    return render(request, "people/school_home.html", at_desk(request, "school", **context))


@require_safe
@role_required("member.read")
def members(request: ActingRequest) -> HttpResponse:
    """The list: searched, filtered, 50 to a page."""
    context = {
        **MemberList(request).context(),
        "may_manage": request.actor.may("member.manage"),
        "uninvited": never_invited().count(),
    }
    return render(request, "people/members.html", at_desk(request, "school", **context))


@require_safe
@role_required("member.read")
def members_csv(request: ActingRequest) -> HttpResponse:
    """The list as filtered, for a spreadsheet. The export is recorded."""
    return MemberList(request).file()


@require_http_methods(["GET", "POST"])
@role_required("member.manage")
def members_invite(request: ActingRequest) -> HttpResponse:
    """Invite all who wait and never were, asked once more before."""
    back = reverse("school_members")
    if request.method == "POST":
        sent = invite_all(actor=request.actor)
        told = ngettext("%(sent)s invitation is on its way.", "%(sent)s invitations are on their way.", sent)
        messages.success(request, told % {"sent": sent})
        return redirect(back)
    context = {
        "title": _("Invite everybody?"),
        "facts": [(_("Not invited yet"), never_invited().count())],
        "lead": _("Each gets a link by e-mail to take their place. It works once."),
        "confirm_label": _("Send the invitations"),
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "POST"])
@role_required("member.manage")
def member_new(request: ActingRequest) -> HttpResponse:
    """Add one person by hand."""
    form = MemberForm(request.POST or None, initial={"roles": [Role.STAFF]})
    if request.method == "POST" and form.is_valid():
        try:
            member = add_member(
                actor=request.actor,
                email=form.cleaned_data["email"],
                phone=form.cleaned_data["phone"],
                fields=form.member_fields(),
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(
                request,
                _("Added. Whoever has an e-mail address gets an invitation; the place counts once it is taken."),
            )
            return redirect("school_member", membership_id=member.pk)
    context = at_desk(request, "school", form=form, heading=_("Add a member"), back_url=reverse("school_members"))
    return render(request, "people/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@role_required("member.read")
def member(request: ActingRequest, membership_id: UUID) -> HttpResponse:
    """One member. A change of roles or of the last day is shown once more before it is made."""
    found = access_member(request.actor, membership_id)
    form = MemberForm(request.POST or None, initial=MemberForm.initial_of(found))
    if request.method == "POST" and not goes_back(request) and form.is_valid():
        fields = form.member_fields()
        weighty = fields.roles != set(found.roles) or fields.left_on != found.left_on
        if weighty and "confirmed" not in request.POST:
            return _confirm_member(request, found, form)
        try:
            update_member(actor=request.actor, membership_id=found.pk, fields=fields)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("school_members")
    context = at_desk(
        request, "school", form=form, member=found, heading=found.name, back_url=reverse("school_members"),
        account_text=account_text(found), invitable=_may_invite(request, found),
    )  # fmt: skip
    return render(request, "people/form.html", context, status=422 if form.errors else 200)


def _moment(moment: datetime | None) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "–"


def _may_invite(request: ActingRequest, found: Membership) -> bool:
    return request.actor.may("member.manage") and may_invite(found)


@require_http_methods(["GET", "POST"])
@role_required("member.manage")
def member_invite(request: ActingRequest, membership_id: UUID) -> HttpResponse:
    """Send the invitation (again), asked once more before."""
    found = access_member(request.actor, membership_id)
    if not _may_invite(request, found):
        raise Refused("invitation_needless")
    back = reverse("school_member", args=[found.pk])
    if request.method == "POST":
        invite_again(actor=request.actor, membership_id=found.pk)
        messages.success(request, _("The invitation is on its way."))
        return redirect(back)
    context = {
        "title": _("Send an invitation?"),
        "facts": [
            (pgettext("person", "Name"), found.name),
            (_("E-mail"), found.email),
            (_("Last invitation"), _moment(found.invited_at)),
        ],
        "lead": _(
            "The person gets a link by e-mail to take their place. It works once, and ends the link of an earlier one."
        ),
        "confirm_label": _("Send an invitation"),
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)


def _confirm_member(request: ActingRequest, found: Membership, form: MemberForm) -> HttpResponse:
    """What will change, before it does."""
    before, after = set(found.roles), set(form.cleaned_data["roles"])
    names = dict(Role.choices)
    join = _(", ")
    facts = [
        (pgettext("person", "Name"), found.name),
        (_("Roles now"), join.join(str(names[role]) for role in sorted(before)) or "–"),
        (_("Roles afterwards"), join.join(str(names[role]) for role in sorted(after))),
        (_("Last day"), form.cleaned_data["left_on"] or "–"),
    ]
    hidden = [(name, value) for name in form.fields for value in request.POST.getlist(name)]
    context = {
        "title": _("Change this member?"),
        "facts": facts,
        "hidden": [*hidden, ("confirmed", "1")],
        "warning": _("Roles decide what a person can see and do. The change takes effect at once and is recorded."),
        "confirm_label": pgettext("member", "Change"),
        "keeps": True,
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "POST"])
@role_required("department.manage")
def departments(request: ActingRequest) -> HttpResponse:
    """All departments, and one field to add another."""
    form = DepartmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            save_department(actor=request.actor, name=form.cleaned_data["name"])
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("school_departments")
    context = at_desk(request, "school", form=form, departments=list_departments(request.actor))
    return render(request, "people/departments.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@role_required("department.manage")
def department(request: ActingRequest, department_id: UUID) -> HttpResponse:
    """Rename one, or remove it when nobody belongs to it (button ``remove``)."""
    found = list_departments(request.actor, department_id).get()
    form = DepartmentForm(request.POST or None, initial={"name": found.name})
    removing = "remove" in request.POST
    if request.method == "POST" and (removing or form.is_valid()):
        try:
            if removing:
                remove_department(actor=request.actor, department_id=found.pk)
            else:
                save_department(actor=request.actor, department_id=found.pk, name=form.cleaned_data["name"])
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Removed.") if removing else _("Saved."))
            return redirect("school_departments")
    context = at_desk(
        request,
        "school",
        form=form,
        heading=found.name,
        back_url=reverse("school_departments"),
        removable=not found.size,
    )
    return render(request, "people/form.html", context, status=422 if form.errors else 200)
