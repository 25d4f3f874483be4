"""The quote: the cuts in their order, each explained, and the same fen for ever (rules §1)."""

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import MAX_FEN, share_of
from referrals.policy import CutReason, Decision, PolicyTerms, decide, decision_hash, recompute
from referrals.policy.decision import MAX_UNITS

PLENTY = 10**9
PLAIN = PolicyTerms(
    policy_id="p1", version=3, scheme="counselling", group="all", share_bp=7_000, valid_from=date(2026, 9, 1)
)


def quote(terms=PLAIN, *, fee=30_000, tariff=None, units=1, quota=None, pool=PLENTY):
    return decide(terms, list_fee_fen=fee, tariff_fen=tariff, units=units, quota_left=quota, pool_left_fen=pool)


def cuts(decision):
    return {line.reason: line.fen for line in decision.lines}


def subsidies(decision):
    return [unit.subsidy_fen for unit in decision.units]


@st.composite
def cases(draw):
    cap = st.none() | st.integers(0, 60_000)
    unit = draw(st.sampled_from(["session", "fen"]))
    amount = draw(st.none() | st.integers(0, 1_000))
    terms = replace(
        PLAIN,
        share_bp=draw(st.integers(0, 10_000)),
        session_eligible_cap_fen=draw(cap),
        session_subsidy_cap_fen=draw(cap),
        quota_unit=unit,
        quota_amount=amount,
    )
    left = None if amount is None else draw(st.integers(0, 12 if unit == "session" else 300_000))
    return {
        "terms": terms,
        "list_fee_fen": draw(st.integers(0, 100_000)),
        "tariff_fen": draw(st.none() | st.integers(0, 100_000)),
        "units": draw(st.integers(1, 12)),
        "quota_left": left,
        "pool_left_fen": draw(st.integers(0, 500_000)),
    }


def test_seventy_thirty_without_any_cap():
    decision = quote()
    assert (decision.fee_fen, decision.subsidy_fen, decision.self_fen) == (30_000, 21_000, 9_000)
    assert cuts(decision) == {CutReason.OWN_SHARE: 9_000}
    assert not decision.quota_used_up
    assert not decision.pool_used_up


@pytest.mark.parametrize(("tariff", "fee"), [(None, 30_000), (25_000, 25_000), (30_000, 30_000), (35_000, 30_000)])
def test_the_fee_is_the_lower_of_list_price_and_tariff(tariff, fee):
    assert quote(tariff=tariff).fee_fen == fee


def test_what_exceeds_the_eligible_cap_is_paid_in_full_before_the_share_is_taken():
    decision = quote(replace(PLAIN, session_eligible_cap_fen=20_000))
    assert decision.subsidy_fen == 14_000
    assert cuts(decision) == {CutReason.ELIGIBLE_CAP: 10_000, CutReason.OWN_SHARE: 6_000}


def test_the_subsidy_cap_is_taken_after_the_share():
    decision = quote(replace(PLAIN, session_subsidy_cap_fen=15_000))
    assert decision.subsidy_fen == 15_000
    assert cuts(decision) == {CutReason.OWN_SHARE: 9_000, CutReason.SUBSIDY_CAP: 6_000}


def test_all_five_cuts_stand_in_the_order_of_the_rules():
    terms = replace(
        PLAIN,
        session_eligible_cap_fen=20_000,
        session_subsidy_cap_fen=10_000,
        quota_unit="fen",
        quota_amount=100_000,
    )
    decision = quote(terms, fee=35_000, tariff=30_000, units=3, quota=25_000, pool=22_000)
    assert [line.reason for line in decision.lines] == list(CutReason)
    assert [line.fen for line in decision.lines] == [30_000, 18_000, 12_000, 5_000, 3_000]
    assert subsidies(decision) == [10_000, 10_000, 2_000]
    assert decision.fee_fen == 90_000
    assert decision.quota_used_up
    assert decision.pool_used_up


def test_a_session_quota_pays_for_so_many_sessions_and_no_more():
    terms = replace(PLAIN, quota_amount=8)
    decision = quote(terms, units=4, quota=2)
    assert subsidies(decision) == [21_000, 21_000, 0, 0]
    assert decision.quota_used == 2
    assert cuts(decision)[CutReason.QUOTA_USED_UP] == 42_000
    assert decision.quota_used_up


def test_a_fen_quota_splits_one_session_at_its_edge():
    terms = replace(PLAIN, quota_unit="fen", quota_amount=100_000)
    decision = quote(terms, units=4, quota=50_000)
    assert subsidies(decision) == [21_000, 21_000, 8_000, 0]
    assert decision.quota_used == 50_000


def test_a_pool_splits_one_session_at_its_edge():
    decision = quote(units=3, pool=22_000)
    assert subsidies(decision) == [21_000, 1_000, 0]
    assert decision.pool_used_up
    assert not decision.quota_used_up


@pytest.mark.parametrize(("unit", "left", "used"), [("session", 3, 1), ("fen", 70_000, 21_000)])
def test_what_the_pool_cannot_pay_uses_no_quota(unit, left, used):
    decision = quote(replace(PLAIN, quota_unit=unit, quota_amount=left), units=3, quota=left, pool=21_000)
    assert decision.quota_used == used


@pytest.mark.parametrize("edge", [{"quota": 0}, {"quota": 5, "pool": 0}])
def test_a_used_up_quota_or_pool_is_offered_at_full_price_and_said(edge):
    decision = quote(replace(PLAIN, quota_amount=5), **edge)
    assert (decision.subsidy_fen, decision.self_fen) == (0, 30_000)
    assert decision.quota_used_up == (edge["quota"] == 0)
    assert decision.pool_used_up == (edge.get("pool") == 0)
    assert decision.quota_used == 0
    assert len(decision.lines) == 2


def test_a_quota_that_just_suffices_is_not_called_used_up():
    decision = quote(replace(PLAIN, quota_amount=5), units=2, quota=2, pool=42_000)
    assert not decision.quota_used_up
    assert not decision.pool_used_up


def test_without_subsidy_the_whole_fee_is_one_line_and_uses_no_quota():
    decision = quote(replace(PLAIN, share_bp=0, quota_amount=5), units=2, quota=0, pool=0)
    assert cuts(decision) == {CutReason.OWN_SHARE: 60_000}
    assert not decision.quota_used_up
    assert not decision.pool_used_up


def test_with_full_subsidy_there_is_nothing_to_explain():
    decision = quote(replace(PLAIN, share_bp=10_000))
    assert (decision.subsidy_fen, decision.self_fen, decision.lines) == (30_000, 0, ())


def test_every_line_names_its_policy_version_and_the_words_figures():
    terms = replace(PLAIN, session_eligible_cap_fen=20_000, session_subsidy_cap_fen=10_000, quota_amount=8)
    decision = quote(terms, units=3, quota=2, pool=15_000)
    assert {(line.policy, line.version) for line in decision.lines} == {("p1", 3)}
    assert [dict(line.params) for line in decision.lines] == [
        {"cap_fen": 20_000},
        {"share_bp": 7_000},
        {"cap_fen": 10_000},
        {"unit": "session", "left": 2},
        {},
    ]


def test_the_pool_s_line_has_no_figure_of_the_school_s_balance():
    assert quote(units=2, pool=0).lines[-1].to_json() == {
        "reason": "pool_used_up",
        "fen": 42_000,
        "policy": "p1",
        "version": 3,
        "params": {},
    }


@given(cases())
def test_fee_less_cuts_is_the_subsidy_and_nothing_is_negative(case):
    decision = decide(case.pop("terms"), **case)
    assert decision.fee_fen - sum(line.fen for line in decision.lines) == decision.subsidy_fen
    assert decision.subsidy_fen + decision.self_fen == decision.fee_fen
    assert all(line.fen > 0 for line in decision.lines)
    assert all(min(unit) >= 0 for unit in decision.units)
    assert all(unit.subsidy_fen + unit.self_fen == unit.fee_fen for unit in decision.units)
    assert [sum(column) for column in zip(*decision.units, strict=True)] == [
        decision.fee_fen,
        decision.subsidy_fen,
        decision.self_fen,
    ]


@given(cases())
def test_the_subsidy_stays_within_share_caps_quota_and_pool(case):
    terms = case.pop("terms")
    decision = decide(terms, **case)
    assert decision.subsidy_fen <= case["pool_left_fen"]
    if case["quota_left"] is not None:
        assert 0 <= decision.quota_used <= case["quota_left"]
    if terms.quota_unit == "fen" and case["quota_left"] is not None:
        assert decision.quota_used == decision.subsidy_fen
    for fee, subsidy, _ in decision.units:
        assert subsidy <= share_of(fee, terms.share_bp)
        assert subsidy <= (fee if terms.session_subsidy_cap_fen is None else terms.session_subsidy_cap_fen)


@given(cases())
def test_one_session_at_most_is_split_at_each_edge(case):
    decision = decide(case.pop("terms"), **case)
    given_fen = subsidies(decision)
    assert all(earlier >= later for earlier, later in pairwise(given_fen))
    partly = {fen for fen in given_fen if 0 < fen < given_fen[0]}
    assert len(partly) <= 2
    assert all(given_fen.count(fen) == 1 for fen in partly)


@given(cases(), st.integers(1, 50_000))
def test_more_pool_quota_cap_or_share_never_means_less_subsidy(case, more):
    terms = case.pop("terms")
    less = decide(terms, **case).subsidy_fen
    assert decide(terms, **{**case, "pool_left_fen": case["pool_left_fen"] + more}).subsidy_fen >= less
    if case["quota_left"] is not None:
        wider = case["quota_left"] + (more if terms.quota_unit == "fen" else more % 100)
        assert decide(terms, **{**case, "quota_left": wider}).subsidy_fen >= less
    better = replace(terms, share_bp=min(terms.share_bp + more, 10_000))
    assert decide(better, **case).subsidy_fen >= less
    uncapped = replace(terms, session_eligible_cap_fen=None, session_subsidy_cap_fen=None)
    assert decide(uncapped, **case).subsidy_fen >= less


@given(cases())
def test_a_lower_tariff_never_makes_the_person_pay_more(case):
    terms = case.pop("terms")
    dearer = decide(terms, **case)
    cheaper = decide(terms, **{**case, "tariff_fen": dearer.units[0].fee_fen // 2})
    assert cheaper.self_fen <= dearer.self_fen


@given(cases())
def test_a_stored_decision_reads_back_and_recomputes_to_the_same_fen(case):
    decision = decide(case.pop("terms"), **case)
    stored = json.loads(json.dumps(decision.to_json()))
    assert Decision.from_json(stored) == decision
    assert recompute(stored["inputs"]) == decision
    assert decision_hash(stored) == decision.decision_hash()


def test_the_hash_does_not_depend_on_the_order_of_keys():
    stored = quote().to_json()
    assert decision_hash(dict(reversed(stored.items()))) == decision_hash(stored)


@pytest.mark.parametrize("path", [("subsidy_fen",), ("inputs", "pool_left_fen"), ("inputs", "terms", "share_bp")])
def test_any_altered_figure_changes_the_hash(path):
    stored = quote().to_json()
    before = decision_hash(stored)
    place = stored
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] += 1
    assert decision_hash(stored) != before


def test_a_stored_decision_of_today_still_has_today_s_hash():
    """A changed hash here means that old decisions no longer verify: raise RULE and keep the old order instead."""
    terms = replace(PLAIN, session_eligible_cap_fen=20_000, quota_unit="fen", quota_amount=100_000)
    decision = quote(terms, fee=35_000, tariff=30_000, units=3, quota=25_000, pool=22_000)
    assert decision.decision_hash() == "d462892d5a9807539c84731a677379e682b36c36d5cdd453b1f49e89446a4e52"


def test_a_rule_this_program_does_not_know_is_not_guessed():
    stored = quote().to_json()["inputs"]
    with pytest.raises(ValueError, match="rule"):
        recompute({**stored, "rule": 99})


@pytest.mark.parametrize(
    "changes",
    [
        {"fee": -1},
        {"fee": MAX_FEN + 1},
        {"tariff": -1},
        {"units": 0},
        {"units": -1},
        {"units": MAX_UNITS + 1},
        {"pool": -1},
        {"fee": MAX_FEN, "units": 2},
    ],
)
def test_figures_out_of_range_are_value_errors(changes):
    with pytest.raises(ValueError):
        quote(**changes)


@pytest.mark.parametrize("name", ["fee", "tariff", "units", "pool"])
@pytest.mark.parametrize("bad", [1.0, "1", True, float("nan")])
def test_figures_that_are_not_whole_are_type_errors(name, bad):
    with pytest.raises(TypeError):
        quote(**{name: bad})


@pytest.mark.parametrize(("amount", "left"), [(None, 3), (3, None)])
def test_a_quota_is_never_forgotten_nor_invented(amount, left):
    with pytest.raises(ValueError, match="quota"):
        quote(replace(PLAIN, quota_amount=amount), quota=left)


@pytest.mark.parametrize("left", [-1, 1_001])
def test_what_is_left_of_a_quota_is_checked(left):
    with pytest.raises(ValueError, match="quota"):
        quote(replace(PLAIN, quota_amount=3), quota=left)
