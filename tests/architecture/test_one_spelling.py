"""Every form field, serializer field and search that takes a name goes through ``kernel.fold``."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django import forms
from django.apps import apps

from accounts.fields import DayField, EmailField, PlainDecimalField, PlainField, WholeField
from tests.tree import ROOT, modules

NAMES_OF_PEOPLE_AND_PAPERS = frozenset(
    {"staff_no", "uscc", "number", "administrator_name", "contact_name", "second_contact_name", "duty_phone"}
)


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (r"forms\.(EmailField|DecimalField|IntegerField|FloatField)\(", set()),
        (r"__icontains", {"platform/accounts/search.py"}),
        (r"\.strip\(\)\.(lower|upper|casefold)\(", {"platform/api/parsers.py"}),
        (r"unicodedata\.normalize", {"platform/kernel/fold.py", "platform/exports/guard.py", "referrals/codes.py"}),
    ],
    ids=["bare fields", "searches", "spellings by hand", "NFKC by hand"],
)
def test_only_one_place_does_it(pattern: str, allowed: set[str]) -> None:
    found = {str(path.relative_to(ROOT)) for path in modules() if re.search(pattern, path.read_text())}
    assert found <= allowed


def forms_of_ours() -> Iterator[type[forms.BaseForm]]:
    for config in apps.get_app_configs():
        folder = Path(config.path)
        if ROOT not in folder.parents or ".venv" in folder.parts:
            continue
        for path in [*folder.rglob("forms.py"), *folder.rglob("forms/*.py"), *folder.rglob("*_forms.py")]:
            parts = (config.name, *path.relative_to(folder).with_suffix("").parts)
            module = import_module(".".join(part for part in parts if part != "__init__"))
            for value in vars(module).values():
                if (
                    isinstance(value, type)
                    and issubclass(value, forms.BaseForm)
                    and value.__module__ == module.__name__
                ):
                    yield value


def test_a_field_that_names_a_person_or_a_paper_folds() -> None:
    seen: set[str] = set()
    for form in forms_of_ours():
        for name, field in getattr(form, "base_fields", {}).items():
            seen.add(name)
            if name in NAMES_OF_PEOPLE_AND_PAPERS and isinstance(field, forms.CharField):
                assert isinstance(field, PlainField), f"{form.__name__}.{name}"
            if isinstance(field, forms.EmailField):
                assert isinstance(field, EmailField), f"{form.__name__}.{name}"
            if isinstance(field, forms.IntegerField):
                assert isinstance(field, WholeField | PlainDecimalField), f"{form.__name__}.{name}"
    assert seen >= NAMES_OF_PEOPLE_AND_PAPERS, "the forms were found"


_PROSE = re.compile(r"\bfold_text\([^)]*\b(?:words|note|advice|what|signs|reason|briefing|comment|answer|question)\b")


def test_a_sentence_keeps_the_signs_of_its_language() -> None:
    """``fold_text`` is for names and numbers: it would give a person's sentence the commas of Latin script."""
    found = [str(path.relative_to(ROOT)) for path in modules() if _PROSE.search(path.read_text())]
    assert found == []
    assert _PROSE.search('fold_text(words.get(field, ""))')


_NAMES = r"%\((?:partner|agency|name|who|role|reader|institution|inviter|whom|counsellor)\)s"
_APART = re.compile(rf"[\u4e00-\u9fff] {_NAMES}|{_NAMES} [\u4e00-\u9fff]")


def test_a_name_stands_in_a_chinese_sentence_without_blanks() -> None:
    """A number has a blank at each side; a name is a word like the others."""
    catalogues = [path for path in ROOT.glob("*/**/zh_Hans/LC_MESSAGES/django.po") if ".venv" not in path.parts]
    assert len(catalogues) > 15
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in catalogues
        for line in path.read_text(encoding="utf-8").splitlines()
        if _APART.search(line) and not line.startswith("#")
    ]
    assert found == []


def test_a_day_is_chosen_in_the_browser_s_own_calendar() -> None:
    days = [
        field
        for form in forms_of_ours()
        for field in getattr(form, "base_fields", {}).values()
        if isinstance(field, DayField)
    ]
    assert days
    assert {
        field.label
        for field in [*days, DayField()]
        if "date" not in (field.widget.input_type, field.widget.attrs.get("type"))
    } == set()


def test_a_colon_between_two_words_is_the_reader_s_own() -> None:
    """A Chinese sentence has a full-width one, and no blank after it: ``{% translate ": " %}``."""
    literal = re.compile(r"[%}]\}: (?:<b>|\{\{|\{%)")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in ROOT.glob("*/**/templates/**/*.html")
        if ".venv" not in path.parts
        for line in path.read_text().splitlines()
        if literal.search(line) and "blocktranslate" not in line and not line.strip().startswith("{{")
    ]
    assert found == []


def test_what_somebody_writes_comes_through_a_form_with_its_signs() -> None:
    """The writer keeps the signs of a sentence (``fold_prose``): a form that narrows them first leaves it nothing to keep."""
    written = "夜里（20:00 起），每天；急事：先打电话"
    kept = {
        "LineForm": ("name", "answers"),
        "ChangeForm": ("what",),
        "SeriesForm": ("title",),
        "ReportForm": ("about", "department", "set_off"),
        "NeverNumberForm": ("label",),
        "CommunityForm": ("street",),
        "PlaceForm": ("name",),
        "ItemForm": ("name",),
    }
    seen: set[str] = set()
    for form in forms_of_ours():
        for name in set(kept.get(form.__name__, ())) & set(form.base_fields):  # two apps may call a form alike
            seen.add(form.__name__)
            assert form.base_fields[name].to_python(written) == written, f"{form.__name__}.{name}"
    assert seen == set(kept)
