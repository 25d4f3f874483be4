"""Addresses below ``/api/v1/``, of every app."""

from django.urls import include, path

from settings.composition.api import children, jobs, people, receipts

urlpatterns = [
    path("", include("partners.api_urls")),
    path("", include("referrals.api.urls")),
    path("children/", children.ChildrenView.as_view(), name="api-children"),
    path("children/<uuid:child_id>/", children.ChildView.as_view(), name="api-child"),
    path("people/", people.PeopleView.as_view(), name="api-people"),
    path("gateway/receipts/", receipts.ReceiptsView.as_view(), name="api-gateway-receipts"),
    path("jobs/<uuid:job_id>/", jobs.JobView.as_view(), name="api-job"),
]
