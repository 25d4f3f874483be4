"""Which policy pays on which day (rules §1)."""

from dataclasses import FrozenInstanceError
from datetime import date
from uuid import uuid4

import pytest

from kernel.errors import Refused
from referrals.policy import DEFAULT_SCHEMES, PolicyTerms, Scheme, choose_policy, quota_resets_on, scheme_for

KINDS = {
    "counselling": (Scheme.COUNSELLING, 7_000),
    "psychiatry": (Scheme.COUNSELLING, 7_000),
    "childcare": (Scheme.CHILDCARE, 5_000),
    "camp": (Scheme.CAMP, 5_000),
    "home_help": (Scheme.HOME_HELP, 0),
    "elder_care": (Scheme.HOME_HELP, 0),
    "meals": (Scheme.HOME_HELP, 0),
    "mediation": (Scheme.MEDIATION, 10_000),
}


def terms(**changes):
    values = {
        "policy_id": "p1",
        "version": 1,
        "scheme": "counselling",
        "group": "all",
        "share_bp": 7_000,
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 9, 1),
    }
    return PolicyTerms(**{**values, **changes})


OLD = terms()
NEW = terms(version=2, share_bp=8_000, valid_from=date(2026, 9, 1), valid_until=None)


@pytest.mark.parametrize(
    ("day", "chosen"),
    [
        (date(2026, 1, 1), OLD),
        (date(2026, 8, 31), OLD),
        (date(2026, 9, 1), NEW),
        (date(2099, 1, 1), NEW),
    ],
)
def test_the_service_date_chooses_the_version_half_open(day, chosen):
    others = [terms(group="special"), terms(scheme="camp")]
    assert choose_policy([*others, NEW, OLD], scheme="counselling", group="all", service_date=day) is chosen


@pytest.mark.parametrize(
    ("policies", "found"),
    [([], 0), ([OLD], 0), ([NEW, NEW], 2), ([terms(scheme="camp", valid_until=None)], 0)],
)
def test_none_or_more_than_one_is_no_policy(policies, found):
    with pytest.raises(Refused) as refusal:
        choose_policy(policies, scheme="counselling", group="all", service_date=date(2026, 10, 1))
    assert refusal.value.reason == "no_policy"
    assert refusal.value.params["found"] == found


def test_another_group_s_policy_does_not_count():
    with pytest.raises(Refused):
        choose_policy([NEW], scheme="counselling", group="special", service_date=date(2026, 10, 1))


def test_terms_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        OLD.share_bp = 1


def test_terms_survive_their_stored_form():
    full = terms(
        session_eligible_cap_fen=30_000,
        session_subsidy_cap_fen=20_000,
        quota_unit="fen",
        quota_amount=100_000,
        valid_until=None,
    )
    for each in (OLD, NEW, full):
        assert PolicyTerms.from_json(each.to_json()) == each


@pytest.mark.parametrize(
    "changes",
    [
        {"share_bp": -1},
        {"share_bp": 10_001},
        {"session_eligible_cap_fen": -1},
        {"session_subsidy_cap_fen": -1},
        {"quota_amount": -1},
        {"quota_amount": 1_001},
        {"quota_unit": "hour"},
        {"quota_period": "month"},
        {"valid_until": date(2026, 1, 1)},
        {"valid_until": date(2025, 1, 1)},
    ],
)
def test_terms_out_of_range_are_refused(changes):
    with pytest.raises(ValueError):
        terms(**changes)


@pytest.mark.parametrize(
    "changes",
    [{"share_bp": 0.7}, {"session_eligible_cap_fen": 1.0}, {"quota_amount": "8"}, {"policy_id": uuid4()}],
)
def test_terms_of_another_type_are_refused(changes):
    with pytest.raises(TypeError):
        terms(**changes)


@pytest.mark.parametrize(("kind", "expected"), KINDS.items())
def test_every_kind_of_service_has_its_scheme_and_default_share(kind, expected):
    scheme = scheme_for(kind)
    assert (scheme, DEFAULT_SCHEMES[scheme].share_bp) == expected


def test_every_scheme_has_a_default():
    assert set(DEFAULT_SCHEMES) == set(Scheme)
    assert DEFAULT_SCHEMES[Scheme.HARDSHIP].share_bp == DEFAULT_SCHEMES[Scheme.CRISIS_RELIEF].share_bp == 10_000


@pytest.mark.parametrize("kind", KINDS)
def test_hardship_replaces_every_other_scheme(kind):
    assert scheme_for(kind, hardship=True) is Scheme.HARDSHIP


@pytest.mark.parametrize("kind", KINDS)
def test_crisis_relief_covers_home_help_meals_and_care_of_relatives_only(kind):
    covered = kind in {"home_help", "meals", "elder_care"}
    assert (scheme_for(kind, crisis=True) is Scheme.CRISIS_RELIEF) == covered
    assert scheme_for(kind, crisis=True, hardship=True) is (Scheme.CRISIS_RELIEF if covered else Scheme.HARDSHIP)


def test_an_unknown_kind_has_no_scheme():
    with pytest.raises(ValueError):
        scheme_for("gym")


@pytest.mark.parametrize(
    ("day", "reset"),
    [
        (date(2026, 8, 31), date(2026, 9, 1)),
        (date(2026, 9, 1), date(2027, 9, 1)),
        (date(2027, 1, 1), date(2027, 9, 1)),
    ],
)
def test_a_quota_begins_anew_on_the_first_of_september(day, reset):
    assert quota_resets_on(day) == reset
