"""WeCom against a stand-in: tokens, cards with buttons, and the yes that is none."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from notifications.providers import wecom
from notifications.providers.ports import Choice, Failed, Page, Sent, Trouble, failed
from notifications.providers.wecom import TROUBLES, WAITS, Wecom, WecomKeys, tokens
from tests.providers.servers import FAULTS, StandIn, no_exchange_is_left, open_stand_in
from tests.providers.stand_ins import NOON, WecomStandIn

pytestmark = pytest.mark.usefixtures("mark_is_put")
KEYS = WecomKeys(corp_id="ww1", secret="app-secret", agent_id="1000002")
TWO = (Choice("acknowledge", "我来处理"), Choice("not_me", "不是我"))


def a_page(**values: Any) -> Page:
    known = {
        "key": "k", "channel": "wecom", "to": "wang", "school": "yucai", "kind": "page", "subject": "紧急求助",
        "text": "请尽快处理，电话 0571-88886666", "link": "https://yucai.example.cn/a/", "call_reference": "f" * 32,
        "choices": TWO,
    }  # fmt: skip
    return Page(**{**known, **values})


@pytest.fixture
def cloud() -> WecomStandIn:
    tokens.forget()
    return WecomStandIn()


@pytest.fixture
def server(cloud: WecomStandIn, settings: Any) -> Iterator[StandIn]:
    with open_stand_in(cloud) as stand_in:
        settings.PROVIDER_ADDRESSES = {**settings.PROVIDER_ADDRESSES, "wecom": stand_in.url}
        yield stand_in


def asked(server: StandIn) -> list[str]:
    return [call.address.path.rpartition("/")[2] for call in server.calls]


def test_a_page_is_a_card_with_buttons_and_duplicates_are_not_checked(server: StandIn, cloud: WecomStandIn) -> None:
    assert Wecom(KEYS).send(a_page(), at=NOON) == Sent("m1", card="card-1")
    (taken,) = cloud.taken
    card = taken["template_card"]
    assert (taken["touser"], taken["agentid"], taken["enable_duplicate_check"]) == ("wang", 1000002, 0)
    assert (card["task_id"], card["main_title"]["title"]) == ("f" * 32, "紧急求助")
    assert [(button["key"], button["text"]) for button in card["button_list"]] == [
        ("acknowledge", "我来处理"), ("not_me", "不是我"),
    ]  # fmt: skip
    assert card["card_action"] == {"type": 1, "url": "https://yucai.example.cn/a/"}


def test_what_asks_for_nothing_is_a_text(server: StandIn, cloud: WecomStandIn) -> None:
    assert Wecom(KEYS).send(a_page(choices=()), at=NOON) == Sent("m1")
    assert cloud.taken[0]["text"] == {"content": "请尽快处理，电话 0571-88886666"}


@pytest.mark.parametrize("who", ["nobody", "unlicensed"])
def test_a_yes_that_names_the_member_is_no_delivery_and_final(server: StandIn, cloud: WecomStandIn, who: str) -> None:
    cloud.unlicensed = {"unlicensed"}
    outcome = Wecom(KEYS).send(a_page(to=who), at=NOON)
    assert outcome == Failed("not_reached", is_final=True)
    assert cloud.taken == []


def test_one_token_serves_all_and_is_renewed_early(
    server: StandIn, cloud: WecomStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = 1_000.0
    monkeypatch.setattr(wecom.time, "monotonic", lambda: ran)
    for count in range(3):
        Wecom(KEYS).send(a_page(call_reference=f"{count}" * 32), at=NOON, seconds=10_000)
    assert len(cloud.tokens) == 1
    ran += 7200 - wecom.EARLY_SECONDS - 1
    Wecom(KEYS).send(a_page(call_reference="3" * 32), at=NOON, seconds=10_000)
    assert len(cloud.tokens) == 1
    ran += 2
    Wecom(KEYS).send(a_page(call_reference="4" * 32), at=NOON, seconds=10_000)
    assert len(cloud.tokens) == 2
    assert len(cloud.taken) == 5


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_stale_token_is_renewed_once(server: StandIn, cloud: WecomStandIn, code: int) -> None:
    Wecom(KEYS).send(a_page(), at=NOON)
    cloud.live.clear()
    if code == 40014:
        cloud.tokens[0] = "as if never given"
    assert isinstance(Wecom(KEYS).send(a_page(call_reference="e" * 32), at=NOON), Sent)
    assert asked(server) == ["gettoken", "send", "send", "gettoken", "send"]


def test_tokens_that_are_never_good_are_not_asked_for_without_an_end(server: StandIn, cloud: WecomStandIn) -> None:
    cloud.error = {"message_send": 42001}
    assert Wecom(KEYS).send(a_page(), at=NOON) == failed(Trouble.SIGNATURE)
    assert asked(server) == ["gettoken", "send", "gettoken", "send"]


def test_many_at_once_fetch_one_token(server: StandIn, cloud: WecomStandIn) -> None:
    outcomes: list[Any] = []
    threads = [
        threading.Thread(target=lambda n=n: outcomes.append(tokens.of(KEYS, wecom.Deadline(5)))) for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["token-0"] * 12
    assert asked(server) == ["gettoken"]


def test_fetching_a_token_counts_into_the_five_seconds(server: StandIn) -> None:
    server.fault = "drip"
    assert Wecom(KEYS).send(a_page(), at=NOON, seconds=0.5) == failed(Trouble.NO_LINE)
    assert asked(server) == ["gettoken"]
    assert no_exchange_is_left()


@pytest.mark.parametrize("keys", [WecomKeys("ww1", "wrong", "1"), WecomKeys("ww2", "app-secret", "1")])
def test_wrong_keys_are_the_accounts_fault(server: StandIn, keys: WecomKeys) -> None:
    assert Wecom(keys).send(a_page(), at=NOON) == failed(Trouble.SIGNATURE)
    assert asked(server) == ["gettoken"]


@pytest.mark.parametrize(("code", "trouble"), sorted(TROUBLES.items()))
@pytest.mark.parametrize("where", ["gettoken", "message_send"])
def test_every_code_of_theirs_is_one_of_ours(
    server: StandIn, cloud: WecomStandIn, code: int, trouble: Trouble, where: str
) -> None:
    cloud.error = {where: code}
    assert Wecom(KEYS).send(a_page(), at=NOON) == failed(trouble, retry_after=WAITS.get(code))
    assert cloud.taken == []


def test_limits_say_when_to_come_back_and_unknown_codes_are_refused(server: StandIn, cloud: WecomStandIn) -> None:
    cloud.error = {"message_send": 45009}
    assert Wecom(KEYS).send(a_page(), at=NOON) == Failed("limit", retry_after=timedelta(minutes=1))
    cloud.error = {"message_send": 45033}
    assert Wecom(KEYS).send(a_page(), at=NOON) == Failed("limit", retry_after=timedelta(seconds=5))
    cloud.error = {"message_send": 999_999}
    assert Wecom(KEYS).send(a_page(), at=NOON) == Failed("refused")


def test_a_card_is_closed_once(server: StandIn, cloud: WecomStandIn) -> None:
    sent = Wecom(KEYS).send(a_page(), at=NOON)
    assert isinstance(sent, Sent)
    assert isinstance(Wecom(KEYS).close_card(card=sent.card, label="已有人接手", at=NOON), Sent)
    assert Wecom(KEYS).close_card(card=sent.card, label="已有人接手", at=NOON) == Failed("refused")
    assert timedelta(hours=72) == wecom.CARD_LIVES


def test_a_member_is_found_by_their_number(server: StandIn) -> None:
    assert Wecom(KEYS).member_of("+8613800138000", at=NOON) == "wang"
    assert Wecom(KEYS).member_of("+8613800138001", at=NOON) == failed(Trouble.NOT_REACHED)
    assert Wecom(KEYS).member_of("+8657188881234", at=NOON) == failed(Trouble.NUMBER)


@pytest.mark.parametrize("has_token", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_server_does_the_caller_gets_an_outcome_in_time(
    server: StandIn, fault: str, *, has_token: bool
) -> None:
    if has_token:
        assert isinstance(Wecom(KEYS).send(a_page(), at=NOON), Sent)
    server.fault = fault
    outcome = Wecom(KEYS).send(a_page(), at=NOON, seconds=0.6)
    assert isinstance(outcome, Failed)
    if has_token:
        assert outcome.code in ("down", "cut_off", "timed_out", "unreadable")
    else:
        assert outcome.code in ("down", "no_line") and not outcome.may_have_left, "the message was never said"
    assert no_exchange_is_left()


@pytest.mark.parametrize(
    "answer", [{"errcode": 0}, {"errcode": "0"}, {"errcode": 0, "msgid": 7}, {"errcode": 0, "access_token": ""}]
)
def test_an_answer_without_what_it_promises_is_no_success(settings: Any, answer: Any) -> None:
    tokens.forget()
    with open_stand_in(lambda call: (200, answer)) as server:
        settings.PROVIDER_ADDRESSES = {"wecom": server.url}
        assert Wecom(KEYS).send(a_page(), at=NOON) == failed(Trouble.NO_LINE), "no token, so no message was said"


@pytest.mark.parametrize("answer", [{"errcode": 0}, {"errcode": "0"}, {"errcode": 0, "msgid": 7}])
def test_a_message_whose_answer_lacks_its_number_may_have_left(settings: Any, answer: Any) -> None:
    tokens.forget()
    token = {"errcode": 0, "access_token": "t", "expires_in": 7200}
    with open_stand_in(lambda call: (200, token if call.address.path.endswith("gettoken") else answer)) as server:
        settings.PROVIDER_ADDRESSES = {"wecom": server.url}
        assert Wecom(KEYS).send(a_page(), at=NOON) == failed(Trouble.UNREADABLE)
        assert asked(server) == ["gettoken", "send"]


def test_secrets_do_not_show() -> None:
    assert "app-secret" not in repr(KEYS)
    assert "card-1" not in repr(Sent("m1", card="card-1"))
