"""Addresses of readings, to be included at the root."""

from django.urls import path

from readings.views import desk, mine

urlpatterns = [
    path("my/to-read/", mine.to_read, name="to_read"),
    path("my/to-read/<uuid:reading_id>/", mine.one, name="to_read_one"),
    path("school/to-read/", desk.desk, name="readings"),
    path("school/to-read/list.csv", desk.desk_csv, name="readings_csv"),
    path("school/to-read/new/", desk.new, name="reading_new"),
    path("school/to-read/<uuid:reading_id>/", desk.reading, name="reading"),
    path("school/to-read/<uuid:reading_id>/missing.csv", desk.missing_csv, name="reading_missing_csv"),
    path("school/to-read/<uuid:reading_id>/renew/", desk.renew, name="reading_renew"),
    path("school/to-read/<uuid:reading_id>/hand-over/", desk.hand_over, name="reading_hand_over"),
    path("school/to-read/<uuid:reading_id>/take-over/", desk.take_over, name="reading_take_over"),
    path("school/to-read/<uuid:reading_id>/end/", desk.end, name="reading_end"),
    path("school/to-read/<uuid:reading_id>/<uuid:person_id>/handed/", desk.handed, name="reading_handed"),
    path("school/to-read/<uuid:reading_id>/<uuid:person_id>/attested/", desk.attested, name="reading_attested"),
    path("school/to-read/<uuid:reading_id>/<uuid:person_id>/leave/", desk.leave, name="reading_leave"),
]
