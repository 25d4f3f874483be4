"""Names of the chain's closed lists in the OpenAPI document."""

from families.models import Relation
from referrals.emergency.models.contacts import GradeChoices, NextOfKin
from referrals.emergency.rules.contacts import Readiness

ENUMS = {
    # contacts
    "GradeEnum": GradeChoices.values,
    "NextOfKinEnum": NextOfKin.values,
    "RelationEnum": Relation.values,
    "ContactStateEnum": [state.value for state in Readiness],
}
