"""Base class of every API view: authentication, permission, strict input, and an audit row for each refusal."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import exceptions
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor, require
from accounts.api_auth import MemberSessionAuthentication, TokenAuthentication
from api.errors import InFlight, WrongMediaType
from api.parsers import StrictJSONParser, refuse_foreign_bytes, refuse_unstorable
from api.schema import ProblemSchema
from api.throttling import RefusalThrottle, count_refusal
from audit.workflow import refuse
from kernel.errors import NotFound
from tenancy.scope import current

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_UNAUDITED = frozenset({401, 405, 406})
"""No actor, or no act."""


class Guarded(APIView):
    """Token or session, JSON only, problem documents, one audit row for each refused act.

    ``permissions`` maps a method to the permission it needs (``{"POST": "agreement.draft"}``); the writer checks the
    permission again. ``act`` names the act in the audit row (``referral.approve``); the class's name serves without one.
    """

    authentication_classes = (TokenAuthentication, MemberSessionAuthentication)
    parser_classes = (StrictJSONParser,)
    throttle_classes = (RefusalThrottle,)
    schema = ProblemSchema()
    permissions: ClassVar[Mapping[str, str]] = {}
    act: ClassVar[str] = ""
    public: ClassVar[bool] = False

    @property
    def actor(self) -> Actor:
        """Who acts. NotAuthenticated without a sign-in; NotFound for a person who does not belong to this host."""
        actor: Actor | None = getattr(self.request, "actor", None)
        if actor is None:
            if not self.request.user.is_authenticated:
                raise exceptions.NotAuthenticated
            raise NotFound
        return actor

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before the handler: who, how often, with which right, and no unstorable text in the address."""
        super().initial(request, *args, **kwargs)
        refuse_foreign_bytes(request.META.get("QUERY_STRING", ""))
        for name, values in request.query_params.lists():
            for text in (name, *values):
                refuse_unstorable(text, name)
        if self.public:
            return
        actor, needed = self.actor, self.permissions.get(request.method or "")
        if needed:
            require(actor, needed)

    def perform_authentication(self, request: Request) -> None:
        """Authenticate at once; a public view does not ask who came."""
        if not self.public:
            super().perform_authentication(request)

    def handle_exception(self, exc: Exception) -> Response:
        """Turn the error into a problem, count it, write the audit row of a refused act."""
        if isinstance(exc, exceptions.UnsupportedMediaType):
            exc = WrongMediaType()
        response = super().handle_exception(exc)
        self._note_refusal(response)
        return response

    def _note_refusal(self, response: Response) -> None:
        status, code = response.status_code, getattr(response, "code", "refused")
        if code == InFlight.code:
            return  # the act itself is still running and will leave its own row; waiting for it here would undo the 409
        count_refusal(self.request, status)
        actor: Actor | None = getattr(self.request, "actor", None)
        # Reading changes nothing; a read is noted only when it asked for what is not the reader's.
        counts = self.request.method not in SAFE_METHODS or status in (403, 404, 429)
        if actor is None or not counts or status in _UNAUDITED or status >= 500 or current().tenant is None:
            return
        refuse(actor=actor, action=self._action(), code=code, facts={"status": status})

    def _action(self) -> str:
        if self.act:
            return self.act
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__.removesuffix("View")).lower()
        return f"api.{name}.{(self.request.method or 'get').lower()}"


class BaseView(Guarded):
    """For views that answer by hand."""


class ListView(Guarded, GenericAPIView[Any]):
    """For views that list a queryset by cursor pages; set ``order`` when newest first is not wanted."""


class UnknownView(Guarded):
    """Any other address below ``/api/v1/``: a problem document, never a page."""

    schema = None  # type: ignore[assignment]  # not part of the document
    public = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Nothing here, whatever the method."""
        super().initial(request, *args, **kwargs)
        raise NotFound
