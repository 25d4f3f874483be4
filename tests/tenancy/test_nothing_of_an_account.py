"""A school sees what it typed itself, and nothing of the account behind a place (ADR 0010).

Every page, file, call and search of a school, of the operator and of an institution, and what each answers to something
sent, times every word that only the person, or another school, has written: no occurrence. Each request is undone, so
the order is of no matter.
"""

from collections.abc import Iterator

import pytest

from accounts.models import Membership
from tenancy.scope import use_tenant
from tests.tenancy.accounts_planted import words_but_of
from tests.tenancy.asking import Words, undone
from tests.tenancy.crawling import OFFICES, Crawls, browser, text_of, user_of
from tests.tenancy.planted import Planted

ROLES = ("admin", "finance", "union", "centre", "head")
SEARCHED = (
    "/school/members/", "/api/v1/people/", "/union/referrals/", "/centre/referrals/", "/finance/ledger/",
    "/school/members/export.csv",
)  # fmt: skip
A_LITTLE = {"name": "x", "email": "x", "phone": "x", "note": "x"}


def searched(school: Planted) -> Iterator[str]:
    with use_tenant(school.tenant.id):
        members = list(Membership.objects.order_by("pk").values_list("pk", flat=True))
    yield from (f"/school/members/{pk}/" for pk in members)
    for path in SEARCHED:
        yield from (f"{path}?q={word}" for word in ("canary", "金丝雀", "13955", "typed-elsewhere", "known-here"))


def shown(crawls: Crawls, who: str) -> tuple[list[str], int]:
    """``(where a word was shown, forms that came back)``, beside what the crawl has asked for.

    What takes something is sent a little: forms come back with what they know, and refusals name things. The crawl sent
    nothing; what takes nothing, or lets this person in nowhere, needs no second question.
    """
    school, found, forms = crawls.mine, [], 0
    words, client = Words(words_but_of(school, user_of(school, who))), browser(school, who)
    cookies = client.cookies.copy()
    asked = [("get", path) for path in searched(school)] + [("post", path) for path in crawls.of(who).taking]
    for method, path in asked:
        client.cookies = cookies.copy()
        with undone():
            response = client.get(path) if method == "get" else client.post(path, A_LITTLE)
            answer = text_of(response)
        assert response.status_code != 500, path
        forms += response.status_code == 422
        # What was searched for may come back in its own field; it tells nothing.
        found += [f"{path}: {word}" for word in words.shown_in(answer) if word not in path]
    return found, forms


@pytest.mark.parametrize("who", ROLES)
def test_a_school_sees_nothing_of_the_accounts_of_its_people(crawls: Crawls, who: str) -> None:
    crawl = crawls.of(who)
    found, forms = shown(crawls, who)
    assert crawl.of_accounts + found == []
    assert crawl.opened > 10, "the crawler was refused everywhere"
    assert crawl.forms + forms > 3, "nothing that was sent came back"
    assert crawl.typed or who == "finance", "nothing of the school's own was shown either"


@pytest.mark.parametrize("who", OFFICES)
def test_operator_and_institution_see_nothing_of_them_either(crawls: Crawls, who: str) -> None:
    crawl = crawls.of(who)
    found, forms = shown(crawls, who)
    assert crawl.of_accounts + found == []
    assert crawl.opened > 5
    assert crawl.forms + forms > 3
