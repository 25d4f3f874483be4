"""Tencent Cloud: text messages, the second provider (sms, 2021-01-11). A signed client of our own (``signatures``)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from kernel.clock import SCHOOL_ZONE
from notifications.providers.exchanges import Deadline, LineFailed, Loss
from notifications.providers.line import provider_line
from notifications.providers.numbers import mobile
from notifications.providers.ports import Failed, Outcome, Page, Provider, Sent, Trouble, failed
from notifications.providers.signatures import tc3_headers

_VERSION: Final = "2021-01-11"
_REGION: Final = "ap-guangzhou"

_HALF_MINUTE, _HOUR, _DAY = timedelta(seconds=30), timedelta(hours=1), timedelta(days=1)
LIMITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "LimitExceeded.PhoneNumberThirtySecondLimit": _HALF_MINUTE,
        "LimitExceeded.DeliveryFrequencyLimit": _HALF_MINUTE,
        "LimitExceeded.PhoneNumberOneHourLimit": _HOUR,
        "LimitExceeded.PhoneNumberDailyLimit": _DAY,
        "LimitExceeded.PhoneNumberSameContentDailyLimit": _DAY,
        "LimitExceeded.AppDailyLimit": _DAY,
        "LimitExceeded.DailyLimit": _DAY,
        "RequestLimitExceeded": timedelta(seconds=1),
    }
)
"""Their limits → how long each lasts."""
TROUBLES: Final[Mapping[str, Trouble]] = MappingProxyType(
    {
        **dict.fromkeys(LIMITS, Trouble.LIMIT),
        "FailedOperation.TemplateIncorrectOrUnapproved": Trouble.TEMPLATE,
        "FailedOperation.SignatureIncorrectOrUnapproved": Trouble.TEMPLATE,
        "FailedOperation.MissingSignature": Trouble.TEMPLATE,
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": Trouble.TEMPLATE,
        "FailedOperation.ContainSensitiveWord": Trouble.TEMPLATE,
        "InvalidParameterValue.TemplateParameterFormatError": Trouble.TEMPLATE,
        "InvalidParameterValue.TemplateParameterLengthLimit": Trouble.TEMPLATE,
        "InvalidParameterValue.ContentLengthLimit": Trouble.TEMPLATE,
        "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": Trouble.TEMPLATE,
        "InvalidParameterValue.IncorrectPhoneNumber": Trouble.NUMBER,
        "FailedOperation.PhoneNumberInBlacklist": Trouble.NUMBER,
        "FailedOperation.PhoneNumberOnBlacklist": Trouble.NUMBER,
        "UnsupportedOperation.UnsuportedRegion": Trouble.NUMBER,
        "FailedOperation.InsufficientBalanceInSmsPackage": Trouble.BALANCE,
        "UnauthorizedOperation.SerivceSuspendDueToArrears": Trouble.BALANCE,
        "UnauthorizedOperation.SdkAppIdIsDisabled": Trouble.SIGNATURE,
        "UnauthorizedOperation.SmsSdkAppIdVerifyFail": Trouble.SIGNATURE,
        "UnauthorizedOperation.RequestIpNotInWhitelist": Trouble.SIGNATURE,
        "UnauthorizedOperation.RequestPermissionDeny": Trouble.SIGNATURE,
        "InvalidParameterValue.SdkAppIdNotExist": Trouble.SIGNATURE,
        "InternalError.RequestTimeException": Trouble.SIGNATURE,
        "InternalError.SigVerificationFail": Trouble.SIGNATURE,
    }
)
_FAMILIES: Final = {"AuthFailure": Trouble.SIGNATURE, "InternalError": Trouble.DOWN, "LimitExceeded": Trouble.LIMIT}
"""What holds for every code that begins so and stands in no line above."""


@dataclass(frozen=True, slots=True)
class TencentKeys:
    """``name``: the approved signature in front of a text."""

    secret_id: str
    secret_key: str = field(repr=False)
    app_id: str
    name: str


class TencentSms(Provider):
    """Text messages to mainland mobile numbers, by approved templates; a template's parameters are numbered from 1, so they
    go in the order of their names.
    """

    name: ClassVar = "tencent"
    channels: ClassVar = frozenset({"sms"})

    def __init__(self, keys: TencentKeys) -> None:
        self._keys = keys

    def _deliver(self, page: Page, at: datetime, deadline: Deadline) -> Outcome:
        if mobile(page.to) is None:
            return failed(Trouble.NUMBER)
        if not page.template_id:
            return failed(Trouble.NO_TEMPLATE)
        body = {
            "PhoneNumberSet": [page.to],
            "SmsSdkAppId": self._keys.app_id,
            "SignName": self._keys.name,
            "TemplateId": page.template_id,
            "TemplateParamSet": [page.params[name] for name in sorted(page.params)],
            "SessionContext": page.call_reference,
        }
        answer = self._call("SendSms", body, at, deadline)
        if isinstance(answer, Failed):
            return answer
        rows = answer.get("SendStatusSet")
        if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
            raise LineFailed(Loss.UNREADABLE)
        code, serial = rows[0].get("Code"), rows[0].get("SerialNo")
        if code != "Ok":  # a call that went well may hold a message that did not
            return outcome_of(str(code))
        if not isinstance(serial, str) or not serial:
            raise LineFailed(Loss.UNREADABLE)
        return Sent(serial[:120])

    def left(self, *, at: datetime) -> "int | Failed":
        """How many texts the packages of the last two years still hold (SmsPackagesStatistics)."""

        def act(deadline: Deadline) -> int | Failed:
            ends = at.astimezone(ZoneInfo(SCHOOL_ZONE)) - _HOUR
            body = {
                "SmsSdkAppId": self._keys.app_id,
                "Limit": 100,
                "Offset": 0,
                "BeginTime": (ends - 730 * _DAY).strftime("%Y%m%d%H"),
                "EndTime": ends.strftime("%Y%m%d%H"),
            }
            answer = self._call("SmsPackagesStatistics", body, at, deadline)
            if isinstance(answer, Failed):
                return answer
            rows = answer.get("SmsPackagesStatisticsSet")
            try:
                return sum(int(row["PackageAmount"]) - int(row["CurrentUsage"]) for row in rows or [])
            except (TypeError, KeyError, ValueError):
                raise LineFailed(Loss.UNREADABLE) from None

        return self._asked(act, at=at)

    def _call(
        self, action: str, content: Mapping[str, Any], at: datetime, deadline: Deadline
    ) -> "dict[str, Any] | Failed":
        """``Response`` of the answer, or what its error means. Errors come with status 200."""
        line = provider_line("tencent_sms")
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        headers = tc3_headers(
            host=urlsplit(line.base).netloc,
            service="sms",
            action=action,
            version=_VERSION,
            body=body,
            secret_id=self._keys.secret_id,
            secret_key=self._keys.secret_key,
            at=at,
            region=_REGION,
        )
        answer = line.call("POST", "/", deadline, headers=headers, body=body)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return failed(Trouble.DOWN)
        said = answer.json().get("Response")
        if answer.status != HTTPStatus.OK or not isinstance(said, dict):
            raise LineFailed(Loss.UNREADABLE)
        error = said.get("Error")
        return outcome_of(str(error.get("Code", ""))) if isinstance(error, dict) else said


def outcome_of(code: str) -> Failed:
    """What their ``code`` means for us, and how long a limit lasts."""
    trouble = TROUBLES.get(code) or _FAMILIES.get(code.partition(".")[0], Trouble.REFUSED)
    return failed(trouble, retry_after=LIMITS.get(code, _HOUR) if trouble is Trouble.LIMIT else None)
