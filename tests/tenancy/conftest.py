"""The two schools that the crawlers of pages read."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from tests.conftest import living_in
from tests.databases import database_of_its_own
from tests.tenancy.asking import answers_alone
from tests.tenancy.crawling import Crawls, plant_two


@pytest.fixture(scope="session")
def files_of_two(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {name: str(tmp_path_factory.mktemp(name)) for name in ("MEDIA_ROOT", "PRIVATE_ROOT")}


@pytest.fixture(scope="session")
def two_schools(
    by_day: None, django_db_setup: None, django_db_blocker: Any, files_of_two: dict[str, str]
) -> Iterator[tuple[str, Crawls]]:
    """Planted once in a worker, for every crawl leaves them as they were, but for who signed in; what a person met is kept."""
    with django_db_blocker.unblock(), database_of_its_own("pages") as name:
        with living_in(name), override_settings(**files_of_two):
            planted = plant_two()
        yield name, planted


@pytest.fixture(scope="module")
def crawls(two_schools: tuple[str, Crawls], files_of_two: dict[str, str], django_db_blocker: Any) -> Iterator[Crawls]:
    """This module's tests live where the two schools do."""
    name, crawls = two_schools
    with django_db_blocker.unblock(), answers_alone(), override_settings(**files_of_two), living_in(name):
        yield crawls
