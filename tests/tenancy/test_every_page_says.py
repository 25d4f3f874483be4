"""A crawler reads what every page says: its title, and what is wrong with a form that is sent empty or full of nonsense."""

import ast
import gettext
import html
import re
from collections import defaultdict
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import django
import polib
import pytest
from django.urls import Resolver404, resolve

from tests.tenancy.crawling import PUBLIC, WHO, Crawls, answer_to, browser, named_in_english
from tests.tree import ROOT

DJANGO = Path(django.__file__).parent
OF_FORMS = ("forms/fields.py", "forms/forms.py", "forms/models.py", "core/validators.py")
NONSENSE = "@@ ‰ 999999999999999999999999"
HOLE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
TITLE = re.compile(r"<title>(.*?)</title>", re.S)
BOTH_NAMES = re.compile(r'value="[^"]*"|<dt>(?:Name|Full name)</dt>\s*<dd[^>]*>.*?</dd>', re.S)


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


def title_of(page: str) -> str:
    found = TITLE.search(page)
    return html.unescape(found[1]).strip() if found else ""


@pytest.fixture(scope="module")
def sent_already() -> set[tuple[object, ...]]:
    """Forms that somebody of this half of the crawl has sent, in a language."""
    return set()


@pytest.mark.parametrize(
    ("who", "language"), [*((who, "zh-hans") for who in WHO), ("staff", "en"), ("admin", "en"), ("operator", "en")]
)
def test_no_form_answers_in_the_words_of_the_framework(
    crawls: Crawls, sent_already: set[tuple[object, ...]], who: str, language: str
) -> None:
    """What a form says of its fields is its class's, whoever sends it: a form of a view, with the same fields filled in, is
    sent by the first who meets it. What somebody meets with another field, or none filled, they send as well.
    """
    client = browser(crawls.mine, who)
    client.cookies["django_language"] = language
    known, said, met = sentences(language), [], 0
    for name, path, text in crawls.pages(who, language):
        reader = Forms()
        reader.feed(text)
        for action, fields in reader.forms:
            if "setlang" in action or "logout" in action:
                continue
            met += 1
            for sent in (fields, {key: value or NONSENSE for key, value in fields.items()}):
                what = (
                    language,
                    _view_of(html.unescape(action) or path),
                    *sorted((key, bool(sent[key])) for key in sent),
                )
                if what in sent_already:
                    continue
                sent_already.add(what)
                answer = answer_to(client, "post", html.unescape(action) or path, sent)
                if "text/html" in answer["Content-Type"] and not answer.streaming:
                    shown = html.unescape(answer.content.decode())
                    said += [f"{name} {action or path}: {one.pattern}" for one in known if one.search(shown)]
                    if 'class="summary"' in shown and not title_of(shown).startswith(("有误：", "Error: ")):
                        said.append(f"{name} {action or path}: its title does not say that something is wrong")
    assert not said, "\n".join(said)
    assert met > (0 if who == PUBLIC else 2), "no form was met"
    assert sent_already, "nothing was sent"


def _view_of(address: str) -> str:
    """What answers there; an address that no view of ours takes stands for itself."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return address


@pytest.mark.parametrize("who", [PUBLIC, "staff", "centre", "union", "finance", "partner_office", "operator"])
def test_who_reads_english_reads_the_english_name(crawls: Crawls, who: str) -> None:
    """Of schools, institutions and services; only the facts that show both names, and a field to change one, show Chinese."""
    told, met = [], set()
    known = {row.name: row.name_en for row in named_in_english(crawls.mine)}
    for _name, path, text in crawls.pages(who, "en"):
        outside = BOTH_NAMES.sub("", text)
        told += [f"{path}: {name}" for name in known if re.search(rf"{re.escape(name)}(?!\d)", outside)]
        met |= {english for english in known.values() if english in text}
    assert not told, "\n".join(told)
    assert met


@pytest.mark.parametrize("who", WHO)
def test_every_page_has_a_title_of_its_own_without_a_personal_word(crawls: Crawls, who: str) -> None:
    school, titles = crawls.mine, defaultdict(set)
    mark = school.mark
    personal = (f"{mark}老师", f"{mark}孩子", f"{mark}家属", f"{mark}备注", "BL-20", "@", *school.words)
    told = []
    for name, path, text in crawls.pages(who, "zh-hans"):
        title = title_of(text)
        titles[title].add(name)
        own = title.partition(" · ")[0]
        if not own or own.startswith("·"):
            told.append(f"{path}: no title")
        parts = title.split(" · ")
        told += [f"{path}: {title}" for one, following in pairwise(parts) if one == following]
        told += [f"{path}: {word}" for word in personal if word in own and word != mark]
    told += [f"{title}: {sorted(names)}" for title, names in titles.items() if len(names) > 1]
    assert not told, "\n".join(told)
