"""A new school's pages: whoever is given the role edits them from then on, and nobody else does."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from accounts.models import Membership, User
from content.models import SchoolSite, TipIndexPage, TipPage
from content.schools import create_school_site
from notifications.drain import drain
from tenancy.hosts import forget
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school
from tests.fixtures_journey import make_operator, make_platform
from tests.workflow.signin_steps import client_of
from tests.workflow.test_invitations import PASSWORD, link_of
from tests.workflow.test_new_school import NEW, TYPED
from tests.workflow.test_people_pages import member_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def housed(db: None) -> Tenant:
    """A school with its site."""
    tenant: Tenant = make_school(name="新安中学", duty_phone="0571-88880000")
    create_school_site(tenant=tenant, name=tenant.name, host=tenant.host, port=8000)
    return tenant


def give_roles(administrator: Client, tenant: Tenant, member: Membership, *roles: str, **changes: Any) -> None:
    """The administrator's own page, with the question that stands between."""
    page = f"/school/members/{member.pk}/"
    form = member_form(member, roles=list(roles), confirmed="1", **changes)
    answer = administrator.post(page, form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    with use_tenant(tenant.id):
        member.refresh_from_db()


def invited(tenant: Tenant, address: str) -> Client:
    """The person takes the place with the link of the newest letter to ``address``, and signs in."""
    drain()
    letter = next(letter for letter in reversed(mail.outbox) if letter.to == [address])
    browser = Client(headers={"host": tenant.host, "accept-language": "en"})
    answer = browser.post(link_of(letter.body), {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert answer.status_code == 302
    if "_auth_user_id" not in browser.session:
        assert browser.post("/accounts/login/", {"login": address, "password": PASSWORD}).status_code == 302
    return browser


def added(administrator: Client, tenant: Tenant, address: str, name: str) -> tuple[Membership, Client]:
    """A colleague whom the administrator enters, and who takes the place."""
    form = {"name": name, "email": address, "phone": "", "roles": ["staff"], "title": "", "staff_no": "", "department": "",
            "gender": "", "active_from": "", "left_on": "", "invite": "on"}  # fmt: skip
    answer = administrator.post("/school/members/new/", form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    browser = invited(tenant, address)
    with use_tenant(tenant.id):
        return Membership.objects.get(email=address), browser


def tip_form(tip: TipPage, **fields: Any) -> dict[str, Any]:
    """The editor's form as it stands, with ``fields`` changed."""
    form = {"title": tip.title, "slug": tip.slug, "summary": tip.summary, "minutes": str(tip.minutes or ""),
            "body": streamfield([("paragraph", rich_text("<p>先喝口水。</p>"))]), **fields}  # fmt: skip
    return nested_form_data(form)  # type: ignore[no-any-return]


def test_a_new_school_publishes_its_first_page_without_a_hand_from_outside() -> None:
    """Operator, administrator, editor and psychological centre, each by the pages they have; nothing is planted."""
    home = SchoolSite.objects.get(tenant=make_platform()).site.root_page
    shelf = TipIndexPage.objects.child_of(home).get()
    source = shelf.add_child(
        instance=TipPage(title="库里的贴士", slug="water", summary="一", body=[("paragraph", "<p>先喝口水。</p>")])
    )
    source.save_revision().publish()
    desk = Client(headers={"host": make_platform().host})
    desk.force_login(User.objects.get(pk=make_operator().user_id))
    forget()
    assert desk.post(NEW, {**TYPED, "takes_library": "on"}).status_code == 302
    tenant = Tenant.objects.get(slug=TYPED["slug"])
    administrator = invited(tenant, TYPED["administrator_email"])
    member, editor = added(administrator, tenant, "shao@xinan.example", "邵编辑")
    colleague, centre = added(administrator, tenant, "ning@xinan.example", "宁老师")
    assert editor.get("/cms/").status_code == 404
    give_roles(administrator, tenant, member, "staff", "editor")
    give_roles(administrator, tenant, colleague, "staff", "centre")
    assert editor.get("/cms/").status_code == 200, "the session that was open before"
    assert "库里的贴士" in editor.get("/cms/library/").content.decode()
    tip = TipPage.objects.get(adopted_from=source.pk)
    reader = Client(headers={"host": tenant.host})
    assert reader.get("/tips/water/").status_code == 404
    answer = editor.post(f"/cms/pages/{tip.pk}/edit/", tip_form(tip, is_ready="on"))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    tip.refresh_from_db()
    read = {"revision": tip.latest_revision_id, "office": "心理中心"}
    assert centre.post(f"/centre/texts/{tip.pk}/", read).status_code == 302
    checked: Any = Page.objects.get(pk=tip.pk).get_latest_revision_as_object()
    assert (checked.reviewed_by, checked.live) == ("心理中心", False)
    reviewed = {"reviewed_by": checked.reviewed_by, "reviewed_on": checked.reviewed_on.isoformat()}
    answer = editor.post(f"/cms/pages/{tip.pk}/edit/", tip_form(checked, **reviewed, **{"action-publish": "1"}))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    shown = reader.get("/tips/water/")
    assert shown.status_code == 200
    assert "先喝口水" in shown.content.decode()
    assert not Group.objects.filter(user__isnull=False).exists(), "nobody was put into a group of Wagtail's"


def test_sign_in_of_an_editor_lands_on_the_pages(housed: Tenant) -> None:
    editor = make_person(housed, "editor", name="邵编辑")
    browser = Client(headers={"host": housed.host})
    answer = browser.post("/accounts/login/", {"login": editor.user.email, "password": settings.DEMO_PASSWORD})
    assert answer["Location"] == "/cms/"
    assert browser.get("/cms/").status_code == 200


@pytest.mark.parametrize("way", ["role", "leaves"])
def test_whoever_loses_the_role_or_leaves_is_out_at_the_next_request(housed: Tenant, way: str) -> None:
    administrator = client_of(housed, make_person(housed, "admin", name="管理员"))
    member = make_person(housed, "staff", "editor", name="邵编辑")
    editor = client_of(housed, member)
    home = SchoolSite.objects.get(tenant=housed).site.root_page
    shelf = TipIndexPage.objects.child_of(home).get()
    places = ("/cms/", f"/cms/pages/{home.pk}/", f"/cms/pages/add/content/tippage/{shelf.pk}/", "/cms/images/")
    assert {editor.get(place).status_code for place in places} == {200}
    if way == "role":
        give_roles(administrator, housed, member, "staff")
    else:
        with use_tenant(housed.id):
            Membership.objects.filter(pk=member.pk).update(left_on=housed.today() - timedelta(days=1))
    expected = {"role": 404, "leaves": 302}[way]
    for place in places:
        answer = editor.get(place)
        assert answer.status_code == expected, place
        if way == "leaves":
            assert answer["Location"].startswith("/accounts/login/"), "nobody is known there"
    before = Page.objects.count()
    form = tip_form(
        TipPage(title="新的一页", slug="new", summary="一"), reviewed_by="心理中心", reviewed_on=date(2026, 9, 1)
    )
    answer = editor.post(places[2], {**form, "action-publish": "1"})
    assert answer.status_code == expected
    assert Page.objects.count() == before
