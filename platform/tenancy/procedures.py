"""Calls a function of the database that stands in a model's ``Meta.constraints``: many statements in one message."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper


def call(function: str, act: Mapping[str, Any]) -> dict[str, Any]:
    """What ``function(jsonb) → jsonb`` answers to ``act``, inside the open scope. ``function`` is a literal of the caller."""
    if not function.isidentifier():
        raise ValueError("a function's name is an identifier")
    cursor: CursorWrapper
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s::jsonb)", [json.dumps(act, default=str)])
        answer: dict[str, Any] = cursor.fetchone()[0]
    return answer if isinstance(answer, dict) else json.loads(answer)
