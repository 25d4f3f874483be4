"""The OpenAPI document: problem answers on every operation, named enums, no warnings (contract §API)."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}

PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem document.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence in the reader's language."},
        "code": {"type": "string", "description": "Stable; programs decide by it."},
        "params": {"type": "object", "additionalProperties": True},
        "other_times": {
            "type": "array",
            "items": {"type": "string", "format": "date-time"},
            "description": "With slot_taken: free times near the one that was asked for.",
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

_READING = {
    "400": "Input not right",
    "401": "Not signed in",
    "403": "Not allowed",
    "404": "Not found",
    "406": "Not acceptable",
    "429": "Too many",
}
_WRITING = {**_READING, "409": "Conflict", "413": "Too large", "415": "Wrong media type", "422": "Refused by a rule"}

IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=False,
    type={"type": "string", "pattern": "^[!-~]{1,255}$"},
    description="1 to 255 visible ASCII characters. The same key and body get the same answer for seven days.",
)


class TokenScheme(OpenApiAuthenticationExtension):
    """``Authorization: Token …``."""

    target_class = "accounts.api_auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """How a program signs in."""
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Token <key>`"}


class SessionScheme(OpenApiAuthenticationExtension):
    """The browser's session, with its CSRF check."""

    target_class = "accounts.api_auth.MemberSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """How a page signs in."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class ProblemSchema(AutoSchema):
    """Adds the problem answers to every operation and the idempotency header to every POST."""

    def get_override_parameters(self) -> list[Any]:
        """The idempotency header on writing calls."""
        return [IDEMPOTENCY_KEY] if self.method == "POST" else []

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """A strict body takes no other field, and may say which of its fields are needed together."""
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "request" and getattr(serializer, "is_strict", False):
            schema |= {"additionalProperties": False, **serializer.also}
        return schema

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """What a field refuses beyond its type: NUL, a text of blanks, a year that is none of ours."""
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        pattern = getattr(field, "pattern", None)
        if direction == "request" and pattern and schema.get("type") == "string":
            schema = {**schema, "pattern": pattern}
        return schema

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation with its refusals."""
        operation = super().get_operation(*args, **kwargs)
        if operation:
            if "requestBody" in operation and getattr(self.get_request_serializer(), "also", None):
                operation["requestBody"]["required"] = True
            for status, description in (_READING if self.method == "GET" else _WRITING).items():
                operation["responses"].setdefault(
                    status,
                    {"description": description, "content": {"application/problem+json": {"schema": PROBLEM_REF}}},
                )
        return operation


def only_this_interface(endpoints: list[tuple[str, ...]], **kwargs: Any) -> list[tuple[str, ...]]:
    """Pre-processing hook: the CMS brings calls for its own pages, which are no part of the contract."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def add_problem_component(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Post-processing hook: the component that every refusal refers to."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = dict(PROBLEM_SCHEMA)
    return result
