"""docs/money.md tells the figures that the code computes."""

from datetime import date
from pathlib import Path

import pytest

from kernel.money import yuan
from referrals.policy import DEFAULT_SCHEMES, PolicyTerms, decide, split

PAGE = (Path(__file__).parents[2] / "docs" / "money.md").read_text(encoding="utf-8")
ROWS = [[cell.strip(" *−") for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"]


def spaced(fen):
    return f"{fen:,}".replace(",", " ")


@pytest.mark.parametrize(("fee", "share"), [(12_345, 70), (101, 50), (1, 50)])
def test_the_splits_on_the_page_are_those_of_the_code(fee, share):
    subsidy, own = split(fee, share * 100)
    assert [f"{spaced(fee)} fen", f"{share} %", spaced(subsidy), spaced(own)] in ROWS


def test_the_default_shares_on_the_page_are_those_of_the_code():
    told = {row[0].strip("`"): row[-1] for row in ROWS if len(row) == 3}
    assert {scheme: told[scheme] for scheme in DEFAULT_SCHEMES} == {
        scheme: f"{default.share_bp // 100} %" for scheme, default in DEFAULT_SCHEMES.items()
    }


def test_the_worked_example_on_the_page_is_what_the_code_decides():
    terms = PolicyTerms(
        policy_id="p",
        version=1,
        scheme="counselling",
        group="all",
        share_bp=7_000,
        session_eligible_cap_fen=20_000,
        session_subsidy_cap_fen=10_000,
        quota_unit="fen",
        quota_amount=100_000,
        valid_from=date(2026, 9, 1),
    )
    decision = decide(terms, list_fee_fen=35_000, tariff_fen=30_000, units=3, quota_left=25_000, pool_left_fen=22_000)
    figures = [decision.fee_fen, *(line.fen for line in decision.lines), decision.subsidy_fen, decision.self_fen]
    example = ROWS[[row[0] for row in ROWS].index("step") + 2 :][: len(figures)]
    assert [row[1:] for row in example] == [[spaced(fen), yuan(fen)] for fen in figures]
    reasons = [row[0].split("`")[1] for row in example[1:-2]]
    assert reasons == [line.reason.value for line in decision.lines]
    by_session = [yuan(unit.subsidy_fen) for unit in decision.units]
    assert f"the school pays {by_session[0]}, {by_session[1]} and {by_session[2]}." in PAGE
