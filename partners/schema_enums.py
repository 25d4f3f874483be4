"""Names of the partners app's closed lists in the OpenAPI document."""

from partners.api import AGREEMENT_STATES
from partners.kinds import InstitutionKind, ServiceKind, ServiceMode, ServiceUnit

ENUMS = {
    "ServiceKindEnum": ServiceKind,
    "ServiceModeEnum": ServiceMode,
    "ServiceUnitEnum": ServiceUnit,
    "InstitutionKindEnum": InstitutionKind,
    "AgreementStateEnum": AGREEMENT_STATES,
}
