"""Names of an institution's services that only look alike are one name; a taken one is refused in words."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.search import contains
from audit.models import AuditEntry
from kernel.errors import Invalid
from partners.models import Institution, Service
from partners.workflow import add_service, change_service
from tenancy.scope import use_tenant
from tests.workflow.partner_facts import make_institution, make_service, operator, platform
from tests.workflow.test_operator_desk import browser, page_of

pytestmark = [pytest.mark.usefixtures("platform_stands"), pytest.mark.django_db]
FROM_OUTSIDE = True
NAME = "EAP 心理咨询–入门"  # noqa: RUF001 - the dash of an input method is meant
SPELLINGS = {
    "as it is": NAME,
    "capitals": "eap 心理咨询–入门",  # noqa: RUF001
    "full width": "ＥＡＰ　心理咨询–入门",  # noqa: RUF001
    "blanks": "  EAP   心 理 咨 询–入门 ",  # noqa: RUF001
    "a dash": "EAP 心理咨询-入门",
    "unseen signs": "EAP\u00a0心\u200b理咨询–入门\ufeff",  # noqa: RUF001
    "radicals": "EAP ⼼理咨询–⼊门",  # noqa: RUF001
}


@pytest.fixture
def desk(settings: Any) -> Client:
    settings.SECOND_FACTOR_REQUIRED = False
    return browser(User.objects.get(pk=operator().user_id))


def add(home: Institution, name: str) -> Service:
    with use_tenant(platform().id):
        return add_service(actor=operator(), institution_id=home.pk, name=name, kind="counselling", list_fee_fen=30_000)


def acts() -> int:
    with use_tenant(platform().id):
        return AuditEntry.objects.filter(action__in=("service.create", "service.change")).count()


@pytest.mark.parametrize("spelt", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_another_spelling_of_a_service_is_not_another_service(spelt: str) -> None:
    home, elsewhere = make_institution(), make_institution()
    first, other = add(home, NAME), make_service(home)
    before = acts()
    with pytest.raises(Invalid) as taken:
        add(home, spelt)
    assert (taken.value.reason, taken.value.fields) == ("service_taken", (("name", "service_taken", ""),))
    with pytest.raises(Invalid, match="service_taken"), use_tenant(platform().id):
        change_service(actor=operator(), service_id=other.pk, name=spelt)
    assert set(home.services.values_list("name", flat=True)) == {first.name, other.name}
    assert acts() == before
    assert add(elsewhere, spelt).name, "another institution may call its own so"
    with use_tenant(platform().id):
        change_service(actor=operator(), service_id=first.pk, name=spelt)
    assert home.services.count() == 2, "its own name in another spelling is no clash"


def test_a_service_is_shown_as_it_was_typed_and_found_in_either_spelling() -> None:
    home = make_institution()
    assert add(home, "家政（两小时）").name == "家政（两小时）"
    with pytest.raises(Invalid, match="service_taken"):
        add(home, "家政(两小时)")
    for typed in ("家政（两", "家政(两"):
        assert home.services.filter(contains(typed, "name")).exists(), typed


@pytest.mark.parametrize("near", ["EAP 心理咨询-入门2", "EAP 心理咨讯-入门", "EAQ 心理咨询-入门"])
def test_a_name_that_is_near_is_another(near: str) -> None:
    home = make_institution()
    add(home, NAME)
    assert add(home, near).pk
    assert home.services.count() == 2


def test_every_way_of_writing_a_name_writes_its_key() -> None:
    service = add(make_institution(), "ＡＢ")  # noqa: RUF001
    assert (service.name, service.key) == ("AB", "ab")
    Service.objects.filter(pk=service.pk).update(name="CD")
    service.refresh_from_db()
    assert service.key == "cd"
    service.name = "EF"
    service.save(update_fields=["name"])
    service.refresh_from_db()
    assert service.key == "ef"
    service.name = "GH"
    Service.objects.bulk_update([service], ["name"])
    service.refresh_from_db()
    assert service.key == "gh"


def test_a_spelling_of_before_sent_back_is_no_change() -> None:
    service = make_service(make_institution())
    Service.objects.filter(pk=service.pk).update(name="ＩＢ　咨询")  # noqa: RUF001 - kept before names were folded
    before = acts()
    with use_tenant(platform().id):
        change_service(actor=operator(), service_id=service.pk, name="IB 咨询")
    assert acts() == before


def test_the_page_says_which_name_is_taken(desk: Client) -> None:
    home = make_institution()
    add(home, NAME)
    form = {"name": "ｅａｐ 心理咨询-入门", "kind": "counselling", "mode": "confirm", "unit": "session"}  # noqa: RUF001
    form |= {"minutes": "50", "list_fee_fen": "300", "on_site": "on"}
    shown = desk.post(f"{page_of(home)}services/new/", form)
    assert shown.status_code == 422
    assert "The institution has a service of this name already" in shown.content.decode()
    assert home.services.count() == 1
    assert desk.post(f"{page_of(home)}services/new/", {**form, "name": "别的"}).status_code == 302
