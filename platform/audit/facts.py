"""What may stand in an audit row: ids, amounts, days and codes. Never a word about a person. Pure.

The record is kept for decades and read by offices that may not know the case, so it is checked when a row is written: a key or
value that could carry a name, a number to call or free text is a programming error and raises.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,79}")
_ACTION = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
_LIKE_A_PHONE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
_LIKE_AN_IDENTITY_NO = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PERSONAL_KEY_PARTS: Final = frozenset(
    {
        "name", "names", "phone", "mobile", "email", "mail", "address", "note", "notes", "text", "comment", "words",
        "title", "born", "birth", "birthday", "age", "gender", "password", "secret", "token", "code", "ip", "agent",
    }
)  # fmt: skip
_ALLOWED_KEYS: Final = frozenset({"code", "error_code", "reason_code"})
_MAX_FACTS = 24
_MAX_LIST = 200


class PersonalFact(ValueError):
    """A fact that could tell about a person. Says which key, never the value."""


def checked_action(action: str) -> str:
    """``voucher.redeem``: dotted lower-case words. ValueError otherwise."""
    if not _ACTION.fullmatch(action) or len(action) > 80:
        raise ValueError("an action is a dotted name")
    return action


def checked_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """``facts`` as plain JSON values. PersonalFact for a key or value that could be personal, TypeError for a float."""
    if len(facts) > _MAX_FACTS:
        raise ValueError(f"at most {_MAX_FACTS} facts")
    return {_checked_key(key): _plain(key, value) for key, value in facts.items()}


def _checked_key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise PersonalFact(f"not a key: {key!r:.60}")
    if key not in _ALLOWED_KEYS and _PERSONAL_KEY_PARTS.intersection(key.split("_")):
        raise PersonalFact(f"a personal key: {key}")
    return key


def _plain(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        if len(value) > _MAX_LIST:
            raise ValueError(f"{key}: at most {_MAX_LIST} values")
        plain = [_single(key, item) for item in value]
        return sorted(plain, key=str) if isinstance(value, set | frozenset) else plain
    return _single(key, value)


def _single(key: str, value: Any) -> Any:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{key}: a time needs an offset")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        if not key.endswith("fen") and _LIKE_A_PHONE.fullmatch(str(value)):
            raise PersonalFact(f"{key} looks like a telephone number")
        return value
    if isinstance(value, str):
        if not _CODE.fullmatch(value) and value != "":
            raise PersonalFact(f"{key} is not a code")
        if not _is_uuid(value) and (_LIKE_A_PHONE.search(value) or _LIKE_AN_IDENTITY_NO.search(value)):
            raise PersonalFact(f"{key} looks like a personal number")
        return value
    raise TypeError(f"{key}: {type(value).__name__} cannot stand in the record")


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
