"""The two signatures of the cloud providers, as their documents write them. Pure: time and nonce are handed in.

ACS3-HMAC-SHA256: Alibaba Cloud, "V3 request body and signature". TC3-HMAC-SHA256: Tencent Cloud, "Signature v3".
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

ACS3_WINDOW: Final = timedelta(minutes=15)
TC3_WINDOW: Final = timedelta(minutes=5)
"""How far a signing time may be from the provider's own."""

_TC3_TYPE: Final = "application/json; charset=utf-8"


def acs3_query(values: Mapping[str, str]) -> str:
    """Parameters in the order and spelling in which they are signed and sent (RFC 3986: a blank is ``%20``)."""
    return "&".join(f"{quote(name, safe='~')}={quote(values[name], safe='~')}" for name in sorted(values))


def acs3_headers(
    *, host: str, action: str, version: str, query: str, key_id: str, key_secret: str, at: datetime, nonce: str
) -> dict[str, str]:
    """Headers of a POST to ``/?query`` without a body. ``at`` aware."""
    empty = _digest(b"")
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": empty,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    listed = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"POST\n/\n{query}\n{listed}\n{names}\n{empty}"
    signed = f"ACS3-HMAC-SHA256\n{_digest(request.encode())}"
    signature = hmac.new(key_secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return {
        **headers,
        "Authorization": f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}",
    }


def tc3_headers(
    *,
    host: str,
    service: str,
    action: str,
    version: str,
    body: bytes,
    secret_id: str,
    secret_key: str,
    at: datetime,
    region: str = "",
) -> dict[str, str]:
    """Headers of a POST of ``body`` (JSON) to ``/``. ``at`` aware; the day of the scope is UTC's."""
    moment = at.astimezone(UTC)
    seconds, day = int(moment.timestamp()), moment.strftime("%Y-%m-%d")
    names = "content-type;host;x-tc-action"
    listed = f"content-type:{_TC3_TYPE}\nhost:{host}\nx-tc-action:{action.lower()}\n"
    request = f"POST\n/\n\n{listed}\n{names}\n{_digest(body)}"
    scope = f"{day}/{service}/tc3_request"
    signed = f"TC3-HMAC-SHA256\n{seconds}\n{scope}\n{_digest(request.encode())}"
    key = f"TC3{secret_key}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()
    headers = {
        "Authorization": f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}",
        "Content-Type": _TC3_TYPE,
        "Host": host,
        "X-TC-Action": action,
        "X-TC-Timestamp": str(seconds),
        "X-TC-Version": version,
    }
    return {**headers, "X-TC-Region": region} if region else headers


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
