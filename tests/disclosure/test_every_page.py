"""T6: what every page, list, file, search and call shows to every reader is what the table says, both ways."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from audit.models import AuditEntry
from disclosure.table import Row, pages, rows, things
from disclosure.words import Facet, Reader
from kernel.clock import as_of, now
from notifications.models import InboxMessage, OutboxMessage
from notifications.texts import render
from tenancy.scope import use_tenant
from tests.databases import use_database
from tests.disclosure.crawling import READERS_OF, Crawl, crawl
from tests.disclosure.markers import markers_of
from tests.disclosure.world import READ, SHANGHAI, World, plant
from tests.emergency.chain_clock import chain_ahead
from tests.tenancy.asking import answers_alone


def till_a_free_minute() -> timedelta:
    """The chain's clock of today at 11:40: no minute of a day that it counts from there is one that is planted."""
    moment = now()
    return moment.astimezone(SHANGHAI).replace(hour=11, minute=40) - moment


@pytest.fixture(scope="module")
def world(
    committing_database: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    media, private = (str(tmp_path_factory.mktemp(name)) for name in ("media", "private"))
    with django_db_blocker.unblock(), answers_alone(), override_settings(MEDIA_ROOT=media, PRIVATE_ROOT=private):
        usual = use_database(committing_database)
        with chain_ahead(till_a_free_minute()):
            yield plant()
        use_database(usual)


@pytest.fixture(scope="module")
def crawled(world: World) -> Crawl:
    return crawl(world)


def test_t6_nobody_sees_more_than_the_table_says(crawled: Crawl) -> None:
    assert "\n".join(crawled.leaks()) == ""


def test_t6_whatever_the_table_says_is_seen_on_some_page(crawled: Crawl) -> None:
    kept = crawled.kept()
    promised = {
        (thing, reader, facet)
        for (thing, reader), row in rows().items()
        for facet in row.sees
        if facet is not Facet.WHOLE and things()[thing].of_person
    }
    assert "\n".join(map(str, sorted(promised - kept))) == "", "promised in vain"


def test_t6_a_facet_less_in_the_table_is_a_leak_and_one_more_a_promise_in_vain(
    crawled: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in (
        ("request.centre", Reader.CENTRE),
        ("request.union", Reader.AGENCY),
        ("line", Reader.FINANCE),
        ("member", Reader.ADMIN),
    ):
        row, whole = rows()[key], rows()
        told = Facet.AMOUNT if Facet.AMOUNT in row.sees else Facet.PHONE
        with monkeypatch.context() as patch:
            patch.setattr("disclosure.table.rows", lambda key=key: {**whole, key: Row(row.sees - {told})})
            assert crawled.leaks() != [], key
        with monkeypatch.context() as patch:
            patch.setattr("disclosure.table.rows", lambda key=key: {**whole, key: Row(row.sees | {Facet.CHILD_NAME})})
            assert (*key, Facet.CHILD_NAME) not in crawled.kept()


def test_t6_where_a_look_is_said_to_be_recorded_it_is(world: World, crawled: Crawl) -> None:
    """Every page and call on which a reader of a request with recorded looks saw a name, asked for once more."""
    named = {
        (each.client, each.page, each.path): rows()[thing, reader].looks
        for each in crawled.sightings
        for thing, facet in each.marker.pairs
        for reader in each.readers
        if facet is Facet.NAME and reader in pages()[each.page].get(thing, ()) and rows()[thing, reader].looks
    }
    assert {page for _client, page, _path in named} == {
        "emergency_incident",
        "emergency_duties",
        "emergency_return",
        "api-incident",
        "centre_mediations",
        "centre_mediation",
        "centre_cards",
        "centre_card",
        "api-centre-cards",
        "api-centre-card",
        "partner_card",
        "api-heard",
        "api-heard-list",
        *(f"{office}_{page}" for office in ("centre", "union") for page in ("home", "referral")),
    }
    for (client, _page, path), looks in named.items():
        with as_of(READ):
            assert left_behind(world, client, path) & set(looks), f"{client} {path}"


def left_behind(world: World, client: str, path: str) -> set[str]:
    """The acts that the look wrote into the record."""
    with use_tenant(world.tenant.id):
        last = AuditEntry.objects.latest("seq").seq
    browser = world.client(client)
    with transaction.atomic():
        assert browser.get(path).status_code == 200
        with use_tenant(world.tenant.id):
            acts = set(AuditEntry.objects.filter(seq__gt=last).values_list("action", flat=True))
        transaction.set_rollback(True)
    return acts


def test_the_crawler_was_let_in(crawled: Crawl) -> None:
    assert crawled.broken == []
    assert set(crawled.good) == set(READERS_OF)
    assert all(good > 10 for good in crawled.good.values()), crawled.good


def test_t6_a_message_says_a_number_and_no_more(world: World) -> None:
    with as_of(READ), use_tenant(world.tenant.id):
        own = [
            marker
            for marker in markers_of(world)
            if marker.is_own and not any(facet is Facet.NUMBER for _thing, facet in marker.pairs)
        ]
        sent = [*OutboxMessage.objects.all(), *InboxMessage.objects.all()]
        assert len(sent) > 10
        for message in sent:
            for language in ("zh-hans", "en"):
                text = render(message.template, message.context, language)
                shown = f"{text.subject} {text.body}"
                assert [marker.words for marker in own if marker.stands_in(shown)] == []
