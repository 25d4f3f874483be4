"""Addresses of what the school hands on: the person's, the centre's."""

from django.urls import path

from referrals.liaison.centre import views_mediation as centre_mediation
from referrals.liaison.staff import views_mediation as my_mediation

urlpatterns = [
    path("my/mediation/", my_mediation.mediation, name="mediation"),
    path("my/mediation/<uuid:mediation_id>/agree/", my_mediation.agree_both, name="mediation_agree"),
    path("my/mediation/<uuid:mediation_id>/stay/", my_mediation.stay_here, name="mediation_stay"),
    path("my/mediation/<uuid:mediation_id>/take-back/", my_mediation.take_back, name="mediation_withdraw"),
    path("centre/mediation/", centre_mediation.mediations, name="centre_mediations"),
    path("centre/mediation/export.csv", centre_mediation.mediations_csv, name="centre_mediations_csv"),
    path("centre/mediation/<uuid:mediation_id>/", centre_mediation.mediation, name="centre_mediation"),
    path("centre/mediation/<uuid:mediation_id>/outcome/", centre_mediation.outcome, name="centre_mediation_outcome"),
]
