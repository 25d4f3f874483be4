"""The first page of each host, and what the sign-in form asks for."""

from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import User
from accounts.places import home_of
from accounts.sign_in_form import SignInForm
from content.schools import create_school_site
from schools.workflow import platform_tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import make_operator, make_partner, make_partner_person

pytestmark = pytest.mark.usefixtures("platform_stands")


@pytest.fixture
def platform(db: None) -> Any:
    return platform_tenant()


def test_the_platform_has_a_first_page_that_names_no_school(platform: Any, school: Any, other_school: Any) -> None:
    answer = Client(HTTP_HOST=platform.host).get("/")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'href="/accounts/login/"' in text
    for tenant in (school, other_school):
        assert tenant.name not in text
        assert tenant.slug not in text


def test_for_who_is_signed_in_it_leads_to_ones_own_desk(platform: Any) -> None:
    operator = make_operator(platform)
    institution = make_partner(operator, platform)
    office, _actor = make_partner_person(operator, platform, institution, "partner_office")
    for user, desk in ((User.objects.get(pk=str(operator.user_id)), "/operator/"), (office, "/partner/")):
        client = Client(HTTP_HOST=platform.host)
        client.force_login(user)
        assert f'<a class="btn" href="{desk}">' in client.get("/").content.decode()


def test_the_first_page_only_shows(platform: Any, school: Any) -> None:
    assert Client(HTTP_HOST=platform.host).post("/").status_code == 405
    assert Client(HTTP_HOST=school.host).get("/").status_code == 404  # a school whose pages are not made yet has none
    create_school_site(tenant=school, name=school.name, host=school.host, port=8000)
    page = Client(HTTP_HOST=school.host).get("/")
    assert page.status_code == 200
    assert "schools/landing.html" not in [template.name for template in page.templates]
    assert Client(HTTP_HOST="nobody.localhost").get("/").status_code == 404


def test_the_sign_in_form_says_what_to_type() -> None:
    for language, words in (("zh-hans", "邮箱或手机号"), ("en", "E-mail or phone")):
        with override(language):
            field = SignInForm().fields["login"]
            assert str(field.label) == words
            assert str(field.widget.attrs["placeholder"]) == words


def test_a_bureau_lands_on_a_page_that_promises_no_figures(school: Any) -> None:
    with use_tenant(school.id):
        bureau = make_person(school, "district", name="局里的老师")
        staff = make_person(school, "staff", name="王老师")
    client = Client(HTTP_HOST=school.host)
    client.force_login(bureau.user)
    assert home_of(actor_of(bureau)) == "/district/"
    page = client.get("/district/")
    assert page.status_code == 200
    assert "王老师" not in page.content.decode()
    client.force_login(staff.user)
    assert client.get("/district/").status_code == 404
