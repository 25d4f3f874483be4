"""Who pays a scheme, and the page that tells how one pool's money goes (books §1)."""

from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from kernel.errors import Forbidden, Invalid, NotFound, Refused
from ledger.selectors import balance, returned
from referrals.models import Payer, Unit
from referrals.offices.forms import SCHEME_TEXTS
from referrals.workflow.payers import change_payer, payer_of, payers
from referrals.workflow.pools import approve_pool_order, ask_pool_order, pool_key
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import ask

pytestmark = pytest.mark.django_db


def test_each_scheme_has_one_payer_and_changes_hands_only_before_its_pool_moves(journey: Journey) -> None:
    tenant = journey.tenant
    assert payer_of(tenant, "home_help").kind == "union"
    assert payer_of(tenant, "counselling").kind == "school"
    assert payers(tenant)["school"].name == tenant.name
    said: dict[str, Any] = {"actor": journey.finance, "tenant": tenant, "kind": "union", "name": " 红旗 小学工会 "}
    kept = payers(tenant)["union"].schemes
    with pytest.raises(Refused, match="pool_has_moved"):
        change_payer(**said, schemes=[*kept, "counselling"])
    for wrong in ({"name": ""}, {"schemes": ["yacht"]}, {"tax_code": "9" * 21}):
        with pytest.raises(Invalid):
            change_payer(**{**said, "schemes": kept, **wrong})
    assert not Payer.objects.exists(), "what is refused writes nothing"
    for stranger in (journey.union, journey.staff):
        with pytest.raises(Forbidden):
            change_payer(**{**said, "actor": stranger}, schemes=kept)
    with pytest.raises(NotFound):
        change_payer(**{**said, "kind": "bank"}, schemes=kept)
    change_payer(**said, tax_code="81420100MB", schemes=["home_help", "camp"])
    assert payer_of(tenant, "camp").name == "红旗 小学工会"
    assert payer_of(tenant, "hardship").kind == "school", "what one gives up the other pays"
    assert sorted(sum((row.schemes for row in Payer.objects.all()), [])) == sorted(SCHEME_TEXTS)
    assert AuditEntry.objects.filter(action="payer.change").count() == 1


def test_the_page_of_a_pool_adds_up_and_says_how_long_it_lasts(journey: Journey) -> None:
    ask(journey)
    year = Unit.objects.latest("id").budget_year
    order = ask_pool_order(
        actor=journey.finance, tenant=journey.tenant, kind="return", scheme="counselling", year=year, amount_fen=1_000,
        reason="调剂",
    )  # fmt: skip
    approve_pool_order(actor=journey.finance2, tenant=journey.tenant, order_id=order.pk)
    key = pool_key("counselling", year)
    stands = balance(key)
    assert stands.granted + returned(key) == stands.available + stands.reserved + stands.spent + 1_000
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    user = journey.members["finance"].user
    assert user is not None
    client.force_login(user)
    text = client.get(f"/finance/pools/{year}/counselling/").content.decode()
    assert "<polyline" in text
    assert text.count("forecast") >= 1
    assert client.get(f"/finance/pools/{year}/yacht/").status_code == 404
    assert client.get("/finance/payers/").status_code == 200
    assert client.post("/finance/payers/union/", {"name": ""}).status_code == 422
    body = {"name": "工会", "schemes": payers(journey.tenant)["union"].schemes}
    assert client.post("/finance/payers/union/", body).status_code == 302
    assert client.get("/finance/payers/bank/").status_code == 404
