"""T3: a crawler signs in as each role and asks for every address, with the other school's ids and with its own.

Nothing of the other school may come back, and nothing may break. Every request is undone, so the order is of no
matter. The CMS has a crawler of its own (tests/content/test_gate.py); here only its first page is tried.
"""

import io
import subprocess
import traceback
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client, override_settings

from accounts.models import User
from tests.databases import use_database
from tests.tenancy.addresses import Address, addresses
from tests.tenancy.asking import answers_alone, undone
from tests.tenancy.planted import ROLES, Planted, plant

SKIPPED = ("cms/", "readyz")
"""The CMS below its first page, and the probe that rightly says 503 while no broker runs."""
MAY_BE_KEPT = ("media", "healthz", "metrics", "school_picture", "sound")
"""A picture under a name that is a secret, what no person is answered by, a drawing and a sound that say nothing of anybody."""
OFFICES = ("partner_office", "partner_counter", "operator")


@dataclass
class Found:
    """What one crawl met. ``own`` counts answers that show the crawler's own school: an empty crawl proves nothing.

    ``kept`` are answers that a cache on the way may keep.
    """

    broken: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    good: int = 0
    own: int = 0


@pytest.fixture(scope="module")
def two(
    committing_database: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Planted, Planted]]:
    """The crawler's school, and the other, all of whose words are planted: once, for every crawl leaves them as they were."""
    media, private = (str(tmp_path_factory.mktemp(name)) for name in ("media", "private"))
    with django_db_blocker.unblock(), answers_alone(), override_settings(MEDIA_ROOT=media, PRIVATE_ROOT=private):
        usual = use_database(committing_database)
        yield plant("白鹭", "BL"), plant("墨竹", "QZ")
        use_database(usual)


def every_address() -> list[Address]:
    return [*addresses(SKIPPED), Address("cms/", (), "cms"), Address("%(page_path)s", ("page_path",), "page")]


def requests(mine: Planted, other: Planted) -> Iterator[tuple[str, Address]]:
    """Each path once: what is filled alike for both, a secret that nobody has, is one path."""
    for address in every_address():
        paths = dict.fromkeys((address.fill(other.values()), address.fill(mine.values())))
        yield from ((path, address) for path in paths)


def text_of(response: Any) -> bytes:
    """All that the answer shows: headers, body, and what lies packed in a workbook or a PDF."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    head = repr(sorted(response.headers.items())).encode()
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body += b"".join(packed.read(name) for name in packed.namelist())
    elif body.startswith(b"%PDF-"):
        body += subprocess.run(["pdftotext", "-", "-"], input=body, capture_output=True, check=True).stdout
    return head + body


def crawl(
    client: Client,
    mine: Planted,
    other: Planted,
    forbidden: tuple[str, ...],
    methods: tuple[str, ...] = ("get", "post"),
) -> Found:
    """Every address by each of the ``methods``, each request undone afterwards.

    A method that an address does not take is refused before an id is looked at: with the other school's id alone.
    """
    found = Found()
    not_taken = set()
    cookies = client.cookies.copy()
    own = mine.mark.encode()
    for path, address in requests(mine, other):
        # What was asked for may come back in the answer's own address; it tells nothing.
        secrets = [word.encode() for word in (*forbidden, *other.ids) if word not in path]
        for method in methods:
            if (address, method) in not_taken:
                continue
            client.cookies = cookies.copy()
            with undone():
                response = getattr(client, method)(path)
                answer = text_of(response)
            if response.status_code == 405:
                not_taken.add((address, method))
            where = f"{method.upper()} {address.template} [{address.name}] {response.status_code}"
            if response.status_code >= 500:
                found.broken.append(f"{where}: {_why(response)}")
            found.leaked += [f"{where}: {word.decode()}" for word in secrets if word in answer]
            keeps = "no-store" not in response.headers.get("Cache-Control", "") and address.name not in MAY_BE_KEPT
            if keeps and response.status_code != 301:  # the same address with its slash: nobody is answered yet
                found.kept.append(where)
            found.good += response.status_code == 200
            found.own += own in answer
    return found


def _why(response: Any) -> str:
    """The error's last lines, for the report."""
    if not getattr(response, "exc_info", None):
        return ""
    kind, error, trace = response.exc_info
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if ".venv" not in frame.filename][-1:]
    spots = " <- ".join(f"{frame.filename.rpartition('/main/')[2]}:{frame.lineno}" for frame in [*ours, frames[-1]])
    return f"{kind.__name__}: {str(error)[:160]} ({spots})"


@pytest.mark.parametrize("role", ROLES)
def test_t3_no_page_of_a_school_shows_another(two: tuple[Planted, Planted], role: str) -> None:
    mine, other = two
    found = crawl(mine.client(mine.users[role]), mine, other, other.words)
    assert found.leaked == []
    assert found.broken == []
    assert found.kept == []
    assert found.good > 10 and found.own > 5, "the crawler was refused everywhere"


@pytest.mark.parametrize("role", OFFICES)
def test_t3_no_page_of_the_platform_shows_a_school_that_is_not_its_business(
    two: tuple[Planted, Planted], role: str
) -> None:
    """The partner works for one school only; the operator sees that a school exists, and nothing that happens in it."""
    mine, other = two
    user = {
        "partner_office": mine.journey.partner_user,
        "partner_counter": mine.journey.counter_user,
        "operator": User.objects.get(pk=mine.journey.operator.user_id),
    }[role]
    known = (other.mark, other.tenant.slug) if role == "operator" else ()
    forbidden = tuple(word for word in other.words if word not in known)
    if role == "operator":
        forbidden += (
            f"{other.mark}老师",
            f"{other.mark}孩子",
            f"{other.mark}家属",
            f"{other.mark}备注",
            f"{other.mark}0号",
        )
    found = crawl(mine.client(user, mine.journey.platform.host), mine, other, forbidden)
    assert found.leaked == []
    assert found.broken == []
    assert found.kept == []
    assert found.good > 5


@pytest.mark.parametrize("role", ["nobody", "staff"])
def test_t3_on_another_schools_host_a_stranger_sees_the_public_pages_only(
    two: tuple[Planted, Planted], role: str
) -> None:
    mine, other = two
    public = {other.mark, other.tenant.slug, *other.side.words}
    private = tuple(word for word in other.words if word not in public) + tuple(
        f"{other.mark}{word}"
        for word in ("老师", "孩子", "家属", "备注", "教研组", "草稿", "名册", "钥匙", "0号", "1号")
    )
    client = mine.client(None if role == "nobody" else mine.users[role], other.tenant.host)
    found = crawl(client, other, other, private, methods=("get",))
    assert found.leaked == []
    assert found.broken == []
