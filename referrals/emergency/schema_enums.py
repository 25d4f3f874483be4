"""Names of the chain's closed lists in the OpenAPI document."""

from families.models import Relation
from notifications.models import Channel
from referrals.emergency.api import incident_shapes as shapes
from referrals.emergency.models import Company, Home, Outcome, Place
from referrals.emergency.models.contacts import GradeChoices, NextOfKin
from referrals.emergency.rules.contacts import Readiness

ENUMS = {
    # contacts
    "GradeEnum": GradeChoices.values,
    "NextOfKinEnum": NextOfKin.values,
    "RelationEnum": Relation.values,
    "ContactStateEnum": [state.value for state in Readiness],
    # incident
    "IncidentKindEnum": shapes.KINDS,
    "IncidentStateEnum": shapes.INCIDENT_STATES,
    "ReportStateEnum": shapes.REPORT_STATES,
    "PartyEnum": shapes.PARTIES,
    "LegEnum": shapes.LEGS,
    "LegStateEnum": shapes.LEG_STATES,
    "AttemptStateEnum": shapes.ATTEMPT_STATES,
    "RecipientAnswerEnum": shapes.ANSWERS,
    "TeamSeatEnum": shapes.SEATS,
    "ChannelEnum": Channel.values,
    "HomeEnum": Home.values,
    "PlaceEnum": Place.values,
    "CompanyEnum": Company.values,
    "OutcomeEnum": Outcome.values,
    "ClosingOutcomeEnum": shapes.OUTCOMES,
    "EtaEnum": shapes.MINUTES,
}
