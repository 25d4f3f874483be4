"""What WeCom sends to the school's application: signed with a token, encrypted with a key, both known to the two alone.

Document 90968 of developer.work.weixin.qq.com. Pure but for the XML reader; every fault looks alike.
"""

import base64
import binascii
import hashlib
import hmac
import re
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree.ElementTree import ParseError

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

WINDOW: Final = timedelta(minutes=5)
"""How far their clock may be from ours, and how long a recorded call could be sent again."""
MOST_BYTES: Final = 20_000
_AES_KEY: Final = re.compile(r"[A-Za-z0-9+/]{43}", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_BLOCK: Final = 32
_HEAD: Final = 20
"""16 random bytes and the length of the message."""


class NotTheirs(Exception):
    """Not signed, signed by somebody else, changed, too old, for another company, or no message at all."""


@dataclass(frozen=True, slots=True)
class CallbackKeys:
    """Of one application. ``aes_key``: the 43 letters of EncodingAESKey."""

    corp_id: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Press:
    """A member pressed a button. ``task``: the card's ``task_id``. ``card``: with what it can be changed, once."""

    member: str = field(repr=False)
    task: str
    key: str
    card: str = field(repr=False)
    agent_id: str
    at: datetime


def is_key(aes_key: str) -> bool:
    """Whether this may be an EncodingAESKey."""
    return bool(_AES_KEY.fullmatch(aes_key))


def opened(keys: CallbackKeys, encrypted: str, *, signature: str, timestamp: str, nonce: str, at: datetime) -> bytes:
    """What ``encrypted`` holds. NotTheirs for whatever is wrong with it."""
    if not _SECONDS.fullmatch(timestamp) or abs(at.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise NotTheirs
    parts = sorted((keys.token, timestamp, nonce, encrypted))
    wanted = hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(wanted.encode(), signature.encode()):
        raise NotTheirs
    return _decrypted(keys, encrypted)


def _decrypted(keys: CallbackKeys, encrypted: str) -> bytes:
    if not is_key(keys.aes_key):
        raise NotTheirs
    key = base64.b64decode(keys.aes_key + "=")
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise NotTheirs from None
    if not sealed or len(sealed) % 16:
        raise NotTheirs
    opener = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = opener.update(sealed) + opener.finalize()
    padding = plain[-1]
    if not 1 <= padding <= _BLOCK or len(plain) < _HEAD + padding or plain[-padding:] != bytes([padding]) * padding:
        raise NotTheirs
    plain = plain[:-padding]
    (length,) = struct.unpack(">I", plain[16:_HEAD])
    message, company = plain[_HEAD : _HEAD + length], plain[_HEAD + length :]
    if len(message) != length or company != keys.corp_id.encode():
        raise NotTheirs
    return message


def encrypted_of(body: bytes) -> str:
    """The ``Encrypt`` of what was posted. NotTheirs when there is none."""
    return _texts(body).get("Encrypt", "")


def press_of(message: bytes) -> Press | None:
    """The pressed button; None for anything else that WeCom tells. NotTheirs for what is no message."""
    told = _texts(message)
    if told.get("MsgType") != "event" or told.get("Event") != "template_card_event":
        return None
    seconds = told.get("CreateTime", "")
    if not _SECONDS.fullmatch(seconds):
        raise NotTheirs
    return Press(
        member=told.get("FromUserName", "")[:64],
        task=told.get("TaskId", "")[:128],
        key=told.get("EventKey", "")[:64],
        card=told.get("ResponseCode", "")[:200],
        agent_id=told.get("AgentID", "")[:20],
        at=datetime.fromtimestamp(int(seconds), UTC),
    )


def _texts(body: bytes) -> dict[str, str]:
    """The texts of the elements below the root, by name. No entity and no type of document is read."""
    if len(body) > MOST_BYTES:
        raise NotTheirs
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise NotTheirs from None
    return {element.tag: (element.text or "").strip() for element in root}
