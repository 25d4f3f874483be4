"""Every list is looked at in a small city and in a large one (`bin/bench growth`), or it is said why not."""

from collections.abc import Iterator
from typing import Any, Final

from django.urls import get_resolver, reverse

from bench._growth_lists import ELSEWHERE, LISTS
from tests.architecture.test_lists import SHORT, calls, names_of

ANY_KEY: Final = "00000000-0000-0000-0000-000000000000"
LOOKED_AT: Final = frozenset(
    path.partition("?")[0].format(open_day=ANY_KEY, reading=ANY_KEY) for paths in LISTS.values() for path in paths
)


def page_of_file(name: str) -> str:
    """The address of the page whose rows the file ``name`` gives."""
    resolver = get_resolver()
    keys = {key: ANY_KEY for _text, keys in resolver.reverse_dict.getlist(name)[0][0] for key in keys}
    address = reverse(name, kwargs=keys)
    folder, _slash, file = address.rpartition("/")
    own = f"{folder}/{file.removesuffix('.csv')}/"
    return own if own in LOOKED_AT else f"{folder}/"


def files() -> Iterator[str]:
    yield from sorted({name for name in names_of(get_resolver()) if name.endswith("_csv") and "roster" not in name})


def test_every_list_with_a_file_is_looked_at_in_two_cities() -> None:
    assert len(set(files())) > 30
    left_out = {name: page for name in files() if (page := page_of_file(name)) not in LOOKED_AT}
    assert left_out == {}


def test_what_shows_parts_of_a_whole_without_a_file_is_looked_at_or_says_why_not() -> None:
    """Each by the file that cuts the parts; who is looked at is named with the address."""
    assert set(SHORT) - set(ELSEWHERE) == set(ALSO)
    assert set(ALSO.values()) <= LOOKED_AT
    assert set(ELSEWHERE) <= set(SHORT), "what has gone needs no reason"
    assert not {*ELSEWHERE, *ALSO} - calls("page_of")
    assert all(ELSEWHERE.values())


ALSO: Final[dict[str, Any]] = {
    "platform/notifications/inbox.py": "/my/messages/",
    "referrals/staff/views_services.py": "/apply/",
    "content/opendays/views/office.py": "/union/open-days/",
}
