"""`bin/test` on a machine that lacks something: the first line says what cannot run, and the run fails."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin" / "lib"))

import needs  # noqa: E402

NOTHING = tuple(replace(need, is_there=lambda: False) for need in needs.NEEDS)
TELLING = {
    "poppler": re.compile(r'"pdf(?:totext|info|toppm)"'),
    "Pango": re.compile(r"print_pdf\(|voucher_pdf\(|/pdf/\", accept|\"pdftotext\""),
    "Chromium": re.compile(r"from playwright"),
    "fontconfig": re.compile(r"call_command\(\"doctor\""),
}


def test_every_test_that_needs_something_is_in_the_table() -> None:
    for what, telling in TELLING.items():
        (need,) = [need for need in needs.NEEDS if need.what == what]
        for path in (ROOT / "tests").rglob("test_*.py"):
            if path != Path(__file__) and telling.search(path.read_text(encoding="utf-8")):
                assert any(path.is_relative_to(ROOT / test) for test in need.tests), f"{path} needs {what}"


def test_every_place_in_the_table_exists() -> None:
    assert [test for need in needs.NEEDS for test in need.tests if not (ROOT / test).exists()] == []


@pytest.mark.parametrize(
    ("arguments", "left_out"),
    [
        (["tests/unit"], {"tests/unit/test_voucher_pdf.py"}),
        (["tests/unit/test_voucher_pdf.py::test_nothing_is_fetched", "-q"], {"tests/unit/test_voucher_pdf.py"}),
        (["tests/journeys/test_family.py"], {"tests/journeys"}),
        (["tests/unit/test_money.py", "-k", "journeys"], set()),
        ([], {test for need in needs.NEEDS for test in need.tests}),
        (["-q"], {test for need in needs.NEEDS for test in need.tests}),
    ],
)
def test_what_was_asked_for_and_cannot_run_is_found(arguments: list[str], left_out: set[str]) -> None:
    assert set(needs.lacking(arguments, NOTHING)) == left_out
    assert needs.lacking(arguments, [replace(need, is_there=lambda: True) for need in needs.NEEDS]) == {}


def test_the_rest_runs_and_what_is_wholly_impossible_does_not_start() -> None:
    left_out = needs.lacking(["tests/unit"], NOTHING)
    assert needs.remaining(["tests/unit", "-q"], left_out) == [
        *("tests/unit", "-q", "--ignore=tests/unit/test_voucher_pdf.py")
    ]
    gone = needs.lacking(["tests/journeys/test_family.py"], NOTHING)
    assert needs.remaining(["tests/journeys/test_family.py", "-q"], gone) is None
    assert needs.remaining(["tests/unit/test_money.py"], {}) == ["tests/unit/test_money.py"]


def test_the_words_name_what_is_missing_and_the_mend() -> None:
    first, second, mend = needs.sentence(needs.lacking(["tests/journeys"], NOTHING)).splitlines()
    assert "Chromium" in first
    assert "tests/journeys" in first
    assert "does not pass" in second
    assert "chromium" in mend
    assert "fonts-noto-cjk" in mend
