"""What a school may use on a day, and at which price. The dates decide, on the service date (rules §3).

Read in the scope of one school. A past day answers as it was, as long as the agreement still stands.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.search import contains
from kernel.clock import local_day, now
from kernel.errors import Refused
from kernel.pinyin import sort_key
from partners.kinds import INSTITUTION_PAPERS, NEEDED_LICENCES, InstitutionKind, LicenceKind, ServiceKind
from partners.models import BOUND_STATES, AgreementLine, Institution, Licence, Service
from partners.states import BOOKABLE_AGREEMENTS, BOOKABLE_INSTITUTIONS, AgreementState
from tenancy.messages import Question
from tenancy.page_memory import OnceAPage
from tenancy.scope import use_partner

_KIND_ORDER: Final = {kind: place for place, kind in enumerate(ServiceKind.values)}


class OpenService(NamedTuple):
    """A service that may be booked, and the agreed line that prices it."""

    service: Service
    line: AgreementLine


@OnceAPage
def services_open_on(day: date, *, kind: str | None = None, q: str = "") -> list[OpenService]:
    """Every service the open school may use on ``day``. One query.

    By kind in the catalogue's order (``ServiceKind``: what is asked for most stands first), then by institution as a
    Chinese dictionary has them, like every list of names here: no agency stands first by favour. What one agency offers
    stands like a menu, the smallest price first: the single talk before the one for two.

    ``kind`` narrows to one service kind; ``q`` is looked for in the names of service, institution and district.
    """
    return ask_services_open_on(day, kind=kind, q=q).ask()


def ask_services_open_on(day: date, *, kind: str | None = None, q: str = "") -> Question[list[OpenService]]:
    """The same, to be asked together with others."""
    lines = lines_open_on(day)
    if kind:
        lines = lines.filter(service__kind=kind)
    for word in q.split()[:5]:
        lines = lines.filter(
            contains(
                word,
                "service__name",
                "service__name_en",
                "service__institution__name",
                "service__institution__name_en",
                "service__institution__district",
            )
        )
    return Question((lines,), lambda: [OpenService(line.service, line) for line in sorted(lines, key=_place_of)])


def _place_of(line: AgreementLine) -> tuple[int, str, int, str, UUID]:
    service = line.service
    name = sort_key(service.name, person=False)
    return _KIND_ORDER[service.kind], service.institution.sort_key, line.tariff_fen, name, service.pk


@OnceAPage
def agreed_line(service_id: UUID, on: date) -> AgreementLine:
    """The line that prices ``service_id`` on the day ``on``, with service, institution and agreement loaded.

    Raises Refused ``no_agreement`` when agreement, data part, a licence or the listing does not hold that day. A
    missing service gets the same answer: a school learns nothing about what others agreed.
    """
    line = lines_open_on(on).filter(service_id=service_id).first()
    if line is None:
        raise Refused("no_agreement")
    return line


def note_agreed_lines(service_ids: Collection[UUID], on: date) -> None:
    """A page that is to price all of these on that day reads their lines at once. Nothing where something is written."""
    for line in lines_open_on(on).filter(service_id__in=service_ids) if agreed_line.remembers() else ():
        agreed_line.know(line, line.service_id, on)


def days_open(service_ids: Collection[UUID], first: date, days: int) -> dict[UUID, frozenset[date]]:
    """On which of ``days`` days from ``first`` on each service may be booked: what ``lines_open_on`` says of every one.

    One query, however many services and days.
    """
    return ask_days_open(service_ids, first, days).ask()


def ask_days_open(service_ids: Collection[UUID], first: date, days: int) -> Question[dict[UUID, frozenset[date]]]:
    """The same, to be asked together with others."""
    lines = AgreementLine.objects.filter(
        service_id__in=service_ids,
        agreement__state__in=BOOKABLE_AGREEMENTS,
        service__active=True,
        service__institution__state__in=BOOKABLE_INSTITUTIONS,
    ).values_list(
        "service_id",
        "service__kind",
        "partner_id",
        "agreement__valid_from",
        "agreement__valid_until",
        "agreement__data_part_valid_until",
    )
    licences = Licence.objects.filter(institution__services__in=service_ids).order_by()
    papers = licences.values_list("institution_id", "kind", "valid_from", "valid_until")
    asked = [first + timedelta(days=ahead) for ahead in range(days)]

    def answer() -> dict[UUID, frozenset[date]]:
        valid: dict[tuple[UUID, str], set[date]] = defaultdict(set)
        for institution_id, kind, begins, ends in papers:
            valid[institution_id, kind].update(day for day in asked if begins <= day and (ends is None or day < ends))
        found: dict[UUID, set[date]] = {key: set() for key in service_ids}
        for service_id, kind, institution_id, begins, ends, data_ends in lines:
            last = min(ends, data_ends)
            agreed = {day for day in asked if begins <= day < last}
            for needed in NEEDED_LICENCES[ServiceKind(kind)]:
                agreed &= valid[institution_id, needed]
            found[service_id] |= agreed
        return {key: frozenset(covered) for key, covered in found.items()}

    return Question((lines, papers), answer)


def lines_open_on(day: date) -> QuerySet[AgreementLine]:
    """The lines that hold on ``day``: all of agreement, data part, licences, listing and service must."""
    lines = AgreementLine.objects.select_related("agreement", "service__institution").filter(
        agreement__state__in=BOOKABLE_AGREEMENTS,
        agreement__valid_from__lte=day,
        agreement__valid_until__gt=day,
        agreement__data_part_valid_until__gt=day,
        service__active=True,
        service__institution__state__in=BOOKABLE_INSTITUTIONS,
    )
    for licence in LicenceKind:
        needing = [kind for kind, needed in NEEDED_LICENCES.items() if licence in needed]
        lines = lines.filter(~Q(service__kind__in=needing) | Q(Exists(_valid_licence(licence, day))))
    return lines


def _valid_licence(kind: LicenceKind, day: date) -> QuerySet[Licence]:
    return Licence.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=day),
        institution_id=OuterRef("service__institution_id"),
        kind=kind,
        valid_from__lte=day,
    )


def papers_valid_today(institution: Institution) -> list[Licence]:
    """Its papers that are valid today, in the platform's zone."""
    today = local_day(now())
    return [paper for paper in institution.licences.all() if paper.covers(today)]


def missing_papers(institution: Institution) -> list[LicenceKind]:
    """What its kind needs and has no paper valid today, in the order of ``LicenceKind`` (rules §3)."""
    held = {paper.kind for paper in papers_valid_today(institution)}
    needed = INSTITUTION_PAPERS[InstitutionKind(institution.kind)]
    return [kind for kind in LicenceKind if kind in needed and kind not in held]


def agreed_in(service: Service) -> int:
    """In how many schools an agreement or a draft stands on the service; read through the institution's own wall."""
    with use_partner(service.institution_id):
        lines = AgreementLine.objects.filter(
            service=service, agreement__state__in=(AgreementState.DRAFT, *BOUND_STATES)
        )
        return lines.values("tenant_id").distinct().count()
