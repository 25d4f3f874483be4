"""Faithful stand-ins of the providers: they check what they are given byte by byte, with an account of their own of how it
is signed, know limits and errors, and may say yes and never deliver.

Written from the providers' documents, not from our client.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.providers.servers import Call

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


@dataclass
class AliyunStandIn:
    """dysmsapi, dyvmsapi and business in one. ``code`` is what the next call of an action is refused with."""

    now: datetime = NOON
    secrets: dict[str, str] = field(default_factory=lambda: {"LTAI-one": "s3cr3t-of-one"})
    templates: set[str] = field(default_factory=lambda: {"SMS_1", "TTS_1", "TTS_heard"})
    signs: set[str] = field(default_factory=lambda: {"育才中学", "057188886666"})
    code: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    amount: str = "10,000.50"
    sign_status: int = 1
    delivers: bool = True
    nonces: set[str] = field(default_factory=set)
    per_number: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    taken: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, call: Call) -> tuple[int, Any]:
        if refusal := self._signature(call):
            return refusal
        action = call.headers["x-acs-action"]
        values = dict(parse_qsl(call.address.query, keep_blank_values=True, strict_parsing=bool(call.address.query)))
        if action in self.code:
            status, code, message = self.code[action]
            return status, {"Code": code, "Message": message, "RequestId": "R"}
        return getattr(self, f"_{action}")(values)

    def _signature(self, call: Call) -> tuple[int, Any] | None:
        said = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})",
            call.headers.get("authorization", ""),
        )
        if said is None:
            return 400, {"Code": "IncompleteSignature", "Message": ""}
        key, names, signature = said.groups()
        present = {"host", *(name for name in call.headers if name.startswith("x-acs-"))}
        if set(names.split(";")) != present or names.split(";") != sorted(present):
            return 400, {"Code": "IncompleteSignature", "Message": "every x-acs header is signed"}
        if key not in self.secrets:
            return 404, {"Code": "InvalidAccessKeyId.NotFound", "Message": ""}
        pairs = [part.split("=") for part in call.address.query.split("&")] if call.address.query else []
        if [name for name, _value in pairs] != sorted(name for name, _value in pairs):
            return 400, {"Code": "SignatureDoesNotMatch", "Message": "order"}
        if any(re.search(r"[^A-Za-z0-9\-_.~%]", text) or "+" in text for pair in pairs for text in pair):
            return 400, {"Code": "SignatureDoesNotMatch", "Message": "spelling"}
        request = "\n".join(
            [
                call.method,
                call.address.path,
                call.address.query,
                *(f"{name}:{call.headers[name].strip()}" for name in names.split(";")),
                "",
                names,
                sha(call.body),
            ]
        )
        if call.headers["x-acs-content-sha256"] != sha(call.body):
            return 400, {"Code": "SignatureDoesNotMatch", "Message": "body"}
        wanted = mac(self.secrets[key].encode(), f"ACS3-HMAC-SHA256\n{sha(request.encode())}").hex()
        if wanted != signature:
            return 400, {"Code": "SignatureDoesNotMatch", "Message": ""}
        at = datetime.strptime(call.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(at - self.now) > timedelta(minutes=15):
            return 400, {"Code": "InvalidTimeStamp.Expired", "Message": ""}
        if (nonce := call.headers["x-acs-signature-nonce"]) in self.nonces:
            return 400, {"Code": "SignatureNonceUsed", "Message": ""}
        self.nonces.add(nonce)
        return None

    def _SendSms(self, values: dict[str, str]) -> tuple[int, Any]:
        if not re.fullmatch(r"1[3-9]\d{9}", values["PhoneNumbers"]):
            return self._no("isv.MOBILE_NUMBER_ILLEGAL")
        if values["SignName"] not in self.signs:
            return self._no("isv.SMS_SIGNATURE_ILLEGAL")
        if values["TemplateCode"] not in self.templates:
            return self._no("isv.SMS_TEMPLATE_ILLEGAL")
        params = json.loads(values["TemplateParam"])
        if not all(isinstance(value, str) for value in params.values()):
            return self._no("isv.INVALID_JSON_PARAM")
        if any(re.search(r"https?://|www\.", value) for value in params.values()):
            return self._no("isv.PARAM_NOT_SUPPORT_URL")
        if limit := self._limit(values["PhoneNumbers"], values["TemplateCode"]):
            return self._no("isv.BUSINESS_LIMIT_CONTROL", limit)
        self.taken.append(values)
        return 200, {"Code": "OK", "Message": "OK", "BizId": f"9006{len(self.taken)}^0", "RequestId": "R"}

    def _QuerySmsSign(self, values: dict[str, str]) -> tuple[int, Any]:
        if values["SignName"] not in self.signs:
            return self._no("isv.SMS_SIGNATURE_ILLEGAL")
        return 200, {"Code": "OK", "SignName": values["SignName"], "SignStatus": self.sign_status, "Reason": ""}

    def _limit(self, number: str, template: str) -> str:
        times = self.per_number.setdefault((number, template), [])
        for span, most, words in (
            (timedelta(minutes=1), 1, "触发分钟级流控Permits:1"),
            (timedelta(hours=1), 5, "触发小时级流控Permits:5"),
            (timedelta(days=1), 10, "触发天级流控Permits:10"),
        ):
            if sum(self.now - at < span for at in times) >= most:
                return words
        times.append(self.now)
        return ""

    def _QuerySendDetails(self, values: dict[str, str]) -> tuple[int, Any]:
        found = [row for count, row in enumerate(self.taken, 1) if values["BizId"] == f"9006{count}^0"]
        rows = [
            {
                "PhoneNum": row["PhoneNumbers"],
                "SendStatus": 3 if self.delivers else 1,
                "ErrCode": "DELIVERED" if self.delivers else "",
                "OutId": row["OutId"],
            }
            for row in found
            if row["PhoneNumbers"] == values["PhoneNumber"]
            and values["SendDate"] == f"{self.now + timedelta(hours=8):%Y%m%d}"
        ]
        return 200, {"Code": "OK", "TotalCount": len(rows), "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows}}

    def _IvrCall(self, values: dict[str, str]) -> tuple[int, Any]:
        assert values["StartCode"] in self.templates
        keys = {values[name] for name in values if re.fullmatch(r"MenuKeyMap\.\d\.Key", name)}
        codes = {values[name] for name in values if re.fullmatch(r"MenuKeyMap\.\d\.Code", name)}
        if not keys or codes - self.templates:
            return self._no("isv.VOICE_FILE_ILLEGAL")
        return self._called(values)

    def _SingleCallByTts(self, values: dict[str, str]) -> tuple[int, Any]:
        if values["TtsCode"] not in self.templates:
            return self._no("isv.TTS_TEMPLATE_ILLEGAL")
        return self._called(values)

    def _called(self, values: dict[str, str]) -> tuple[int, Any]:
        if not re.fullmatch(r"1[3-9]\d{9}|0\d{9,11}", values["CalledNumber"]):
            return self._no("isv.CALLED_NUMBER_ILLEGAL")
        if values["CalledShowNumber"] not in self.signs:
            return self._no("isv.DISPLAY_NUMBER_ILLEGAL")
        self.taken.append(values)
        return 200, {"Code": "OK", "Message": "OK", "CallId": f"1160{len(self.taken)}^1028", "RequestId": "R"}

    def _QueryCallDetailByCallId(self, values: dict[str, str]) -> tuple[int, Any]:
        row = self.taken[int(values["CallId"].removeprefix("1160").removesuffix("^1028")) - 1]
        if values["ProdId"] != ("11000000300005" if "StartCode" in row else "11010000138001"):
            return self._no("isv.INVALID_PARAMETERS")
        told = {"callId": values["CallId"], "state": "200000", "stateDesc": "用户接听", "duration": 7}
        return 200, {"Code": "OK", "Data": json.dumps(told if self.delivers else {"callId": values["CallId"]})}

    def _QueryAccountBalance(self, values: dict[str, str]) -> tuple[int, Any]:
        return 200, {"Code": "200", "Success": True, "Data": {"AvailableAmount": self.amount, "Currency": "CNY"}}

    def _no(self, code: str, message: str = "no") -> tuple[int, Any]:
        return 200, {"Code": code, "Message": message, "RequestId": "R"}


@dataclass
class TencentStandIn:
    """sms.tencentcloudapi.com, version 2021-01-11. Errors come with 200; a good call may hold a bad message."""

    now: datetime = NOON
    secrets: dict[str, str] = field(default_factory=lambda: {"AKID-one": "k3y-of-one"})
    error: str = ""
    row: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, call: Call) -> tuple[int, Any]:
        if code := self._signature(call):
            return self._error(code)
        if self.error:
            return self._error(self.error)
        assert call.headers["x-tc-version"] == "2021-01-11"
        return getattr(self, f"_{call.headers['x-tc-action']}")(call.json)

    def _signature(self, call: Call) -> str:
        said = re.fullmatch(
            r"TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/sms/tc3_request, SignedHeaders=([a-z;-]+), Signature=([0-9a-f]{64})",
            call.headers.get("authorization", ""),
        )
        if said is None:
            return "AuthFailure.InvalidAuthorization"
        key, day, names, signature = said.groups()
        if key not in self.secrets:
            return "AuthFailure.SecretIdNotFound"
        if not {"content-type", "host"} <= set(names.split(";")):
            return "AuthFailure.SignatureFailure"
        at = datetime.fromtimestamp(int(call.headers["x-tc-timestamp"]), UTC)
        if abs(at - self.now) > timedelta(minutes=5):
            return "AuthFailure.SignatureExpire"
        if day != at.date().isoformat():
            return "AuthFailure.SignatureFailure"
        listed = [f"{name}:{call.headers[name].strip().lower()}" for name in names.split(";")]
        request = "\n".join([call.method, "/", call.address.query, *listed, "", names, sha(call.body)])
        text = "\n".join(
            ["TC3-HMAC-SHA256", call.headers["x-tc-timestamp"], f"{day}/sms/tc3_request", sha(request.encode())]
        )
        signing = mac(mac(mac(b"TC3" + self.secrets[key].encode(), day), "sms"), "tc3_request")
        return "" if mac(signing, text).hex() == signature else "AuthFailure.SignatureFailure"

    def _SendSms(self, body: dict[str, Any]) -> tuple[int, Any]:
        strangers = body.keys() - {
            "PhoneNumberSet", "SmsSdkAppId", "TemplateId", "SignName", "TemplateParamSet", "SessionContext",
        }  # fmt: skip
        if strangers:
            return self._error("UnknownParameter")
        (number,) = body["PhoneNumberSet"]
        code = self.row or (
            "Ok" if re.fullmatch(r"\+861[3-9]\d{9}", number) else "InvalidParameterValue.IncorrectPhoneNumber"
        )
        if body["TemplateId"] != "1110":
            code = "FailedOperation.TemplateIncorrectOrUnapproved"
        if code == "Ok":
            self.taken.append(body)
        row = {
            "SerialNo": f"2640:{len(self.taken)}" if code == "Ok" else "",
            "PhoneNumber": number,
            "Fee": 1 if code == "Ok" else 0,
            "SessionContext": body["SessionContext"],
            "Code": code,
            "Message": "send success",
            "IsoCode": "CN",
        }
        return 200, {"Response": {"SendStatusSet": [row], "RequestId": "R"}}

    def _SmsPackagesStatistics(self, body: dict[str, Any]) -> tuple[int, Any]:
        assert body["BeginTime"] < body["EndTime"] < f"{self.now + timedelta(hours=8):%Y%m%d%H}"
        rows = [{"PackageAmount": 1000, "CurrentUsage": 400}, {"PackageAmount": 100, "CurrentUsage": 100}]
        return 200, {"Response": {"SmsPackagesStatisticsSet": rows, "RequestId": "R"}}

    def _error(self, code: str) -> tuple[int, Any]:
        return 200, {"Response": {"Error": {"Code": code, "Message": "no"}, "RequestId": "R"}}


@dataclass
class WecomStandIn:
    """qyapi. ``members``: id → mobile. Drops in silence what is over the limit, as the real one does."""

    members: dict[str, str] = field(default_factory=lambda: {"wang": "13800138000"})
    unlicensed: set[str] = field(default_factory=set)
    secret: str = "app-secret"
    tokens: list[str] = field(default_factory=list)
    live: set[str] = field(default_factory=set)
    lives: int = 7200
    is_closed: int = 0
    error: dict[str, int] = field(default_factory=dict)
    taken: list[dict[str, Any]] = field(default_factory=list)
    cards: dict[str, bool] = field(default_factory=dict)

    def __call__(self, call: Call) -> tuple[int, Any]:
        name = call.address.path.removeprefix("/cgi-bin/").replace("/", "_")
        query = dict(parse_qsl(call.address.query))
        if name == "gettoken":
            return self._gettoken(call, query)
        if code := self.error.get(name):
            return self._no(code)
        if query.get("access_token") not in self.live:
            return self._no(40014 if query.get("access_token") not in self.tokens else 42001)
        if name == "agent_get":
            assert call.method == "GET"
            assert call.body == b""
            return 200, {"errcode": 0, "errmsg": "ok", "agentid": int(query["agentid"]), "close": self.is_closed}
        return getattr(self, f"_{name}")(call.json)

    def _gettoken(self, call: Call, query: dict[str, str]) -> tuple[int, Any]:
        assert call.method == "GET"
        if code := self.error.get("gettoken"):
            return self._no(code)
        if query.get("corpid") != "ww1":
            return self._no(40013)
        if unquote(query.get("corpsecret", "")) != self.secret:
            return self._no(40001)
        self.tokens.append(f"token-{len(self.tokens)}")
        self.live.add(self.tokens[-1])
        return 200, {"errcode": 0, "errmsg": "ok", "access_token": self.tokens[-1], "expires_in": self.lives}

    def _message_send(self, body: dict[str, Any]) -> tuple[int, Any]:
        assert body["enable_duplicate_check"] == 0
        assert isinstance(body["agentid"], int)
        if body["touser"] not in self.members and body["touser"] not in self.unlicensed:
            return 200, {"errcode": 0, "errmsg": "ok", "invaliduser": body["touser"], "msgid": "m0"}
        if body["touser"] in self.unlicensed:
            return 200, {"errcode": 0, "errmsg": "ok", "unlicenseduser": body["touser"], "msgid": "m0"}
        answer = {"errcode": 0, "errmsg": "ok", "msgid": f"m{len(self.taken) + 1}"}
        if body["msgtype"] == "template_card":
            card = body["template_card"]
            assert card["card_type"] == "button_interaction"
            assert re.fullmatch(r"[0-9a-zA-Z_\-@]{1,128}", card["task_id"])
            assert 1 <= len(card["button_list"]) <= 6
            assert all(button["text"] and len(button["key"]) <= 1024 for button in card["button_list"])
            assert card["main_title"]["title"]
            if any(earlier.get("template_card", {}).get("task_id") == card["task_id"] for earlier in self.taken):
                return self._no(42014)
            answer["response_code"] = f"card-{len(self.taken) + 1}"
            self.cards[answer["response_code"]] = True  # type: ignore[index]
        self.taken.append(body)
        return 200, answer

    def _message_update_template_card(self, body: dict[str, Any]) -> tuple[int, Any]:
        if not self.cards.get(body["response_code"]):
            return self._no(42015)
        assert body["button"]["replace_name"]
        assert body.get("atall") == 1 or body["userids"]
        self.cards[body["response_code"]] = False
        return 200, {"errcode": 0, "errmsg": "ok"}

    def _user_getuserid(self, body: dict[str, Any]) -> tuple[int, Any]:
        for member, mobile in self.members.items():
            if mobile == body["mobile"]:
                return 200, {"errcode": 0, "errmsg": "ok", "userid": member}
        return self._no(46004)

    def _no(self, code: int) -> tuple[int, Any]:
        return 200, {"errcode": code, "errmsg": "no, hint: [1]"}
