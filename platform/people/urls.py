"""``/school/`` on a school's host: administration."""

from django.urls import path

from people.views import members, roster

urlpatterns = [
    path("", members.home, name="school_home"),
    path("members/", members.members, name="school_members"),
    path("members/export.csv", members.members_csv, name="school_members_csv"),
    path("members/invite/", members.members_invite, name="school_members_invite"),
    path("members/new/", members.member_new, name="school_member_new"),
    path("members/<uuid:membership_id>/", members.member, name="school_member"),
    path("members/<uuid:membership_id>/invite/", members.member_invite, name="school_member_invite"),
    path("departments/", members.departments, name="school_departments"),
    path("departments/<uuid:department_id>/", members.department, name="school_department"),
    path("roster/", roster.rosters, name="school_roster"),
    path("roster/<uuid:import_id>/", roster.roster, name="school_roster_import"),
    path("roster/<uuid:import_id>/apply/", roster.roster_apply, name="school_roster_apply"),
    path("roster/<uuid:import_id>/discard/", roster.roster_discard, name="school_roster_discard"),
    path("roster/<uuid:import_id>/issues.csv", roster.roster_issues, {"kind": "csv"}, name="school_roster_csv"),
    path("roster/<uuid:import_id>/issues.xlsx", roster.roster_issues, {"kind": "xlsx"}, name="school_roster_xlsx"),
]
