"""Lists as ``{results, next}``: keyset pages behind an opaque, signed cursor (contract §API).

A cursor names the last row's sort values, so a page never repeats or skips a row when others are added. It is signed
for one address: a cursor of one list is refused by another.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import Invalid
from tenancy.messages import gathered

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
NEWEST_FIRST = ("-id",)
"""Ids are time-ordered (UUID version 7), so the key itself is the order of making."""

_LIMIT: Final = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
_CURSOR: Final = {"type": "string", "pattern": "^[A-Za-z0-9_.:-]+$"}
_LIMIT_SCHEMA = {"name": "limit", "in": "query", "required": False, "schema": _LIMIT}
_CURSOR_SCHEMA = {"name": "cursor", "in": "query", "required": False, "schema": _CURSOR}
PAGES: Final = (OpenApiParameter("limit", _LIMIT), OpenApiParameter("cursor", _CURSOR))
"""For views that call ``page_of_rows`` by hand: the two query parameters, as the document names them."""


class CursorPages(BasePagination):
    """DRF's pagination class. ``order`` of the view names the sort; its last field must be unique."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page of ``queryset``. Raises Invalid ``bad_cursor`` or ``bad_limit``."""
        order = getattr(view, "order", NEWEST_FIRST)
        rows, self.next_url = page_of(request, queryset, order=order)
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        """``{results, next}``."""
        return Response({"results": data, "next": self.next_url})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page in the schema."""
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": "string", "format": "uri", "nullable": True, "description": "The next page, or null."},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The two query parameters."""
        return [_LIMIT_SCHEMA, _CURSOR_SCHEMA]


def page_of[Row: Model](
    request: Request, queryset: QuerySet[Row], *, order: Sequence[str] = NEWEST_FIRST
) -> tuple[list[Row], str | None]:
    """``(rows, address of the next page)``. ``order`` is Django's spelling, ``-`` for descending; no empty values."""
    limit, position = limit_of(request), _position_of(request, len(order))
    queryset = queryset.order_by(*order)
    if position is not None:
        try:
            queryset = queryset.filter(_after(order, position))
        except (ValueError, TypeError) as error:
            raise Invalid("bad_cursor") from error
    rows = gathered(queryset[: limit + 1])
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    values = [_plain(_value(last, name.lstrip("-"))) for name in order]
    return rows[:limit], _address(request, values)


def page_of_rows[Item](
    request: Request, rows: Sequence[Item], *, key: Callable[[Item], str]
) -> tuple[list[Item], str | None]:
    """The same for rows that are already in memory, in an order that is stable between calls; ``key`` is unique."""
    limit, position = limit_of(request), _position_of(request, 1)
    start = 0
    if position is not None:
        start = next((index + 1 for index, row in enumerate(rows) if key(row) == position[0]), len(rows))
    page = list(rows[start : start + limit])
    more = start + limit < len(rows)
    return page, _address(request, [key(page[-1])]) if more else None


def limit_of(request: Request) -> int:
    """``?limit=``, 50 without. Raises Invalid ``bad_limit`` outside 1–100."""
    text = request.query_params.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_LIMIT):
        raise Invalid("bad_limit", fields=(("limit", "bad_limit", ""),))
    return int(text)


def _position_of(request: Request, width: int) -> list[Any] | None:
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        position = signing.loads(text, salt=_salt(request))
    except (signing.BadSignature, ValueError) as error:
        raise Invalid("bad_cursor", fields=(("cursor", "bad_cursor", ""),)) from error
    if not isinstance(position, list) or len(position) != width:
        raise Invalid("bad_cursor", fields=(("cursor", "bad_cursor", ""),))
    return position


def _salt(request: Request) -> str:
    return f"api.cursor:{request.path}"


def _address(request: Request, values: list[Any]) -> str:
    query = request.query_params.copy()
    query["cursor"] = signing.dumps(values, salt=_salt(request), compress=True)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _after(order: Sequence[str], position: Sequence[Any]) -> Q:
    """Rows behind ``position``: ``a < x or (a = x and b < y) …``, each field in its own direction."""
    condition, equal = Q(), Q()
    for name, value in zip(order, position, strict=True):
        field = name.lstrip("-")
        comparison = f"{field}__lt" if name.startswith("-") else f"{field}__gt"
        condition |= equal & Q(**{comparison: value})
        equal &= Q(**{field: value})
    return condition


def _value(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
