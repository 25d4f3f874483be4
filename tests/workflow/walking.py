"""A state machine of the whole journey: several people act in any order, under a clock that stands still, jumps and lags.

What must hold after every step stands in ``Walk``'s invariants. Walked by ``test_walks`` a little and by ``bin/bench walks``
a lot. The database is put back after each walk.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.actor import Actor
from accounts.roles import PlatformRole
from kernel.clock import as_of, now
from kernel.errors import DomainError
from partners.models import Agreement
from referrals.counter.selectors import visits_and_wishes, vouchers_without_appointment
from referrals.due import run_due
from referrals.models import Booking, Offer, Proposal, Redemption, Referral, Unit, Voucher
from referrals.rules import is_over, may_answer
from referrals.workflow.answering import accept_proposal, confirm_offer, decline_offer, propose_times
from referrals.workflow.appointments import cancel_appointment, enter_appointment
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.ending import LIVE
from referrals.workflow.redeeming import prepare, redeem, reverse
from referrals.workflow.stopping import stop_course
from referrals.workflow.submitting import approve_referral, decline_referral, look_again, submit_referral
from referrals.workflow.unit_holders import asked_about, holding_of
from referrals.workflow.unscanned import decide_unscanned, say_took_place
from tenancy.models import Setback
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey, make_partner_person
from tests.workflow.walking_books import check_books, reserved, snapshot
from tests.workflow.walking_corrections import Corrections
from tests.workflow.walking_more import MoreMoves, plant_instant
from tests.workflow.walking_moves import Moves, chosen, some
from tests.workflow.walking_several import SeveralMoves, plant_several

START = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""A Monday, 09:30 in Shanghai; a walk of some weeks comes through 1 January."""
MOST_REQUESTS = 3
minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def plant() -> Journey:
    """The school of all walks, and a second counter; its pool and quota end within a few requests."""
    with as_of(START - day):
        journey = make_journey(make_school(), pool_fen=150_000, quota_sessions=5)
        terms = {"free_hours": 24, "late_fee_bp": 3_000, "no_show_fee_bp": 5_000}
        with use_tenant(journey.tenant.id):
            Agreement.objects.filter(pk=journey.agreement.pk).update(cancellation_terms=terms)
        _user, counter = make_partner_person(
            journey.operator, journey.platform, journey.institution, PlatformRole.PARTNER_COUNTER
        )
        journey.actors["counter2"] = counter
        with use_tenant(journey.tenant.id):
            plant_several(journey)
            plant_instant(journey)
    return journey


class Walk(SeveralMoves, Corrections, MoreMoves, Moves):
    """One school, two people who ask, two counters, an office, a centre that decides, and a sweep that comes when it likes."""

    journey: ClassVar[Journey]

    def __init__(self) -> None:
        super().__init__()
        self.moment = START
        self.over: set[Any] = set()
        self.stack = ExitStack()
        self.stack.enter_context(use_tenant(self.journey.tenant.id))
        self.savepoint = transaction.savepoint_create()

    def teardown(self) -> None:
        """The sweep comes at last, and all is as the dates had it; then the walk is forgotten."""
        try:
            self.moment += 400 * day
            self.sweep()
            for _booking in list(Booking.objects.filter(state="disputed")):
                self.decide_quarrel(0, "neither")  # type: ignore[no-untyped-call]
            self.sweep()
            self.books_and_states_agree()
            assert not Voucher.objects.filter(state__in=LIVE).exists()
        finally:
            transaction.savepoint_rollback(self.savepoint)
            self.stack.close()

    # ---- time

    @initialize(hours=st.integers(0, 23))
    def some_hour(self, hours: int) -> None:
        self.moment = START + hours * hour

    @rule(
        step=st.sampled_from(
            [minute, 50 * minute, 3 * hour, 23 * hour, 25 * hour, 2 * day, 9 * day, 40 * day, 95 * day]
        )
    )
    def wait(self, step: timedelta) -> None:
        self.moment += step

    @rule(which=some, off=st.sampled_from([-25 * hour, -hour, timedelta(), 50 * minute, 14 * hour, day, 30 * hour]))
    def wait_for_an_appointment(self, which: int, off: timedelta) -> None:
        for booking in chosen(Booking.objects.filter(state="confirmed"), which):
            self.moment = max(self.moment, booking.starts_at + off)

    @rule(which=some, off=st.sampled_from([-minute, timedelta(), minute]))
    def wait_for_a_deadline(self, which: int, off: timedelta) -> None:
        for offer in chosen(Offer.objects.filter(state="open"), which):
            self.moment = max(self.moment, offer.deadline + off)

    @rule()
    def sweep(self) -> None:
        with as_of(self.moment):
            run_due()
            assert not any(not may_answer(offer, now()) for offer in Offer.objects.filter(state="open"))
            today = self.journey.tenant.today()
            for voucher in Voucher.objects.filter(state__in=LIVE, valid_until__lt=today):
                assert asked_about(voucher.referral, now()), "a voucher outlived its day and its questions"
            assert not Booking.objects.filter(due_at__lte=now()).exists()
            assert not Setback.objects.exists()

    # ---- acts

    @contextmanager
    def acting(self) -> Iterator[None]:
        """At the walk's moment; whatever is refused has moved nothing."""
        with as_of(self.moment):
            before = snapshot()
            try:
                yield
            except DomainError:
                assert snapshot() == before, "a refusal moved something"

    @precondition(lambda self: Referral.objects.count() < MOST_REQUESTS)
    @rule(who=st.sampled_from(["staff", "staff2"]), units=st.integers(1, 4), days=st.integers(0, 6))
    def ask(self, who: str, units: int, days: int) -> None:
        start = self.moment.replace(second=0, microsecond=0) + days * day + 2 * hour
        with self.acting():
            submit_referral(
                actor=getattr(self.journey, who),
                tenant=self.journey.tenant,
                service_id=self.journey.counselling.pk,
                units=units,
                windows=[(start, start + 3 * hour)],
                consent=["referral"],
            )

    @rule(which=some, says=st.sampled_from(["yes", "no"]))
    def decide(self, which: int, says: str) -> None:
        for row in chosen(Referral.objects.filter(state="submitted"), which):
            with self.acting():
                if says == "yes":
                    approve_referral(actor=self.journey.centre, tenant=self.journey.tenant, referral_id=row.pk)
                else:
                    decline_referral(actor=self.journey.centre, referral_id=row.pk, reason="talk_first")

    @rule(which=some)
    def ask_to_look_again(self, which: int) -> None:
        for row in chosen(Referral.objects.all(), which):
            with self.acting():
                look_again(actor=self.owner(row), tenant=self.journey.tenant, referral_id=row.pk)

    @rule(which=some, who=st.sampled_from(["office", "counter"]), how=st.sampled_from(["yes", "yes", "other", "no"]))
    def answer(self, which: int, who: str, how: str) -> None:
        actor = self.counter(who)
        for offer in chosen(Offer.objects.all(), which):
            late = offer.deadline <= self.moment
            with self.acting():
                if how == "yes":
                    start = datetime.fromisoformat(offer.windows[0]["starts_at"])
                    confirm_offer(
                        actor=actor,
                        tenant=self.journey.tenant,
                        offer_id=offer.pk,
                        starts_at=start,
                        ends_at=start + 50 * minute,
                    )
                elif how == "other":
                    start = self.moment.replace(second=0, microsecond=0) + 2 * day
                    propose_times(
                        actor=actor,
                        tenant=self.journey.tenant,
                        offer_id=offer.pk,
                        windows=[(start, start + 50 * minute)],
                    )
                else:
                    decline_offer(actor=actor, offer_id=offer.pk, reason="no_capacity")
                assert not late, "an answer counted after its deadline"

    @rule(which=some)
    def take_a_proposed_time(self, which: int) -> None:
        for proposal in chosen(Proposal.objects.select_related("offer__referral"), which):
            late = proposal.offer.deadline <= self.moment
            with self.acting():
                row = proposal.offer.referral
                accept_proposal(
                    actor=self.owner(row), tenant=self.journey.tenant, referral_id=row.pk, proposal_id=proposal.pk
                )
                assert not late, "a proposed time was taken after its deadline"

    @rule(which=some, whole=st.booleans())
    def cancel(self, which: int, whole: bool) -> None:
        act: Callable[..., Any] = cancel_referral if whole else cancel_appointment
        for row in chosen(Referral.objects.all(), which):
            with self.acting():
                act(actor=self.owner(row), tenant=self.journey.tenant, referral_id=row.pk)

    @rule(which=some, who=st.sampled_from(["counter", "counter2", "office"]), units=st.sampled_from([1, 1, 1, 2]))
    def scan(self, which: int, who: str, units: int) -> None:
        actor = self.counter(who)
        for voucher in chosen(Voucher.objects.all(), which):
            with self.acting():
                today = self.journey.tenant.today()
                visits, _coming, _asked = visits_and_wishes(actor, now())
                seen = prepare(actor=actor, text=voucher.code)
                listed = [visit.self_fen for visit in visits if visit.booking == seen.booking]
                taken = redeem(actor=actor, text=voucher.code, units=units)
                assert len(taken) == 1, "one appointment, one session"
                assert not is_over(voucher.valid_until, today), "a voucher was spent after its last day"
                booking = taken[0].booking
                assert booking is not None
                assert self.journey.tenant.day_of(booking.starts_at) == today, "a unit was spent on another day"
                assert [taken[0].self_fen] == listed == [seen.self_fen], "shown one price, taken another"

    @rule(which=some, whose=st.sampled_from(["own", "centre"]))
    def stop(self, which: int, whose: str) -> None:
        for row in chosen(Referral.objects.all(), which):
            with self.acting():
                actor = self.owner(row) if whose == "own" else self.journey.centre
                stop_course(actor=actor, tenant=self.journey.tenant, referral_id=row.pk)
                assert not Unit.objects.filter(referral=row, state="held").exists()

    @rule(
        which=some,
        who=st.sampled_from(["owner", "counter", "other"]),
        says=st.sampled_from(["yes", "yes", "no", "no_show"]),
    )
    def say(self, which: int, who: str, says: str) -> None:
        for booking in chosen(Booking.objects.select_related("referral"), which):
            with self.acting():
                owner = self.owner(booking.referral)
                other = next(
                    self.journey.actors[name] for name in ("staff", "staff2") if self.journey.actors[name] != owner
                )
                actor = {"owner": owner, "counter": self.journey.partner_counter, "other": other}[who]
                say_took_place(actor=actor, tenant=self.journey.tenant, booking_id=booking.pk, says=says)
                assert who != "other", "a stranger answered"
                assert booking.ends_at <= self.moment, "an appointment to come was answered about"

    @rule(which=some, decision=st.sampled_from(["took_place", "no_show", "neither"]))
    def decide_quarrel(self, which: int, decision: str) -> None:
        for booking in chosen(Booking.objects.filter(state="disputed"), which):
            with self.acting():
                decide_unscanned(
                    actor=self.journey.centre, tenant=self.journey.tenant, booking_id=booking.pk, decision=decision
                )

    @rule(which=some, days=st.sampled_from([0, 1, 3, 3, 8, 30]))
    def enter(self, which: int, days: int) -> None:
        start = self.moment.replace(second=0, microsecond=0) + days * day + 2 * hour
        for voucher in chosen(Voucher.objects.all(), which):
            with self.acting():
                waits = voucher.pk in {row.pk for row in vouchers_without_appointment(self.journey.partner_counter)}
                enter_appointment(
                    actor=self.journey.partner_counter,
                    tenant=self.journey.tenant,
                    voucher_id=voucher.pk,
                    starts_at=start,
                    ends_at=start + 50 * minute,
                )
                assert waits, "an appointment was entered that nobody was asked for"

    @rule(which=some)
    def take_back(self, which: int) -> None:
        for redemption in chosen(Redemption.objects.select_related("voucher"), which):
            with self.acting():
                over = is_over(redemption.voucher.valid_until, self.journey.tenant.today())
                held = reserved()
                reverse(actor=self.journey.partner_office, redemption_id=redemption.pk, reason="wrong_amount")
                assert not over or reserved() <= held, "a voucher came back to life"

    def counter(self, who: str) -> Actor:
        """The partner's actor of that name."""
        return {
            "office": self.journey.partner_office,
            "counter": self.journey.partner_counter,
            "counter2": self.journey.actors["counter2"],
        }[who]

    def owner(self, row: Referral) -> Actor:
        """Whoever asked."""
        return next(actor for actor in self.journey.actors.values() if actor.membership_id == row.person_id)

    # ---- what must hold

    @invariant()
    def nothing_is_confirmed_after_its_deadline(self) -> None:
        for offer in Offer.objects.filter(state="accepted"):
            assert offer.answered_at < offer.deadline

    @invariant()
    def no_voucher_lives_after_its_last_day(self) -> None:
        today = self.journey.tenant.day_of(self.moment)
        live = {row.pk for row in Voucher.objects.filter(state__in=LIVE) if not is_over(row.valid_until, today)}
        assert not live & self.over, "what was over is over"
        self.over |= {
            row.pk
            for row in Voucher.objects.all()
            if row.state in ("expired", "void")
            or (row.state in LIVE and is_over(row.valid_until, today) and not holding_of(row.referral))
        }

    @invariant()
    def nobody_who_came_is_a_no_show(self) -> None:
        standing = Redemption.objects.exclude(state="reversed")
        services = standing.filter(kind="service")
        assert not services.exclude(booking__state="done").exists()
        assert not standing.filter(kind="fee").exclude(booking__state__in=("no_show", "cancelled_late")).exists()
        people = [line.voucher.person_id for line in standing.filter(kind="fee").select_related("voucher")]
        assert len(people) == len(set(people)), "a pool paid twice for one person in a school year"
        served = list(standing.values_list("booking_id", flat=True))
        assert len(served) == len(set(served)), "an appointment was spent twice"

    @invariant()
    def no_more_appointments_are_to_come_than_units_are_left(self) -> None:
        for row in Referral.objects.filter(state__in=("confirmed", "in_service")):
            ahead = Booking.objects.filter(referral=row, state="confirmed", starts_at__gt=self.moment).count()
            assert ahead <= Unit.objects.filter(referral=row, state="held").count()

    @invariant()
    def books_and_states_agree(self) -> None:
        check_books()


def walk(journey: Journey, walks: int, *, steps: int = 30, derandomize: bool = False) -> None:
    """So many walks; the shortest one that breaks an invariant is told."""
    Walk.journey = journey
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Walk,
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=derandomize,
            suppress_health_check=list(HealthCheck),
        ),
    )
