"""A tip leads in one step to help: by the services it names, or by the ways at its end."""

import pytest
from bs4 import BeautifulSoup

from tenancy.hosts import forget
from tenancy.models import Tenant, TenantKind
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db
WAYS = {"/services/", "/help/"}


def ways(side: Side) -> set[str]:
    shown = BeautifulSoup(side.client().get(side.tip.href).content.decode(), "html.parser").find("main")
    assert shown is not None
    return {str(link["href"]) for link in shown.find_all("a", href=True)}


def test_a_tip_without_services_ends_with_the_ways_to_help(ours: Side) -> None:
    assert ways(ours) >= WAYS


def test_a_tip_that_names_services_says_nothing_twice(ours: Side) -> None:
    ours.tip.body = [("services", {"title": "", "kinds": ["counselling"]})]
    ours.tip.save_revision().publish()
    found = ways(ours)
    assert any(href.startswith("/services/") for href in found)
    assert "/help/" not in found


def test_a_bureaus_tip_leads_to_the_help_lines_alone(ours: Side) -> None:
    Tenant.objects.filter(pk=ours.tenant.pk).update(kind=TenantKind.DISTRICT)
    forget()
    assert ways(ours) & WAYS == {"/help/"}
