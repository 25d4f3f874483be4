"""On the host of an education bureau nothing that a visitor or somebody of the bureau reads calls it a school."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from content.schools import create_school_site
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school
from tests.tenancy.addresses import addresses

pytestmark = pytest.mark.django_db

CALLS: Final = {"zh-hans": re.compile("学校|本校|校内"), "en": re.compile(r"\bschools?\b", re.IGNORECASE)}
SKIPPED: Final = ("cms/", "readyz", "api/", "static/", "metrics", "healthz", "accounts/logout/", "jsi18n/")
OF_THE_TREE: Final = ("/guidelines/", "/tips/", "/quiet/", "/activities/", "/activities/festivals/", "/open-days/")
"""Pages that the site has from its birth."""
NOTHING: Final = ("/nothing-here/", "/open-day/i/x/", "/open-day/f/x/", "/family/x/", "/survey/x/", "/report/mailbox/")
OF_SCHOOLS: Final = {
    "/district/": "speaks of the schools of the district",
    "/how-to/": "names the administrator's page by what it is called everywhere",
}
"""Rightly of schools."""
NOT_YET: Final = {
    "/family/thanks/", "/family/x/", "/left/over/", "/open-day/f/x/", "/open-day/i/x/", "/services/", "/survey/thanks/",
}  # fmt: skip
"""Pages of what a bureau does not offer – relatives, services, open days, questions – which answer on its host all the same."""
DESK: Final = {"zh-hans": "学校管理", "en": "School administration"}
"""The office below ``/school/`` is called so for whoever works there; in a title it says where a page stands."""


def words_of(page: str, language: str) -> Iterator[str]:
    soup = BeautifulSoup(page, "html.parser")
    for hidden in soup.find_all(["script", "style"]):
        hidden.decompose()
    labels = [
        tag[name]
        for tag in soup.find_all()
        for name in ("aria-label", "alt", "title", "placeholder")
        if name in tag.attrs
    ]
    for said in [*soup.stripped_strings, *map(str, labels)]:
        if CALLS[language].search(said.replace(DESK[language], "")) and "@" not in said:
            yield said


@pytest.fixture
def bureau() -> Any:
    made = make_school(
        kind="district", name="滨江区教育局", name_en="Binjiang Bureau", duty_phone="0571-88880000", district="滨江区"
    )
    create_school_site(tenant=made, name=made.name, host=made.host, port=8000)
    return made


@pytest.mark.parametrize("language", CALLS)
@pytest.mark.parametrize("who", ["nobody", "district"])
def test_no_page_calls_a_bureau_a_school(bureau: Any, who: str, language: str) -> None:
    client = Client(headers={"host": bureau.host, "accept-language": language})
    if who != "nobody":
        with use_tenant(bureau.id):
            client.force_login(make_person(bureau, who, name="局里的老师").user)
    paths = [address.fill({}) for address in addresses(SKIPPED) if not address.blanks]
    read, found = 0, dict[str, list[str]]()
    for path in dict.fromkeys([*paths, *OF_THE_TREE, *NOTHING]):
        answer = client.get(path)
        if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.status_code in (
            301,
            302,
            303,
            405,
        ):
            continue
        read += 1
        if said := list(words_of(answer.content.decode(), language)):
            found[path] = said
    assert {path: said for path, said in found.items() if path not in OF_SCHOOLS and path not in NOT_YET} == {}
    assert read >= 30, "an empty crawl proves nothing"
    assert {path for path in NOT_YET if path not in found} == set(), "what is mended is held by this test from then on"
