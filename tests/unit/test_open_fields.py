"""No page forbids what the server would read: nothing is cut when it is pasted, no sign is refused by the browser."""

import re
from collections.abc import Iterator
from importlib import import_module

import pytest
from django import forms
from django.contrib.staticfiles import finders

from tests.tree import FOLDERS, ROOT
from ui.forms import XinqiaoRenderer

FORBIDS = re.compile(
    r"""\b(?:maxlength|minlength|pattern)=|type=["']?(?:number|email|url)\b|\b(?:min|max|step)=["']?\d"""
)
STRIPS = re.compile(r"\.replace\(/\\D|\.replace\(/\[\^|maxLength|\.slice\(0, *\d+\)|keypress|beforeinput")
OF_OTHERS = ("allauth.account.forms", "allauth.mfa.base.forms")


class Both(forms.MultiWidget):
    """A widget of two parts."""

    def decompress(self, value: object) -> list[object]:
        return [value, value]


class Everything(forms.Form):
    """A field of each kind that is written in."""

    name = forms.CharField(max_length=5, min_length=2)
    note = forms.CharField(max_length=5, widget=forms.Textarea)
    secret = forms.CharField(max_length=5, widget=forms.PasswordInput)
    phone = forms.CharField(max_length=5, widget=forms.TextInput({"type": "tel"}))
    search = forms.CharField(max_length=5, widget=forms.TextInput({"type": "search"}))
    code = forms.CharField(widget=forms.TextInput({"pattern": "[0-9]*"}))
    count = forms.IntegerField(min_value=0, max_value=9)
    change = forms.IntegerField()
    share = forms.DecimalField(max_digits=5, decimal_places=2, min_value=0)
    mail = forms.EmailField(max_length=5)
    both = forms.CharField(widget=Both([forms.NumberInput({"min": 1}), forms.TextInput({"maxlength": 3})]))


def our_forms() -> Iterator[type[forms.BaseForm]]:
    """Every form of the product and those that sign people in."""
    paths = [
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if "forms" in path.parts[-2:][0] + path.stem
    ]
    names = [
        ".".join(path.relative_to(ROOT / "platform" if "platform" in path.parts else ROOT).with_suffix("").parts)
        for path in paths
        if "tests" not in path.parts
    ]
    for name in (*names, *OF_OTHERS):
        for found in vars(import_module(name)).values():
            if isinstance(found, type) and issubclass(found, forms.BaseForm) and getattr(found, "base_fields", None):
                yield found


def drawn(fields: dict[str, forms.Field]) -> str:
    """The fields as a page shows them."""
    written = {name: field for name, field in fields.items() if not isinstance(field, forms.ChoiceField)}
    form = type("Drawn", (forms.Form,), dict(written))(renderer=XinqiaoRenderer())
    return "".join(str(form[name]) for name in written)


def test_every_kind_of_field_takes_everything() -> None:
    html = drawn(Everything.base_fields)
    assert FORBIDS.findall(html) == []
    told = {
        name: {attr: re.findall(rf'{attr}="(\w+)"', tag) for attr in ("type", "inputmode")}
        for tag in re.findall(r"<input [^>]*>", html)
        for name in re.findall(r' name="(\w+)"', tag)
    }
    assert {kind for each in told.values() for kind in each["type"]} == {"text", "password", "tel", "search"}
    assert {name: told[name]["inputmode"] for name in ("count", "change", "share", "mail", "both_0", "name")} == {
        "count": ["numeric"],
        "change": ["decimal"],
        "share": ["decimal"],
        "mail": ["email"],
        "both_0": ["numeric"],
        "name": [],
    }


def test_no_form_of_the_product_forbids_anything() -> None:
    found = list(our_forms())
    assert len(found) > 30
    wrong = {
        f"{form.__module__}.{form.__name__}": FORBIDS.findall(html)
        for form in found
        if FORBIDS.search(html := drawn(form.base_fields))
    }
    assert wrong == {}


def test_no_template_forbids_anything() -> None:
    wrong = {
        str(path.relative_to(ROOT)): FORBIDS.findall(text)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.html")
        if FORBIDS.search(text := re.sub(r"<(?:progress|meter|meta|svg)\b[^>]*>", "", path.read_text(encoding="utf-8")))
    }
    assert wrong == {}


@pytest.mark.parametrize("name", ["ui/scan.js", "ui/app.js", "ui/quit.js"])
def test_no_script_strips_or_cuts_what_is_written(name: str) -> None:
    script = finders.find(name)
    assert isinstance(script, str)
    with open(script, encoding="utf-8") as source:
        assert STRIPS.findall(source.read()) == []
