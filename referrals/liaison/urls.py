"""Addresses of what the school hands on: the person's, the centre's, the institution's, and whoever holds a letter."""

from django.urls import path

from referrals.liaison.centre import views_cards as centre_cards
from referrals.liaison.centre import views_mediation as centre_mediation
from referrals.liaison.counter import views_cards as their_cards
from referrals.liaison.public import views_letter
from referrals.liaison.staff import views_cards as my_cards
from referrals.liaison.staff import views_mediation as my_mediation

_MINE, _OF_CENTRE, _THEIRS = "my/cards/<uuid:case_id>/", "centre/cards/<uuid:case_id>/", "partner/cards/<uuid:card_id>/"
_OUTCOME = "centre/mediation/<uuid:mediation_id>/outcome/"

urlpatterns = [
    path("my/mediation/", my_mediation.mediation, name="mediation"),
    path("my/mediation/<uuid:mediation_id>/agree/", my_mediation.agree_both, name="mediation_agree"),
    path("my/mediation/<uuid:mediation_id>/stay/", my_mediation.stay_here, name="mediation_stay"),
    path("my/mediation/<uuid:mediation_id>/take-back/", my_mediation.take_back, name="mediation_withdraw"),
    path("centre/mediation/", centre_mediation.mediations, name="centre_mediations"),
    path("centre/mediation/export.csv", centre_mediation.mediations_csv, name="centre_mediations_csv"),
    path("centre/mediation/<uuid:mediation_id>/", centre_mediation.mediation, name="centre_mediation"),
    path(_OUTCOME, centre_mediation.outcome, name="centre_mediation_outcome"),
    path("my/cards/", my_cards.cards, name="my_cards"),
    path(_MINE, my_cards.card, name="my_card"),
    path(f"{_MINE}refuse/", my_cards.refuse_card, name="my_card_refuse"),
    path(f"{_MINE}take-back/", my_cards.revoke_card, name="my_card_revoke"),
    path(f"{_MINE}letter/", my_cards.letter, name="my_card_letter"),
    path("centre/cards/", centre_cards.cards, name="centre_cards"),
    path("centre/cards/export.csv", centre_cards.cards_csv, name="centre_cards_csv"),
    path("centre/cards/new/", centre_cards.find, name="centre_card_find"),
    path("centre/cards/new/<uuid:person_id>/", centre_cards.new, name="centre_card_new"),
    path(_OF_CENTRE, centre_cards.card, name="centre_card"),
    path(f"{_OF_CENTRE}withdraw/", centre_cards.withdraw, name="centre_card_withdraw"),
    path(f"{_OF_CENTRE}letter/", centre_cards.letter, name="centre_card_letter"),
    path("partner/cards/", their_cards.cards, name="partner_cards"),
    path("partner/cards/export.csv", their_cards.cards_csv, name="partner_cards_csv"),
    path(_THEIRS, their_cards.card, name="partner_card"),
    path(f"{_THEIRS}report/", their_cards.answer, name="partner_card_report"),
    path("letter/<str:token>/", views_letter.letter, name="letter_check"),
]
