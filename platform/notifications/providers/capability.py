"""What a channel may carry: a table per school and provider, and the one function that asks it (chain §5). Pure.

Carriers in China let a school's trade through for verification codes; anything else needs a template that the provider has
approved, and some kinds are refused whatever is written (invitations, surveys, training, mediation, medical words).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol


class Kind(StrEnum):
    """Kinds of messages that a rule speaks of. ``page`` calls a colleague; ``outside`` calls family or an institution, and
    is filled with ``code`` (nine digits to type) and ``number`` (four digits to compare).
    """

    CODE = "code"
    PAGE = "page"
    OUTSIDE = "outside"
    STAND_DOWN = "stand_down"
    DUTY = "duty"
    CONSENT = "consent"
    APPOINTMENT = "appointment"
    SURVEY = "survey"
    ACTIVITY = "activity"
    TIPS = "tips"


class Carries(StrEnum):
    """What holds without a rule of the school. ``template``: once the school has entered an approved one."""

    ALWAYS = "always"
    TEMPLATE = "template"
    NEVER = "never"


_FREE: Final = MappingProxyType(dict.fromkeys(Kind, Carries.ALWAYS))
_BY_TEMPLATE: Final = MappingProxyType(
    {
        **dict.fromkeys(Kind, Carries.TEMPLATE),
        Kind.SURVEY: Carries.NEVER,
        Kind.ACTIVITY: Carries.NEVER,
        Kind.TIPS: Carries.NEVER,
    }
)
DEFAULTS: Final[Mapping[str, Mapping[Kind, Carries]]] = MappingProxyType(
    {
        "in_app": _FREE,
        "email": _FREE,
        "wecom": _FREE,
        "gateway": _FREE,
        "sms": MappingProxyType({**_BY_TEMPLATE, Kind.CODE: Carries.ALWAYS}),
        "voice": _BY_TEMPLATE,
    }
)
"""Channel → kind → what holds before the school has said anything: the education trade's case."""


class Why(StrEnum):
    """Why a channel does not carry a kind."""

    NEVER = "never_carried"
    NO_TEMPLATE = "no_approved_template"
    FORBIDDEN = "forbidden_by_school"


class Rule(Protocol):
    """A row of the school's table, of the one provider that is asked about (``models.ChannelRule``)."""

    @property
    def channel(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def is_allowed(self) -> bool: ...
    @property
    def template_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """``template_id`` may be empty where none is needed. ``why`` is empty when it may be carried."""

    template_id: str = ""
    why: Why | None = None

    @property
    def is_carried(self) -> bool:
        """Whether the message may go this way."""
        return self.why is None


def may_carry(rules: Iterable[Rule], kind: Kind, channel: str) -> Verdict:
    """Whether a message of ``kind`` may go by ``channel``, and with which approved template.

    The trade's no is above the school's yes; the school's no is above everything else. KeyError for an unknown channel.
    """
    default = DEFAULTS[channel][kind]
    if default is Carries.NEVER:
        return Verdict(why=Why.NEVER)
    rule = next((rule for rule in rules if rule.channel == channel and rule.kind == kind), None)
    if rule is not None and not rule.is_allowed:
        return Verdict(why=Why.FORBIDDEN)
    template = rule.template_id if rule is not None else ""
    if default is Carries.TEMPLATE and not template:
        return Verdict(why=Why.NO_TEMPLATE)
    return Verdict(template)
