"""Addresses of the partners app, to be included at the root: the desk is part of the path."""

from django.urls import path

from partners.calendars import resource_views as resources
from partners.calendars import views as calendars
from partners.views import agreement_pauses as pauses
from partners.views import agreements, institutions, papers, people, services

_ONE = "operator/institutions/<slug:slug>/"

urlpatterns = [
    path("partner/opening/", calendars.opening, name="partner_opening"),
    path("partner/opening/closures/new/", calendars.closure_new, name="partner_closure_new"),
    path("partner/opening/closures/<uuid:closure_id>/remove/", calendars.closure_remove, name="partner_closure_remove"),
    path("partner/agency/", resources.agency, name="partner_agency"),
    path("partner/services/<uuid:service_id>/mode/", resources.service_mode, name="partner_service_mode"),
    path("partner/people/", resources.people, name="partner_people"),
    path("partner/people/new/<slug:kind>/", resources.resource_new, name="partner_resource_new"),
    path("partner/people/<uuid:resource_id>/", resources.resource, name="partner_resource"),
    path("partner/people/<uuid:resource_id>/change/", resources.resource_change, name="partner_resource_change"),
    path("partner/people/<uuid:resource_id>/away/", resources.absence_new, name="partner_absence_new"),
    path("partner/people/<uuid:resource_id>/switch/", resources.resource_switch, name="partner_resource_switch"),
    path("partner/people/away/<uuid:absence_id>/remove/", resources.absence_remove, name="partner_absence_remove"),
    path("operator/institutions/", institutions.institutions, name="operator_institutions"),
    path("operator/institutions/export.csv", institutions.institutions_csv, name="operator_institutions_csv"),
    path("operator/institutions/new/", institutions.institution_new, name="operator_institution_new"),
    path(_ONE, institutions.institution, name="operator_institution"),
    path(f"{_ONE}papers/new/", papers.licence_new, name="operator_licence_new"),
    path(f"{_ONE}papers/<uuid:licence_id>/", papers.licence_change, name="operator_licence_change"),
    path(f"{_ONE}papers/<uuid:licence_id>/end/", papers.licence_end, name="operator_licence_end"),
    path(f"{_ONE}services/new/", services.service_new, name="operator_service_new"),
    path(f"{_ONE}services/<uuid:service_id>/", services.service_change, name="operator_service_change"),
    path(f"{_ONE}services/<uuid:service_id>/switch/", services.service_switch, name="operator_service_switch"),
    path(f"{_ONE}people/new/", people.member_new, name="operator_institution_member_new"),
    path(f"{_ONE}people/<uuid:member_id>/", people.member_change, name="operator_institution_member_change"),
    path(f"{_ONE}people/<uuid:member_id>/invite/", people.member_invite, name="operator_institution_member_invite"),
    path(f"{_ONE}people/<uuid:member_id>/end/", people.member_end, name="operator_institution_member_end"),
    path(f"{_ONE}move/<slug:event>/", institutions.institution_move, name="operator_institution_move"),
    path("union/agreements/", agreements.agreements, {"office": "union"}, name="union_agreements"),
    path("union/agreements/export.csv", agreements.agreements_csv, name="union_agreements_csv"),
    path("union/agreements/new/", agreements.agreement_new, name="union_agreement_new"),
    path("union/agreements/<uuid:agreement_id>/", agreements.agreement, {"office": "union"}, name="union_agreement"),
    path(
        "union/agreements/<uuid:agreement_id>/end/",
        agreements.agreement_end,
        {"office": "union"},
        name="union_agreement_end",
    ),
    path(
        "union/agreements/<uuid:agreement_id>/suspend/",
        pauses.agreement_suspend,
        {"office": "union"},
        name="union_agreement_suspend",
    ),
    path("finance/agreements/", agreements.agreements, {"office": "finance"}, name="finance_agreements"),
    path("finance/agreements/export.csv", agreements.agreements_csv, name="finance_agreements_csv"),
    path(
        "finance/agreements/<uuid:agreement_id>/", agreements.agreement, {"office": "finance"}, name="finance_agreement"
    ),
    path(
        "finance/agreements/<uuid:agreement_id>/approve/",
        agreements.agreement_approve,
        name="finance_agreement_approve",
    ),
    path(
        "finance/agreements/<uuid:agreement_id>/suspend/",
        pauses.agreement_suspend,
        {"office": "finance"},
        name="finance_agreement_suspend",
    ),
    path("finance/agreements/<uuid:agreement_id>/resume/", pauses.agreement_resume, name="finance_agreement_resume"),
    path(
        "finance/agreements/<uuid:agreement_id>/terminate/",
        pauses.agreement_terminate,
        name="finance_agreement_terminate",
    ),
    path(
        "finance/agreements/<uuid:agreement_id>/end/",
        agreements.agreement_end,
        {"office": "finance"},
        name="finance_agreement_end",
    ),
]
