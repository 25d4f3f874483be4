"""What a channel may carry: the trade's no, the school's no, an approved template."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.models import Channel
from notifications.models.providers import MessageKind
from notifications.providers.capability import DEFAULTS, Carries, Kind, Why, may_carry


@dataclass(frozen=True)
class Row:
    channel: str
    kind: str
    is_allowed: bool = True
    template_id: str = ""


RULES = st.lists(
    st.builds(
        Row,
        channel=st.sampled_from(sorted(DEFAULTS)),
        kind=st.sampled_from(sorted(Kind)),
        is_allowed=st.booleans(),
        template_id=st.sampled_from(["", "SMS_1"]),
    ),
    max_size=12,
    unique_by=lambda row: (row.channel, row.kind),
)


def test_every_channel_and_every_kind_has_a_default_and_every_kind_its_word() -> None:
    assert DEFAULTS.keys() == set(Channel.values)
    assert all(row.keys() == set(Kind) for row in DEFAULTS.values())
    assert [kind.value for kind in Kind] == MessageKind.values


def test_a_text_message_carries_codes_only_until_the_school_enters_an_approved_template() -> None:
    assert may_carry([], Kind.CODE, "sms").is_carried
    assert may_carry([], Kind.PAGE, "sms").why is Why.NO_TEMPLATE
    assert may_carry([Row("sms", "page")], Kind.PAGE, "sms").why is Why.NO_TEMPLATE
    allowed = may_carry([Row("sms", "page", template_id="SMS_7")], Kind.PAGE, "sms")
    assert (allowed.is_carried, allowed.template_id) == (True, "SMS_7")
    assert may_carry([Row("voice", "page", template_id="TTS_7")], Kind.PAGE, "sms").why is Why.NO_TEMPLATE


@pytest.mark.parametrize("kind", [Kind.SURVEY, Kind.ACTIVITY])
@pytest.mark.parametrize("channel", ["sms", "voice"])
def test_what_the_carriers_refuse_is_not_carried_whatever_the_school_enters(kind: Kind, channel: str) -> None:
    assert may_carry([Row(channel, kind, template_id="SMS_7")], kind, channel).why is Why.NEVER


@given(RULES, st.sampled_from(sorted(Kind)), st.sampled_from(sorted(DEFAULTS)))
def test_the_trades_no_stands_above_the_schools_yes_and_the_schools_no_above_all(
    rules: list[Row], kind: Kind, channel: str
) -> None:
    verdict = may_carry(rules, Kind(kind), channel)
    rule = next((row for row in rules if (row.channel, row.kind) == (channel, kind)), None)
    default = DEFAULTS[channel][Kind(kind)]
    if default is Carries.NEVER or (rule and not rule.is_allowed):
        assert not verdict.is_carried
    elif default is Carries.TEMPLATE:
        assert verdict.is_carried == bool(rule and rule.template_id)
    else:
        assert verdict.is_carried
    if verdict.template_id:
        assert rule and rule.is_allowed and verdict.is_carried
