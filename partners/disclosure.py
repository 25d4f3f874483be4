"""Who sees what of institutions and agreements; found by ``disclosure.table``."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows, silent
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "agreement": Thing(pgettext_lazy("thing", "agreements"), of_person=False),
    "institution": Thing(pgettext_lazy("thing", "institutions"), of_person=False),
}

MODELS: Final = {
    "partners.OpeningHours": columns("institution weekday opens closes"),
    "partners.Closure": columns("institution during reason created_at"),
    "partners.Resource": columns(
        "institution place kind name key is_named capacity buffer_minutes online on_site gender specialities active"
        " created_at"
    ),
    "partners.Resource_services": columns("resource service"),
    "partners.ResourceHours": columns("resource weekday opens closes"),
    "partners.Absence": columns("resource during reason created_at"),
    "partners.Institution": columns(
        "slug name sort_key name_en uscc kind state district address phone contact_name contact_phone second_contact_name"
        " second_contact_phone area suspended_at created_at"
    ),
    "partners.Licence": columns("institution kind number issuer valid_from valid_until ended_at"),
    "partners.Service": columns(
        "institution name key name_en kind mode unit minutes list_fee_fen online on_site takes active"
    ),
    "partners.InstitutionMember": columns(
        "user accepted_at invited_at institution role counter since valid_until reopened_at",
        name=Facet.NAME,
        email=Facet.EMAIL,
    ),
    "partners.Agreement": columns(
        "partner number state valid_from valid_until data_part_valid_until duties service_content cancellation_terms"
        " drafted_by approved_by approved_at suspended_at ended_at terminated_at reason created_at"
    ),
    "partners.AgreementLine": columns("agreement partner service unit tariff_fen"),
}

_READ: Final = (Reader.ADMIN, Reader.CENTRE, Reader.UNION, Reader.FINANCE, Reader.PRINCIPAL)

ROWS: Final[Mapping[Key, Row]] = {
    **{("agreement", reader): sees(Facet.SERVICE, Facet.AGENCY, Facet.AMOUNT) for reader in _READ},
    ("institution", Reader.OPERATOR): sees(Facet.SERVICE, Facet.AGENCY, Facet.PLACE),
}

PAGES: Final[Mapping[str, Page]] = {
    **dict.fromkeys(
        (
            "union_agreements", "union_agreements_csv", "union_agreement", "union_agreement_new", "union_agreement_end",
            "finance_agreements", "finance_agreements_csv", "finance_agreement", "finance_agreement_approve",
            "finance_agreement_end", "api-agreements", "api-agreement", "api-agreement-approve", "api-agreement-end",
            "union_agreement_suspend", "finance_agreement_suspend", "finance_agreement_resume",
            "finance_agreement_terminate", "api-agreement-suspend", "api-agreement-resume", "api-agreement-terminate",
        ),
        shows("agreement", *_READ),
    ),
    **dict.fromkeys(
        (
            "operator_institutions", "operator_institutions_csv", "operator_institution", "operator_institution_new",
            "operator_licence_new", "operator_licence_change", "operator_licence_end", "operator_service_new",
            "operator_service_change", "operator_service_switch", "operator_institution_member_new",
            "operator_institution_member_change", "operator_institution_member_invite",
            "operator_institution_member_end", "operator_institution_move",
        ),
        shows("institution", Reader.OPERATOR),
    ),
    **dict.fromkeys(("partner_agency", "partner_service_mode"), shows("price", Reader.AGENCY)),
    **silent("partner_opening partner_closure_new partner_closure_remove partner_people partner_resource"),
    **silent("partner_resource_new partner_resource_change partner_resource_switch partner_absence_new"),
    **silent("partner_absence_remove"),
}  # fmt: skip
