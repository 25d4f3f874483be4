"""``incidents/``: a danger told by program, how it stands for who asks, and what those who are called say.

Every answer is the caller's own row (``incident_cut``). To the subject, the excluded and whoever it is not for there is none:
404, in the same questions as for an id that never was, and before anything is looked at that they sent.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import require
from api.host import host_request
from api.idempotency import idempotent
from api.serializers import EmptySerializer, StrictSerializer
from api.views import BaseView
from kernel.errors import Forbidden, Invalid, NotFound
from referrals.emergency.api.incident_cut import must_be_for, report, seen
from referrals.emergency.api.incident_shapes import (
    PARTIES,
    SEEN,
    IncidentCloseIn,
    IncidentGradeIn,
    IncidentIn,
    IncidentPersonIn,
    SecondPersonOut,
    TrackAcknowledgeIn,
    TrackAnswerIn,
)
from referrals.emergency.centre.incident_reading import Read, read
from referrals.emergency.centre.incident_telling import is_called
from referrals.emergency.drills import next_led
from referrals.emergency.models import Leg
from referrals.emergency.reports import is_hidden_report
from referrals.emergency.rules.grades import PARTY_OF, LegKind, Party
from referrals.emergency.workflow import answering, ending, grading
from referrals.emergency.workflow.drilling import begin
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.naming import name_person
from referrals.emergency.workflow.opening import open_incident
from referrals.emergency.workflow.standing import is_left_out
from tenancy.models import Tenant

SECOND_PERSON: Final = "second_person_needed"
"""The code of an answer 202."""
_PARTY: Final = OpenApiParameter("party", str, OpenApiParameter.PATH, enum=PARTIES)


class _IncidentView(BaseView):
    """What the calls share."""

    @property
    def tenant(self) -> Tenant:
        """The school whose host was called."""
        return host_request(self.request).tenant

    def sent(self, form: type[StrictSerializer]) -> dict[str, Any]:
        """What was sent. ValidationError with a row a fault."""
        given = form(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def row(self, incident_id: UUID, status: int = 200) -> Response:
        """The caller's own row, as it is after an act of theirs."""
        return Response(seen(self.actor, self.tenant, incident_id, with_words=False), status=status)


class IncidentsView(_IncidentView):
    """Somebody is in danger."""

    act = "incident.open"

    @extend_schema(operation_id="incidents_create", request=IncidentIn, responses={201: SEEN, 200: SEEN})
    @idempotent
    def post(self, request: Request) -> Response:
        """Call whoever is due at once. 200 with the same id where one is open for this person: the report joins it, and its
        grade may rise. A head's grade is a suggestion. 422 ``chain_off`` while the school's chain is not live. A ``drill`` begins
        as on its page, by who leads it: 422 ``drill_not_here`` where none of theirs is planned, and as that page refuses.
        """
        if not self.actor.may("incident.grade"):
            require(self.actor, "incident.report")
        told = self.sent(IncidentIn)
        if told.pop("drill"):
            found = next_led(self.actor, kind=told["kind"], grade=told["grade"])
            incident_id = begin(actor=self.actor, drill_id=found.pk).incident_id
            assert incident_id is not None
            return self.row(incident_id, 201)
        opened = open_incident(actor=self.actor, opening=_opening(told))
        if is_left_out(opened.incident, self.actor.membership_id):  # answered as if theirs were the first
            return Response(report(opened.report_id, is_handled=False), status=201 if opened.is_first else 200)
        return self.row(opened.incident.pk, 201 if opened.is_new else 200)


class IncidentView(_IncidentView):
    """How it stands, for who asks."""

    act = "incident.read"

    @extend_schema(operation_id="incidents_read", responses=SEEN)
    def get(self, request: Request, incident_id: UUID) -> Response:
        """All of it for the centre and who is on duty; for everybody else their own row, or 404."""
        if is_hidden_report(self.actor.membership_id, incident_id):  # as a first reporter reads it, and never more
            return Response(report(incident_id, is_handled=False))
        return Response(seen(self.actor, self.tenant, incident_id, with_words=True))


class _TrackView(_IncidentView):
    """What somebody says who was called, or for an outside party."""

    def answer(self, incident_id: UUID, party: str, form: type[TrackAnswerIn], act: Callable[..., object]) -> Response:
        """Do ``act`` on the leg that is meant, and give the caller's row."""
        said = self.sent(form)
        if party not in PARTIES:
            raise NotFound
        must_be_for(self.actor, incident_id)
        found = read(self.actor, self.tenant, incident_id)
        leg = _meant(found, party, said.pop("leg", None))
        act(actor=self.actor, incident_id=incident_id, kind=leg.kind, **said)
        return self.row(incident_id)


class AcknowledgeView(_TrackView):
    """Somebody takes it."""

    act = "incident.acknowledge"

    @extend_schema(
        operation_id="incidents_acknowledge", parameters=[_PARTY], request=TrackAcknowledgeIn, responses={200: SEEN}
    )
    @idempotent
    def post(self, request: Request, incident_id: UUID, party: str) -> Response:
        """Twice is once. Where somebody else has it already the answer is kept and changes nothing."""
        return self.answer(incident_id, party, TrackAcknowledgeIn, answering.acknowledge)


class EngageView(_TrackView):
    """Somebody is there."""

    act = "incident.engage"

    @extend_schema(operation_id="incidents_engage", parameters=[_PARTY], request=TrackAnswerIn, responses={200: SEEN})
    @idempotent
    def post(self, request: Request, incident_id: UUID, party: str) -> Response:
        """Has spoken with the person, or is there."""
        return self.answer(incident_id, party, TrackAnswerIn, answering.engage)


class DoneView(_TrackView):
    """What was asked for is done."""

    act = "incident.done"

    @extend_schema(operation_id="incidents_done", parameters=[_PARTY], request=TrackAnswerIn, responses={200: SEEN})
    @idempotent
    def post(self, request: Request, incident_id: UUID, party: str) -> Response:
        """It waits for word of the person; only the centre closes."""
        return self.answer(incident_id, party, TrackAnswerIn, answering.report_done)


class _WordView(_IncidentView):
    """What may take two people."""

    def word(self, incident_id: UUID, form: type[StrictSerializer], act: Callable[..., bool]) -> Response:
        """Do ``act``, and give the caller's row, or 202 for the first of two."""
        said = self.sent(form)
        must_be_for(self.actor, incident_id)
        if act(actor=self.actor, incident_id=incident_id, **said):
            return self.row(incident_id)
        told = _("Kept as the first of two words. A second person is asked to agree.")
        return Response(
            SecondPersonOut({"id": incident_id, "code": SECOND_PERSON, "detail": told}).data,
            status=202,
        )


_TWO: Final[Mapping[int, Any]] = {200: SEEN, 202: SecondPersonOut}


class CloseView(_WordView):
    """The end of it."""

    act = "incident.close"
    permissions: ClassVar = {"POST": "incident.close"}

    @extend_schema(operation_id="incidents_close", request=IncidentCloseIn, responses=_TWO)
    @idempotent
    def post(self, request: Request, incident_id: UUID) -> Response:
        """Every line must be in somebody's hands. An extreme one takes two people, and so do ``died`` and ``merged``."""
        return self.word(incident_id, IncidentCloseIn, ending.close)


class GradeView(_WordView):
    """How grave it is."""

    act = "incident.grade"
    permissions: ClassVar = {"POST": "incident.grade"}

    @extend_schema(operation_id="incidents_grade", request=IncidentGradeIn, responses=_TWO)
    @idempotent
    def post(self, request: Request, incident_id: UUID) -> Response:
        """The first grade and a higher one call at once. A lower one from ``extreme`` takes two people of the centre."""
        return self.word(incident_id, IncidentGradeIn, grading.write_grade)


class PersonView(_IncidentView):
    """Whom it is about."""

    act = "incident.name"
    permissions: ClassVar = {"POST": "incident.grade"}

    @extend_schema(operation_id="incidents_person", request=IncidentPersonIn, responses={200: SEEN})
    @idempotent
    def post(self, request: Request, incident_id: UUID) -> Response:
        """Once, for an incident without a person; whoever waits for the name is called. The answer bears another ``id``
        where one was open for this person: all that is known is joined to it, and this one ends.
        """
        told = self.sent(IncidentPersonIn)
        must_be_for(self.actor, incident_id)
        named = name_person(actor=self.actor, incident_id=incident_id, person_id=told["person"])
        if is_left_out(named.incident, self.actor.membership_id):  # the same whether one was open or not
            return Response(report(incident_id, is_handled=False))
        return self.row(named.incident.pk)


class FalseAlarmView(_WordView):
    """Nothing was there."""

    act = "incident.false_alarm"
    permissions: ClassVar = {"POST": "incident.false_alarm"}

    @extend_schema(operation_id="incidents_false_alarm", request=EmptySerializer, responses=_TWO)
    @idempotent
    def post(self, request: Request, incident_id: UUID) -> Response:
        """Two people say it; without a second within ten minutes family and society are called again."""
        return self.word(incident_id, EmptySerializer, ending.say_false_alarm)


def _opening(told: Mapping[str, Any]) -> Opening:
    plain = {name: told[name] for name in told if name not in ("person", "with")}
    return Opening(person_id=told["person"], company=told["with"], **plain)


def _meant(found: Read, party: str, wanted: str | None) -> Leg:
    """The leg that is meant. Forbidden where nothing of the party is the caller's, whatever its legs are about.

    Of the school's side it is the one on which the caller is called, the school's own before the team's; whoever leads the
    incident says which leg of society is meant, so that nobody stops the wrong one.
    """
    legs = [leg for leg in found.legs.values() if PARTY_OF[LegKind(leg.kind)] == party]
    mine = [leg for leg in legs if is_called(found, leg)]
    if not found.actor.may("incident.read"):
        legs = mine
    if wanted is not None:
        if PARTY_OF[LegKind(wanted)] != party:
            raise Invalid("not_in_list", fields=(("leg", "not_in_list", "not in list"),))
        legs = [leg for leg in legs if leg.kind == wanted]
    elif party == Party.SCHOOL:
        legs = (mine or legs)[:1]
    if not legs:
        raise Forbidden(permission="leg.answer")
    if len(legs) > 1:
        raise Invalid("leg_missing", fields=(("leg", "leg_missing", "leg missing"),))
    return legs[0]
