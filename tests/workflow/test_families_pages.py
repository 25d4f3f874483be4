"""``/my/family/``: what a member of the staff sees and does about the own family, and who cannot."""

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from families.links import open_link
from families.models import Child, Consent, FamilyLink, Guardianship, Relative
from families.workflow import answer_consent, ask_consent, put_off_answer, register_child, register_relative
from kernel.clock import now
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

pytestmark = pytest.mark.django_db
HOME = "/my/family/"
NEW = f"{HOME}relatives/new/"
CHILD = f"{HOME}children/new/"
PERSON: dict[str, Any] = {"relation": "spouse", "name": "王小明", "phone": "138 0013 8000"}
BORN = date(2019, 3, 4)


def browser(member: Any, host: str) -> Client:
    client = Client(headers={"host": host, "accept-language": "en"})
    client.force_login(member.user)
    return client


@pytest.fixture
def member(school: Any) -> Any:
    return make_person(school, name="李明华", title="李老师")


@pytest.fixture
def client(school: Any, member: Any) -> Client:
    return browser(member, school.host)


@pytest.fixture
def relative(school: Any, member: Any) -> Relative:
    with use_tenant(school.id):
        return register_relative(actor=actor_of(member), **PERSON)


def page_of(relative: Relative) -> str:
    return f"{HOME}relatives/{relative.pk}/"


def shown(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def rows(school: Any) -> tuple[Any, ...]:
    """All that a refusal must leave alone."""
    with use_tenant(school.id):
        return (
            list(Relative.objects.order_by("pk").values()),
            list(Child.objects.order_by("pk").values_list("pk")),
            Guardianship.objects.count(),
            list(Consent.objects.order_by("pk").values_list("pk", "state")),
            list(FamilyLink.objects.order_by("pk").values_list("pk", "expires_at", "used_at")),
            AuditEntry.objects.exclude(action__endswith=".refused").count(),
        )


def test_the_empty_page_says_what_to_do(client: Client) -> None:
    text = shown(client, HOME)
    assert NEW in text
    assert CHILD in text
    assert HOME in shown(client, "/my/")


def test_a_relative_is_named_and_nobody_is_told(school: Any, client: Client) -> None:
    before = rows(school)
    assert "and how you are related." in shown(client, NEW), "who can see it stands before saving"
    assert rows(school) == before
    saved = client.post(NEW, PERSON)
    with use_tenant(school.id):
        relative = Relative.objects.get()
        assert not Consent.objects.exists()
    assert saved["Location"] == page_of(relative)
    text = shown(client, page_of(relative))
    assert "13800138000" in text
    assert text.count("Not asked yet") == 3
    listed = shown(client, HOME)
    assert "138****8000" in listed
    assert "王小明" not in re.search("<title>(.*?)</title>", text)[1]  # type: ignore[index]


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ({"phone": "123"}, 422, "phone number is not complete"),
        ({"name": "12"}, 422, "name cannot be read"),
        ({"name": ""}, 422, "Please write the name"),
        ({"relation": "boss"}, 422, "boss"),
        ({"relation": "child"}, 422, "date of birth is missing"),
        ({"relation": "child", "born": "2020-05-01"}, 422, "under 14"),
        ({"relation": "child", "born": "0001-01-01"}, 422, "not a date"),
    ],
)
def test_what_cannot_be_saved_says_why_and_moves_nothing(
    school: Any, client: Client, relative: Relative, values: dict[str, str], status: int, said: str
) -> None:
    before = rows(school)
    for path in (NEW, f"{page_of(relative)}change/"):
        refused = client.post(path, {**PERSON, **values})
        assert refused.status_code == status
        assert said in refused.content.decode()
    assert rows(school) == before
    with use_tenant(school.id):
        noted = AuditEntry.objects.filter(action__endswith=".refused").values_list("facts__code", flat=True)
        # A slip is no act; that a child of this age is no relative is a rule's no.
        assert list(noted) == (["guardian_needed"] * 2 if said == "under 14" else [])


def test_a_link_is_shown_once_and_works(school: Any, client: Client, relative: Relative) -> None:
    path = f"{page_of(relative)}ask/emergency/"
    before = rows(school)
    assert "This is what they read" in shown(client, path)
    assert rows(school) == before
    made = client.post(path)
    address = re.search(r'value="http://[^/"]+(/family/[^"]+/)"', made.content.decode())[1]  # type: ignore[index]
    assert made["Referrer-Policy"] == "strict-origin"
    assert "no-store" in made["Cache-Control"]
    assert "<svg" in made.content.decode().split('class="qr"')[1]
    token = address.split("/")[2]
    for later in (page_of(relative), path, HOME):
        assert token not in shown(client, later)
    with use_tenant(school.id):
        assert open_link(token).may_answer
        assert token not in str(list(FamilyLink.objects.values()))
    assert Client(headers={"host": school.host}).get(address).status_code == 200


def test_a_new_link_ends_the_one_before(school: Any, client: Client, member: Any, relative: Relative) -> None:
    with use_tenant(school.id):
        first = ask_consent(actor=actor_of(member), relative_id=relative.pk, purpose="tips")
    path = f"{page_of(relative)}ask/tips/"
    assert "The link you made before stops working" in shown(client, path)
    assert client.post(path).status_code == 200
    assert Client(headers={"host": school.host}).get(f"/family/{first}/").status_code == 404


@pytest.mark.parametrize("purpose", ["childcare", "referral", "everything", "%00"])
def test_only_what_names_no_agency_is_asked_here(school: Any, client: Client, relative: Relative, purpose: str) -> None:
    before = rows(school)
    for send in (client.get, client.post):
        assert send(f"{page_of(relative)}ask/{purpose}/").status_code == 404
    assert rows(school) == before


def test_every_standing_is_told(school: Any, client: Client, member: Any, relative: Relative) -> None:
    actor, page = actor_of(member), page_of(relative)
    with use_tenant(school.id):
        token = ask_consent(actor=actor, relative_id=relative.pk, purpose="emergency")
    assert "Waiting for an answer" in shown(client, page)
    with use_tenant(school.id):
        put_off_answer(token=token)
    assert "Will answer later" in shown(client, page)
    with use_tenant(school.id):
        FamilyLink.objects.update(expires_at=now())
    assert "The link has run out" in shown(client, page)
    for answer, word in (("refuse", "Refused"), ("agree", "Agreed")):
        with use_tenant(school.id):
            answer_consent(token=ask_consent(actor=actor, relative_id=relative.pk, purpose="emergency"), answer=answer)
        assert word in shown(client, page)
        assert word in shown(client, HOME)
    refused = client.post(f"{page}ask/emergency/")
    assert refused.status_code == 409, "who agreed is not asked again"
    assert client.get(f"{page}ask/emergency/")["Location"] == page
    with use_tenant(school.id):
        consent = Consent.objects.get(state="given")
    end = f"{HOME}consents/{consent.pk}/end/"
    assert "王小明" in shown(client, end)
    assert client.post(end)["Location"] == page
    assert "Withdrawn" in shown(client, page)
    before = rows(school)
    assert client.post(end).status_code == 409
    assert client.get(end)["Location"] == page
    assert rows(school) == before


def test_another_name_or_number_ends_what_was_agreed(
    school: Any, client: Client, member: Any, relative: Relative
) -> None:
    with use_tenant(school.id):
        token = ask_consent(actor=actor_of(member), relative_id=relative.pk, purpose="tips")
        answer_consent(token=token, answer="agree")
    path = f"{page_of(relative)}change/"
    assert "what they agreed to ends" in shown(client, path)
    client.post(path, {**PERSON, "relation": "other"})
    with use_tenant(school.id):
        assert (Relative.objects.get().relation, Consent.objects.get().state) == ("other", "given")
    client.post(path, {**PERSON, "phone": "0571-85550123"})
    with use_tenant(school.id):
        assert Consent.objects.get().state == "withdrawn"
    assert Client(headers={"host": school.host}).get(f"/family/{token}/").status_code == 404
    assert 'value="057185550123"' in shown(client, path), "a landline can be saved again as it is shown"
    assert client.post(path, {**PERSON, "phone": "057185550123"}).status_code == 302


def test_removing_asks_first_and_erases(school: Any, client: Client, relative: Relative) -> None:
    path = f"{page_of(relative)}remove/"
    before = rows(school)
    assert "王小明" in shown(client, path)
    assert rows(school) == before
    assert client.post(path)["Location"] == HOME
    assert "王小明" not in shown(client, HOME)
    assert client.get(page_of(relative)).status_code == 404
    with use_tenant(school.id):
        assert (Relative.objects.get().name, Relative.objects.get().phone) == ("", "")


def test_a_child_of_two_parents_is_counted_once_and_that_is_explained(school: Any, client: Client, member: Any) -> None:
    assert "Do both parents work here?" in shown(client, CHILD)
    assert "Saved." in client.post(CHILD, {"name": "李小红", "born": BORN}, follow=True).content.decode()
    other = browser(make_person(school, name="王芳"), school.host)
    known = other.post(CHILD, {"name": "李 小红", "born": BORN}, follow=True).content.decode()
    assert "The other parent has already entered this child" in known
    assert "李老师" not in known
    for parent in (client, other):
        assert "the yearly amount is shared" in shown(parent, HOME)
    with use_tenant(school.id):
        child = Child.objects.get()
        assert Guardianship.objects.count() == 2
    remove = f"{HOME}children/{child.pk}/remove/"
    assert "李小红" in shown(other, remove)
    assert other.post(remove)["Location"] == HOME
    assert "李小红" not in shown(other, HOME)
    assert "the yearly amount is shared" not in shown(client, HOME)
    assert other.post(remove).status_code == 404
    with use_tenant(school.id):
        assert Guardianship.objects.get().membership_id == member.pk


@pytest.mark.parametrize(
    ("way", "back"),
    [
        ("/apply/", "/apply/"),
        ("", HOME),
        ("https://evil.example/", HOME),
        ("//evil.example/", HOME),
        ("javascript:alert(1)", HOME),
    ],
)
def test_the_way_back_stays_in_the_school(client: Client, way: str, back: str) -> None:
    page = shown(client, f"{CHILD}?next={way}")
    assert re.findall(r'(?:href|value)="(?:https?:)?//evil', page) == [], "only the page's own address repeats it"
    assert client.post(CHILD, {"name": "李小红", "born": BORN, "next": way})["Location"] == back


@pytest.mark.parametrize(
    "values",
    [{"name": "12", "born": BORN}, {"name": "李小红", "born": date(2999, 1, 1)}, {"name": "李小红"}, {"born": BORN}],
)
def test_a_child_that_cannot_be_read_is_refused(school: Any, client: Client, values: dict[str, Any]) -> None:
    before = rows(school)
    assert client.post(CHILD, values).status_code in (400, 422)
    assert rows(school) == before


def test_a_slip_is_corrected_and_the_child_stays_the_same_one(school: Any, client: Client, member: Any) -> None:
    with use_tenant(school.id):
        child = register_child(actor=actor_of(member), name="李晓红", born=BORN)
    page = f"{HOME}children/{child.pk}/change/"
    assert 'value="李晓红"' in shown(client, page)
    assert client.post(page, {"name": "李小红", "born": BORN})["Location"] == HOME
    with use_tenant(school.id):
        kept = Child.objects.get()
        assert (kept.pk, kept.name, kept.born) == (child.pk, "李小红", BORN)
        assert AuditEntry.objects.filter(action="child.change", object_id=child.pk).count() == 1
        register_child(actor=actor_of(make_person(school, name="王芳")), name="李小红", born=BORN)
        assert Child.objects.count() == 1, "the right words find the child again"


@pytest.mark.parametrize(
    ("values", "status", "told"),
    [
        ({"name": "12", "born": BORN}, 422, "name"),
        ({"name": "李小红", "born": date(2999, 1, 1)}, 422, "date"),
        ({"name": "王小二", "born": BORN}, 422, "knows a child"),
    ],
)
def test_a_correction_that_cannot_be_changes_nothing(
    school: Any, client: Client, member: Any, values: dict[str, Any], status: int, told: str
) -> None:
    with use_tenant(school.id):
        child = register_child(actor=actor_of(member), name="李小红", born=BORN)
        register_child(actor=actor_of(make_person(school, name="王芳")), name="王小二", born=BORN)
    before = rows(school)
    answer = client.post(f"{HOME}children/{child.pk}/change/", values)
    assert answer.status_code == status
    assert told in answer.content.decode()
    assert rows(school) == before
    with use_tenant(school.id):
        assert Child.objects.get(pk=child.pk).name == "李小红"


def test_what_both_parents_entered_neither_corrects_alone(school: Any, client: Client, member: Any) -> None:
    with use_tenant(school.id):
        child = register_child(actor=actor_of(member), name="李小红", born=BORN)
        register_child(actor=actor_of(make_person(school, name="王芳")), name="李小红", born=BORN)
    page = f"{HOME}children/{child.pk}/change/"
    assert page not in shown(client, HOME)
    answer = client.post(page, {"name": "李晓红", "born": BORN})
    assert answer.status_code == 422
    assert "The other parent entered the same data" in answer.content.decode()
    with use_tenant(school.id):
        assert Child.objects.get().name == "李小红"


def addresses(relative: Relative, child: Child, consent: Consent) -> list[str]:
    page = page_of(relative)
    return [
        page,
        f"{page}change/",
        f"{page}remove/",
        f"{page}ask/emergency/",
        f"{HOME}consents/{consent.pk}/end/",
        f"{HOME}children/{child.pk}/change/",
        f"{HOME}children/{child.pk}/remove/",
    ]


def test_another_person_another_school_and_a_missing_id_are_one_answer(
    school: Any, other_school: Any, member: Any, client: Client, relative: Relative
) -> None:
    with use_tenant(school.id):
        child = register_child(actor=actor_of(member), name="李小红", born=BORN)
        ask_consent(actor=actor_of(member), relative_id=relative.pk, purpose="tips")
        consent = Consent.objects.get()
    paths = addresses(relative, child, consent)
    assert [client.get(path).status_code for path in paths] == [200] * len(paths)
    before = rows(school)
    missing = [re.sub(r"[0-9a-f-]{36}", str(uuid.uuid4()), path) for path in paths]
    strangers = [
        (browser(make_person(school, name="王芳"), school.host), paths),
        (browser(make_person(other_school), other_school.host), paths),
        (client, missing),
    ]
    for stranger, asked in strangers:
        for path in asked:
            assert stranger.get(path).status_code == 404, path
            assert stranger.post(path, PERSON).status_code == (405 if path == asked[0] else 404), path
    assert rows(school) == before


def test_without_the_role_or_the_sign_in_nothing_is_there(school: Any, relative: Relative) -> None:
    district = browser(make_person(school, "district"), school.host)
    nobody = Client(headers={"host": school.host})
    for path in (HOME, NEW, CHILD, page_of(relative)):
        assert district.get(path).status_code == 404
        assert district.post(path, PERSON).status_code in (404, 405)
        answer = nobody.get(path)
        assert (answer.status_code, answer["Location"].startswith("/accounts/login/")) == (302, True)


def test_the_list_asks_the_database_little_however_many_there_are(school: Any, client: Client, member: Any) -> None:
    actor = actor_of(member)
    with use_tenant(school.id):
        for number in range(6):
            named = register_relative(actor=actor, relation="sibling", name="李家人", phone=f"1380013800{number}")
            ask_consent(actor=actor, relative_id=named.pk, purpose="tips")
            register_child(actor=actor, name="李小红", born=BORN + timedelta(number))
    client.get(HOME)
    with CaptureQueriesContext(connection) as queries:
        shown(client, HOME)
    assert len(queries) <= 15
