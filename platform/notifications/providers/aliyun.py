"""Alibaba Cloud: text messages (dysmsapi), calls that are read out and answered by a key (dyvmsapi), the balance.

A signed client of our own (``signatures``); actions and fields as in the provider's documents of version 2017-05-25.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

from kernel.clock import SCHOOL_ZONE
from notifications.providers.exchanges import Deadline, LineFailed, Loss
from notifications.providers.line import provider_line
from notifications.providers.numbers import callable_number, mobile
from notifications.providers.ports import Failed, Outcome, Page, Provider, Sent, Trouble, failed
from notifications.providers.signatures import acs3_headers, acs3_query

_VERSION: Final = "2017-05-25"
_PLAYED: Final = "3"
_KEY_WAIT_MS: Final = "8000"
_IVR: Final = "11000000300005"
_READ_OUT: Final = "11010000138001"
"""What the two kinds of calls are named when one is asked for."""

TROUBLES: Final[Mapping[str, Trouble]] = MappingProxyType(
    {
        "isv.BUSINESS_LIMIT_CONTROL": Trouble.LIMIT,
        "isv.DAY_LIMIT_CONTROL": Trouble.LIMIT,
        "isv.MONTH_LIMIT_CONTROL": Trouble.LIMIT,
        "Throttling": Trouble.LIMIT,
        "Throttling.User": Trouble.LIMIT,
        "Throttling.Api": Trouble.LIMIT,
        "isv.SMS_TEMPLATE_ILLEGAL": Trouble.TEMPLATE,
        "isv.SMS_SIGNATURE_ILLEGAL": Trouble.TEMPLATE,
        "isv.SMS_SIGN_ILLEGAL": Trouble.TEMPLATE,
        "isv.SMS_CONTENT_ILLEGAL": Trouble.TEMPLATE,
        "isv.TTS_TEMPLATE_ILLEGAL": Trouble.TEMPLATE,
        "isv.VOICE_FILE_ILLEGAL": Trouble.TEMPLATE,
        "isv.TEMPLATE_MISSING_PARAMETERS": Trouble.TEMPLATE,
        "isv.TEMPLATE_PARAMS_ILLEGAL": Trouble.TEMPLATE,
        "isv.INVALID_PARAMETERS": Trouble.TEMPLATE,
        "isv.INVALID_JSON_PARAM": Trouble.TEMPLATE,
        "isv.PARAM_LENGTH_LIMIT": Trouble.TEMPLATE,
        "isv.PARAM_NOT_SUPPORT_URL": Trouble.TEMPLATE,
        "isv.BLACK_KEY_CONTROL_LIMIT": Trouble.TEMPLATE,
        "isv.MOBILE_NUMBER_ILLEGAL": Trouble.NUMBER,
        "isv.MOBILE_COUNT_OVER_LIMIT": Trouble.NUMBER,
        "isv.CALLED_NUMBER_ILLEGAL": Trouble.NUMBER,
        "isv.AMOUNT_NOT_ENOUGH": Trouble.BALANCE,
        "isv.OUT_OF_SERVICE": Trouble.BALANCE,
        "SignatureDoesNotMatch": Trouble.SIGNATURE,
        "SignatureNonceUsed": Trouble.SIGNATURE,
        "IncompleteSignature": Trouble.SIGNATURE,
        "InvalidTimeStamp.Expired": Trouble.SIGNATURE,
        "InvalidAccessKeyId.NotFound": Trouble.SIGNATURE,
        "InvalidAccessKeyId.Inactive": Trouble.SIGNATURE,
        "Forbidden.RAM": Trouble.SIGNATURE,
        "NoPermission": Trouble.SIGNATURE,
        "isp.RAM_PERMISSION_DENY": Trouble.SIGNATURE,
        "isv.ACCOUNT_NOT_EXISTS": Trouble.SIGNATURE,
        "isv.ACCOUNT_ABNORMAL": Trouble.SIGNATURE,
        "isv.PRODUCT_UN_SUBSCRIPT": Trouble.SIGNATURE,
        "isv.PRODUCT_UNSUBSCRIBE": Trouble.SIGNATURE,
        "isv.DISPLAY_NUMBER_ILLEGAL": Trouble.SIGNATURE,
        "isp.SYSTEM_ERROR": Trouble.DOWN,
        "isp.GATEWAY_ERROR": Trouble.DOWN,
        "isv.SYSTEM_ERROR": Trouble.DOWN,
        "InternalError": Trouble.DOWN,
        "ServiceUnavailable": Trouble.DOWN,
    }
)
"""Their codes → ours. ``signature`` stands for all that is wrong with the account itself."""


class Reach(StrEnum):
    """What the provider knows of a message it took. Never an acknowledgement."""

    WAITING = "waiting"
    FAILED = "failed"
    REACHED = "reached"


class Approval(StrEnum):
    """How the provider stands to a signature."""

    WAITING = "sign_waiting"
    GIVEN = "sign_approved"
    REFUSED = "sign_refused"


_APPROVALS: Final = {"0": Approval.WAITING, "1": Approval.GIVEN, "2": Approval.REFUSED, "10": Approval.REFUSED}


@dataclass(frozen=True, slots=True)
class Known:
    """``code`` is the provider's own, for the record of a fault."""

    reach: Reach
    code: str = ""


@dataclass(frozen=True, slots=True)
class AliyunKeys:
    """``name``: the signature in front of a text, or the number that a call shows. ``reply_template``: what is read after a
    key was pressed; without one a call is read out and hears nothing.
    """

    key_id: str
    key_secret: str = field(repr=False)
    name: str
    reply_template: str = ""


class _Aliyun(Provider):
    """What texts and calls have in common."""

    def __init__(self, keys: AliyunKeys) -> None:
        self._keys = keys

    def balance(self, *, at: datetime) -> "int | Failed":
        """What is left in the account, in fen; negative when it is owed."""

        def act(deadline: Deadline) -> int | Failed:
            answer = self._call("aliyun_balance", "QueryAccountBalance", {}, at, deadline, version="2017-12-14")
            if isinstance(answer, Failed):
                return answer
            return _fen(_part(answer, "Data").get("AvailableAmount"))

        return self._asked(act, at=at)

    def _call(
        self,
        service: str,
        action: str,
        values: Mapping[str, str],
        at: datetime,
        deadline: Deadline,
        *,
        version: str = _VERSION,
    ) -> "dict[str, Any] | Failed":
        """The provider's answer when it says OK, else what its code means."""
        line = provider_line(service)
        query = acs3_query(values)
        headers = acs3_headers(
            host=urlsplit(line.base).netloc,
            action=action,
            version=version,
            query=query,
            key_id=self._keys.key_id,
            key_secret=self._keys.key_secret,
            at=at,
            nonce=uuid4().hex,
        )
        answer = line.call("POST", f"/?{query}" if query else "/", deadline, headers=headers)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return failed(Trouble.DOWN)
        said = answer.json()
        code = str(said.get("Code", ""))
        if answer.status == HTTPStatus.OK and code in ("OK", "200"):
            return said
        return outcome_of(code, str(said.get("Message", "")))


class AliyunSms(_Aliyun):
    """Text messages to mainland mobile numbers, by approved templates only."""

    name: ClassVar = "aliyun"
    channels: ClassVar = frozenset({"sms"})

    def _deliver(self, page: Page, at: datetime, deadline: Deadline) -> Outcome:
        number = mobile(page.to)
        if number is None:
            return failed(Trouble.NUMBER)
        if not page.template_id:
            return failed(Trouble.NO_TEMPLATE)
        values = {
            "PhoneNumbers": number,
            "SignName": self._keys.name,
            "TemplateCode": page.template_id,
            "TemplateParam": _json(page.params),
            "OutId": page.call_reference,
        }
        answer = self._call("aliyun_sms", "SendSms", values, at, deadline)
        return answer if isinstance(answer, Failed) else Sent(_text(answer, "BizId"))

    def signature(self, *, at: datetime) -> "Approval | Failed":
        """Whether the signature in front of the texts is approved (QuerySmsSign)."""

        def act(deadline: Deadline) -> Approval | Failed:
            answer = self._call("aliyun_sms", "QuerySmsSign", {"SignName": self._keys.name}, at, deadline)
            if isinstance(answer, Failed):
                return answer
            return _APPROVALS.get(str(answer.get("SignStatus")), Approval.WAITING)

        return self._asked(act, at=at)

    def known(self, *, provider_ref: str, to: str, sent_at: datetime, at: datetime) -> "Known | Failed":
        """What became of a text (QuerySendDetails); ``waiting`` also while the provider has no line of it."""

        def act(deadline: Deadline) -> Known | Failed:
            values = {
                "PhoneNumber": mobile(to) or "",
                "BizId": provider_ref,
                "SendDate": sent_at.astimezone(ZoneInfo(SCHOOL_ZONE)).strftime("%Y%m%d"),
                "PageSize": "1",
                "CurrentPage": "1",
            }
            answer = self._call("aliyun_sms", "QuerySendDetails", values, at, deadline)
            if isinstance(answer, Failed):
                return answer
            rows = _part(answer, "SmsSendDetailDTOs").get("SmsSendDetailDTO")
            if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
                return Known(Reach.WAITING)
            reach = _SMS_STATES.get(str(rows[0].get("SendStatus")), Reach.WAITING)
            return Known(reach, str(rows[0].get("ErrCode", ""))[:40])

        return self._asked(act, at=at)


_SMS_STATES: Final = {"1": Reach.WAITING, "2": Reach.FAILED, "3": Reach.REACHED}


class AliyunVoice(_Aliyun):
    """Calls to mainland mobile and landline numbers: a template is read out three times, a pressed key comes back with the
    call's reference (``answers``).
    """

    name: ClassVar = "aliyun"
    channels: ClassVar = frozenset({"voice"})

    def _deliver(self, page: Page, at: datetime, deadline: Deadline) -> Outcome:
        number = callable_number(page.to)
        if number is None:
            return failed(Trouble.NUMBER)
        if not page.template_id:
            return failed(Trouble.NO_TEMPLATE)
        values = {
            "CalledShowNumber": self._keys.name,
            "CalledNumber": number,
            "PlayTimes": _PLAYED,
            "OutId": page.call_reference,
        }
        if page.choices and self._keys.reply_template:
            action = "IvrCall"
            values |= {"StartCode": page.template_id, "StartTtsParams": _json(page.params), "Timeout": _KEY_WAIT_MS}
            for count, choice in enumerate(page.choices, 1):
                values[f"MenuKeyMap.{count}.Key"] = choice.key
                values[f"MenuKeyMap.{count}.Code"] = self._keys.reply_template
        else:
            action = "SingleCallByTts"
            values |= {"TtsCode": page.template_id, "TtsParam": _json(page.params)}
        answer = self._call("aliyun_voice", action, values, at, deadline)
        return answer if isinstance(answer, Failed) else Sent(_text(answer, "CallId"), action)

    def known(self, *, provider_ref: str, action: str, sent_at: datetime, at: datetime) -> "Known | Failed":
        """How a call went (QueryCallDetailByCallId). Picked up is not answered: a mailbox picks up as well."""

        def act(deadline: Deadline) -> Known | Failed:
            values = {
                "CallId": provider_ref,
                "ProdId": _IVR if action == "IvrCall" else _READ_OUT,
                "QueryDate": str(int(sent_at.timestamp() * 1000)),
            }
            answer = self._call("aliyun_voice", "QueryCallDetailByCallId", values, at, deadline)
            if isinstance(answer, Failed):
                return answer
            try:
                told = json.loads(answer.get("Data") or "{}")
            except (TypeError, ValueError, RecursionError):
                raise LineFailed(Loss.UNREADABLE) from None
            state = str(told.get("state") or "") if isinstance(told, dict) else ""
            if not state:
                return Known(Reach.WAITING)
            return Known(Reach.REACHED if state == _PICKED_UP else Reach.FAILED, state[:40])

        return self._asked(act, at=at)


_PICKED_UP: Final = "200000"
_BY_DAY: Final = frozenset({"isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"})
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def outcome_of(code: str, message: str) -> Failed:
    """What their ``code`` means for us. How long a limit lasts stands in the message alone: 分钟级, 小时级, 天级."""
    trouble = TROUBLES.get(code, Trouble.REFUSED)
    if trouble is not Trouble.LIMIT:
        return failed(trouble)
    wait = _MINUTE
    if "小时" in message:
        wait = _HOUR
    elif "天级" in message or code in _BY_DAY:
        wait = _DAY
    return failed(trouble, retry_after=wait)


def _json(params: Mapping[str, str]) -> str:
    return json.dumps(dict(params), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _text(answer: Mapping[str, Any], name: str) -> str:
    """An id. LineFailed when it is missing: then nobody could ask for the message again."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise LineFailed(Loss.UNREADABLE)
    return value[:120]


def _part(answer: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = answer.get(name)
    return value if isinstance(value, dict) else {}


def _fen(amount: object) -> int:
    """``10,000.00`` yuan → fen."""
    whole, _point, cents = str(amount or "").replace(",", "").partition(".")
    try:
        yuan, rest = int(whole), int((cents + "00")[:2])
    except ValueError:
        raise LineFailed(Loss.UNREADABLE) from None
    return yuan * 100 + (-rest if whole.startswith("-") else rest)
