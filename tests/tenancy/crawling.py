"""One crawl for three tests: each address, by each person, with the other school's ids and with the own ones.

What each answer must not show, and the pages that opened, stand in ``Found``: test_no_page_crosses, test_nothing_of_an_account
and test_every_page_says read them. Every request is undone, so the order is of no matter.
"""

import io
import subprocess
import traceback
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from accounts.places import actor_at
from tenancy.hosts import forget
from tests.tenancy.accounts_planted import give_accounts_words_of_their_own, meet, words_but_of
from tests.tenancy.addresses import Address, addresses
from tests.tenancy.asking import Door, Words, undone
from tests.tenancy.planted import ROLES, Planted, plant

SKIPPED = ("cms/", "readyz")
"""The CMS below its first page, and the probe that rightly says 503 while no broker runs."""
NO_PAGES = ("api/", "media/", "documents/", "static/", "jsi18n/", "accounts/logout/", "cms/")
"""What is no page of ours that says something, or ends the visit."""
MAY_BE_KEPT = ("media", "healthz", "metrics", "school_picture", "sound")
"""A picture under a name that is a secret, what no person is answered by, a drawing and a sound that say nothing of anybody."""
PUBLIC = "nobody"
OFFICES = ("partner_office", "partner_counter", "operator")
WHO = (PUBLIC, *ROLES, *OFFICES)
BOTH = ("get", "post")

Pages = list[tuple[str, str, str]]
"""Name, path, text."""


@dataclass
class Found:
    """What one crawl met. ``own`` counts answers that show the crawler's own school: an empty crawl proves nothing.

    ``kept`` are answers that a cache on the way may keep; ``of_accounts`` shows what only a person or a third school has
    written; ``typed`` counts answers with what the school itself typed of its people; ``forms`` came back; ``taking`` are
    the paths, with own ids, that take something sent; ``pages`` opened with own ids.
    """

    broken: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    of_accounts: list[str] = field(default_factory=list)
    pages: Pages = field(default_factory=list)
    taking: list[str] = field(default_factory=list)
    good: int = 0
    own: int = 0
    opened: int = 0
    forms: int = 0
    typed: int = 0
    spared: list[tuple[str, str]] = field(default_factory=list)
    """Method and path, with own ids, of what was not asked for: the door refuses it, whatever the ids."""


def every_address() -> list[Address]:
    return [*addresses(SKIPPED), Address("cms/", (), "cms"), Address("%(page_path)s", ("page_path",), "page")]


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


def user_of(school: Planted, who: str) -> User | None:
    """The account of one of ``WHO``."""
    journey = school.journey
    if who in OFFICES:
        return {
            "partner_office": journey.partner_user,
            "partner_counter": journey.counter_user,
            "operator": User.objects.get(pk=journey.operator.user_id),
        }[who]
    return None if who == PUBLIC else school.users[who]


def actor_of(school: Planted, who: str) -> Actor | None:
    """As whom they act on the host where they work."""
    user = user_of(school, who)
    tenant = school.journey.platform if who in OFFICES else school.tenant
    return actor_at(tenant, user) if user else None


def browser(school: Planted, who: str) -> Client:
    """Signed in on the host where they work."""
    return school.client(user_of(school, who), school.journey.platform.host if who in OFFICES else None)


@dataclass
class Crawler:
    """Who asks, and what must not be shown to them. Without a ``door`` every address is knocked at."""

    client: Client
    mine: Planted
    other: Planted
    forbidden: tuple[str, ...]
    of_accounts: tuple[str, ...] = ()
    door: Door | None = None
    found: Found = field(default_factory=Found)

    def __post_init__(self) -> None:
        self.cookies = self.client.cookies.copy()
        self.told = (
            (Words([*self.forbidden, *self.other.ids]), self.found.leaked),
            (Words(self.of_accounts), self.found.of_accounts),
        )

    def crawl(self, methods: tuple[str, ...] = BOTH) -> Found:
        """Every address by each of the ``methods``, each path once: what is filled alike for both, a secret that nobody has,
        is one path. What the door refuses is noted as spared, and not asked for.
        """
        for address in every_address():
            foreign, own = address.fill(self.other.values()), address.fill(self.mine.values())
            for method in methods:
                if self.door and self.door.is_shut(own, method):
                    self.found.spared.append((method, own))
                    continue
                for path in dict.fromkeys((foreign, own)):
                    self._ask(address, method, path, is_own=path == own)
        return self.found

    def _ask(self, address: Address, method: str, path: str, *, is_own: bool) -> None:
        """Ask, undo, note."""
        found = self.found
        self.client.cookies = self.cookies.copy()
        with undone():
            response = getattr(self.client, method)(path)
            answer = text_of(response)
        status: int = response.status_code
        where = f"{method.upper()} {address.template} [{address.name}] {status}"
        if status >= 500:
            found.broken.append(f"{where}: {_why(response)}")
        # What was asked for may come back in the answer's own address; it tells nothing.
        for words, told in self.told:
            told += [f"{where}: {word}" for word in words.shown_in(answer) if word not in path]
        keeps = "no-store" not in response.headers.get("Cache-Control", "") and address.name not in MAY_BE_KEPT
        if keeps and status != 301:  # the same address with its slash: nobody is answered yet
            found.kept.append(where)
        found.good += status == 200
        found.own += self.mine.mark.encode() in answer
        found.typed += b"known-here" in answer
        if is_own and method == "get" and status == 200:
            found.opened += 1
            is_page = "text/html" in response["Content-Type"] and not response.streaming
            if is_page and not address.template.startswith(NO_PAGES):
                found.pages.append((address.name, path, response.content.decode()))
        if is_own and method == "post" and status != 405:
            found.taking.append(path)
            found.forms += status == 422


def _why(response: Any) -> str:
    """The error's last lines, for the report."""
    if not getattr(response, "exc_info", None):
        return ""
    kind, error, trace = response.exc_info
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if ".venv" not in frame.filename][-1:]
    spots = " <- ".join(f"{frame.filename.rpartition('/main/')[2]}:{frame.lineno}" for frame in [*ours, frames[-1]])
    return f"{kind.__name__}: {str(error)[:160]} ({spots})"


def secrets_from(who: str, other: Planted) -> tuple[str, ...]:
    """What of the other school must not reach this person; the operator sees that a school exists, and nothing that happens
    in it.
    """
    if who != "operator":
        return other.words
    known = (other.mark, other.tenant.slug)
    told = tuple(f"{other.mark}{word}" for word in ("老师", "孩子", "家属", "备注", "0号"))
    return tuple(word for word in other.words if word not in known) + told


def named_in_english(school: Planted) -> list[Any]:
    """Whose name stands in Chinese and in English."""
    journey = school.journey
    return [school.tenant, journey.institution, journey.counselling, journey.childcare]


class Crawls:
    """The two schools, the crawler's own first, and what each person met there: asked for when the first test wants it."""

    def __init__(self, mine: Planted, other: Planted) -> None:
        self.mine, self.other = mine, other
        self._found: dict[str, Found] = {}
        self._english: dict[str, Pages] = {}

    def of(self, who: str) -> Found:
        """A stranger only reads."""
        if who not in self._found:
            user = user_of(self.mine, who)
            crawler = Crawler(
                browser(self.mine, who), self.mine, self.other, secrets_from(who, self.other),
                of_accounts=tuple(words_but_of(self.mine, user)), door=Door(actor_of(self.mine, who)),
            )  # fmt: skip
            self._found[who] = crawler.crawl(BOTH if user else ("get",))
        return self._found[who]

    def pages(self, who: str, language: str) -> Pages:
        """All pages that a person is shown in a language. Who may open what does not depend on the language: what opens in
        Chinese is asked for in English.
        """
        shown = self.of(who).pages
        if language == "zh-hans":
            return shown
        if who not in self._english:
            client = browser(self.mine, who)
            client.cookies["django_language"] = language
            self._english[who] = pages(client, [(name, path) for name, path, _text in shown])
            assert len(self._english[who]) == len(shown)
        return self._english[who]


def plant_two() -> Crawls:
    """The crawler's school, whose people have accounts with words of their own, and whose English names are known; and the
    other, all of whose words are planted.
    """
    mine, other = plant("白鹭", "BL"), plant("墨竹", "QZ")
    give_accounts_words_of_their_own(mine)
    meet(mine)
    for row in named_in_english(mine):
        row.name_en = f"English {row._meta.model_name}"
        row.save(update_fields=["name_en"])
    forget()
    return Crawls(mine, other)


def answer_to(client: Client, method: str, path: str, sent: dict[str, str] | None = None) -> Any:
    """The answer, and nothing kept of it."""
    cookies = client.cookies.copy()
    with undone():
        answer = getattr(client, method)(path, sent or {}, follow=method == "post")
    client.cookies = cookies
    return answer


def pages(client: Client, asked: Iterable[tuple[str, str]]) -> Pages:
    """Those that the person may open of the addresses ``asked`` for (name, path): name, path, text."""
    found = []
    for name, path in asked:
        answer = answer_to(client, "get", path)
        if answer.status_code == 200 and "text/html" in answer["Content-Type"] and not answer.streaming:
            found.append((name, path, answer.content.decode()))
    return found
