"""What programs send about an incident, and the three answers to who asks: all of it, one's own row, a report's state.

Each answer is a shape of its own, so that a field which is not a caller's cannot slip into it (chain §6).
"""

from typing import Any, Final

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from api.sentences import SENTENCES
from api.serializers import Choice, Flag, Id, Moment, StrictSerializer, Text
from notifications.models import Channel
from referrals.emergency.models import Company, Home, Outcome, Place
from referrals.emergency.models.contacts import GradeChoices
from referrals.emergency.models.legs import Answer
from referrals.emergency.rules.clocks import ETAS
from referrals.emergency.rules.grades import IncidentKind, LegKind, Party
from referrals.emergency.rules.incident_moves import IncidentState
from referrals.emergency.rules.leg_states import LegState
from referrals.emergency.rules.sending import DeliveryState
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.workflow.answering import NOT_STATED
from referrals.emergency.workflow.ending import CHOSEN
from referrals.emergency.workflow.opening import MOST_PLACE_WORDS, MOST_SIGNS

MOST_BEHALF: Final = 120
MOST_REASON: Final = 500
KINDS: Final = tuple(kind.value for kind in IncidentKind)
LEGS: Final = tuple(kind.value for kind in LegKind)
PARTIES: Final = tuple(party.value for party in Party)
LEG_STATES: Final = tuple(state.value for state in LegState)
INCIDENT_STATES: Final = tuple(state.value for state in IncidentState)
ATTEMPT_STATES: Final = tuple(state.value for state in DeliveryState)
SEATS: Final = tuple(kind.value for kind in SeatKind)
ANSWERS: Final = tuple(answer for answer in Answer.values if answer)
OUTCOMES: Final = tuple(outcome for outcome in Outcome.values if outcome in CHOSEN)
MINUTES: Final = tuple((eta, str(eta)) for eta in ETAS)
RECEIVED, HANDLED = REPORT_STATES = ("received", "handled")


class Minutes(serializers.ChoiceField):
    """Minutes that may be named, as a JSON integer."""

    default_error_messages = {"not_an_integer": SENTENCES["not_an_integer"]}

    def to_internal_value(self, data: Any) -> Any:
        """``data`` if it is one of them; no string, float or boolean."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("not_an_integer")
        return super().to_internal_value(data)


class IncidentIn(StrictSerializer):
    """What the opening asks. Without ``person`` nobody is named yet, and only the school's side is called.

    ``home``: could somebody at home be the danger; ``place_words``: room, street or city; ``can_be_asked``: of somebody ill.
    ``by_line``: somebody rang the school's line, and whoever is on duty writes it down; of a head it is passed over.
    ``drill``: begins the planned one of this kind and grade that the caller leads; whom and what it plays stands in its plan.
    """

    person = Id(required=False, allow_null=True, default=None)
    kind = Choice(KINDS)
    grade = Choice(GradeChoices.values)
    found_at = Moment()
    signs = Text(max_length=MOST_SIGNS)
    danger_now = Flag(default=False)
    home = Choice(Home.values, default=Home.UNKNOWN.value)
    place = Choice(Place.values, required=False, default="")
    place_words = Text(max_length=MOST_PLACE_WORDS, required=False, allow_blank=True, default="")
    can_be_asked = Flag(required=False, allow_null=True, default=None)
    by_line = Flag(default=False)
    drill = Flag(default=False)

    def get_fields(self) -> dict[str, Any]:
        """With ``with``, who is with the person: a word that Python keeps for itself."""
        return super().get_fields() | {"with": Choice(Company.values, default=Company.UNKNOWN.value)}


class TrackAnswerIn(StrictSerializer):
    """For one's own leg, or ``leg`` of a party that has two. ``on_behalf_of``: an outside party's name, number and when they
    said it, of whoever has the school's leg.
    """

    leg = Choice(LEGS, required=False)
    on_behalf_of = Text(max_length=MOST_BEHALF, required=False)


class TrackAcknowledgeIn(TrackAnswerIn):
    """``eta``: minutes until somebody is there."""

    eta = Minutes(MINUTES, default=NOT_STATED)


class IncidentGradeIn(StrictSerializer):
    """A lower grade needs a reason of at least twenty characters."""

    grade = Choice(GradeChoices.values)
    reason = Text(max_length=MOST_REASON, required=False, allow_blank=True, default="")


class IncidentPersonIn(StrictSerializer):
    """A colleague's place at the school."""

    person = Id()


class IncidentCloseIn(StrictSerializer):
    """How it ended."""

    outcome = Choice(OUTCOMES)


class IncidentPersonOut(serializers.Serializer[Any]):
    """Somebody of the school."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class TakerOut(serializers.Serializer[Any]):
    """Who has a leg. ``id`` and ``name`` of a colleague; of an outside party only as what they were called."""

    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    role = serializers.CharField(allow_blank=True)


class AttemptOut(serializers.Serializer[Any]):
    """One try to reach somebody: never whom, nor at which number."""

    channel = serializers.ChoiceField(Channel.values)
    state = serializers.ChoiceField(ATTEMPT_STATES)
    at = serializers.DateTimeField()


class LegOut(serializers.Serializer[Any]):
    """A leg. ``step``: as what whoever was called last was called; ``due_at``: when something happens by itself.

    ``attempts``: the newest, the last one last.
    """

    leg = serializers.ChoiceField(LEGS)
    state = serializers.ChoiceField(LEG_STATES)
    step = serializers.CharField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = TakerOut(allow_null=True)
    attempts = AttemptOut(many=True)


class TrackOut(serializers.Serializer[Any]):
    """A party: the worst state of its required legs."""

    party = serializers.ChoiceField(PARTIES)
    state = serializers.ChoiceField(LEG_STATES)
    legs = LegOut(many=True)


class IncidentTeamOut(serializers.Serializer[Any]):
    """One of the emergency team who was called, and what they said."""

    seat = serializers.ChoiceField(SEATS, allow_null=True)
    name = serializers.CharField(allow_blank=True)
    answer = serializers.ChoiceField(ANSWERS, allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class IncidentOut(serializers.Serializer[Any]):
    """All of it, for the centre and who is on duty. ``grade`` null: not graded yet, and ``suggested`` is the reporter's.

    ``place_words``, ``meeting_place`` and ``signs`` are told to who reads it (GET), never in the answer to an act.
    """

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(INCIDENT_STATES)
    grade = serializers.ChoiceField(GradeChoices.values, allow_null=True)
    suggested = serializers.ChoiceField(GradeChoices.values)
    kind = serializers.ChoiceField(KINDS)
    person = IncidentPersonOut(allow_null=True)
    danger_now = serializers.BooleanField()
    found_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(Outcome.values, allow_null=True)
    home = serializers.ChoiceField(Home.values)
    place = serializers.ChoiceField(Place.values, allow_null=True)
    place_words = serializers.CharField(allow_blank=True, required=False)
    meeting_place = serializers.CharField(allow_blank=True, required=False)
    signs = serializers.CharField(allow_blank=True, required=False)
    can_be_asked = serializers.BooleanField(allow_null=True)
    by_line = serializers.BooleanField()
    drill = serializers.BooleanField()
    tracks = TrackOut(many=True)
    team = IncidentTeamOut(many=True)

    def get_fields(self) -> dict[str, Any]:
        """With ``with``, as in what is sent."""
        return super().get_fields() | {"with": serializers.ChoiceField(Company.values)}


class OwnRowOut(serializers.Serializer[Any]):
    """One's own row: the legs on which one is called or that one has, and no word of anybody else.

    ``is_asked`` false: somebody has it, and nothing more is asked. ``state`` and ``grade`` are the principal's; ``person_name``
    and ``place`` come to whoever goes to the person once they have said so, ``place_words`` with GET alone; the name to the
    principal when it is extreme.
    """

    id = serializers.UUIDField()
    is_asked = serializers.BooleanField()
    tracks = TrackOut(many=True)
    state = serializers.ChoiceField(INCIDENT_STATES, required=False)
    grade = serializers.ChoiceField(GradeChoices.values, allow_null=True, required=False)
    person_name = serializers.CharField(allow_null=True, required=False)
    place = serializers.ChoiceField(Place.values, allow_null=True, required=False)
    place_words = serializers.CharField(allow_blank=True, required=False)


class IncidentReportOut(serializers.Serializer[Any]):
    """What a reporter is told of their report, and nothing else. ``id`` is the report's own."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(REPORT_STATES)


class SecondPersonOut(serializers.Serializer[Any]):
    """The first of two words is kept; a second person must say the very same."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    detail = serializers.CharField()


SEEN: Final = PolymorphicProxySerializer(
    component_name="IncidentSeen",
    serializers=[IncidentOut, OwnRowOut, IncidentReportOut],
    resource_type_field_name=None,
)
"""One of the three, by who asks."""
