"""What the pages about one's own family show. Reading only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Count

from accounts.actor import Actor
from families import rules
from families.access import children_of, relatives_of
from families.models import Child, Consent, FamilyLink, Guardianship, Relative
from families.purposes import BY_LINK, CURRENT_TEXT, TEXTS, ConsentText, Purpose
from families.states import ConsentState
from kernel.clock import now


class Standing(StrEnum):
    """How one purpose stands with one relative, as the person who asks sees it."""

    NEW = "new"
    ASKED = "asked"
    LATER = "later"
    LAPSED = "lapsed"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Question:
    """One purpose of one relative. ``at`` is when this began (UTC), ``until`` when the open link ends."""

    purpose: Purpose
    text: ConsentText
    standing: Standing
    consent_id: UUID | None = None
    at: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """A link is out and can still be answered."""
        return self.standing in (Standing.ASKED, Standing.LATER)

    @property
    def may_ask(self) -> bool:
        """A link can be made: the first, or another one."""
        return self.standing != Standing.GIVEN

    @property
    def may_take_back(self) -> bool:
        """The question or the agreement can be ended by the one who asked."""
        return self.is_open or self.standing in (Standing.LAPSED, Standing.GIVEN)


@dataclass(frozen=True, slots=True)
class RelativeRow:
    """A relative with every purpose they can be asked for."""

    relative: Relative
    questions: list[Question]


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A child as a guardian sees it: ``requests`` are the guardian's own that may use the child's name."""

    child: Child
    age: int
    is_grown: bool
    is_shared: bool
    requests: int


def my_relatives(actor: Actor) -> list[RelativeRow]:
    """Everybody the actor named, in the order of naming."""
    relatives = list(relatives_of(actor))
    return _rows(relatives)


def relative_row(relative: Relative) -> RelativeRow:
    """One relative, already admitted by ``access``."""
    return _rows([relative])[0]


def question_of(relative: Relative, purpose: str) -> Question | None:
    """How ``purpose`` stands with ``relative``; None for one that is not asked by link."""
    return next((question for question in relative_row(relative).questions if question.purpose == purpose), None)


def my_children(actor: Actor, today: date) -> list[ChildRow]:
    """The actor's children, oldest first."""
    children = list(children_of(actor))
    ids = [child.pk for child in children]
    guardians = dict(
        Guardianship.objects.filter(child_id__in=ids).values_list("child_id").annotate(Count("pk")).order_by()
    )
    used = Consent.objects.filter(child_id__in=ids, person_id=actor.membership_id, state=ConsentState.GIVEN)
    requests = dict(used.values_list("child_id").annotate(Count("referral_id", distinct=True)).order_by())
    return [
        ChildRow(
            child=child,
            age=rules.age_on(child.born, today),
            is_grown=rules.is_grown(child.born, today),
            is_shared=guardians.get(child.pk, 0) > 1,
            requests=requests.get(child.pk, 0),
        )
        for child in children
    ]


def is_shared(child: Child) -> bool:
    """Whether another parent in this school entered the child, too."""
    return Guardianship.objects.filter(child=child).count() > 1


def _rows(relatives: list[Relative]) -> list[RelativeRow]:
    latest: dict[tuple[UUID | None, str], Consent] = {}
    # An ended consent is always older than the open one, so the last one wins.
    for consent in Consent.objects.filter(relative__in=relatives).order_by("asked_at", "pk"):
        latest[consent.relative_id, consent.purpose] = consent
    links = _open_links(latest.values())
    return [
        RelativeRow(
            relative,
            [_question(purpose, latest.get((relative.pk, purpose.value)), links) for purpose in BY_LINK],
        )
        for relative in relatives
    ]


def _open_links(consents: Iterable[Consent]) -> dict[UUID, FamilyLink]:
    asked = [consent.pk for consent in consents if consent.state == ConsentState.ASKED]
    live = FamilyLink.objects.filter(
        consent_id__in=asked, act=FamilyLink.Act.ANSWER, used_at__isnull=True, expires_at__gt=now()
    )
    return {link.consent_id: link for link in live}


def _question(purpose: Purpose, consent: Consent | None, links: dict[UUID, FamilyLink]) -> Question:
    if consent is None:
        return Question(purpose, TEXTS[CURRENT_TEXT[purpose]], Standing.NEW)
    text = TEXTS.get(consent.text_id) or TEXTS[CURRENT_TEXT[purpose]]
    link = links.get(consent.pk)
    if consent.state != ConsentState.ASKED:
        return Question(purpose, text, Standing(consent.state), consent.pk, consent.at)
    if link is None:
        return Question(purpose, text, Standing.LAPSED, consent.pk, consent.at)
    if link.later_at is not None:
        return Question(purpose, text, Standing.LATER, consent.pk, link.later_at, link.expires_at)
    return Question(purpose, text, Standing.ASKED, consent.pk, consent.at, link.expires_at)
