"""``mediation/`` and ``centre/mediation/``: the two steps by program, the person's and the psychologist's (16.6)."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.pagination import PAGES, page_of
from api.serializers import Choice, EmptySerializer, Flag, Moment, StrictSerializer, Text
from api.views import BaseView
from audit import record_read
from kernel.clock import now
from kernel.errors import NotFound
from referrals.api.shapes import checked, tenant_of
from referrals.liaison.mediation_states import CloseReason, MediationState, Sides, TalkPlace
from referrals.liaison.models import Mediation
from referrals.liaison.models.mediation import MAX_NOTE
from referrals.liaison.selectors import MEDIATIONS, record_list
from referrals.liaison.texts import state_of
from referrals.liaison.workflow.mediation import agree, ask_mediation, close, invite, settle, stay, suggest, withdraw

STATES = tuple(each.value for each in MediationState)
PLACES = tuple(each.value for each in TalkPlace)
SIDES = tuple(each.value for each in Sides)
CLOSE_REASONS = tuple(each.value for each in CloseReason)


class MediationIn(StrictSerializer):
    """What the psychologist should know beforehand; nothing need be said."""

    note = Text(required=False, allow_blank=True, max_length=MAX_NOTE)


class BothIn(StrictSerializer):
    """Two yeses, the person's own and that the other side comes of their own will, or 400 ``consent_missing``."""

    own = Flag()
    other = Flag()


class TalkIn(StrictSerializer):
    """When and where they talk, sixty days ahead at most."""

    talk_at = Moment()
    place = Choice(PLACES)


class SidesIn(StrictSerializer):
    """Who came to the talk."""

    sides = Choice(SIDES)


class CloseIn(StrictSerializer):
    """Why the first step ends."""

    reason = Choice(CLOSE_REASONS)


class MediationOut(serializers.Serializer[Any]):
    """One mediation as its person sees it; ``state`` by the dates. ``deadline``: by when the centre names a time."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(STATES)
    asked_at = serializers.DateTimeField()
    deadline = serializers.DateTimeField()
    talk_at = serializers.DateTimeField(allow_null=True)
    talk_place = serializers.ChoiceField(PLACES, allow_blank=True)
    until = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class HeardOut(MediationOut):
    """The same for the centre, with who asked, who came and why it ended."""

    person = serializers.CharField(source="person.name")
    sides = serializers.ChoiceField(SIDES, allow_blank=True)
    close_reason = serializers.ChoiceField(CLOSE_REASONS, allow_blank=True)
    both_agreed_at = serializers.DateTimeField(allow_null=True)


class MediationPage(serializers.Serializer[Any]):
    """One page."""

    results = MediationOut(many=True)
    next = serializers.CharField(allow_null=True)


class HeardPage(serializers.Serializer[Any]):
    """One page."""

    results = HeardOut(many=True)
    next = serializers.CharField(allow_null=True)


def _shown(row: Mediation, shape: type[MediationOut] = MediationOut) -> dict[str, Any]:
    return dict(shape(row).data) | {"state": state_of(row, now()).value}


class MediationsView(BaseView):
    """One's own, newest first."""

    act = "mediation.ask"
    permissions: ClassVar = {"GET": "mediation.own", "POST": "mediation.own"}

    @extend_schema(operation_id="mediation_list", parameters=[*PAGES], responses=MediationPage)
    def get(self, request: Request) -> Response:
        """One page."""
        if self.actor.membership_id is None:
            raise NotFound
        mine = Mediation.objects.filter(person_id=self.actor.membership_id)
        rows, following = page_of(request, mine, order=("-asked_at", "-id"))
        return Response({"results": [_shown(row) for row in rows], "next": following})

    @extend_schema(operation_id="mediation_create", request=MediationIn, responses={201: MediationOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """The centre is told that somebody waits, not who."""
        note = checked(MediationIn(data=request.data)).get("note", "")
        return Response(_shown(ask_mediation(actor=self.actor, tenant=tenant_of(request), note=note)), status=201)


class MediationAgreeView(BaseView):
    """Both want a mediator from outside."""

    act = "mediation.agree"
    permissions: ClassVar = {"POST": "mediation.own"}

    @extend_schema(operation_id="mediation_agree", request=BothIn, responses=MediationOut)
    @idempotent
    def post(self, request: Request, mediation_id: UUID) -> Response:
        """A mediation room can be asked from now on."""
        said = checked(BothIn(data=request.data))
        return Response(_shown(agree(actor=self.actor, mediation_id=mediation_id, **said)))


class MediationStayView(BaseView):
    """Nobody from outside."""

    act = "mediation.stay"
    permissions: ClassVar = {"POST": "mediation.own"}

    @extend_schema(operation_id="mediation_stay", request=EmptySerializer, responses=MediationOut)
    @idempotent
    def post(self, request: Request, mediation_id: UUID) -> Response:
        """Nothing is sent to anybody."""
        checked(EmptySerializer(data=request.data))
        return Response(_shown(stay(actor=self.actor, mediation_id=mediation_id)))


class MediationWithdrawView(BaseView):
    """The person takes it back."""

    act = "mediation.withdraw"
    permissions: ClassVar = {"POST": "mediation.own"}

    @extend_schema(operation_id="mediation_withdraw", request=EmptySerializer, responses=MediationOut)
    @idempotent
    def post(self, request: Request, mediation_id: UUID) -> Response:
        """What they wrote is gone."""
        checked(EmptySerializer(data=request.data))
        return Response(_shown(withdraw(actor=self.actor, mediation_id=mediation_id)))


class _HeardView(BaseView):
    """For the centre, never in a matter of one's own; every look is recorded."""

    permissions: ClassVar = {"GET": "mediation.hear", "POST": "mediation.hear"}

    def heard(self, row: Mediation) -> Response:
        """As the centre reads it."""
        found = Mediation.objects.select_related("person").get(pk=row.pk)
        record_read(actor=self.actor, action="mediation.read", obj=found)
        return Response(_shown(found, HeardOut))


class HeardListView(_HeardView):
    """All of them, newest first. A page of names is a look at each."""

    @extend_schema(operation_id="centre_mediation_list", parameters=[*PAGES], responses=HeardPage)
    def get(self, request: Request) -> Response:
        """One page."""
        rows, following = page_of(request, Mediation.objects.prefetch_related("person"), order=("-asked_at", "-id"))
        record_list(self.actor, "mediation.list", MEDIATIONS, rows)
        return Response({"results": [_shown(row, HeardOut) for row in rows], "next": following})


class HeardView(_HeardView):
    """One of them."""

    @extend_schema(operation_id="centre_mediation_read", responses=HeardOut)
    def get(self, request: Request, mediation_id: UUID) -> Response:
        """The look is recorded."""
        row = Mediation.objects.filter(pk=mediation_id).first()
        if row is None:
            raise NotFound
        return self.heard(row)


class HeardInviteView(_HeardView):
    """The psychologist names when and where they talk."""

    act = "mediation.invite"

    @extend_schema(operation_id="centre_mediation_invite", request=TalkIn, responses=HeardOut)
    @idempotent
    def post(self, request: Request, mediation_id: UUID) -> Response:
        """Said again it is another time; the person is told each time."""
        said = checked(TalkIn(data=request.data))
        return self.heard(invite(actor=self.actor, mediation_id=mediation_id, **said))


class HeardSuggestView(_HeardView):
    """They have talked; a mediator from outside could help."""

    act = "mediation.suggest"

    @extend_schema(operation_id="centre_mediation_suggest", request=SidesIn, responses=HeardOut)
    @idempotent
    def post(self, request: Request, mediation_id: UUID) -> Response:
        """The person answers within thirty days."""
        sides = checked(SidesIn(data=request.data))["sides"]
        return self.heard(suggest(actor=self.actor, tenant=tenant_of(request), mediation_id=mediation_id, sides=sides))


class HeardSettleView(_HeardView):
    """They have talked, and nothing more is wanted."""

    act = "mediation.settle"

    @extend_schema(operation_id="centre_mediation_settle", request=SidesIn, responses=HeardOut)
    @idempotent
    def post(self, request: Request, mediation_id: UUID) -> Response:
        """It is written once."""
        sides = checked(SidesIn(data=request.data))["sides"]
        return self.heard(settle(actor=self.actor, mediation_id=mediation_id, sides=sides))


class HeardCloseView(_HeardView):
    """The psychologist ends the first step with a reason."""

    act = "mediation.close"

    @extend_schema(operation_id="centre_mediation_close", request=CloseIn, responses=HeardOut)
    @idempotent
    def post(self, request: Request, mediation_id: UUID) -> Response:
        """The person is told to look."""
        reason = checked(CloseIn(data=request.data))["reason"]
        return self.heard(close(actor=self.actor, mediation_id=mediation_id, reason=reason))
