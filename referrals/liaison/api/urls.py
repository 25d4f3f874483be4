"""Addresses below ``/api/v1/`` of what is handed on."""

from django.urls import path

from referrals.liaison.api import cards, mediation, partner_cards

_MINE, _HEARD = "mediation/<uuid:mediation_id>/", "centre/mediation/<uuid:mediation_id>/"
_CARD, _CENTRE, _THEIRS = "cards/<uuid:case_id>/", "centre/cards/<uuid:case_id>/", "partner/cards/<uuid:card_id>/"

urlpatterns = [
    path("mediation/", mediation.MediationsView.as_view(), name="api-mediation"),
    path(f"{_MINE}agree/", mediation.MediationAgreeView.as_view(), name="api-mediation-agree"),
    path(f"{_MINE}stay/", mediation.MediationStayView.as_view(), name="api-mediation-stay"),
    path(f"{_MINE}withdraw/", mediation.MediationWithdrawView.as_view(), name="api-mediation-withdraw"),
    path("centre/mediation/", mediation.HeardListView.as_view(), name="api-heard-list"),
    path(_HEARD, mediation.HeardView.as_view(), name="api-heard"),
    path(f"{_HEARD}invite/", mediation.HeardInviteView.as_view(), name="api-heard-invite"),
    path(f"{_HEARD}suggest/", mediation.HeardSuggestView.as_view(), name="api-heard-suggest"),
    path(f"{_HEARD}settle/", mediation.HeardSettleView.as_view(), name="api-heard-settle"),
    path(f"{_HEARD}close/", mediation.HeardCloseView.as_view(), name="api-heard-close"),
    path("cards/", cards.MyCardsView.as_view(), name="api-cards"),
    path(_CARD, cards.MyCardView.as_view(), name="api-card"),
    path(f"{_CARD}consent/", cards.MyCardConsentView.as_view(), name="api-card-consent"),
    path(f"{_CARD}refuse/", cards.MyCardRefuseView.as_view(), name="api-card-refuse"),
    path(f"{_CARD}revoke/", cards.MyCardRevokeView.as_view(), name="api-card-revoke"),
    path("centre/cards/", cards.CentreCardsView.as_view(), name="api-centre-cards"),
    path(_CENTRE, cards.CentreCardView.as_view(), name="api-centre-card"),
    path(f"{_CENTRE}withdraw/", cards.CentreCardWithdrawView.as_view(), name="api-centre-card-withdraw"),
    path("partner/cards/", partner_cards.TheirCardsView.as_view(), name="api-their-cards"),
    path(f"{_THEIRS}open/", partner_cards.TheirCardOpenView.as_view(), name="api-their-card-open"),
    path(f"{_THEIRS}report/", partner_cards.TheirCardReportView.as_view(), name="api-their-card-report"),
]
