"""The administrator's pages work without script, in few queries, and only for administrators of this school."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import include, path

from accounts.models import Department, Membership, RosterImport
from jobs.workflow import run_due
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.workflow.signin_steps import client_of

urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("school/", include("people.urls")),
    path("", include("ui.urls")),
    path("", include("manual.urls")),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def admin(school: Any) -> Client:
    return client_of(school, make_person(school, "admin", name="管理员"))


def member_form(member: Any, **changes: Any) -> dict[str, Any]:
    form = {"name": member.name, "roles": member.roles, "title": "", "staff_no": "", "department": "", "gender": ""}
    return {**form, "active_from": "", "left_on": "", **changes}


def test_every_page_opens_in_at_most_fifteen_queries(
    school: Any, admin: Client, django_assert_max_num_queries: Any
) -> None:
    with use_tenant(school.id):
        department = Department.objects.create(name="语文组")
    members = [make_person(school, name=f"教师{n}", department=department) for n in range(60)]
    for page in (
        "/school/", "/school/members/", "/school/members/?q=教师&role=staff&page=2", f"/school/members/{members[0].pk}/",
        "/school/members/new/", "/school/departments/", f"/school/departments/{department.pk}/", "/school/roster/",
    ):  # fmt: skip
        with django_assert_max_num_queries(15):
            response = admin.get(page)
        assert response.status_code == 200, page
        assert "<h1>" in response.content.decode()


def test_for_everyone_else_the_pages_do_not_exist(school: Any, other_school: Any, admin: Client) -> None:
    foreign = make_person(other_school)
    assert admin.get(f"/school/members/{foreign.pk}/").status_code == 404
    staff = client_of(school, make_person(school, "finance"))
    for page in (
        "/school/",
        "/school/members/",
        "/school/members/export.csv",
        "/school/roster/",
        "/school/departments/",
    ):
        assert staff.get(page).status_code == 404, page
        assert Client(HTTP_HOST=school.host).get(page).status_code == 302
    assert admin.get("/school/members/", headers={"host": other_school.host}).status_code == 302


def test_a_change_of_roles_is_shown_once_more_before_it_is_made(school: Any, admin: Client) -> None:
    member = make_person(school, name="王芳")
    page = f"/school/members/{member.pk}/"
    first = admin.post(page, member_form(member, roles=["staff", "union"]))
    assert first.status_code == 200
    assert 'name="confirmed"' in first.content.decode()
    with use_tenant(school.id):
        assert Membership.objects.get(pk=member.pk).roles == ["staff"]
    second = admin.post(page, member_form(member, roles=["staff", "union"], confirmed="1"))
    assert second.status_code == 302
    with use_tenant(school.id):
        assert Membership.objects.get(pk=member.pk).roles == ["staff", "union"]


def test_a_refusal_comes_back_on_the_form_with_what_was_typed(school: Any, admin: Client) -> None:
    member = make_person(school, name="王芳")
    response = admin.post(
        f"/school/members/{member.pk}/", member_form(member, roles=["admin", "finance"], confirmed="1")
    )
    assert response.status_code == 422
    assert "王芳" in response.content.decode()
    with use_tenant(school.id):
        assert Membership.objects.get(pk=member.pk).roles == ["staff"]


def test_the_export_defuses_formulas_and_holds_only_this_school(school: Any, other_school: Any, admin: Client) -> None:
    make_person(school, name="=cmd|calc", staff_no="T1")
    make_person(other_school, name="别校的人")
    response = admin.get("/school/members/export.csv?q=cmd")
    text = response.content.decode("utf-8-sig")
    assert "'=cmd" in text
    assert "别校的人" not in admin.get("/school/members/export.csv").content.decode()
    assert response["Cache-Control"] == "no-store"


def test_a_list_goes_from_upload_through_preview_to_result(school: Any, admin: Client) -> None:
    content = "工号,姓名,邮箱\nT1,李明华,li@pages.example\nT2,王芳,nonsense\n".encode("gb18030")
    response = admin.post("/school/roster/", {"file": SimpleUploadedFile("名单.csv", content)})
    page = response.headers["Location"]
    preview = admin.get(page).content.decode()
    assert f'action="{page}apply/"' in preview
    with use_tenant(school.id):
        assert not Membership.objects.filter(staff_no="T1").exists()
    assert admin.get(f"{page}apply/").status_code == 302
    assert admin.get(f"{page}issues.csv").status_code == admin.get(f"{page}issues.xlsx").status_code == 200
    assert admin.post(f"{page}apply/").headers["Location"] == page
    assert run_due() == 1, "the writing is a job: it survives a reload and a worker's death"
    assert admin.get(page).status_code == 200
    with use_tenant(school.id):
        assert Membership.objects.get(staff_no="T1").name == "李明华"
        assert not Membership.objects.filter(staff_no="T2").exists()


def test_the_preview_names_every_change(school: Any, admin: Client) -> None:
    make_person(school, name="旧名", staff_no="T8", title="旧称呼")
    make_person(school, name="要走的人", staff_no="T9")
    content = "工号,姓名,邮箱,称呼,手机\nT1,李新来,li@pages.example,李老师,13800001111\nT8,旧名,,新称呼,\n".encode()
    upload = {"file": SimpleUploadedFile("名单.csv", content), "marks_leavers": "on"}
    shown = admin.get(admin.post("/school/roster/", upload).headers["Location"]).content.decode()
    assert "李新来" in shown
    assert "旧称呼 → 新称呼" in shown
    assert "要走的人" in shown
    assert "13800001111" not in shown


def test_earlier_uploads_are_paged(school: Any, admin: Client) -> None:
    for number in range(12):
        upload = SimpleUploadedFile("名单.csv", f"工号,姓名\nT{number},李明华\n".encode())
        assert admin.post("/school/roster/", {"file": upload}).status_code == 302
    first, second = (admin.get(f"/school/roster/?page={page}").content.decode() for page in (1, 2))
    with use_tenant(school.id):
        uploads = [f'href="/school/roster/{pk}/"' for pk in RosterImport.objects.values_list("pk", flat=True)]
    assert [sum(link in page for link in uploads) for page in (first, second)] == [10, 2]


def test_an_unreadable_upload_says_why_and_keeps_nothing(school: Any, admin: Client) -> None:
    response = admin.post("/school/roster/", {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04 broken")})
    assert response.status_code == 422
    with use_tenant(school.id):
        assert not RosterImport.objects.exists()


def test_departments_and_new_members_are_made_by_plain_forms(school: Any, admin: Client) -> None:
    assert admin.post("/school/departments/", {"name": "语文组"}).status_code == 302
    with use_tenant(school.id):
        department = Department.objects.get()
    form = {"name": "王芳", "roles": ["staff"], "email": "wang@pages.example", "department": str(department.pk)}
    assert admin.post("/school/members/new/", form).status_code == 302
    used = admin.post(f"/school/departments/{department.pk}/", {"remove": "1"})
    assert used.status_code == 422
    with use_tenant(school.id):
        assert Department.objects.exists()
        assert Membership.objects.get(name="王芳").department_id == department.pk
