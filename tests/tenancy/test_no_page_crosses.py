"""T3: a crawler signs in as each role and asks for every address, with the other school's ids and with its own.

Nothing of the other school may come back, and nothing may break. Every request is undone, so the order is of no
matter. The CMS has a crawler of its own (tests/content/test_gate.py); here only its first page is tried.
"""

import uuid
from collections import Counter

import pytest

from tests.tenancy.asking import Words, undone
from tests.tenancy.crawling import OFFICES, Crawler, Crawls, browser, text_of
from tests.tenancy.planted import ROLES


@pytest.mark.parametrize(
    "around", [("", ""), ('"/my/referrals/', '/"'), ("af", "0f"), ("00000000-", "-"), ("墨竹", "墨竹")]
)
def test_an_id_and_a_word_are_met_wherever_they_stand(around: tuple[str, str]) -> None:
    wanted, other = str(uuid.uuid4()), str(uuid.uuid4())
    words = Words([wanted, "墨竹老师", "not here"])
    before, after = around
    assert words.shown_in(f"{other}{before}{wanted}{after}".encode()) == [wanted]
    assert words.shown_in(f"{before}墨竹老师{after}".encode()) == ["墨竹老师"]
    assert words.shown_in(f"{before}{other}{after}".encode()) == []


@pytest.mark.parametrize("who", ROLES)
def test_t3_no_page_of_a_school_shows_another(crawls: Crawls, who: str) -> None:
    found = crawls.of(who)
    assert found.leaked == []
    assert found.broken == []
    assert found.kept == []
    assert found.good > 10 and found.own > 5, "the crawler was refused everywhere"


@pytest.mark.parametrize("who", OFFICES)
def test_t3_no_page_of_the_platform_shows_a_school_that_is_not_its_business(crawls: Crawls, who: str) -> None:
    """The partner works for one school only; the operator sees that a school exists, and nothing that happens in it."""
    found = crawls.of(who)
    assert found.leaked == []
    assert found.broken == []
    assert found.kept == []
    assert found.good > 5


@pytest.mark.parametrize("who", ["nobody", "staff"])
def test_t3_on_another_schools_host_a_stranger_sees_the_public_pages_only(crawls: Crawls, who: str) -> None:
    mine, other = crawls.mine, crawls.other
    public = {other.mark, other.tenant.slug, *other.side.words}
    private = tuple(word for word in other.words if word not in public) + tuple(
        f"{other.mark}{word}"
        for word in ("老师", "孩子", "家属", "备注", "教研组", "草稿", "名册", "钥匙", "0号", "1号")
    )
    client = mine.client(None if who == "nobody" else mine.users[who], other.tenant.host)
    found = Crawler(client, other, mine, private).crawl(("get",))
    assert found.leaked == []
    assert found.broken == []


@pytest.mark.parametrize("who", ["head"])
def test_t3_what_the_door_spares_would_have_been_refused(crawls: Crawls, who: str) -> None:
    """The crawler reads from a view whom it refuses: here every knock that it spares itself is made, with the own ids. With the
    other school's it would be refused for the id, whatever the door says.

    302: what takes a form alone leads whoever asks for it by GET on to the page above, before any door.
    """
    spared = crawls.of(who).spared
    client = browser(crawls.mine, who)
    cookies = client.cookies.copy()
    answers: Counter[int] = Counter()
    for method, path in spared:
        client.cookies = cookies.copy()
        with undone():
            response = getattr(client, method)(path)
            answers[response.status_code] += 1
            answer = text_of(response)
            assert not any(word.encode() in answer for word in crawls.other.words if word not in path), path
    assert answers.keys() <= {302, 403, 404, 405}, answers
    assert answers[404] > 100, answers
