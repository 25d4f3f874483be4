"""Measures a voucher's PDF in a warm process, beside a page with one line of text from the same engine.

Budget (experience §Budgets): 0.2 s warm and 100 KB.
"""

import time
from typing import Any

from papers.printer import print_pdf
from referrals.paper.qr import check_address
from referrals.paper.voucher import Paper, voucher_pdf

MOST_BYTES = 100_000
_BARE = '<html lang="zh-Hans"><head><title>-</title></head><body><p>卡券</p></body></html>'


def run(n: int = 20) -> dict[str, Any]:
    """Milliseconds a document, the median of ``n``; AssertionError when a voucher is larger than 100 KB."""
    paper = Paper(
        school="育才中学",
        duty_phone="0571-8800-1234",
        duty_hours="8:00–18:00",
        title="咨询服务券",
        number="YC-2026-00418",
        state_text="可使用",
        address=check_address("A" * 27),
        code="482109375564",
        subsidy_fen=21000,
        self_fen=9000,
        facts=[("有效期至", "12月3日 周四 24:00"), ("地点", "安心心理咨询 · 滨江路 18 号 3 楼")],
    )
    size = len(voucher_pdf(paper))
    print_pdf(_BARE)
    assert size <= MOST_BYTES
    ours, floor = [], []
    for _ in range(n):
        ours.append(_milliseconds(lambda: voucher_pdf(paper)))
        floor.append(_milliseconds(lambda: print_pdf(_BARE)))
    mine, bare = sorted(ours)[n // 2], sorted(floor)[n // 2]
    return {
        "ours": round(mine, 1),
        "floor": round(bare, 1),
        "ratio": round(mine / bare, 2),
        "unit": "ms",
        "n": n,
        "bytes": size,
    }


def _milliseconds(act: Any) -> float:
    before = time.perf_counter()
    act()
    return (time.perf_counter() - before) * 1000
