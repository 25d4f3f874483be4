"""The same name, number or code in every spelling, through every form, call, file and search."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.fields import PlainDecimalField, WholeField
from accounts.models import Department, Membership
from families.models import Child, Relative
from people.roster.workflow.applying import apply_roster
from people.roster.workflow.previewing import preview_roster
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.signin_steps import client_of

pytestmark = pytest.mark.django_db


def wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


DISGUISES: dict[str, Callable[[str], str]] = {
    "wide": wide,
    "unseen": lambda text: f"{text[:1]}\u200b{text[1:]}\ufeff",
    "turned": lambda text: f"\u202d{text}\u202c",
    "blanks": lambda text: f"\u3000{text}\u00a0\t",
}
disguised = pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def boss(school: Any) -> Any:
    return make_person(school, "admin", name="管理员")


@pytest.fixture
def office(school: Any, boss: Any) -> Client:
    return client_of(school, boss)


@pytest.fixture
def stored(school: Any) -> Iterator[Any]:
    """The one person whom every disguise must mean; a telephone of hers is known too."""
    with use_tenant(school.id):
        department = Department.objects.create(name="心理教研组")
    member = make_person(school, "staff", name="于晓燕", staff_no="YC0136", department=department)
    member.user.keep_proved_phone("13800138000")
    member.user.save()
    with use_tenant(school.id):
        member.keep_phone("13800138000")
        member.save()
        yield member


HEADINGS = ("工号", "姓名", "部门", "邮箱", "手机号")


@disguised
@pytest.mark.parametrize("column", range(5), ids=HEADINGS)
def test_a_staff_list_finds_the_person(boss: Any, stored: Any, column: int, disguise: Callable[[str], str]) -> None:
    row = ["YC0136", "于晓燕", "心理教研组", stored.user.email, "13800138000"]
    row[column] = disguise(row[column])
    content = (",".join(HEADINGS) + "\n" + ",".join(f'"{cell}"' for cell in row) + "\n").encode()
    counts = preview_roster(actor=actor_of(boss), content=content, file_name="名单.csv").counts
    assert (counts["unchanged"], counts["refused"], counts["create"], counts["update"]) == (1, 0, 0, 0)


@disguised
@pytest.mark.parametrize("column", range(5), ids=HEADINGS)
def test_a_heading_is_found(boss: Any, stored: Any, column: int, disguise: Callable[[str], str]) -> None:
    headings = list(HEADINGS)
    headings[column] = disguise(headings[column])
    content = (",".join(headings) + f"\nYC0136,于晓燕,心理教研组,{stored.user.email},13800138000\n").encode()
    counts = preview_roster(actor=actor_of(boss), content=content, file_name="名单.csv").counts
    assert (counts["unchanged"], counts["ignored"]) == (1, [])


def test_a_staff_list_makes_no_second_person_of_other_capitals(boss: Any, stored: Any) -> None:
    content = "工号,姓名,部门\nyc0136,于　晓燕,⼼理 教研组\n".encode()
    counts = preview_roster(actor=actor_of(boss), content=content, file_name="名单.csv").counts
    assert (counts["unchanged"], counts["create"]) == (1, 0)


@disguised
@pytest.mark.parametrize("field", ["name", "staff_no", "email", "phone"])
def test_a_member_typed_by_hand_is_kept_in_the_one_spelling(
    school: Any, office: Client, field: str, disguise: Callable[[str], str]
) -> None:
    plain = {"name": "王芳", "staff_no": "T77", "email": "wang@yucai.example", "phone": "13900139000"}
    typed = {**plain, field: disguise(plain[field]), "roles": ["staff"]}
    assert office.post("/school/members/new/", typed).status_code == 302
    with use_tenant(school.id):
        member = Membership.objects.get(staff_no="T77")
        kept = {"name": member.name, "staff_no": member.staff_no, "email": member.email}
    assert kept == {name: plain[name] for name in kept}


@disguised
@pytest.mark.parametrize("text", ["YC0136", "于晓燕", "yc01"])
def test_members_and_people_are_found(
    school: Any, office: Client, stored: Any, text: str, disguise: Callable[[str], str]
) -> None:
    assert str(stored.pk) in office.get("/school/members/", {"q": disguise(text)}).content.decode()
    centre = client_of(school, make_person(school, "centre", name="中心"))
    found = centre.get("/api/v1/people/", {"q": disguise(text)})
    assert [person["id"] for person in found.json()["results"]] == [str(stored.pk)]


def test_a_name_is_found_with_the_blank_that_pads_it(office: Client, stored: Any) -> None:
    for text in ("于 晓燕", "于　晓燕"):
        assert str(stored.pk) in office.get("/school/members/", {"q": text}).content.decode()
    assert str(stored.pk) not in office.get("/school/members/", {"q": "于晓雁"}).content.decode()


@disguised
def test_a_second_staff_number_or_department_in_disguise_is_refused(
    school: Any, office: Client, stored: Any, disguise: Callable[[str], str]
) -> None:
    typed = {"name": "王芳", "staff_no": disguise("yc0136"), "email": "w@yucai.example", "roles": ["staff"]}
    assert office.post("/school/members/new/", typed).status_code == 422
    assert office.post("/school/departments/", {"name": disguise("心理 教研组")}).status_code == 422
    assert Membership.objects.filter(name="王芳").count() == 0
    assert Department.objects.count() == 1


def test_a_department_of_other_capitals_is_the_same(school: Any, boss: Any, office: Client) -> None:
    assert office.post("/school/departments/", {"name": "Math"}).status_code == 302
    assert office.post("/school/departments/", {"name": "MATH"}).status_code == 422
    with use_tenant(school.id):
        content = "工号,姓名,邮箱,部门\nT1,李,l@x.example,ｍａｔｈ\n".encode()
        roster = preview_roster(actor=actor_of(boss), content=content, file_name="名单.csv")
        apply_roster(actor=actor_of(boss), import_id=roster.pk)
        assert Membership.objects.get(staff_no="T1").department == Department.objects.get()


@disguised
@pytest.mark.parametrize("by", ["email", "phone"])
def test_sign_in_works(school: Any, stored: Any, by: str, disguise: Callable[[str], str]) -> None:
    login = stored.user.email if by == "email" else "138 0013 8000"
    client = Client(HTTP_HOST=school.host)
    client.post("/accounts/login/", {"login": disguise(login), "password": settings.DEMO_PASSWORD})
    assert client.get("/my/").status_code == 200
    other = Client(HTTP_HOST=school.host)
    other.post("/accounts/login/", {"login": disguise("x" + login), "password": settings.DEMO_PASSWORD})
    assert other.get("/my/").status_code == 302


@disguised
@pytest.mark.parametrize("page", ["/accounts/login/code/", "/accounts/password/reset/"])
def test_a_code_or_a_link_goes_to_the_address(
    school: Any, stored: Any, page: str, disguise: Callable[[str], str]
) -> None:
    Client(HTTP_HOST=school.host).post(page, {"email": disguise(stored.user.email)})
    assert [message.to for message in mail.outbox] == [[stored.user.email]]


@disguised
@pytest.mark.parametrize("field", ["name", "phone"])
def test_a_relative_is_kept_in_the_one_spelling(
    school: Any, stored: Any, field: str, disguise: Callable[[str], str]
) -> None:
    plain = {"relation": "spouse", "name": "张小明", "phone": "13900139000"}
    client = client_of(school, stored)
    answer = client.post("/my/family/relatives/new/", {**plain, field: disguise(plain[field])})
    assert answer.status_code == 302
    relative = Relative.objects.get()
    assert (relative.name, relative.phone) == ("张小明", "+8613900139000")


@disguised
def test_a_child_of_two_parents_is_one(school: Any, stored: Any, disguise: Callable[[str], str]) -> None:
    other = make_person(school, "staff", name="张老师")
    for member, name in ((stored, "张小雨"), (other, disguise("张 小雨"))):
        answer = client_of(school, member).post("/my/family/children/new/", {"name": name, "born": "2018-05-01"})
        assert answer.status_code == 302
    assert Child.objects.count() == 1


def test_a_name_with_a_sign_of_one_computer_alone_is_refused_in_words(school: Any, office: Client) -> None:
    typed = {"name": "李\ue123", "email": "li@yucai.example", "roles": ["staff"]}
    answer = office.post("/school/members/new/", typed)
    assert answer.status_code == 422
    assert "只在个别电脑上" in answer.content.decode()
    with use_tenant(school.id):
        assert not Membership.objects.filter(name__startswith="李").exists()


@pytest.mark.parametrize(
    "text", ["1e3", "1E+10", "1E3", "１ｅ３", "1_0", "0x10", "٣", "1,000", "--1", "1.", ".5", "NaN", "inf"]
)
def test_a_number_is_digits_wherever_it_is_typed(text: str) -> None:
    for field in (WholeField(), PlainDecimalField()):
        with pytest.raises(Exception, match=r".") as refusal:
            field.clean(text)
        assert getattr(refusal.value, "code", "") == "invalid"


def test_digits_of_a_chinese_keyboard_are_a_number() -> None:
    assert WholeField().clean("１２") == WholeField().clean(" 12 ") == 12
    assert str(PlainDecimalField().clean("１０．５０")) == "10.50"
    assert PlainDecimalField(required=False).clean("") is None
