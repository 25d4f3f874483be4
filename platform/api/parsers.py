"""Strict JSON in: UTF-8 only, one object, no NaN, no duplicate keys, bounded in length and depth (issue A §4).

Python's own parser is generous where a money-moving interface must not be: it takes ``NaN``, keeps the last of two
equal keys, and turns ``1e999`` into infinity.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from rest_framework.parsers import BaseParser

from api.errors import BodyTooLarge, Malformed, WrongMediaType

MAX_BYTES = 1_000_000
MAX_DEPTH = 32

# A string that never ends is one token too: tried anew from each of its quotes, a short body would take minutes.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class StrictJSONParser(BaseParser):
    """Parses ``application/json`` and raises a DomainError with a stable code for everything else."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The body as an object. Raises BodyTooLarge, WrongMediaType (foreign charset) or Malformed."""
        if media_type:
            refuse_foreign_charset(media_type)
        request = (parser_context or {}).get("request")
        declared = str(request.META.get("CONTENT_LENGTH") or "") if request is not None else ""
        if declared.isdigit() and int(declared[:20]) > MAX_BYTES:
            raise BodyTooLarge(limit=MAX_BYTES)
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise BodyTooLarge(limit=MAX_BYTES)
        return strict_object(raw)


def refuse_foreign_charset(media_type: str) -> None:
    """Raise WrongMediaType when the content type names a charset other than UTF-8."""
    for part in media_type.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "charset" and value.strip(" \"'").lower() not in ("utf-8", "utf8"):
            raise WrongMediaType


def refuse_foreign_bytes(query: str) -> None:
    """Raise Malformed ``bad_utf8`` for an address's query in another encoding: Django would replace what it cannot read."""
    try:
        unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("bad_utf8") from error


def strict_object(raw: bytes) -> dict[str, Any]:
    """``raw`` as one JSON object. Raises Malformed with code ``bad_utf8``, ``too_deep``, ``not_a_number``,
    ``duplicate_key``, ``nul_character``, ``bad_unicode``, ``not_an_object`` or ``malformed``.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("bad_utf8") from error
    _check_depth(text)
    try:
        value = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_object_without_duplicates
        )
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    if not isinstance(value, dict):
        raise Malformed("not_an_object")
    _check_text(value, "")
    return value


def _check_depth(text: str) -> None:
    """Counted before parsing: the parser itself recurses."""
    depth = 0
    for token in _BRACKETS.finditer(text):
        mark = token.group()
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Malformed("too_deep", limit=MAX_DEPTH)
        elif mark in "]}":
            depth -= 1


def _refuse_constant(name: str) -> None:
    raise Malformed("not_a_number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Malformed("not_a_number")
    return number


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("duplicate_key")
    return found


def _check_text(value: Any, path: str) -> None:
    """PostgreSQL holds neither NUL nor half a surrogate pair; both would surface as a failure far from the input."""
    if isinstance(value, str):
        refuse_unstorable(value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            refuse_unstorable(key, path)
            _check_text(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_text(item, f"{path}.{index}" if path else str(index))


def refuse_unstorable(text: str, field: str) -> None:
    """Raise Malformed when ``text`` holds NUL or an unpaired surrogate."""
    if "\x00" in text:
        raise Malformed("nul_character", fields=((field.replace("\x00", ""), "nul_character", ""),))
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        clean = field.encode("utf-8", "replace").decode("utf-8")
        raise Malformed("bad_unicode", fields=((clean, "bad_unicode", ""),))
