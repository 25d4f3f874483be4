"""The voucher on paper: small, tagged, readable by eye, by machine and by a screen reader; and it asks nobody for anything."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.utils import translation
from PIL import Image
from weasyprint.urls import FatalURLFetchingError

from referrals.paper.engine import OnlyData
from referrals.paper.printer import print_pdf
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
        "state_word": "可使用",
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


def test_a_rare_name_is_not_lost(tmp_path: Path) -> None:
    file = tmp_path / "v.pdf"
    file.write_bytes(voucher_pdf(sample(school="㐂㛃昇玥中学")))
    assert "㐂㛃昇玥中学" in run("pdftotext", str(file), "-")


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
