"""Addresses below ``/api/v1/``, of every app."""

from django.urls import include, path

from families.api import ChildrenView, ChildView
from jobs.api import JobView
from notifications import callbacks
from notifications.api import AnswersView, ReceiptsView
from people.api import PeopleView

urlpatterns = [
    path("", include("partners.api_urls")),
    path("", include("referrals.api.urls")),
    path("", include("referrals.emergency.api.urls")),
    path("", include("referrals.liaison.api.urls")),
    path("children/", ChildrenView.as_view(), name="api-children"),
    path("children/<uuid:child_id>/", ChildView.as_view(), name="api-child"),
    path("people/", PeopleView.as_view(), name="api-people"),
    path("gateway/receipts/", ReceiptsView.as_view(), name="api-gateway-receipts"),
    path("gateway/answers/", AnswersView.as_view(), name="api-gateway-answers"),
    path("gateway/wecom/<uuid:account_id>/", callbacks.wecom, name="api-wecom-callback"),
    path("gateway/aliyun/<uuid:account_id>/", callbacks.aliyun, name="api-aliyun-callback"),
    path("jobs/<uuid:job_id>/", JobView.as_view(), name="api-job"),
]
