"""The operator's library before anything stands in it."""

import pytest
from django.test import Client

from accounts.models import User
from content.library import open_library
from content.models import SchoolSite
from tests.content.conftest import Side
from tests.fixtures_journey import make_operator, make_platform

pytestmark = pytest.mark.django_db


def test_an_empty_library_says_so(ours: Side) -> None:
    client = ours.client(ours.editor, headers={"host": ours.tenant.host, "accept-language": "en"})
    assert "The library is still empty" in client.get("/cms/library/").content.decode()


def test_an_older_installation_opens_its_library(db: None) -> None:
    operator = User.objects.get(pk=make_operator().user_id)
    tenant = make_platform()
    school = SchoolSite.objects.get(tenant=tenant)
    home = school.site.root_page
    school.delete()
    school.site.delete()
    home.delete()
    school.editors.delete()
    client = Client(headers={"host": tenant.host, "accept-language": "en"})
    client.force_login(operator)
    assert client.get("/cms/").status_code == 404
    assert "There is no library yet" in client.get("/operator/library/").content.decode()
    for _twice in range(2):
        assert client.post("/operator/library/open/").status_code == 302
    assert SchoolSite.objects.filter(tenant=tenant).count() == 1
    assert "The library is still empty" in client.get("/operator/library/").content.decode()
    assert client.get("/cms/").status_code == 200


def test_only_the_platform_has_a_library(ours: Side) -> None:
    with pytest.raises(ValueError, match="platform"):
        open_library(ours.tenant)
