"""Chinese is the first language: every sentence of a screen has its Chinese, and one English has one Chinese.

Messages are English in the source (docs/glossary.md holds the words); the catalogues are read as bin/lib compiles them.
"""

import ast
import re
import string
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation import override
from django.utils.translation.template import templatize

from api.sentences import SENTENCES
from ledger.workflow import USED_UP
from referrals.rules import RefusalReason
from tests.tree import FOLDERS, ROOT
from ui.refusals import explanations

sys.path.insert(0, str(ROOT / "bin" / "lib"))

from catalogues import read_catalogue  # noqa: E402

CALLS = {
    "_": "gettext",
    "_lazy": "gettext",
    "gettext": "gettext",
    "gettext_lazy": "gettext",
    "gettext_noop": "gettext",
    "ngettext": "ngettext",
    "ngettext_lazy": "ngettext",
    "pgettext": "pgettext",
    "pgettext_lazy": "pgettext",
    "npgettext": "npgettext",
    "npgettext_lazy": "npgettext",
}
ERRORS = {"DomainError", "NotFound", "Forbidden", "Conflict", "Refused", "TooMany", "Invalid", "IllegalMove"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
JOINS = re.compile(r"[}>][：，；、。？！（）](?=[{<])")  # noqa: RUF001 - the signs of Chinese are meant
_CALL = re.compile(r"\b(_|n?p?gettext)\(")
_LITERAL = re.compile(r"\s*u?('(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")\s*,?")
# Kept as they are in Chinese too: a name, a unit, a form, a format, or the other language's own name.
SAME_IN_BOTH = re.compile(r"^[\W\d]*(?:%\(\w+\)[sd][\W\d]*)*$")
UNTRANSLATED = {"English", "Excel", "CSV"}


def _sources(suffix: str) -> list[Path]:
    return [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob(f"*{suffix}"))
        if not {"migrations", "locale", "static"} & set(path.parts)
    ]


def _key(kind: str, texts: list[str]) -> str:
    """The key under which gettext stores a message (context before U+0004, plural after NUL)."""
    context = f"{texts.pop(0)}\x04" if kind in ("pgettext", "npgettext") else ""
    return context + (f"{texts[0]}\0{texts[1]}" if kind in ("ngettext", "npgettext") else texts[0])


def _tree(path: Path, words: re.Pattern[str]) -> ast.Module:
    """What the file says; nothing where ``words`` are not in it: to read all takes seconds."""
    text = path.read_text(encoding="utf-8")
    return ast.parse(text if words.search(text) else "")


_CALLED = re.compile(rf"\b(?:{'|'.join(CALLS)})\(")


def _in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path, _CALLED)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if name not in CALLS:
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if texts:
            yield _key(CALLS[name], texts)


def _in_template(path: Path) -> Iterator[str]:
    written = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in _CALL.finditer(written):
        texts, place = [], call.end()
        while literal := _LITERAL.match(written, place):
            texts.append(ast.literal_eval(literal[1]))
            place = literal.end()
        if texts:
            yield _key(CALLS[call[1]], texts)


@cache
def messages() -> dict[str, list[Path]]:
    """Every message of our screens, with the files that show it."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in _sources(".py"):
        for key in _in_python(path):
            found[key].append(path.relative_to(ROOT))
    for path in [*_sources(".html"), *_sources(".txt")]:
        for key in _in_template(path):
            found[key].append(path.relative_to(ROOT))
    return found


def _pair(entry: polib.POEntry) -> tuple[str, str]:
    """Key and text: context and plural are parts of the key."""
    key = f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid
    if entry.msgid_plural:
        return f"{key}\0{entry.msgid_plural}", "\0".join(text for _n, text in sorted(entry.msgstr_plural.items()))
    return key, entry.msgstr


@cache
def catalogues() -> dict[Path, list[tuple[str, str]]]:
    """Each of our catalogues with its entries as gettext keeps them; none stands there twice (bin/lib refuses it)."""
    return {
        path.relative_to(ROOT): [
            _pair(entry) for entry in read_catalogue(path.read_text(encoding="utf-8")).translated_entries()
        ]
        for folder in (*FOLDERS, "locale")
        for path in sorted((ROOT / folder).rglob("zh_Hans/LC_MESSAGES/django.po"))
    }


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text)) | {
        name for _text, name, _spec, _conversion in string.Formatter().parse(re.sub(r"%\(\w+\)", "", text)) if name
    }


def _app(path: Path) -> Path:
    """The folder of the app that a file belongs to: the nearest above it that is one."""
    return next((above for above in path.parents if (ROOT / above / "apps.py").is_file()), Path(path.parts[0]))


def test_a_message_of_one_app_stands_in_its_catalogue():
    """So that an app and its words come and go together."""
    homes = {_app(path): {key for key, _text in entries} for path, entries in catalogues().items()}
    strays = {}
    for key, paths in messages().items():
        users = {_app(path) for path in paths}
        if len(users) == 1 and (home := users.pop()) in homes and key not in homes[home]:
            strays[key] = str(home)
    assert strays == {}


def test_every_message_has_its_chinese():
    known = {key for entries in catalogues().values() for key, text in entries if text.strip()}
    missing = {key: str(paths[0]) for key, paths in messages().items() if key not in known}
    assert missing == {}


def test_the_chinese_is_chinese():
    """A translation copied from the English is none."""
    same = {
        key
        for entries in catalogues().values()
        for key, text in entries
        if not CHINESE.search(text) and not SAME_IN_BOTH.match(text) and text not in UNTRANSLATED
    }
    assert same == set()


def test_a_reader_is_addressed_with_respect_and_a_subsidy_has_one_word():
    """您 and never 你 (several people are 你们); 补贴 and never 补助: two words for one thing are two things to a reader."""
    odd = re.compile(r"你(?!们)|补助")
    found = [(str(path), text) for path, rows in catalogues().items() for _id, text in rows if odd.search(text)]
    assert not found


def test_one_english_has_one_chinese():
    """Django lays the apps' catalogues over one another: of two different texts, the order of apps would pick one."""
    texts: dict[str, set[str]] = defaultdict(set)
    for entries in catalogues().values():
        for key, text in entries:
            texts[key].add(text)
    assert {key: found for key, found in texts.items() if len(found) > 1} == {}


def test_messages_are_english():
    """A Chinese word may be quoted (a column of a file, a form of address); the sentence around it is English."""
    assert [k for k in messages() if len(CHINESE.findall(k)) > len(re.findall("[a-z]", k))] == []


def test_templates_hold_no_sign_of_chinese():
    """A full-width colon between two values is read in English too; what joins them is a message. The gallery is a picture."""
    own = [path for path in _sources(".html") if "gallery" not in path.parts]
    joined = {path.name: found for path in own if (found := JOINS.findall(path.read_text(encoding="utf-8")))}
    assert joined == {}


def test_placeholders_survive():
    """A lost or invented placeholder is a gap in the sentence, or an error page."""
    wrong = {
        key: text
        for entries in catalogues().values()
        for key, text in entries
        if not _placeholders(text.replace("\0", " ")) <= _placeholders(key.replace("\0", " "))
        or _placeholders(key.replace("\0", " ")) - _placeholders(text.replace("\0", " ")) - {"counter", "count", "n"}
    }
    assert wrong == {}


def test_every_catalogue_stands_where_django_looks():
    apps = {name.replace(".", "/") for name in settings.INSTALLED_APPS} | {
        f"platform/{n}" for n in settings.INSTALLED_APPS
    }
    homes = {str(path.parents[3]) for path in catalogues()}
    assert homes - apps - {"."} == set()


def _constants(value: ast.expr) -> Iterator[str]:
    """The texts a value may be: itself, or both sides of a choice."""
    if isinstance(value, ast.IfExp):
        yield from (*_constants(value.body), *_constants(value.orelse))
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


def _rows(value: ast.AST) -> Iterator[str]:
    """Codes of the ``(field, code, detail)`` rows in ``value``."""
    for row in ast.walk(value):
        if isinstance(row, ast.Tuple) and len(row.elts) == 3:
            yield from _constants(row.elts[1])


_REFUSING = re.compile(rf"\b(?:faults|_invalid|{'|'.join(ERRORS)})\b")


def _raised(path: Path) -> Iterator[str]:
    """Codes that a file raises: the word given to an error, those of its rows, and those of a list of ``faults``."""
    for node in ast.walk(_tree(path, _REFUSING)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "faults":
            yield from _rows(node.value)
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if name in ERRORS:
            yield from (code for argument in node.args[:1] for code in _constants(argument))
            yield from (code for keyword in node.keywords if keyword.arg == "fields" for code in _rows(keyword.value))
        elif name == "_invalid" and len(node.args) == 2:
            yield from _constants(node.args[1])
        elif name == "append" and getattr(getattr(node.func, "value", None), "id", "") == "faults":
            yield from _rows(node.args[0])


def test_every_refusal_can_be_explained():
    """A code without a row falls back to "This did not work", which helps nobody."""
    raised = {code: str(path.relative_to(ROOT)) for path in _sources(".py") for code in _raised(path)}
    counted = {str(code): "a table of codes" for code in (*RefusalReason, *USED_UP.values())}
    wire = {code for code, path in raised.items() if path.startswith("platform/api/") and code in SENTENCES}
    assert {c: path for c, path in (raised | counted).items() if c not in explanations() and c not in wire} == {}
    assert {"windows_missing", "offset_missing", "born_missing", "end_before_start"} <= raised.keys()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_refusals_speak_the_readers_language(language: str):
    with override(language):
        spoken = [str(part) for row in explanations().values() for part in (row.title, row.detail, row.next_step)]
    assert all(spoken)
    assert [text for text in spoken if bool(CHINESE.search(text)) != (language == "zh-hans")] == []
