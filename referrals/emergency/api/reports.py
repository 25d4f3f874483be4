"""``reports/``: what anybody reports, by program. Nobody is known here (``reporting.unknown``), and no key of a call is read."""

from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.host import host_request
from api.serializers import Choice, Flag, Moment, StrictSerializer, Text
from api.views import BaseView
from kernel.errors import NotFound
from referrals.emergency.rules.reporting import MOST_LINE, MOST_WORDS, Post
from referrals.emergency.workflow.receiving import Told, send_report

POSTS: Final = tuple(post.value for post in Post)


class ReportIn(StrictSerializer):
    """``signs``: what was noticed, in words; ``found_at``: when, as whoever sends it says. ``name`` and ``phone`` are not proved, and are dropped from an ``anonymous`` one.

    ``not_told``: who must not know of it, by post; ``not_told_names``: by name or number, with a comma between.
    """

    about = Text(max_length=MOST_LINE, allow_blank=True)
    department = Text(max_length=MOST_LINE, required=False, allow_blank=True, default="")
    signs = Text(max_length=MOST_WORDS)
    found_at = Moment()
    danger_now = Flag(default=False)
    anonymous = Flag()
    where = Text(max_length=MOST_LINE, required=False, allow_blank=True, default="")
    not_told = serializers.ListField(child=Choice(POSTS), required=False, default=list, max_length=len(POSTS))
    not_told_names = Text(max_length=MOST_LINE, required=False, allow_blank=True, default="")
    name = Text(max_length=MOST_LINE, required=False, allow_blank=True, default="")
    phone = Text(max_length=MOST_LINE, required=False, allow_blank=True, default="")


class ReceiptOut(serializers.Serializer[Any]):
    """28 digits, by which ``/report/mailbox/`` opens. Shown once."""

    receipt = serializers.CharField(help_text="28 digits")


class ReportsView(BaseView):
    """Somebody may be in danger."""

    public: ClassVar = True
    authentication_classes = ()  # type: ignore[assignment]  # nobody signs in
    throttle_classes = ()  # type: ignore[assignment]  # refusals are counted by person or address, and there is none

    @extend_schema(operation_id="reports_create", request=ReportIn, responses={201: ReceiptOut}, auth=[])
    def post(self, request: Request) -> Response:
        """Calls the school by its plan. A repeat is a second report. 422 ``chain_off`` while its chain is not live; 429
        ``reports_wait`` in a flood, but never for danger now. 404 on the platform's host.
        """
        if host_request(request).on_platform:
            raise NotFound
        given = ReportIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = dict(given.validated_data)
        # In the school's time, as whoever reads it reads the rest.
        zone = ZoneInfo(host_request(request).tenant.time_zone)
        found_at = said["found_at"].astimezone(zone)
        own = {} if said["anonymous"] else {"name": said["name"], "number": said["phone"]}
        told = Told(
            about=said["about"],
            department=said["department"],
            words=said["signs"],
            noticed=found_at.isoformat(timespec="minutes"),
            where=said["where"],
            not_told=tuple(said["not_told"]),
            not_told_names=said["not_told_names"],
            **own,
        )
        receipt = send_report(told=told, danger_now=said["danger_now"])
        return Response({"receipt": receipt}, status=201)

    def _note_refusal(self, response: Response) -> None:
        """Nowhere: neither counted nor written."""
