"""Creating a school (operator's pages): wholly or not at all, and always with an administrator who is invited."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.invitations import accept_with_password, path_for
from accounts.models import Membership, User
from audit.models import AuditEntry
from content.models import SchoolSite, TipIndexPage, TipPage
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused, TooMany
from notifications.drain import drain
from notifications.models import OutboxMessage
from schools import workflow as schools
from tenancy.hosts import forget
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import make_operator, make_platform
from tests.workflow.test_invitations import PASSWORD, link_of

pytestmark = [pytest.mark.usefixtures("platform_stands"), pytest.mark.django_db]
NEW = "/operator/schools/new/"
TYPED = {
    "name": "新安中学", "slug": "xinan", "kind": "middle", "code": "XA", "district": "滨江区",
    "duty_phone": "0571-5550188", "duty_hours": "工作日 8:00–18:00",
    "administrator_name": "顾校办", "administrator_email": "gu@xinan.example",
}  # fmt: skip


@pytest.fixture
def operator(db: None) -> Actor:
    return make_operator()


@pytest.fixture
def desk(operator: Actor) -> Client:
    return browser(operator, "en")


def browser(operator: Actor, language: str = "en") -> Client:
    client = Client(headers={"host": make_platform().host, "accept-language": language})
    client.force_login(User.objects.get(pk=operator.user_id))
    return client


def born(desk: Client, **changes: str) -> Tenant:
    forget()
    answer = desk.post(NEW, {**TYPED, **changes})
    tenant = Tenant.objects.get(slug=changes.get("slug", TYPED["slug"]))
    assert (answer.status_code, answer["Location"]) == (302, f"/operator/schools/{tenant.pk}/")
    return tenant


def acts(tenant: Tenant) -> list[str]:
    with use_tenant(tenant.id):
        return list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))


def counts() -> tuple[int, ...]:
    letters = 0
    for tenant in Tenant.objects.all():
        with use_tenant(tenant.id):
            letters += OutboxMessage.objects.count()
    rows = (Tenant, SchoolSite, User)
    return (*(model.objects.count() for model in rows), letters)


def test_the_operator_makes_a_school_and_its_administrator_gets_in(desk: Client) -> None:
    tenant = born(desk)
    page = desk.get(f"/operator/schools/{tenant.pk}/").content.decode()
    assert "新安中学 is ready at xinan.localhost, and its administrator has been sent an invitation" in page
    for word in (
        "顾校办",
        "Middle school",
        "XA",
        "滨江区",
        "0571-5550188",
        "工作日 8:00–18:00",
        "Invited, place not taken yet",
    ):
        assert word in page, word
    assert 'aria-current="step"' in page
    with use_tenant(tenant.id):
        member = Membership.objects.get()
        assert (member.roles, member.name) == (["admin"], "顾校办")
        assert OutboxMessage.objects.get().template == "account_created"
    assert "member.add" in acts(tenant), "the school's own record tells who put the administrator there"
    drain()
    (letter,) = mail.outbox
    assert letter.to == ["gu@xinan.example"]
    school = Client(headers={"host": tenant.host})
    assert school.post(link_of(letter.body), {"new_password1": PASSWORD, "new_password2": PASSWORD}).status_code == 302
    signed_in = school.post("/accounts/login/", {"login": "gu@xinan.example", "password": PASSWORD})
    assert signed_in["Location"] == "/school/"
    assert school.get("/school/").status_code == 200
    page = desk.get(f"/operator/schools/{tenant.pk}/").content.decode()
    assert "Place taken" in page
    assert "not taken" not in page
    assert "Invite again" not in page


def fill_library() -> None:
    home = SchoolSite.objects.get(tenant=make_platform()).site.root_page
    shelf = TipIndexPage.objects.child_of(home).get()
    for n in range(2):
        tip = shelf.add_child(instance=TipPage(title=f"库里第{n}条", slug=f"t{n}", summary="一", body=[]))
        tip.save_revision().publish()


@pytest.mark.parametrize("ticked", [True, False])
def test_a_school_is_born_with_the_library_or_without(desk: Client, ticked: bool) -> None:
    fill_library()
    form = desk.get(NEW).content.decode()
    assert "0 guidelines and 2 tips stand in it now" in form
    assert re.search(r'<input[^>]*name="takes_library"[^>]*checked', form)
    tenant = born(desk, **({"takes_library": "on"} if ticked else {}))
    home = SchoolSite.objects.get(tenant=tenant).site.root_page
    taken = TipPage.objects.descendant_of(home)
    assert [(page.live, page.adopted_from is not None) for page in taken] == [(False, True)] * (2 if ticked else 0)
    assert Client(headers={"host": tenant.host}).get("/tips/t0/").status_code == 404, "nobody here has read it"
    page = desk.get(f"/operator/schools/{tenant.pk}/").content.decode()
    assert ("The pages of the library are reviewed" in page) == ticked
    for copy in taken:
        copy.reviewed_by, copy.reviewed_on = "心理中心", date(2026, 9, 1)
        copy.save_revision().publish()
    page = desk.get(f"/operator/schools/{tenant.pk}/").content.decode()
    assert "are still drafts" not in page


def test_an_empty_library_is_no_hindrance(desk: Client) -> None:
    assert "It is still empty" in desk.get(NEW).content.decode()
    tenant = born(desk, takes_library="on")
    assert "The pages of the library" not in desk.get(f"/operator/schools/{tenant.pk}/").content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"administrator_email": ""}, "administrator_email"), ({"administrator_email": "gu"}, "administrator_email"),
        ({"administrator_name": " "}, "administrator_name"), ({"slug": "Xin_An"}, "slug"), ({"slug": "www"}, "slug"),
        ({"duty_phone": "call us"}, "duty_phone"), ({"kind": "platform"}, "kind"), ({"code": "x"}, "code"),
    ],
)  # fmt: skip
def test_a_refused_form_keeps_what_was_typed_and_makes_nothing(
    desk: Client, changes: dict[str, str], field: str
) -> None:
    before = counts()
    answer = desk.post(NEW, {**TYPED, **changes})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in page or f'href="#id_{field}"' in page
    for name, value in TYPED.items():
        if name not in changes and name != "kind":
            assert value in page, name
    assert counts() == before
    assert not [act for act in acts(make_platform()) if act.endswith(".refused")], "a slip is no act"


def test_an_address_that_is_taken_makes_nothing(desk: Client, school: Any) -> None:
    Tenant.objects.filter(pk=school.pk).update(slug="taken", host="taken.localhost")
    before = counts()
    answer = desk.post(NEW, {**TYPED, "slug": "taken"})
    assert answer.status_code == 422
    assert "There is such a school already" in answer.content.decode()
    assert counts() == before


def lost_letters(execute: Any, sql: str, *rest: Any) -> Any:
    """A database that is gone when the letter is written: the last thing that a new school waits for."""
    if sql.startswith("INSERT") and "notifications_outboxmessage" in sql:
        raise OSError("no letter")
    return execute(sql, *rest)


def test_a_fault_at_the_last_step_leaves_nothing(operator: Actor) -> None:
    """Tenant, key, site, account, membership and letter are one transaction."""
    platform = make_platform()
    before = counts()
    with use_tenant(platform.id), connection.execute_wrapper(lost_letters), pytest.raises(OSError, match="no letter"):
        create(operator)
    assert counts() == before
    assert not User.objects.filter(email="gu@xinan.example").exists()
    assert "school.create" not in acts(platform)
    assert Client(headers={"host": "xinan.localhost"}).get("/").status_code == 404


def create(operator: Actor, administrator: tuple[str, str] | None = ("顾校办", "gu@xinan.example")) -> Tenant:
    return schools.create_school(
        actor=operator, slug="xinan", name="新安中学", kind="middle", code="XA", administrator=administrator
    )


def test_the_writer_checks_what_no_form_has_checked(operator: Actor) -> None:
    platform = make_platform()
    before = counts()
    with use_tenant(platform.id), pytest.raises(Invalid) as refused:
        create(operator, ("", "gu@"))
    assert [row[:2] for row in refused.value.fields] == [
        ("administrator_name", "required"),
        ("administrator_email", "email_invalid"),
    ]
    assert counts() == before


def test_an_address_belongs_to_one_school(operator: Actor) -> None:
    with use_tenant(make_platform().id):
        create(operator)
        before = counts()
        with pytest.raises(Conflict, match="school_exists"):
            create(operator, ("李校办", "li@xinan.example"))
    assert counts() == before
    assert not User.objects.filter(email="li@xinan.example").exists()


def test_a_caller_that_brings_the_people_itself_needs_no_administrator(operator: Actor) -> None:
    with use_tenant(make_platform().id):
        tenant = create(operator, None)
    with use_tenant(tenant.id):
        assert not Membership.objects.exists()
    page = browser(operator).get(f"/operator/schools/{tenant.pk}/").content.decode()
    assert "Nobody yet." in page
    assert "Invite again" not in page


def test_the_operator_sees_numbers_and_administrators_and_nobody_else(desk: Client) -> None:
    tenant = born(desk)
    for number in range(3):
        make_person(tenant, "staff", name=f"何老师{number}")
    make_person(tenant, "staff", name="已走的人", left_on=now().date().replace(year=2020))
    page = f"/operator/schools/{tenant.pk}/"
    with CaptureQueriesContext(connection) as queries:
        text = desk.get(page).content.decode()
    assert len(queries) <= 15
    assert "何老师" not in text
    assert "已走的人" not in text
    facts = re.sub(r"\s+", "", text)
    assert "<dt>Members</dt><dd>4</dd>" in facts
    assert "<dt>Administrators</dt><dd>1</dd>" in facts
    assert f'href="{page}"' in desk.get("/operator/schools/").content.decode()


def test_nothing_tells_the_operator_whether_somebody_has_an_account(desk: Client, school: Any) -> None:
    """The same words on the page that answers, on the school's page, and in the letter."""
    known = make_person(school, "staff", name="顾校办")
    pages = []
    for slug, code, email in (("xinan", "XA", known.user.email), ("xinbei", "XB", "nobody@xinbei.example")):
        tenant = born(desk, slug=slug, code=code, administrator_email=email)
        text = desk.get(f"/operator/schools/{tenant.pk}/").content.decode()
        main = re.search(r"<main.*</main>", text, re.DOTALL)
        assert main
        same = re.sub(r'csrfmiddlewaretoken" value="[^"]+"|datetime="[^"]+"|\d\d:\d\d', "", main[0])
        for own in (str(tenant.pk), slug, code):
            same = same.replace(own, "")
        pages.append(same)
        with use_tenant(tenant.id):
            member = Membership.objects.get()
            assert (member.user_id, member.invited_at is not None) == (None, True)
            assert OutboxMessage.objects.count() == 1
    assert pages[0] == pages[1]


def test_nobody_else_finds_the_page(desk: Client, school: Any) -> None:
    tenant = born(desk)
    admin = make_person(school, "admin")
    for host in (make_platform().host, school.host):
        client = Client(headers={"host": host})
        client.force_login(admin.user)
        for path in ("", "change/", "administrator/", "invite/"):
            assert client.get(f"/operator/schools/{tenant.pk}/{path}").status_code in (302, 404, 405)
            assert client.post(f"/operator/schools/{tenant.pk}/{path}").status_code in (302, 404, 405)
    for foreign in (make_platform().pk, admin.pk):
        assert desk.get(f"/operator/schools/{foreign}/").status_code == 404
        assert desk.post(f"/operator/schools/{foreign}/invite/").status_code == 404
    with use_tenant(tenant.id), pytest.raises(Forbidden):
        schools.change_school(actor=actor_of(admin), school_id=tenant.pk, name="别的")
    with pytest.raises(NotFound):
        schools.access_school(actor_of(admin), tenant.pk)
    assert Tenant.objects.get(pk=tenant.pk).name == "新安中学"


def test_the_details_are_changed_and_stand_in_both_records(
    desk: Client, django_capture_on_commit_callbacks: Any
) -> None:
    tenant = born(desk)
    school = Client(headers={"host": tenant.host})
    assert "0571-5550188" in school.get("/help/").content.decode()
    path = f"/operator/schools/{tenant.pk}/change/"
    assert "新安中学" in desk.get(path).content.decode()
    typed = {
        "name": "新安实验中学",
        "name_en": "Xin'an",
        "district": "",
        "duty_phone": " ０５７１-5550199 ",
        "duty_hours": "",
    }
    with django_capture_on_commit_callbacks(execute=True):
        assert desk.post(path, typed).status_code == 302
    changed = Tenant.objects.get(pk=tenant.pk)
    assert (changed.name, changed.duty_phone, changed.slug, changed.code) == (
        "新安实验中学",
        "0571-5550199",
        "xinan",
        "XA",
    )
    assert "0571-5550199" in school.get("/help/").content.decode()
    for place in (tenant, make_platform()):
        with use_tenant(place.id):
            entry = AuditEntry.objects.get(action="school.change")
        assert entry.facts == {"changed": ["name", "name_en", "district", "duty_phone", "duty_hours"]}
    rows = len(acts(tenant))
    desk.post(path, typed)
    assert len(acts(tenant)) == rows, "nothing differs, nothing is written"
    refused = desk.post(path, {**typed, "name": "", "duty_phone": "?"})
    assert refused.status_code == 422
    assert Tenant.objects.get(pk=tenant.pk).name == "新安实验中学"
    assert len(acts(tenant)) == rows


def test_another_administrator_is_invited_and_one_of_the_staff_gets_the_role(desk: Client) -> None:
    tenant = born(desk)
    path = f"/operator/schools/{tenant.pk}/administrator/"
    assert desk.post(path, {"name": "周二", "email": "ZHOU@xinan.example"}).status_code == 302
    colleague = make_person(tenant, "staff", name="何老师")
    assert desk.post(path, {"name": "随便写", "email": colleague.email}).status_code == 302
    text = desk.get(f"/operator/schools/{tenant.pk}/").content.decode()
    assert "now administers, too" in text
    with use_tenant(tenant.id):
        assert OutboxMessage.objects.count() == 2
        assert sorted(Membership.objects.values_list("name", "roles")) == [
            ("何老师", ["admin", "staff"]), ("周二", ["admin"]), ("顾校办", ["admin"]),
        ]  # fmt: skip
    assert acts(make_platform()).count("school.administrator") == 2


def test_who_cannot_be_one_is_refused_and_nothing_moves(desk: Client, operator: Actor) -> None:
    tenant = born(desk)
    union = make_person(tenant, "union", "staff")
    gone = make_person(tenant, "staff", left_on=now().date().replace(year=2020))
    path = f"/operator/schools/{tenant.pk}/administrator/"
    before, rows, own = counts(), len(acts(tenant)), len(acts(make_platform()))
    for email, told in (
        ("gu@xinan.example", "a member already"), (gone.email, "a member already"),
        (union.email, "cannot also decide"), ("", "required"), ("no", "valid"),
    ):  # fmt: skip
        answer = desk.post(path, {"name": "某人", "email": email})
        assert answer.status_code == 422, email
        assert told in answer.content.decode()
    assert counts() == before
    assert len(acts(tenant)) == rows
    assert set(acts(make_platform())[own:]) == {"page.operator_school_administrator.post.refused"}
    with use_tenant(make_platform().id), pytest.raises(Refused):
        schools.add_administrator(actor=operator, school_id=tenant.pk, name="某人", email=union.user.email)
    with use_tenant(make_platform().id), pytest.raises(Conflict, match="member_exists"):
        schools.add_administrator(actor=operator, school_id=tenant.pk, name="某人", email="gu@xinan.example")
    with use_tenant(tenant.id):
        assert Membership.objects.get(pk=union.pk).roles == ["union", "staff"]


def test_an_invitation_is_sent_again_after_an_hour_and_not_to_who_has_taken_the_place(
    desk: Client, operator: Actor
) -> None:
    tenant = born(desk)
    path = f"/operator/schools/{tenant.pk}/invite/"
    shown = f"/operator/schools/{tenant.pk}/"
    assert "Invite again" not in desk.get(shown).content.decode(), "not within the hour"
    assert desk.post(path).status_code == 429
    with use_tenant(make_platform().id), pytest.raises(TooMany, match="invitation_too_soon"):
        schools.invite_again(actor=operator, school_id=tenant.pk)
    with use_tenant(tenant.id):
        assert OutboxMessage.objects.count() == 1
        Membership.objects.update(invited_at=now() - timedelta(hours=2))
    assert "Invite again" in desk.get(shown).content.decode()
    assert desk.post(path).status_code == 302
    with use_tenant(tenant.id):
        assert OutboxMessage.objects.count() == 2
        member = Membership.objects.get()
        token = path_for("member", member).split("/")[-2]
        accept_with_password(token=token, tenant=tenant, password=PASSWORD)
    with use_tenant(make_platform().id), pytest.raises(Refused) as refused:
        schools.invite_again(actor=operator, school_id=tenant.pk)
    assert refused.value.reason == "invitation_needless"
    with use_tenant(tenant.id):
        assert OutboxMessage.objects.count() == 2
    assert acts(tenant).count("invitation.send") == 1
    assert acts(make_platform()).count("school.invite") == 1
