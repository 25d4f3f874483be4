"""Addresses below ``/api/v1/``."""

from django.urls import path

from partners import api

urlpatterns = [
    path("agreements/", api.AgreementsView.as_view(), name="api-agreements"),
    path("agreements/<uuid:agreement_id>/", api.AgreementView.as_view(), name="api-agreement"),
    path("agreements/<uuid:agreement_id>/approve/", api.AgreementApproveView.as_view(), name="api-agreement-approve"),
    path("agreements/<uuid:agreement_id>/end/", api.AgreementEndView.as_view(), name="api-agreement-end"),
    path("agreements/<uuid:agreement_id>/suspend/", api.AgreementSuspendView.as_view(), name="api-agreement-suspend"),
    path("agreements/<uuid:agreement_id>/resume/", api.AgreementResumeView.as_view(), name="api-agreement-resume"),
    path(
        "agreements/<uuid:agreement_id>/terminate/",
        api.AgreementTerminateView.as_view(),
        name="api-agreement-terminate",
    ),
]
