"""A crawler reads what every page says: its title, and what is wrong with a form that is sent empty or full of nonsense."""

import ast
import gettext
import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import django
import polib
import pytest
from django.test import Client, override_settings

from accounts.models import User
from tenancy.hosts import forget
from tests.databases import use_database
from tests.tenancy.addresses import addresses
from tests.tenancy.asking import answers_alone, undone
from tests.tenancy.planted import ROLES, Planted, plant
from tests.tree import ROOT

DJANGO = Path(django.__file__).parent
OF_FORMS = ("forms/fields.py", "forms/forms.py", "forms/models.py", "core/validators.py")
NONSENSE = "@@ ‰ 999999999999999999999999"
HOLE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
TITLE = re.compile(r"<title>(.*?)</title>", re.S)
PUBLIC = "nobody"
OFFICES = ("partner_office", "partner_counter", "operator")
BOTH_NAMES = re.compile(r'value="[^"]*"|<dt>(?:Name|Full name)</dt>\s*<dd[^>]*>.*?</dd>', re.S)
SKIPPED = ("cms/", "readyz", "api/", "media/", "documents/", "static/", "jsi18n/", "accounts/logout/")


def own_words() -> set[str]:
    """Every sentence that Django's forms may say, as they stand in its code."""
    found = set()
    for name in OF_FORMS:
        for node in ast.walk(ast.parse((DJANGO / name).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "gettext_lazy", "ngettext_lazy"}:
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return {words for words in found if " " in words and not words.startswith("IPv")}


def sentences(language: str) -> list[re.Pattern[str]]:
    """How Django itself says them."""
    said = own_words()
    if language != "en":
        with (DJANGO / "conf/locale/zh_Hans/LC_MESSAGES/django.mo").open("rb") as file:
            chinese = gettext.GNUTranslations(file)
        said = {chinese.gettext(words) for words in said} | {chinese.ngettext(words, words, 1) for words in said} - said
    return [re.compile(".+?".join(map(re.escape, HOLE.split(one)))) for one in sorted(said)]


@pytest.mark.parametrize("catalogue", ["zh_Hans", "en"])
def test_no_sentence_of_djangos_forms_is_left_to_django(catalogue: str) -> None:
    ours = {entry.msgid: entry for entry in polib.pofile(str(ROOT / f"locale/{catalogue}/LC_MESSAGES/django.po"))}
    assert own_words() - set(ours) == set()
    assert len(own_words()) > 30, "they are read from Django's own code"
    said = {text for entry in ours.values() for text in (entry.msgstr, *entry.msgstr_plural.values())}
    assert said & own_words() == set(), "said as Django says it"
    holes = [(words, set(HOLE.findall(words)) ^ set(HOLE.findall(ours[words].msgstr))) for words in own_words()]
    assert [row for row in holes if row[1] and not ours[row[0]].msgid_plural and "show_value" not in str(row[1])] == []


class Forms(HTMLParser):
    """The forms of a page: address, and names of its fields with what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self.is_open = (values.get("method") or "").lower() == "post"
            if self.is_open:
                self.forms.append((values.get("action") or "", {}))
        elif tag in {"input", "select", "textarea", "button"} and self.is_open and values.get("name"):
            kept = values.get("type") in {"hidden", "submit"} or tag == "button"
            self.forms[-1][1][str(values["name"])] = (values.get("value") or "") if kept else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_open = False


@pytest.fixture(scope="module")
def school(
    committing_database: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Planted]:
    media, private = (str(tmp_path_factory.mktemp(name)) for name in ("media", "private"))
    with django_db_blocker.unblock(), answers_alone(), override_settings(MEDIA_ROOT=media, PRIVATE_ROOT=private):
        usual = use_database(committing_database)
        yield plant("白鹭", "BL")
        use_database(usual)


def browser(school: Planted, role: str) -> Client:
    journey = school.journey
    if role == PUBLIC:
        return school.client(None)
    if role not in OFFICES:
        return school.client(school.users[role])
    user = {
        "partner_office": journey.partner_user,
        "partner_counter": journey.counter_user,
        "operator": User.objects.get(pk=journey.operator.user_id),
    }[role]
    return school.client(user, journey.platform.host)


def answer_to(client: Client, method: str, path: str, sent: dict[str, str] | None = None) -> Any:
    """The answer, and nothing kept of it."""
    cookies = client.cookies.copy()
    with undone():
        answer = getattr(client, method)(path, sent or {}, follow=method == "post")
    client.cookies = cookies
    return answer


Pages = list[tuple[str, str, str]]


def pages(client: Client, asked: Iterable[tuple[str, str]]) -> Pages:
    """Those that the person may open of the addresses ``asked`` for (name, path): name, path, text."""
    found = []
    for name, path in asked:
        answer = answer_to(client, "get", path)
        if answer.status_code == 200 and "text/html" in answer["Content-Type"] and not answer.streaming:
            found.append((name, path, answer.content.decode()))
    return found


Opened = Callable[[str, str], Pages]


@pytest.fixture(scope="module")
def opened(school: Planted) -> Opened:
    """All pages that a person is shown in a language, asked for once: several tests read the same answers.

    Who may open what does not depend on the language: what opens in Chinese, of every address, is asked for in English.
    """
    values = school.values()

    @cache
    def of(role: str, language: str) -> Pages:
        client = browser(school, role)
        client.cookies["django_language"] = language
        if language == "zh-hans":
            return pages(client, [(address.name, address.fill(values)) for address in addresses(SKIPPED)])
        shown = of(role, "zh-hans")
        found = pages(client, [(name, path) for name, path, _text in shown])
        assert len(found) == len(shown)
        return found

    return of


def title_of(page: str) -> str:
    found = TITLE.search(page)
    return html.unescape(found[1]).strip() if found else ""


@pytest.mark.parametrize(
    ("role", "language"),
    [*((role, "zh-hans") for role in (PUBLIC, *ROLES, *OFFICES)), ("staff", "en"), ("admin", "en"), ("operator", "en")],
)
def test_no_form_answers_in_the_words_of_the_framework(
    school: Planted, opened: Opened, role: str, language: str
) -> None:
    client = browser(school, role)
    client.cookies["django_language"] = language
    known, said, asked = sentences(language), [], 0
    met = set()
    for name, path, text in opened(role, language):
        reader = Forms()
        reader.feed(text)
        for action, fields in reader.forms:
            if "setlang" in action or "logout" in action:
                continue
            for sent in (fields, {key: value or NONSENSE for key, value in fields.items()}):
                # The same again is answered the same, for each is undone: a form that stands on many pages is sent once.
                what = (
                    action or path,
                    frozenset(sent.items() - {("csrfmiddlewaretoken", sent.get("csrfmiddlewaretoken"))}),
                )
                if what in met:
                    continue
                met.add(what)
                answer = answer_to(client, "post", html.unescape(action) or path, sent)
                if "text/html" in answer["Content-Type"] and not answer.streaming:
                    shown = html.unescape(answer.content.decode())
                    said += [f"{name} {action or path}: {one.pattern}" for one in known if one.search(shown)]
                    if 'class="summary"' in shown and not title_of(shown).startswith(("有误：", "Error: ")):
                        said.append(f"{name} {action or path}: its title does not say that something is wrong")
                    asked += 1
    assert not said, "\n".join(said)
    assert asked > (0 if role == PUBLIC else 5), "no form was met"


@pytest.mark.parametrize("role", [PUBLIC, "staff", "centre", "union", "finance", "partner_office", "operator"])
def test_who_reads_english_reads_the_english_name(school: Planted, opened: Opened, role: str) -> None:
    """Of schools, institutions and services; only the facts that show both names, and a field to change one, show Chinese."""
    shown = opened(role, "zh-hans")
    client = browser(school, role)
    client.cookies["django_language"] = "en"
    journey, known = school.journey, {}
    for row in (school.tenant, journey.institution, journey.counselling, journey.childcare):
        english = f"English {row._meta.model_name}"
        type(row).objects.filter(pk=row.pk).update(name_en=english)
        known[row.name] = english
    forget()
    told, met = [], set()
    for _name, path, text in pages(client, [(name, path) for name, path, _text in shown]):
        outside = BOTH_NAMES.sub("", text)
        told += [f"{path}: {name}" for name in known if re.search(rf"{re.escape(name)}(?!\d)", outside)]
        met |= {english for english in known.values() if english in text}
    assert not told, "\n".join(told)
    assert met


@pytest.mark.parametrize("role", [PUBLIC, *ROLES, *OFFICES])
def test_every_page_has_a_title_of_its_own_without_a_personal_word(school: Planted, opened: Opened, role: str) -> None:
    titles = defaultdict(set)
    mark = school.mark
    personal = (f"{mark}老师", f"{mark}孩子", f"{mark}家属", f"{mark}备注", "BL-20", "@", *school.words)
    told = []
    for name, path, text in opened(role, "zh-hans"):
        title = title_of(text)
        titles[title].add(name)
        own = title.partition(" · ")[0]
        if not own or own.startswith("·"):
            told.append(f"{path}: no title")
        told += [f"{path}: {word}" for word in personal if word in own and word != mark]
    told += [f"{title}: {sorted(names)}" for title, names in titles.items() if len(names) > 1]
    assert not told, "\n".join(told)
