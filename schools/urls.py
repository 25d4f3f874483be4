"""The first page of the platform, the operator's schools, and what a school sets and reads of itself."""

from django.urls import path
from django.views.generic import RedirectView

from schools.views import district, landing, operator, record, recovery, settings

urlpatterns = [
    path("", landing.first_page, name="landing"),
    path("district/", district.district, name="district"),
    path("operator/", RedirectView.as_view(pattern_name="operator_schools"), name="operator_home"),
    path("operator/schools/", operator.schools, name="operator_schools"),
    path("operator/schools/export.csv", operator.schools_csv, name="operator_schools_csv"),
    path("operator/schools/new/", operator.school_new, name="operator_school_new"),
    path("operator/schools/<uuid:school_id>/", operator.school, name="operator_school"),
    path("operator/schools/<uuid:school_id>/change/", operator.school_change, name="operator_school_change"),
    path(
        "operator/schools/<uuid:school_id>/administrator/",
        operator.school_administrator,
        name="operator_school_administrator",
    ),
    path("operator/schools/<uuid:school_id>/invite/", operator.school_invite, name="operator_school_invite"),
    path("operator/second-step/", recovery.second_step, name="operator_second_step"),
    path("operator/record/", record.operator_record, name="operator_record"),
    path("operator/record/export.csv", record.operator_record_csv, name="operator_record_csv"),
    path("school/settings/", settings.school_settings, name="school_settings"),
    path("school/record/", record.school_record, name="school_record"),
    path("school/record/export.csv", record.school_record_csv, name="school_record_csv"),
]
