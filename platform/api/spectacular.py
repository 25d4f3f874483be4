"""Settings of drf-spectacular: plain values, read before any app is loaded."""

from collections.abc import Mapping
from typing import Any

ENUM_NAMES: Mapping[str, str] = {
    "ServiceKindEnum": "partners.kinds.ServiceKind",
    "ServiceModeEnum": "partners.kinds.ServiceMode",
    "ServiceUnitEnum": "partners.kinds.ServiceUnit",
    "InstitutionKindEnum": "partners.kinds.InstitutionKind",
    "DeliveryEnum": "notifications.models.Delivery",
    "AgreementStateEnum": "partners.api.AGREEMENT_STATES",
    "PurposeEnum": "families.purposes.Purpose",
    "ReferralStateEnum": "referrals.api.enums.REFERRAL_STATES",
    "OfferStateEnum": "referrals.api.enums.OFFER_STATES",
    "BookingStateEnum": "referrals.api.enums.BOOKING_STATES",
    "VoucherStateEnum": "referrals.api.enums.VOUCHER_STATES",
    "RedemptionStateEnum": "referrals.api.enums.REDEMPTION_STATES",
    "PolicyStateEnum": "referrals.api.enums.POLICY_STATES",
    "SchemeEnum": "referrals.api.enums.SCHEMES",
    "CutReasonEnum": "referrals.api.enums.CUTS",
    "QuotaUnitEnum": "referrals.api.enums.QUOTA",
    "DeclineReasonEnum": "referrals.api.enums.DECLINE",
    "OfferDeclineReasonEnum": "referrals.api.enums.OFFER_DECLINE",
    "ReverseReasonEnum": "referrals.api.enums.REVERSE",
}
"""Named by path: the lists live with their owners, above this app; only the document's builder looks them up."""

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Xinqiao API",
    "DESCRIPTION": "Referrals, vouchers and redemptions for schools, staff and partner institutions.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": dict(ENUM_NAMES),
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "PREPROCESSING_HOOKS": ["api.schema.only_this_interface"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.schema.add_problem_component",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
