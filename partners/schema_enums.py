"""Names of the partners app's closed lists in the OpenAPI document."""

from partners.api import AGREEMENT_REASONS, AGREEMENT_STATES
from partners.kinds import (
    CounsellorGender,
    InstitutionKind,
    ResourceKind,
    ServiceKind,
    ServiceMode,
    ServiceUnit,
    Speciality,
)

ENUMS = {
    "ServiceKindEnum": ServiceKind,
    "ServiceModeEnum": ServiceMode,
    "ServiceUnitEnum": ServiceUnit,
    "CounsellorGenderEnum": CounsellorGender,
    "SpecialityEnum": Speciality,
    "ResourceKindEnum": ResourceKind,
    "InstitutionKindEnum": InstitutionKind,
    "AgreementStateEnum": AGREEMENT_STATES,
    "AgreementReasonEnum": AGREEMENT_REASONS,
}
