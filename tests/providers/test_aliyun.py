"""Alibaba Cloud against a stand-in that checks every signed byte."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.providers.aliyun import TROUBLES, AliyunKeys, AliyunSms, AliyunVoice, Known, Reach, outcome_of
from notifications.providers.ports import Choice, Failed, Page, Sent, Trouble, failed
from notifications.providers.signatures import ACS3_WINDOW, acs3_headers, acs3_query
from tests.providers.servers import FAULTS, Call, StandIn, no_exchange_is_left, open_stand_in
from tests.providers.stand_ins import NOON, AliyunStandIn

pytestmark = pytest.mark.usefixtures("mark_is_put")
KEYS = AliyunKeys(key_id="LTAI-one", key_secret="s3cr3t-of-one", name="育才中学")
CALLER = AliyunKeys(key_id="LTAI-one", key_secret="s3cr3t-of-one", name="057188886666", reply_template="TTS_heard")
SERVICES = ("aliyun_sms", "aliyun_voice", "aliyun_balance")


def a_page(channel: str = "sms", **values: Any) -> Page:
    known = {
        "key": "k", "channel": channel, "to": "+8613800138000", "school": "yucai", "kind": "page",
        "template_id": "SMS_1" if channel == "sms" else "TTS_1", "params": {"code": "4821", "line": "0571-8888 6666+~*"},
        "call_reference": "0123456789abcdef" * 2,
    }  # fmt: skip
    return Page(**{**known, **values})


@pytest.fixture
def cloud() -> AliyunStandIn:
    return AliyunStandIn()


@pytest.fixture
def server(cloud: AliyunStandIn, settings: Any) -> Iterator[StandIn]:
    with open_stand_in(cloud) as stand_in:
        settings.PROVIDER_ADDRESSES = {**settings.PROVIDER_ADDRESSES, **dict.fromkeys(SERVICES, stand_in.url)}
        yield stand_in


def test_the_signature_is_that_of_the_providers_own_example() -> None:
    headers = acs3_headers(
        host="ecs.cn-shanghai.aliyuncs.com", action="RunInstances", version="2014-05-26",
        query="ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
        key_id="YourAccessKeyId", key_secret="YourAccessKeySecret", at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        nonce="3156853299f313e23d1673dc12e1703d",
    )  # fmt: skip
    assert headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_a_text_is_taken_with_everything_that_was_signed(server: StandIn, cloud: AliyunStandIn) -> None:
    assert AliyunSms(KEYS).send(a_page(), at=NOON) == Sent("90061^0")
    (taken,) = cloud.taken
    assert taken == {
        "PhoneNumbers": "13800138000", "SignName": "育才中学", "TemplateCode": "SMS_1",
        "TemplateParam": '{"code":"4821","line":"0571-8888 6666+~*"}', "OutId": "0123456789abcdef" * 2,
    }  # fmt: skip


def test_a_call_reads_the_template_and_hears_keys(server: StandIn, cloud: AliyunStandIn) -> None:
    page = a_page("voice", to="+8657188881234", choices=(Choice("1", "我来"), Choice("9", "不是我")))
    assert AliyunVoice(CALLER).send(page, at=NOON) == Sent("11601^1028", "IvrCall")
    (taken,) = cloud.taken
    assert taken["CalledNumber"] == "057188881234"
    assert (taken["MenuKeyMap.1.Key"], taken["MenuKeyMap.2.Key"]) == ("1", "9")
    assert (taken["StartCode"], taken["MenuKeyMap.2.Code"], taken["OutId"]) == (
        "TTS_1",
        "TTS_heard",
        page.call_reference,
    )


def test_without_a_reply_the_call_is_read_out_only(server: StandIn, cloud: AliyunStandIn) -> None:
    keys = AliyunKeys(key_id="LTAI-one", key_secret="s3cr3t-of-one", name="057188886666")
    page = a_page("voice", choices=(Choice("1", "我来"),))
    assert AliyunVoice(keys).send(page, at=NOON) == Sent("11601^1028", "SingleCallByTts")
    assert cloud.taken[0]["TtsCode"] == "TTS_1"


@pytest.mark.parametrize(
    ("to", "by_text", "by_voice"),
    [
        ("+8613800138000", True, True), ("+8657188881234", False, True), ("+861088881234", False, True),
        ("+12025550123", False, False), ("+86110", False, False), ("+8612356", False, False), ("110", False, False),
        ("+861012345", False, False), ("+8657112356", False, False), ("+86 13800138000", False, False),
        ("+8613800138000\n", False, False), ("+86１３800138000", False, False), ("", False, False),
    ],
)  # fmt: skip
def test_which_numbers_are_dialled(
    server: StandIn, cloud: AliyunStandIn, to: str, by_text: bool, by_voice: bool
) -> None:
    """No service number passes in any spelling; abroad is called by hand."""
    outcomes = AliyunSms(KEYS).send(a_page(to=to), at=NOON), AliyunVoice(CALLER).send(a_page("voice", to=to), at=NOON)
    assert [isinstance(outcome, Sent) for outcome in outcomes] == [by_text, by_voice]
    assert len(cloud.taken) == len(server.calls) == by_text + by_voice, "the provider was not even asked"
    assert all(outcome == failed(Trouble.NUMBER) for outcome in outcomes if isinstance(outcome, Failed))


def test_without_an_approved_template_nothing_is_asked(server: StandIn) -> None:
    assert AliyunSms(KEYS).send(a_page(template_id=""), at=NOON) == failed(Trouble.NO_TEMPLATE)
    assert AliyunVoice(CALLER).send(a_page("voice", template_id=""), at=NOON) == failed(Trouble.NO_TEMPLATE)
    assert server.calls == []


def test_the_limits_of_a_number_say_how_long_they_last(server: StandIn, cloud: AliyunStandIn) -> None:
    waits = []
    for hours in range(14):
        for _ in range(2):
            outcome = AliyunSms(KEYS).send(a_page(), at=cloud.now)
            if isinstance(outcome, Failed):
                assert (outcome.code, outcome.is_final) == ("limit", False)
                waits.append(outcome.retry_after)
        cloud.now += timedelta(minutes=70 if hours > 5 else 2)
    assert set(waits) == {timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)}


@pytest.mark.parametrize(
    ("page", "trouble"),
    [
        ({"template_id": "SMS_9"}, Trouble.TEMPLATE),
        ({"params": {"code": "https://x.cn/1"}}, Trouble.TEMPLATE),
    ],
)
def test_what_the_provider_refuses_is_told_in_our_words(
    server: StandIn, page: dict[str, Any], trouble: Trouble
) -> None:
    assert AliyunSms(KEYS).send(a_page(**page), at=NOON) == failed(trouble)


@pytest.mark.parametrize(
    ("keys", "trouble"),
    [
        (AliyunKeys("LTAI-one", "another", "育才中学"), Trouble.SIGNATURE),
        (AliyunKeys("LTAI-two", "s3cr3t-of-one", "育才中学"), Trouble.SIGNATURE),
        (AliyunKeys("LTAI-one", "s3cr3t-of-one", "实验中学"), Trouble.TEMPLATE),
    ],
)
def test_wrong_keys_and_names_are_the_accounts_fault(
    server: StandIn, cloud: AliyunStandIn, keys: AliyunKeys, trouble: Trouble
) -> None:
    assert AliyunSms(keys).send(a_page(), at=NOON) == failed(trouble)
    assert cloud.taken == []


@pytest.mark.parametrize(("code", "trouble"), sorted(TROUBLES.items()))
def test_every_code_of_theirs_is_one_of_ours(
    server: StandIn, cloud: AliyunStandIn, code: str, trouble: Trouble
) -> None:
    cloud.code = dict.fromkeys(("SendSms", "IvrCall", "SingleCallByTts"), (400, code, ""))
    for outcome in (AliyunSms(KEYS).send(a_page(), at=NOON), AliyunVoice(CALLER).send(a_page("voice"), at=NOON)):
        assert isinstance(outcome, Failed)
        assert outcome == failed(trouble, retry_after=outcome.retry_after)
        assert (outcome.retry_after is not None) == (trouble is Trouble.LIMIT)


def test_a_code_that_nobody_knows_is_refused_and_may_be_tried_again() -> None:
    assert outcome_of("isv.BRAND_NEW", "") == Failed("refused", is_final=False)


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_server_does_the_caller_gets_an_outcome_in_time(server: StandIn, fault: str) -> None:
    server.fault = fault
    outcome = AliyunSms(KEYS).send(a_page(), at=NOON, seconds=0.6)
    assert isinstance(outcome, Failed)
    assert outcome.code in ("down", "cut_off", "timed_out", "unreadable")
    assert not outcome.is_final
    assert outcome.is_of_provider
    assert no_exchange_is_left()


@pytest.mark.parametrize(
    "answer", [{"Code": "OK"}, {"Code": "OK", "BizId": ""}, {"Code": "OK", "BizId": 7}, {}, {"Code": None}]
)
def test_an_answer_without_what_it_promises_is_no_success(settings: Any, answer: Any) -> None:
    with open_stand_in(lambda call: (200, answer)) as server:
        settings.PROVIDER_ADDRESSES = {"aliyun_sms": server.url}
        assert isinstance(AliyunSms(KEYS).send(a_page(), at=NOON), Failed)


def test_what_became_of_it_is_asked_and_taken_is_not_delivered(server: StandIn, cloud: AliyunStandIn) -> None:
    cloud.delivers = False
    sms, voice = AliyunSms(KEYS), AliyunVoice(CALLER)
    sent = sms.send(a_page(), at=NOON)
    assert isinstance(sent, Sent)
    ask = {"provider_ref": sent.provider_ref, "to": "+8613800138000", "sent_at": NOON, "at": NOON}
    assert sms.known(**ask) == Known(Reach.WAITING)
    cloud.delivers = True
    assert sms.known(**ask) == Known(Reach.REACHED, "DELIVERED")
    assert sms.known(**{**ask, "provider_ref": "9"}) == Known(Reach.WAITING)
    call = voice.send(a_page("voice", choices=(Choice("1", "我来"),)), at=NOON)
    assert isinstance(call, Sent)
    told = {"provider_ref": call.provider_ref, "action": call.code, "sent_at": NOON, "at": NOON}
    assert voice.known(**told) == Known(Reach.REACHED, "200000")
    cloud.delivers = False
    assert voice.known(**told) == Known(Reach.WAITING)


@pytest.mark.parametrize(("amount", "fen"), [("10,000.50", 1_000_050), ("0.00", 0), ("-3.20", -320), ("7", 700), ("7.5", 750), ("-0.50", -50)])  # fmt: skip
def test_the_balance_is_told_in_fen(server: StandIn, cloud: AliyunStandIn, amount: str, fen: int) -> None:
    cloud.amount = amount
    assert AliyunSms(KEYS).balance(at=NOON) == fen


@pytest.mark.parametrize("amount", ["", "much", "1.2.3x"])
def test_a_balance_that_is_no_amount_is_unreadable(server: StandIn, cloud: AliyunStandIn, amount: str) -> None:
    cloud.amount = amount
    assert AliyunSms(KEYS).balance(at=NOON) == failed(Trouble.UNREADABLE)


def test_many_go_by_one_connection(server: StandIn, cloud: AliyunStandIn) -> None:
    sms = AliyunSms(KEYS)
    for count in range(4):
        sms.send(a_page(to=f"+861380013800{count}"), at=NOON)
    assert len(cloud.taken) == 4
    assert len(server.lines) == 1


def test_secrets_do_not_show() -> None:
    assert "s3cr3t" not in repr(KEYS)
    assert "s3cr3t" not in repr(vars(AliyunSms(KEYS)))


# Without the network: what is signed is accepted, whatever it is ------------------------------------------------------

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)


@given(
    values=st.dictionaries(st.text("ABCabc.1", min_size=1, max_size=8), TEXTS, min_size=1, max_size=6),
    moment=st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    off=st.timedeltas(timedelta(hours=-2), timedelta(hours=2)),
)
def test_any_values_at_any_moment_are_accepted_within_the_window_and_only_there(
    values: dict[str, str], moment: datetime, off: timedelta
) -> None:
    query = acs3_query(values)
    headers = acs3_headers(
        host="h", action="SendSms", version="2017-05-25", query=query, key_id="LTAI-one", key_secret="s3cr3t-of-one",
        at=moment, nonce="n",
    )  # fmt: skip
    call = Call("POST", urlsplit(f"/?{query}"), {name.lower(): value for name, value in headers.items()}, b"", ("", 0))
    cloud = AliyunStandIn(now=moment.replace(microsecond=0) + off)
    refusal = cloud._signature(call)
    assert (refusal is None) == (abs(off) <= ACS3_WINDOW)
