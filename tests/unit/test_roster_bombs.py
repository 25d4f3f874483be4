"""XLSX files whose content is far larger than their size are refused before they are opened."""

import io
import time
import zipfile

import openpyxl
import pytest

from kernel.errors import Invalid
from people.roster.book import MAX_OTHER_TAGS, MAX_TAGS
from people.roster.parse import parse_roster

NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
A_MOMENT = 5.0


def book(replaced: dict[str, bytes]) -> bytes:
    """A small list in which some parts are others."""
    workbook, plain, out = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    workbook.active.append(["工号", "姓名"])
    workbook.active.append(["1", "李明华"])
    workbook.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            name = next((name for name in replaced if name in part.filename), None)
            target.writestr(part.filename, replaced[name] if name else source.read(part))
        for extra in (name for name in replaced if name.startswith("xl/extra")):
            target.writestr(extra, replaced[extra])
    return out.getvalue()


def test_the_small_list_itself_is_read() -> None:
    assert len(parse_roster(book({})).rows) == 1


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"sheet1": b"<worksheet " + NAMESPACE + b"><sheetData>" + b"<row/>" * MAX_TAGS}, "roster_too_many_rows"),
        ({"sheet1": b"<worksheet " + NAMESPACE + b"><sheetData><row>" + b"<c/>" * MAX_TAGS}, "roster_too_many_rows"),
        ({"styles": b"<styleSheet " + NAMESPACE + b">" + b"<xf/>" * MAX_OTHER_TAGS}, "roster_unreadable"),
        (
            {f"xl/extra/worksheets/s{n}.xml": b"<row/>" * (MAX_TAGS // 4 + 1) for n in range(4)},
            "roster_too_many_rows",
        ),
        ({f"xl/extra{n}.xml": b"<a/>" * (MAX_OTHER_TAGS // 4) for n in range(5)}, "roster_unreadable"),
    ],
    ids=["rows", "one wide row", "styles", "many sheets", "many parts"],
)
def test_a_book_of_millions_of_tags_is_refused_at_once(part: dict[str, bytes], code: str) -> None:
    content = book(part)
    assert len(content) < 1_000_000
    started = time.monotonic()
    with pytest.raises(Invalid) as refusal:
        parse_roster(content)
    assert refusal.value.reason == code
    assert time.monotonic() - started < A_MOMENT


def test_a_part_that_cannot_be_unpacked_is_an_unreadable_list() -> None:
    content = bytearray(book({}))
    content[60:160] = b"\xff" * 100
    with pytest.raises(Invalid) as refusal:
        parse_roster(bytes(content))
    assert refusal.value.reason == "roster_unreadable"
