"""The voucher on paper: small, tagged, readable by eye, by machine and by a screen reader; and it asks nobody for anything."""

import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.utils import translation
from PIL import Image
from weasyprint.urls import FatalURLFetchingError

from papers.engine import OnlyData
from papers.glyphs import STAND_IN, is_printable, with_stand_ins
from papers.printer import print_pdf
from referrals.paper.qr import card_png, check_address
from referrals.paper.voucher import Paper, voucher_pdf

MOST_BYTES = 100_000
TOKEN = "ZkQ0c8yq1mPlr7WbXn2Tz9AvUeHs"  # noqa: S105 - nobody's


def sample(**changes: Any) -> Paper:
    values: dict[str, Any] = {
        "school": "江城师范学院附属育才中学",
        "duty_phone": "0571-8800-1234",
        "duty_hours": "工作日 8:00–18:00",
        "title": "咨询服务券",
        "number": "YC-2026-00418",
        "state_text": "可使用",
        "address": check_address(TOKEN),
        "code": "482109375564",
        "subsidy_fen": 21000,
        "self_fen": 9000,
        "facts": [
            ("有效期至", "12月3日 周四 24:00"),
            ("地点", "安心心理咨询 · 滨江路 18 号 3 楼"),
            ("券号", "YC-2026-00418"),
        ],
    }
    return Paper(**{**values, **changes})


@pytest.fixture(scope="module")
def pdf() -> bytes:
    with translation.override("zh-hans"):
        return voucher_pdf(sample())


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_it_is_small_tagged_and_has_a_neutral_title(pdf: bytes, tmp_path: Path) -> None:
    file = tmp_path / "v.pdf"
    file.write_bytes(pdf)
    facts = run("pdfinfo", str(file))
    assert len(pdf) <= MOST_BYTES
    assert "Tagged:          yes" in facts
    assert "Title:           卡券 YC-2026-00418" in facts
    assert "Pages:           1" in facts
    assert 'pdfuaid:part="1"' in run("pdfinfo", "-meta", str(file))


def test_words_and_code_can_be_read(pdf: bytes, tmp_path: Path) -> None:
    file = tmp_path / "v.pdf"
    file.write_bytes(pdf)
    words = run("pdftotext", "-layout", str(file), "-")
    for part in ("咨询服务券", "4821 0937 5564", "¥210.00", "¥90.00", "滨江路 18 号 3 楼", "12356", "0571-8800-1234"):
        assert part in words
    run("pdftoppm", "-r", "150", "-png", "-singlefile", str(file), str(tmp_path / "v"))
    (found,) = zxingcpp.read_barcodes(Image.open(tmp_path / "v.png"))
    assert found.text == check_address(TOKEN)


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh-hans", "自付记录，不是发票；请向机构索取发票"), ("en", "Ask the agency for its invoice")],
)
def test_it_says_that_it_is_no_invoice_and_whose_invoice_to_ask_for(tmp_path: Path, language: str, said: str) -> None:
    file = tmp_path / "v.pdf"
    for self_fen in (9_000, 0):
        with translation.override(language):
            file.write_bytes(voucher_pdf(sample(self_fen=self_fen)))
        words = " ".join(run("pdftotext", str(file), "-").split())
        assert (said in words) == bool(self_fen), "where the person pays nothing there is nothing to ask for"


def test_a_rare_name_is_not_lost(tmp_path: Path) -> None:
    file = tmp_path / "v.pdf"
    file.write_bytes(voucher_pdf(sample(school="㐂㛃昇玥中学")))
    assert "㐂㛃昇玥中学" in run("pdftotext", str(file), "-")


RARE = "𠮷㛃䶮㐂龴〇𫰡𬎆𪚥𫝀𮯠·㎡"
"""One and more of each block of GB 18030 from which names are taken: the extensions A to F, and what stands beside them."""


def test_every_character_of_a_name_is_printed_or_named(tmp_path: Path) -> None:
    """Whatever fonts this computer has: what it prints can be read back, what it cannot is named, and no box is drawn."""
    file = tmp_path / "v.pdf"
    text = f"{RARE}𰌂𱖎\ue81e\U000fffff"
    with translation.override("en"):
        file.write_bytes(voucher_pdf(sample(school=f"{text}中学")))
    words = run("pdftotext", str(file), "-")
    lost = [sign for sign in text if not is_printable(sign)]
    assert {"\ue81e", "\U000fffff"} <= set(lost)
    plain = unicodedata.normalize("NFKC", words)
    for sign in text:
        named = f"U+{ord(sign):04X}" in words
        assert named == (sign in lost), hex(ord(sign))
        if not named:
            assert unicodedata.normalize("NFKC", sign) in plain, hex(ord(sign))
    assert plain.count(STAND_IN) == len(lost) + 1
    assert "Pages:           1" in run("pdfinfo", str(file))


def test_with_the_fonts_we_install_no_name_of_gb_18030_is_lost() -> None:
    blocks = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x2A6DF), (0x2A700, 0x2B739), (0x2B740, 0x2B81D),
              (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0))  # fmt: skip
    lost = [hex(code) for first, last in blocks for code in range(first, last + 1, 37) if not is_printable(chr(code))]
    assert lost == [], "bin/lib/bootstrap.sh installs the fonts"
    assert is_printable("𰌂") and is_printable("𱖎"), "of the extensions G and H those that names use"


def test_what_is_common_costs_no_question() -> None:
    html = "<body>李明华 ¥210.00 – 12月3日 周四 24:00</body>"
    assert with_stand_ins(html) == html
    shown = with_stand_ins("<body><td>\ue81e\ue81e</td></body>")
    assert shown.startswith(f"<body><td>{STAND_IN}{STAND_IN}</td><p")
    assert shown.endswith("</p></body>")


def test_values_cannot_bring_markup(tmp_path: Path) -> None:
    file = tmp_path / "v.pdf"
    file.write_bytes(voucher_pdf(sample(title='<img src="file:///etc/hostname">')))
    assert "<img src=" in run("pdftotext", str(file), "-")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:1/", "https://example.org/", "ftp://x/"])
def test_nothing_is_fetched(address: str) -> None:
    with pytest.raises((ValueError, FatalURLFetchingError)):
        OnlyData().fetch(address)
    assert print_pdf(f'<html lang="en"><title>t</title><p>x<img alt="" src="{address}"></p></html>')


def test_the_picture_can_be_scanned_and_names_nothing(tmp_path: Path) -> None:
    file = tmp_path / "card.png"
    file.write_bytes(card_png(check_address(TOKEN), code="4821 0937 5564", lines=("YC-2026-00418",)))
    (found,) = zxingcpp.read_barcodes(Image.open(file))
    assert found.text == check_address(TOKEN)
    assert found.text.startswith("http://localhost")
