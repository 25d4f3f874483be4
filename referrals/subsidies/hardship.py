"""Which scheme pays for a person on a day: a file of charity or hardship replaces the kind's own, it never adds to it (rules §1)."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from kernel.errors import Refused
from ledger.keys import Unit as CountedIn
from referrals.kinds import FILE_SCHEMES, opens
from referrals.models import HardshipFile
from referrals.policy import PolicyTerms, Scheme, choose_policy, scheme_for
from referrals.states import HardshipState
from referrals.subsidies import accounting
from tenancy.messages import Question
from tenancy.page_memory import OnceAPage

_EVERYBODY: Final = "all"


def files_on(places: Collection[UUID], day: date) -> QuerySet[HardshipFile]:
    """What pays for services of a person on ``day``, whichever of their ``places`` it was granted to: one file a scheme at most,
    charity first; the dates decide, no sweep ends it."""
    return HardshipFile.objects.filter(
        person__in=places, state=HardshipState.GRANTED, first_day__lte=day, last_day__gte=day
    ).order_by("scheme")[: len(FILE_SCHEMES)]


@OnceAPage
def rules_of_person(places: frozenset[UUID]) -> tuple[list[PolicyTerms], list[HardshipFile]]:
    """Every approved version, and the files that were granted to a person of these places, whatever their days. One query."""
    return ask_rules_of_person(places).ask()


def ask_rules_of_person(places: frozenset[UUID]) -> Question[tuple[list[PolicyTerms], list[HardshipFile]]]:
    """The same, to be asked together with others."""
    policies = accounting.approved_policies()
    files = HardshipFile.objects.filter(person__in=places, state=HardshipState.GRANTED)
    return Question((policies, files), lambda: ([accounting.terms_of(policy) for policy in policies], list(files)))


def files_among(files: Iterable[HardshipFile], day: date) -> list[HardshipFile]:
    """Those that pay on ``day``, both their days included, charity first."""
    return sorted((file for file in files if file.first_day <= day <= file.last_day), key=lambda file: str(file.scheme))


def terms_of_person(places: frozenset[UUID], kind: str, day: date, *, in_crisis: bool = False) -> PolicyTerms:
    """The version that counts for a service on ``day`` of a person of these places. Refused ``no_policy`` when there is none.
    One query."""
    known, files = rules_of_person(places)
    scheme = scheme_for(kind, crisis=in_crisis)
    if scheme != Scheme.CRISIS_RELIEF and (found := known_terms(known, files_among(files, day), kind, day)):
        return found
    return choose_policy(known, scheme=scheme, group=_EVERYBODY, service_date=day)


def known_terms(
    known: Iterable[PolicyTerms], files: Iterable[HardshipFile], kind: str, day: date
) -> PolicyTerms | None:
    """The same among versions and files that have been read; None when there is none."""
    rows = list(known)
    for file in files:
        if opens(file.scheme, kind) and (found := _among(rows, file.scheme, day)):
            return of_file(found, file)
    return _among(rows, scheme_for(kind), day)


def of_file(terms: PolicyTerms, file: HardshipFile) -> PolicyTerms:
    """The rule of its scheme with the file's ceiling as what is left of it, in fen, whoever of the family it is for."""
    return replace(
        terms,
        group=accounting.group_of(file),
        quota_unit=CountedIn.FEN,
        quota_amount=file.ceiling_fen,
    )


def is_of_file(terms: PolicyTerms) -> bool:
    """Whether a file of the union pays."""
    return terms.group.startswith(accounting.FILE)


def _among(known: Iterable[PolicyTerms], scheme: str, day: date) -> PolicyTerms | None:
    try:
        return choose_policy(known, scheme=scheme, group=_EVERYBODY, service_date=day)
    except Refused:
        return None
