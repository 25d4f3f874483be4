"""WeCom (企业微信): messages of the school's own application, as a card whose buttons answer.

Documents: developer.work.weixin.qq.com 91039 (token), 90227 (application), 90236 (send), 94888 (changing a card), 95402 (member by mobile).
"""

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from notifications.providers.exchanges import Deadline, LineFailed, Loss
from notifications.providers.line import provider_line
from notifications.providers.numbers import mobile
from notifications.providers.ports import SECONDS, Failed, Outcome, Page, Provider, Sent, Trouble, failed

CARD_LIVES: Final = timedelta(hours=72)
"""So long, and once, a sent card can be changed by its ``response_code``."""
EARLY_SECONDS: Final = 300.0
"""A token is renewed so long before it ends: the one in hand must last through the call."""

_STALE: Final = frozenset({40014, 41001, 42001})
TROUBLES: Final[Mapping[int, Trouble]] = MappingProxyType(
    {
        -1: Trouble.DOWN,
        6000: Trouble.DOWN,
        45009: Trouble.LIMIT,
        45033: Trouble.LIMIT,
        40001: Trouble.SIGNATURE,
        40013: Trouble.SIGNATURE,
        40014: Trouble.SIGNATURE,
        40056: Trouble.SIGNATURE,
        41001: Trouble.SIGNATURE,
        42001: Trouble.SIGNATURE,
        48002: Trouble.SIGNATURE,
        50003: Trouble.SIGNATURE,
        60020: Trouble.SIGNATURE,
        301002: Trouble.SIGNATURE,
        40003: Trouble.NOT_REACHED,
        40031: Trouble.NOT_REACHED,
        46004: Trouble.NOT_REACHED,
        50002: Trouble.NOT_REACHED,
        60011: Trouble.NOT_REACHED,
        60111: Trouble.NOT_REACHED,
        81013: Trouble.NOT_REACHED,
        40058: Trouble.TEMPLATE,
        44004: Trouble.TEMPLATE,
        45002: Trouble.TEMPLATE,
        45003: Trouble.TEMPLATE,
    }
)
"""Their codes → ours; ``signature`` stands for all that is wrong with the application itself."""
WAITS: Final[Mapping[int, timedelta]] = MappingProxyType({45009: timedelta(minutes=1), 45033: timedelta(seconds=5)})


@dataclass(frozen=True, slots=True)
class WecomKeys:
    """Of the school's own application."""

    corp_id: str
    secret: str = field(repr=False)
    agent_id: str


class _Tokens:
    """Access tokens of this process, one for each application. Whoever comes while one is fetched waits for that one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._kept: dict[str, tuple[str, float]] = {}

    def of(self, keys: WecomKeys, deadline: Deadline, *, but: str = "") -> "str | Failed":
        """A token that is not ``but``, which was refused."""
        whose = hashlib.sha256(f"{keys.corp_id}\n{keys.secret}".encode()).hexdigest()
        with self._lock:
            lock = self._locks.setdefault(whose, threading.Lock())
        if not lock.acquire(timeout=deadline.left):
            raise LineFailed(Loss.NO_TOKEN)
        try:
            token, ends = self._kept.get(whose, ("", 0.0))
            if token and token != but and time.monotonic() < ends:
                return token
            return self._fetch(whose, keys, deadline)
        except LineFailed:
            raise LineFailed(Loss.NO_TOKEN) from None  # whatever was said: no message was among it
        finally:
            lock.release()

    def _fetch(self, whose: str, keys: WecomKeys, deadline: Deadline) -> "str | Failed":
        query = urlencode({"corpid": keys.corp_id, "corpsecret": keys.secret})
        said = _said("GET", f"/cgi-bin/gettoken?{query}", deadline)
        if isinstance(said, Failed):
            return said
        if code := _code(said):
            return outcome_of(code)
        token, lives = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lives, int):
            raise LineFailed(Loss.UNREADABLE)
        self._kept[whose] = (token, time.monotonic() + max(lives - EARLY_SECONDS, lives / 2))
        return token

    def forget(self) -> None:
        """Fetch anew at the next call."""
        self._kept.clear()


tokens: Final = _Tokens()


class Wecom(Provider):
    """``to`` is the member's id. A 200 that names the member as invalid or unlicensed is no delivery, and final."""

    name: ClassVar = "wecom"
    channels: ClassVar = frozenset({"wecom"})

    def __init__(self, keys: WecomKeys) -> None:
        self._keys = keys

    def _deliver(self, page: Page, at: datetime, deadline: Deadline) -> Outcome:
        said = self._call("/cgi-bin/message/send", self._message(page), deadline)
        if isinstance(said, Failed):
            return said
        if said.get("invaliduser") or said.get("unlicenseduser"):
            return failed(Trouble.NOT_REACHED)
        reference = said.get("msgid")
        if not isinstance(reference, str) or not reference:
            raise LineFailed(Loss.UNREADABLE)
        return Sent(reference[:120], card=str(said.get("response_code") or ""))

    def _message(self, page: Page) -> dict[str, Any]:
        """A card with buttons where there is something to answer, else a text.

        The check for duplicates is off: a second page is meant to be read, and it is dropped in silence by that check.
        """
        common = {"touser": page.to, "agentid": int(self._keys.agent_id), "enable_duplicate_check": 0}
        if not page.choices:
            return {**common, "msgtype": "text", "text": {"content": page.text}}
        card: dict[str, Any] = {
            "card_type": "button_interaction",
            "main_title": {"title": page.subject},
            "sub_title_text": page.text,
            "task_id": page.call_reference,
            "button_list": [
                {"text": choice.label, "style": 1 if not count else 2, "key": choice.key}
                for count, choice in enumerate(page.choices)
            ],
        }
        if page.link:
            card["card_action"] = {"type": 1, "url": page.link}
        return {**common, "msgtype": "template_card", "template_card": card}

    def close_card(self, *, card: str, label: str, at: datetime) -> "Sent | Failed":
        """Take the buttons of a sent card away and write ``label`` there, for everybody who got it. Once, within
        ``CARD_LIVES``.
        """

        def act(deadline: Deadline) -> Sent | Failed:
            body = {
                "atall": 1,
                "agentid": int(self._keys.agent_id),
                "response_code": card,
                "button": {"replace_name": label},
            }
            said = self._call("/cgi-bin/message/update_template_card", body, deadline)
            return said if isinstance(said, Failed) else Sent("", "closed")

        return self._asked(act, at=at)

    def is_in_use(self, *, at: datetime) -> "bool | Failed":
        """Whether the application answers for its own keys and is not switched off (agent/get)."""

        def act(deadline: Deadline) -> bool | Failed:
            said = self._call("/cgi-bin/agent/get", {}, deadline, method="GET", agentid=self._keys.agent_id)
            return said if isinstance(said, Failed) else not said.get("close")

        return self._asked(act, at=at)

    def member_of(self, phone: str, *, at: datetime, seconds: float = SECONDS) -> "str | Failed":
        """The id of the member with this mobile number (E.164); ``not_reached`` when there is none."""

        def act(deadline: Deadline) -> str | Failed:
            if (number := mobile(phone)) is None:
                return failed(Trouble.NUMBER)
            said = self._call("/cgi-bin/user/getuserid", {"mobile": number}, deadline)
            if isinstance(said, Failed):
                return said
            member = said.get("userid")
            return member if isinstance(member, str) and member else failed(Trouble.NOT_REACHED)

        return self._asked(act, at=at, seconds=seconds)

    def _call(
        self, path: str, body: Mapping[str, Any], deadline: Deadline, *, method: str = "POST", **query: str
    ) -> "dict[str, Any] | Failed":
        """What they say when all is well. A stale token is renewed once."""
        refused = ""
        for _once_more in range(2):
            token = tokens.of(self._keys, deadline, but=refused)
            if isinstance(token, Failed):
                return token
            address = f"{path}?{urlencode({'access_token': token, **query})}"
            said = _said(method, address, deadline, body if method == "POST" else None)
            if isinstance(said, Failed):
                return said
            code = _code(said)
            if not code:
                return said
            if code not in _STALE:
                return outcome_of(code)
            refused = token
        return failed(Trouble.SIGNATURE)


def outcome_of(code: int) -> Failed:
    """What their ``code`` means for us."""
    return failed(TROUBLES.get(code, Trouble.REFUSED), retry_after=WAITS.get(code))


def _said(
    method: str, path: str, deadline: Deadline, body: Mapping[str, Any] | None = None
) -> "dict[str, Any] | Failed":
    content = json.dumps(body, ensure_ascii=False).encode() if body is not None else b""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    answer = provider_line("wecom").call(method, path, deadline, headers=headers, body=content)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return failed(Trouble.DOWN)
    if answer.status != HTTPStatus.OK:
        raise LineFailed(Loss.UNREADABLE)
    return answer.json()


def _code(said: Mapping[str, Any]) -> int:
    code = said.get("errcode", 0)
    if not isinstance(code, int):
        raise LineFailed(Loss.UNREADABLE)
    return code
