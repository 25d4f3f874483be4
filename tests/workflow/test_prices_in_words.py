"""What a price says of the school's part: what the rule says, never a share that only a limit has made."""

from dataclasses import replace

import pytest
from django.template import Context, Template
from django.utils.translation import override

from partners.models import Service
from referrals.subsidies.prices import ListedPrice
from referrals.texts import duration
from tests.unit.test_policy_decision import PLAIN, quote


def drawn(terms, **case):
    with override("zh-hans"):
        return Template("{% load prices %}{% price decision %}").render(Context({"decision": quote(terms, **case)}))


@pytest.mark.parametrize(
    ("limits", "case", "said", "unsaid"),
    [
        ({}, {}, ["学校承担 70%", "¥210.00"], ["最多"]),
        ({"session_subsidy_cap_fen": 28_000}, {"fee": 45_000}, ["学校承担 70%，每次最多 ¥280.00"], ["62%", "62.2"]),
        ({"session_subsidy_cap_fen": 21_000}, {}, ["学校承担 70%", "¥210.00"], ["最多"]),
        ({"session_subsidy_cap_fen": 15_000}, {}, ["学校承担 70%，每次最多 ¥150.00"], ["50%"]),
        ({"quota_amount": 4}, {"units": 8, "quota": 4}, ["学校承担", "¥840.00"], ["35%", "70%"]),
        ({"session_eligible_cap_fen": 20_000}, {}, ["学校承担", "¥140.00"], ["46%", "46.6", "70%"]),
        ({"share_bp": 0}, {}, ["您支付，按协议价", "¥300.00"], ["0%", "<svg"]),
        ({"quota_amount": 4}, {"quota": 0}, ["您支付", "¥300.00"], ["0%", "<svg", "协议价"]),
    ],
)
def test_the_share_said_is_the_share_of_the_rule(limits, case, said, unsaid) -> None:
    page = drawn(replace(PLAIN, **limits), **case)
    assert [words for words in said if words not in page] == []
    assert [words for words in unsaid if words in page] == []


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("hour", "¥300.00<small>/小时</small>"),
        ("day", "¥300.00<small>/天</small>"),
        ("month", "¥300.00<small>/月</small>"),
    ],
)
def test_the_price_of_one_says_of_one_what(unit: str, said: str) -> None:
    with override("zh-hans"):
        page = Template("{% load prices %}{% price decision unit=unit %}").render(
            Context({"decision": quote(replace(PLAIN, share_bp=0)), "unit": unit})
        )
    assert said in page
    assert "<small>/" not in drawn(replace(PLAIN, share_bp=0)), "nor is the sum of several the price of one"


@pytest.mark.parametrize(
    ("minutes", "said"), [(50, "每次 50 分钟"), (60, "每次 60 分钟"), (90, "每次 90 分钟"), (180, "每次 3 小时")]
)
def test_whole_hours_are_said_in_hours(minutes: int, said: str) -> None:
    service = Service(unit="session", minutes=minutes)
    with override("zh-hans"):
        assert duration(ListedPrice(service, PLAIN, quote(PLAIN), is_short=False)) == said
