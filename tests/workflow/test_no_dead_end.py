"""No address ends on the browser's own page: Back, a reload and the language switch GET whatever a form was sent to."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.conftest import make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.tenancy.addresses import Address, addresses
from tests.tenancy.asking import answers_alone
from ui.addresses import gettable_parent

ROOT = Path(__file__).parents[2]
TAG = re.compile(r"\{%\s*(.*?)\s*%\}|\{\{\s*(.*?)\s*\}\}", re.DOTALL)
SKIP = ("static/", "media/", "documents/", "cms/", "accounts/", "__", "wagtail")
"""Not ours to draw, or asked by allauth, whose forms all take GET."""


@pytest.fixture(scope="module")
def planted(own_database: None) -> Iterator[tuple[Journey, dict[str, Client]]]:
    journey = make_journey(make_school())
    users = {
        journey.tenant.host: make_person(journey.tenant, "staff", "admin", "finance", "centre", "union").user,
        journey.platform.host: journey.partner_user,
    }
    clients = {host: Client(headers={"host": host}, raise_request_exception=False) for host in users}
    for host, user in users.items():
        clients[host].force_login(user)
    with answers_alone():
        yield journey, clients


def filled(address: Address) -> str:
    blanks = {blank: uuid4() if "id" in blank or blank == "key" else "x" for blank in address.blanks}
    return address.fill(blanks)


def plain(skip: tuple[str, ...] = SKIP) -> Iterator[Address]:
    return (address for address in addresses(skip) if not address.template.startswith("api/"))


def test_a_get_of_any_address_ends_on_a_page_of_ours(planted: tuple[Journey, dict[str, Client]], db: None) -> None:
    _journey, clients = planted
    led = set()
    for address in plain():
        path = filled(address)
        for client in clients.values():
            answer = client.get(path)
            assert answer.status_code != 405, path
            assert b'href=""' not in answer.content, path
            assert answer.status_code < 500 or address.name in ("healthz", "readyz"), path
            if answer.status_code == 302 and answer["Location"] == gettable_parent(path):
                led.add(address.name)
            if 400 <= answer.status_code < 500:
                assert b"</html>" in answer.content or not answer["Content-Type"].startswith("text/html"), path
    posted = {
        "partner_scan_look", "partner_scan_redeem", "staff_proposal_accept", "school_roster_apply", "school_roster_cancel",
    }  # fmt: skip
    assert posted & {address.name for address in plain()} <= led


def test_another_method_gets_a_page_of_ours_that_says_which_it_takes(
    planted: tuple[Journey, dict[str, Client]], db: None
) -> None:
    """One of the other methods by each, in turn: which are taken is said from one list, before anybody is looked at."""
    _journey, clients = planted
    methods, seen = cycle(("PUT", "DELETE", "PATCH")), Counter[str]()
    for address in plain():
        for host, client in clients.items():
            answer = client.generic(next(methods), filled(address))
            if answer.status_code != 405 or address.template in ("healthz", "readyz", "metrics"):
                continue
            seen[host] += 1
            assert b"</html>" in answer.content, filled(address)
            assert 'href="tel:12356"' in answer.content.decode()
            assert answer["Allow"]
    assert len(seen) == len(clients) and min(seen.values()) > 100, seen


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_says_what_to_do(planted: tuple[Journey, dict[str, Client]], db: None, language: str) -> None:
    journey, _clients = planted
    answer = Client(headers={"host": journey.tenant.host, "accept-language": language}).put("/my/")
    said = answer.content.decode()
    assert answer.status_code == 405
    assert ("这个地址不能这样打开" in said) == (language != "en")
    assert ("This address is not asked in this way" in said) == (language == "en")
    assert answer["Allow"] == "GET, HEAD"


def test_a_method_that_no_page_takes_is_no_form_that_grew_old(
    planted: tuple[Journey, dict[str, Client]], db: None
) -> None:
    journey, _clients = planted
    strict = Client(headers={"host": journey.tenant.host}, enforce_csrf_checks=True)
    strict.force_login(journey.members["staff"].user)
    for method in ("PUT", "DELETE", "PATCH"):
        answer = strict.generic(method, "/my/family/")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST"), method
        assert 'href="tel:12356"' in answer.content.decode()
    assert strict.post("/my/messages/read/").status_code == 403, "a form without its token is still not taken"


def test_an_interface_call_hears_it_as_a_problem(planted: tuple[Journey, dict[str, Client]], db: None) -> None:
    journey, _clients = planted
    answer: Any = Client(headers={"host": journey.tenant.host}).put("/api/v1/services/")
    assert answer.status_code in (401, 405)
    assert answer["Content-Type"] == "application/problem+json"
    member = make_person(journey.tenant, "staff")
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(member.user)
    answer = client.put("/api/v1/services/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("path", "parent"),
    [
        ("/partner/scan/look/", "/partner/scan/"),
        ("/partner/scan/redeem/", "/partner/scan/"),
        ("/nothing/of/this/kind/", "/"),
        ("/", "/"),
    ],
)
def test_the_parent_is_the_nearest_page_above(path: str, parent: str) -> None:
    assert gettable_parent(path) == parent


def test_a_page_that_answers_a_form_takes_an_ordinary_place_in_the_history(
    planted: tuple[Journey, dict[str, Client]], db: None
) -> None:
    journey, _clients = planted
    client = Client(headers={"host": journey.platform.host})
    client.force_login(journey.counter_user)
    assert 'data-answers="post"' in client.post("/partner/scan/look/", {"code": "12"}).content.decode()
    assert "data-answers" not in client.get("/partner/scan/").content.decode()


def test_a_word_made_in_one_block_is_not_used_in_another() -> None:
    """``{% url … as back %}`` inside a block ends with it: elsewhere it is empty, and a link leads to its own page."""
    strays = []
    for file in sorted(ROOT.glob("**/templates/**/*.html")):
        if ".venv" in file.parts:
            continue
        made: dict[str, set[str]] = {}
        used: list[tuple[str, str]] = []
        inside: list[str] = []
        for tag, variable in TAG.findall(file.read_text()):
            words = tag.split()
            if words[:1] == ["block"]:
                inside.append(words[1])
            elif words[:1] == ["endblock"]:
                inside.pop()
            elif len(words) > 2 and words[-2] == "as" and words[0] in ("url", "translate"):
                made.setdefault(words[-1], set()).add("/".join(inside))
            else:
                names = re.findall(r"[\w.]+", re.sub(r"'[^']*'|\"[^\"]*\"|\w+=", " ", tag or variable))
                used += [(name.split(".")[0], "/".join(inside)) for name in names]
        strays += [
            f"{file.name}: {name} in {where}"
            for name, where in used
            if name in made and not any(where.startswith(place) for place in made[name])
        ]
    assert strays == []
