"""Every legal move of an institution and of an agreement: one table each (rules §3, house §style 4). Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import overload

from kernel.moves import move


class InstitutionState(StrEnum):
    """prospect → vetted → listed ↔ suspended → terminated → archived; kept by the operator."""

    PROSPECT = "prospect"
    VETTED = "vetted"
    LISTED = "listed"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    ARCHIVED = "archived"


class InstitutionEvent(StrEnum):
    """What can happen to an institution."""

    VET = "vet"
    REJECT = "reject"
    LIST = "list"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    TERMINATE = "terminate"
    ARCHIVE = "archive"


class AgreementState(StrEnum):
    """draft → signed → active → renewal_due → suspended → ended; one school with one institution."""

    DRAFT = "draft"
    SIGNED = "signed"
    ACTIVE = "active"
    RENEWAL_DUE = "renewal_due"
    SUSPENDED = "suspended"
    ENDED = "ended"


class AgreementEvent(StrEnum):
    """What can happen to an agreement."""

    SIGN = "sign"
    DISCARD = "discard"
    ACTIVATE = "activate"  # its first day has come
    FALL_DUE = "fall_due"  # the reminders before its end begin
    SUSPEND = "suspend"  # a lapse or a decision: no new holds
    RESUME = "resume"
    END = "end"


_I, _IE = InstitutionState, InstitutionEvent
INSTITUTION_MOVES: Mapping[tuple[InstitutionState, InstitutionEvent], InstitutionState] = MappingProxyType(
    {
        (_I.PROSPECT, _IE.VET): _I.VETTED,
        (_I.PROSPECT, _IE.REJECT): _I.ARCHIVED,
        (_I.VETTED, _IE.LIST): _I.LISTED,
        (_I.VETTED, _IE.REJECT): _I.ARCHIVED,
        (_I.LISTED, _IE.SUSPEND): _I.SUSPENDED,
        (_I.LISTED, _IE.TERMINATE): _I.TERMINATED,
        (_I.SUSPENDED, _IE.REINSTATE): _I.LISTED,
        (_I.SUSPENDED, _IE.TERMINATE): _I.TERMINATED,
        (_I.TERMINATED, _IE.ARCHIVE): _I.ARCHIVED,
    }
)

_A, _AE = AgreementState, AgreementEvent
AGREEMENT_MOVES: Mapping[tuple[AgreementState, AgreementEvent], AgreementState] = MappingProxyType(
    {
        (_A.DRAFT, _AE.SIGN): _A.SIGNED,
        (_A.DRAFT, _AE.DISCARD): _A.ENDED,
        (_A.SIGNED, _AE.ACTIVATE): _A.ACTIVE,
        (_A.SIGNED, _AE.END): _A.ENDED,
        (_A.ACTIVE, _AE.FALL_DUE): _A.RENEWAL_DUE,
        (_A.ACTIVE, _AE.SUSPEND): _A.SUSPENDED,
        (_A.ACTIVE, _AE.END): _A.ENDED,
        (_A.RENEWAL_DUE, _AE.SUSPEND): _A.SUSPENDED,
        (_A.RENEWAL_DUE, _AE.END): _A.ENDED,
        (_A.SUSPENDED, _AE.RESUME): _A.ACTIVE,
        (_A.SUSPENDED, _AE.END): _A.ENDED,
    }
)

# States in which new holds may be made, if licence, dates and data part also hold on the service date (rules §3).
BOOKABLE_INSTITUTIONS = frozenset({InstitutionState.LISTED})
BOOKABLE_AGREEMENTS = frozenset({AgreementState.ACTIVE, AgreementState.RENEWAL_DUE})


@overload
def step(state: str, event: InstitutionEvent) -> InstitutionState: ...
@overload
def step(state: str, event: AgreementEvent) -> AgreementState: ...
def step(state: str, event: StrEnum) -> StrEnum:
    """The state after ``event``; the kind of event says which table counts, ``state`` may be a column's plain text.

    Raises IllegalMove when there is no such move, ValueError for a value that is no state of that table.
    """
    match event:
        case InstitutionEvent():
            return move(INSTITUTION_MOVES, InstitutionState(state), event)
        case AgreementEvent():
            return move(AGREEMENT_MOVES, AgreementState(state), event)
    raise TypeError("an event of one of the tables is needed")
