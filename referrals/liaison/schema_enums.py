"""Names of the closed lists of what is handed on, in the OpenAPI document."""

from referrals.liaison.api import cards, mediation

ENUMS = {
    "MediationStateEnum": mediation.STATES,
    "TalkPlaceEnum": mediation.PLACES,
    "SidesEnum": mediation.SIDES,
    "CloseReasonEnum": mediation.CLOSE_REASONS,
    "CardStateEnum": cards.STATES,
    "CardFieldEnum": cards.FIELDS,
    "CardPurposeEnum": cards.PURPOSES,
    "ReportOutcomeEnum": cards.OUTCOMES,
    "ReportNextEnum": cards.GOES_ON,
}
