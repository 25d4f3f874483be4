"""The operator's first pages: the schools of this installation and the birth of a new one."""

from defusedcsv import csv as defusedcsv
from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import actor_for
from kernel.errors import DomainError, Invalid
from partners.desks import at_desk
from settings.composition.schools import create_school
from tenancy.models import Tenant, TenantKind
from ui.refusals import explain

_KINDS = [choice for choice in TenantKind.choices if choice[0] != TenantKind.PLATFORM]


class SchoolForm(forms.Form):
    """What a school needs to be born; the rest are defaults it may change itself."""

    name = forms.CharField(label=_("Name of the school"), max_length=80)
    slug = forms.SlugField(
        label=_("Short name in the address"), max_length=30, help_text=_("Lower-case letters, such as yucai")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=_KINDS)
    code = forms.RegexField(
        r"^[A-Z]{2,4}$", label=_("Letters on vouchers"), help_text=_("Two to four capital letters, such as YC")
    )
    district = forms.CharField(label=_("District"), max_length=40, required=False)
    duty_phone = forms.CharField(label=_("Duty telephone"), max_length=30, required=False)
    duty_hours = forms.CharField(label=_("Duty hours"), max_length=60, required=False)


class SchoolFilter(forms.Form):
    """What narrows the list; nothing is required."""

    q = forms.CharField(label=_("Name or address"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *_KINDS])

    def rows(self) -> QuerySet[Tenant]:
        """The schools that fit, by address."""
        rows = Tenant.objects.exclude(kind=TenantKind.PLATFORM).order_by("slug")
        wanted = self.cleaned_data if self.is_valid() else {}
        if wanted.get("q"):
            rows = rows.filter(Q(name__icontains=wanted["q"]) | Q(slug__icontains=wanted["q"]))
        return rows.filter(kind=wanted["kind"]) if wanted.get("kind") else rows


@require_safe
@role_required("school.read")
def schools(request: HttpRequest) -> HttpResponse:
    """All schools, searched by name or address."""
    narrowed = SchoolFilter(request.GET)
    page = Paginator(narrowed.rows(), 25).get_page(request.GET.get("page"))
    return render(request, "composition/schools.html", at_desk(request, "operator", page=page, filter=narrowed))


@require_safe
@role_required("school.read")
def schools_csv(request: HttpRequest) -> HttpResponse:
    """The same list as a file."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="schools.csv"'
    response.write("\ufeff")
    sheet = defusedcsv.writer(response)
    sheet.writerow([_("Name"), _("Kind"), _("Address"), _("District")])
    for row in SchoolFilter(request.GET).rows():
        sheet.writerow([row.name, row.get_kind_display(), row.host, row.district])
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("school.create")
def school_new(request: HttpRequest) -> HttpResponse:
    """A new school, with its address, its own pages and its own walls."""
    form = SchoolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            create_school(actor=actor_for(request), **form.cleaned_data)
        except Invalid as error:
            for field, code, _detail in error.fields:
                form.add_error(field, str(explain(code).title))
        except DomainError as error:
            form.add_error("slug", str(explain(error.reason, error.params).title))
        else:
            return redirect("operator_schools")
    context = at_desk(request, "operator", form=form)
    return render(request, "composition/school_new.html", context, status=400 if form.errors else 200)
