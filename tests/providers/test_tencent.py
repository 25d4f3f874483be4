"""Tencent Cloud against a stand-in that checks every signed byte."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.providers.ports import Failed, Page, Sent, Trouble, failed
from notifications.providers.signatures import TC3_WINDOW, tc3_headers
from notifications.providers.tencent import LIMITS, TROUBLES, TencentKeys, TencentSms, outcome_of
from tests.providers.servers import FAULTS, Call, StandIn, no_exchange_is_left, open_stand_in
from tests.providers.stand_ins import NOON, TencentStandIn

pytestmark = pytest.mark.usefixtures("mark_is_put")
KEYS = TencentKeys(secret_id="AKID-one", secret_key="k3y-of-one", app_id="1400006666", name="育才中学")


def a_page(**values: Any) -> Page:
    known = {
        "key": "k", "channel": "sms", "to": "+8613800138000", "school": "yucai", "kind": "page", "template_id": "1110",
        "params": {"2": "0571-88886666", "1": "4821"}, "call_reference": "f" * 32,
    }  # fmt: skip
    return Page(**{**known, **values})


@pytest.fixture
def cloud() -> TencentStandIn:
    return TencentStandIn()


@pytest.fixture
def server(cloud: TencentStandIn, settings: Any) -> Iterator[StandIn]:
    with open_stand_in(cloud) as stand_in:
        settings.PROVIDER_ADDRESSES = {**settings.PROVIDER_ADDRESSES, "tencent_sms": stand_in.url}
        yield stand_in


def test_the_signature_is_that_of_the_providers_own_example() -> None:
    headers = tc3_headers(
        host="cvm.tencentcloudapi.com", service="cvm", action="DescribeInstances", version="2017-03-12",
        body=rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}',
        secret_id="AKID" + "*" * 32, secret_key="*" * 32, at=datetime.fromtimestamp(1551113065, UTC),
    )  # fmt: skip
    assert headers["Authorization"] == (
        "TC3-HMAC-SHA256 Credential=AKID********************************/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host;x-tc-action, "
        "Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    )


def test_a_text_is_taken_with_its_parameters_in_order(server: StandIn, cloud: TencentStandIn) -> None:
    assert TencentSms(KEYS).send(a_page(), at=NOON) == Sent("2640:1")
    (taken,) = cloud.taken
    assert taken == {
        "PhoneNumberSet": ["+8613800138000"], "SmsSdkAppId": "1400006666", "SignName": "育才中学", "TemplateId": "1110",
        "TemplateParamSet": ["4821", "0571-88886666"], "SessionContext": "f" * 32,
    }  # fmt: skip


@pytest.mark.parametrize("to", ["+12025550123", "+8657188881234", "110", "+8612356", ""])
def test_only_mobile_numbers_get_texts(server: StandIn, to: str) -> None:
    assert TencentSms(KEYS).send(a_page(to=to), at=NOON) == failed(Trouble.NUMBER)
    assert server.calls == []


def test_without_an_approved_template_nothing_is_asked(server: StandIn) -> None:
    assert TencentSms(KEYS).send(a_page(template_id=""), at=NOON) == failed(Trouble.NO_TEMPLATE)
    assert TencentSms(KEYS).send(a_page(template_id="7"), at=NOON) == failed(Trouble.TEMPLATE)
    assert len(server.calls) == 1


@pytest.mark.parametrize(("code", "trouble"), sorted(TROUBLES.items()))
@pytest.mark.parametrize("where", ["error", "row"])
def test_every_code_of_theirs_is_one_of_ours_for_the_call_and_for_the_message_in_it(
    server: StandIn, cloud: TencentStandIn, code: str, trouble: Trouble, where: str
) -> None:
    setattr(cloud, where, code)
    outcome = TencentSms(KEYS).send(a_page(), at=NOON)
    assert outcome == failed(trouble, retry_after=LIMITS.get(code))
    assert cloud.taken == []


def test_families_of_codes_and_unknown_ones() -> None:
    assert outcome_of("AuthFailure.SecretIdNotFound") == failed(Trouble.SIGNATURE)
    assert outcome_of("InternalError.Timeout") == failed(Trouble.DOWN)
    assert outcome_of("LimitExceeded.New") == failed(Trouble.LIMIT, retry_after=timedelta(hours=1))
    assert outcome_of("Brand.New") == Failed("refused", is_final=False)


@pytest.mark.parametrize(
    "keys", [TencentKeys("AKID-one", "x", "1", "n"), TencentKeys("AKID-two", "k3y-of-one", "1", "n")]
)
def test_wrong_keys_are_the_accounts_fault(server: StandIn, cloud: TencentStandIn, keys: TencentKeys) -> None:
    assert TencentSms(keys).send(a_page(), at=NOON) == failed(Trouble.SIGNATURE)
    assert cloud.taken == []


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_server_does_the_caller_gets_an_outcome_in_time(server: StandIn, fault: str) -> None:
    server.fault = fault
    outcome = TencentSms(KEYS).send(a_page(), at=NOON, seconds=0.6)
    assert isinstance(outcome, Failed)
    assert outcome.code in ("down", "cut_off", "timed_out", "unreadable")
    assert not outcome.is_final
    assert no_exchange_is_left()


@pytest.mark.parametrize(
    "answer",
    [{}, {"Response": []}, {"Response": {}}, {"Response": {"SendStatusSet": []}}, {"Response": {"SendStatusSet": [1]}},
     {"Response": {"SendStatusSet": [{"Code": "Ok"}]}}, {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": ""}]}}],
)  # fmt: skip
def test_an_answer_without_what_it_promises_is_no_success(settings: Any, answer: Any) -> None:
    with open_stand_in(lambda call: (200, answer)) as server:
        settings.PROVIDER_ADDRESSES = {"tencent_sms": server.url}
        assert TencentSms(KEYS).send(a_page(), at=NOON) == failed(Trouble.UNREADABLE)


def test_how_many_texts_are_left(server: StandIn) -> None:
    assert TencentSms(KEYS).left(at=NOON) == 600


@given(
    text=st.text(st.characters(codec="utf-8"), max_size=40),
    moment=st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    off=st.timedeltas(timedelta(hours=-2), timedelta(hours=2)),
)
def test_any_text_at_any_moment_is_accepted_within_the_window_and_only_there(
    text: str, moment: datetime, off: timedelta
) -> None:
    """Also in the second before a day of UTC begins: the day is signed."""
    body = json.dumps({"a": text}).encode()
    headers = tc3_headers(
        host="h", service="sms", action="SendSms", version="2021-01-11", body=body, secret_id="AKID-one",
        secret_key="k3y-of-one", at=moment,
    )  # fmt: skip
    call = Call("POST", urlsplit("/"), {name.lower(): value for name, value in headers.items()}, body, ("", 0))
    refusal = TencentStandIn(now=moment.replace(microsecond=0) + off)._signature(call)
    assert (refusal == "") == (abs(off) <= TC3_WINDOW)
