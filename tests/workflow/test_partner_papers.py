"""Papers open the way to the schools; papers, services and people are changed without breaking what stands (rules §3)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from accounts.actor import Actor
from accounts.models import User
from audit.models import AuditEntry
from kernel.clock import as_of, begun_at, local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from partners.booked import booked_with, left_without
from partners.kinds import INSTITUTION_PAPERS, InstitutionKind, LicenceKind
from partners.members import Desk, desks_at, institution_of
from partners.models import Institution, InstitutionMember, Licence, Service
from partners.selectors import agreed_in, missing_papers
from partners.states import InstitutionEvent, InstitutionState
from partners.workflow import (
    add_licence,
    add_member,
    change_licence,
    change_member,
    change_service,
    end_agreement,
    end_licence,
    end_member,
    move_institution,
)
from referrals.models import Redemption, Voucher
from referrals.workflow.redeeming import prepare, redeem
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.partner_facts import make_agreement, make_institution, make_service, operator, platform
from ui.refusals import explain

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True
LONG_AGO = date(2020, 1, 1)


def today() -> date:
    return local_day(now())


def acts() -> list[str]:
    """What the platform's record holds of this case, oldest first, without what builds the case."""
    with use_tenant(platform().id):
        built = ("institution.create", "licence.create", "service.create", "institution.member_add")
        return list(AuditEntry.objects.exclude(action__in=built).order_by("seq").values_list("action", flat=True))


def enter(institution: Institution, kind: str, first: date = LONG_AGO, end: date | None = None) -> Licence:
    with use_tenant(platform().id):
        return add_licence(
            actor=operator(), institution_id=institution.pk, kind=kind, number=f"{kind}-{first}", valid_from=first,
            valid_until=end,
        )  # fmt: skip


def move(institution: Institution, *events: InstitutionEvent) -> Institution:
    with use_tenant(platform().id):
        for event in events:
            institution = move_institution(actor=operator(), institution_id=institution.pk, event=event)
    return institution


def test_every_kind_of_institution_needs_at_least_its_registration() -> None:
    assert INSTITUTION_PAPERS.keys() == set(InstitutionKind)
    assert all(LicenceKind.REGISTRATION in papers for papers in INSTITUTION_PAPERS.values())
    assert INSTITUTION_PAPERS[InstitutionKind.CHILDCARE] >= {LicenceKind.CHILDCARE, LicenceKind.FOOD}


@pytest.mark.parametrize(
    ("kind", "held", "missing"),
    [
        ("counselling_agency", [], ["registration"]),
        ("hospital", ["registration"], ["medical"]),
        ("hospital", ["medical"], ["registration"]),
        ("childcare", ["registration", "medical"], ["childcare", "food"]),
        ("elder_day_care", ["registration"], ["elder_care"]),
    ],
)
def test_without_the_papers_of_its_kind_nobody_is_vetted(kind: str, held: list[str], missing: list[str]) -> None:
    institution = make_institution(kind, listed=False, licences=held)
    assert missing_papers(institution) == missing
    with pytest.raises(Refused, match="papers_missing") as refused:
        move(institution, InstitutionEvent.VET)
    with override("en"):
        told = str(explain("papers_missing", refused.value.params).detail)
        assert all(str(LicenceKind(paper).label) in told for paper in missing)
    with override("zh-hans"):
        assert str(LicenceKind(missing[0]).label) in str(explain("papers_missing", refused.value.params).detail)
    institution.refresh_from_db()
    assert institution.state == InstitutionState.PROSPECT
    assert acts() == []


@pytest.mark.parametrize(("first", "end"), [(-10, 0), (1, None), (-10, -5)])
def test_a_paper_counts_only_when_it_is_valid_today(first: int, end: int | None) -> None:
    institution = make_institution(listed=False, licences=[])
    until = None if end is None else today() + timedelta(end)
    enter(institution, "registration", today() + timedelta(first), until)
    with pytest.raises(Refused, match="papers_missing"):
        move(institution, InstitutionEvent.VET)
    enter(institution, "registration", today(), today() + timedelta(1))
    assert move(institution, InstitutionEvent.VET).state == InstitutionState.VETTED


def test_listing_and_listing_again_ask_for_the_papers_anew() -> None:
    institution = make_institution(listed=False, licences=[])
    paper = enter(institution, "registration")
    move(institution, InstitutionEvent.VET)
    with use_tenant(platform().id):
        end_licence(actor=operator(), licence_id=paper.pk, on=today())
    before = acts()
    with pytest.raises(Refused, match="papers_missing"):
        move(institution, InstitutionEvent.LIST)
    assert acts() == before
    enter(institution, "registration", today() - timedelta(1))
    move(institution, InstitutionEvent.LIST, InstitutionEvent.SUSPEND)
    Licence.objects.update(valid_until=today())
    before = acts()
    with pytest.raises(Refused, match="papers_missing"):
        move(institution, InstitutionEvent.REINSTATE)
    institution.refresh_from_db()
    assert (institution.state, acts()) == (InstitutionState.SUSPENDED, before)
    assert move(institution, InstitutionEvent.TERMINATE).state == InstitutionState.TERMINATED, "the way out stays open"


def test_the_record_says_which_papers_were_looked_at() -> None:
    institution = make_institution(listed=False, licences=[])
    paper = enter(institution, "registration")
    enter(institution, "food", LONG_AGO, today())
    move(institution, InstitutionEvent.VET)
    with use_tenant(platform().id):
        assert AuditEntry.objects.get(action="institution.vet").facts["papers"] == [str(paper.pk)]


def test_a_paper_is_corrected_and_the_record_says_what_changed() -> None:
    institution = make_institution(licences=["registration"])
    paper = institution.licences.get()
    with use_tenant(platform().id):
        change_licence(
            actor=operator(), licence_id=paper.pk, number="2", issuer=" 滨江区民政局 ", valid_from=paper.valid_from,
            valid_until=today() + timedelta(30),
        )  # fmt: skip
        facts = AuditEntry.objects.get(action="licence.change").facts
    paper.refresh_from_db()
    assert (paper.number, paper.issuer, paper.valid_until) == ("2", "滨江区民政局", today() + timedelta(30))
    assert set(facts["changed"]) == {"number", "issuer", "valid_until"}
    with use_tenant(platform().id):
        same = {name: getattr(paper, name) for name in ("number", "issuer", "valid_from", "valid_until")}
        change_licence(actor=operator(), licence_id=paper.pk, **same)
    assert acts().count("licence.change") == 1, "nothing changed, nothing is told"


def test_a_paper_with_impossible_days_stays_as_it_was() -> None:
    paper = make_institution(licences=["registration"]).licences.get()
    before = acts()
    with use_tenant(platform().id), pytest.raises(Invalid):
        change_licence(
            actor=operator(), licence_id=paper.pk, number="9", issuer="", valid_from=today(), valid_until=today()
        )
    for on, code in ((LONG_AGO, "before_start"), (LONG_AGO - timedelta(1), "before_start")):
        with use_tenant(platform().id), pytest.raises(Invalid) as refused:
            end_licence(actor=operator(), licence_id=paper.pk, on=on)
        assert refused.value.fields[0][1] == code
    with use_tenant(platform().id):
        end_licence(actor=operator(), licence_id=paper.pk, on=today() + timedelta(5))
        with pytest.raises(Invalid, match="invalid") as refused:
            end_licence(actor=operator(), licence_id=paper.pk, on=today() + timedelta(5))
    assert refused.value.fields[0][1] == "ends_already"
    paper.refresh_from_db()
    assert (paper.number, paper.valid_until) == ("1", today() + timedelta(5))
    assert acts() == [*before, "licence.end"]


def test_only_the_operator_changes_papers_services_and_people(school: Any) -> None:
    journey = make_journey(school)
    member = InstitutionMember.objects.get(user=journey.counter_user)
    paper = journey.institution.licences.first()
    assert paper is not None
    before = acts()
    for actor in (journey.union, journey.finance, journey.partner_office):
        with use_tenant(platform().id):
            for write in (
                lambda actor: end_licence(actor=actor, licence_id=paper.pk, on=today()),
                lambda actor: change_licence(
                    actor=actor, licence_id=paper.pk, number="x", issuer="", valid_from=LONG_AGO, valid_until=None
                ),
                lambda actor: change_service(actor=actor, service_id=journey.counselling.pk, list_fee_fen=1),
                lambda actor: change_member(actor=actor, member_id=member.pk, role="partner_office", counter=""),
                lambda actor: end_member(actor=actor, member_id=member.pk),
            ):
                with pytest.raises(Forbidden):
                    write(actor)
    assert acts() == before
    member.refresh_from_db()
    assert (member.role, member.valid_until) == ("partner_counter", None)


def test_an_open_appointment_without_its_paper_is_found(school: Any, other_school: Any) -> None:
    journey = make_journey(school)
    paper = journey.institution.licences.get(kind="registration")
    with use_tenant(school.id):
        booking = answer(journey, ask(journey, days=10))
    day = local_day(booking.starts_at, booking.zone)
    assert [(row.service_id, row.day) for row in booked_with(journey.institution.pk)] == [(journey.counselling.pk, day)]
    assert booked_with(journey.institution.pk, service_id=journey.childcare.pk) == []
    assert left_without(paper, LONG_AGO, day + timedelta(1)) == []
    assert [row.day for row in left_without(paper, LONG_AGO, day)] == [day]
    assert [row.day for row in left_without(paper, day + timedelta(1), None)] == [day]
    childcare = journey.institution.licences.get(kind="childcare")
    assert left_without(childcare, LONG_AGO, day) == [], "counselling needs no childcare filing"
    enter(journey.institution, "registration", day - timedelta(1), day + timedelta(1))
    assert left_without(paper, LONG_AGO, day) == [], "another paper of the kind covers the day"


def test_what_agreements_hold_of_a_service_stays(school: Any) -> None:
    service = make_service(make_institution(), fee_fen=30_000)
    change(service, name="谈谈", unit="hour", minutes=60)
    agreement = make_agreement(school, service, tariff_fen=28_000)
    assert agreed_in(service) == 1
    before = acts()
    for wish in ({"name": "别的"}, {"unit": "session"}, {"minutes": 30}, {"on_site": False, "online": True}):
        with pytest.raises(Refused, match="service_agreed"):
            change(service, **wish)
    service.refresh_from_db()
    assert (service.name, service.unit, service.minutes, service.on_site, service.online) == (
        "谈谈",
        "hour",
        60,
        True,
        False,
    )
    assert acts() == before
    change(service, name="谈谈", minutes=60, online=True, name_en="Talk", list_fee_fen=27_000)
    with use_tenant(platform().id):
        facts = AuditEntry.objects.filter(action="service.change").latest("seq").facts
    assert (facts["before_fen"], facts["list_fee_fen"]) == (30_000, 27_000)
    with use_tenant(school.id):
        end_agreement(actor=actor_of(make_person(school, "union")), agreement_id=agreement.pk, on=today())
    assert agreed_in(service) == 0
    change(service, minutes=30)


def test_a_draft_holds_a_service_too_and_a_raise_never_asks_more_than_agreed(school: Any) -> None:
    service = make_service(make_institution(), fee_fen=30_000)
    draft = make_agreement(school, service, tariff_fen=28_000, approved=False)
    with pytest.raises(Refused, match="service_agreed"):
        change(service, minutes=30)
    change(service, list_fee_fen=99_000)
    with use_tenant(school.id):
        assert draft.lines.get().fee_fen == 28_000


def test_a_service_without_sense_is_refused() -> None:
    service = make_service(make_institution(), fee_fen=30_000)
    before = acts()
    for wish in ({"list_fee_fen": -1}, {"minutes": 0}, {"name": " "}, {"on_site": False}):
        with pytest.raises(Invalid):
            change(service, **wish)
    with pytest.raises(TypeError):
        change(service, kind="psychiatry")
    service.refresh_from_db()
    assert (service.list_fee_fen, service.on_site) == (30_000, True)
    assert acts() == before


def change(service: Service, **wish: Any) -> None:
    with use_tenant(platform().id):
        change_service(actor=operator(), service_id=service.pk, **wish)


def place_of(user: User) -> InstitutionMember:
    return InstitutionMember.objects.get(user=user, valid_until__isnull=True)


def test_office_and_counter_are_changed_and_hold_with_the_next_click(journey: Journey) -> None:
    with use_tenant(journey.platform.id):
        change_member(
            actor=journey.operator, member_id=place_of(journey.counter_user).pk, role="partner_office", counter=""
        )
        same = place_of(journey.counter_user)
        assert change_member(actor=journey.operator, member_id=same.pk, role="partner_office", counter=" ") == same
    place = institution_of(journey.counter_user.pk)
    assert place is not None
    assert place.role == "partner_office"
    assert acts().count("institution.member_change") == 1


def test_an_unknown_role_changes_nothing(journey: Journey) -> None:
    member = place_of(journey.counter_user)
    before = acts()
    with use_tenant(journey.platform.id), pytest.raises(Invalid):
        change_member(actor=journey.operator, member_id=member.pk, role="operator", counter="")
    assert place_of(journey.counter_user) == member
    assert acts() == before


def test_who_is_ended_acts_no_more_and_may_come_back(journey: Journey) -> None:
    member = place_of(journey.counter_user)
    with use_tenant(journey.platform.id):
        end_member(actor=journey.operator, member_id=member.pk)
        for again in (
            lambda: end_member(actor=journey.operator, member_id=member.pk),
            lambda: change_member(actor=journey.operator, member_id=member.pk, role="partner_office", counter=""),
        ):
            with pytest.raises(NotFound):
                again()
    assert institution_of(journey.counter_user.pk) is None
    assert acts()[-1] == "institution.member_end"
    with use_tenant(journey.platform.id):
        add_member(
            actor=journey.operator, institution_id=journey.institution.pk, user_id=journey.counter_user.pk,
            role="partner_counter", counter="前台 3 号机",
        )  # fmt: skip
        with pytest.raises(Invalid):
            add_member(
                actor=journey.operator, institution_id=journey.institution.pk, user_id=journey.counter_user.pk,
                role="partner_office",
            )  # fmt: skip
    assert institution_of(journey.counter_user.pk) is not None


def test_a_redemption_keeps_the_counter_of_its_time(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        booking = answer(journey, ask(journey, days=0))
        voucher = Voucher.objects.get(booking=booking)
    with begun_at(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
        assert told_by(journey.partner_office, voucher) == "前台 1 号机"
        member = place_of(journey.counter_user)
        with as_of(now() + timedelta(minutes=1)), use_tenant(journey.platform.id):
            renamed = change_member(
                actor=journey.operator, member_id=member.pk, role="partner_counter", counter="前台 9 号机"
            )
            assert told_by(journey.partner_office, voucher) == "前台 1 号机"
            end_member(actor=journey.operator, member_id=renamed.pk)
            assert told_by(journey.partner_office, voucher) == "前台 1 号机"
        with use_tenant(journey.tenant.id):
            made = Redemption.objects.get()
        moments = (now() + timedelta(minutes=2), now() - timedelta(days=9))
        desks = desks_at([(journey.institution.pk, made.redeemed_by_id, moment) for moment in moments])
        assert [desk.counter for desk in desks] == ["前台 9 号机", "前台 1 号机"]
        assert desks_at([(made.pk, made.redeemed_by_id, now())]) == [Desk("", "")], "another institution's"


def told_by(actor: Actor, voucher: Voucher) -> str:
    """The counter that a second look at a spent voucher names."""
    with pytest.raises(Conflict, match="already_redeemed") as refused:
        prepare(actor=actor, text=voucher.code)
    return str(refused.value.params["by"])
