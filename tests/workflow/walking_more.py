"""What a walk does beside asking and redeeming: instant booking, objections, an agency's own cancel, next sessions, a closed year, notes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from accounts.actor import Actor
from ledger.selectors import balance
from partners.models import Service
from referrals.models import Booking, PoolOrder, Redemption, Referral, ReferralDraft, Voucher
from referrals.subsidies.accounting import units_of_pool
from referrals.subsidies.quoting import quote
from referrals.wishes import NO_WISHES
from referrals.workflow.continuing import ask_next, plan_next
from referrals.workflow.drafting import Asked, keep_draft, send_draft
from referrals.workflow.holding import chosen_of, hold_time
from referrals.workflow.noted import Noted
from referrals.workflow.objecting import agree, decide_dispute, dispute, withdraw_dispute
from referrals.workflow.offline_marks import take_note
from referrals.workflow.pools import approve_pool_order, ask_pool_order, decline_pool_order, pool_key
from referrals.workflow.rerouting import cancel_by_agency
from tests.fixtures_journey import Journey
from tests.workflow.walking_moves import chosen, some

MOST_REQUESTS = 3
YEAR = 2026
"""The pool year in which a walk begins."""
CLOSES = datetime(2027, 3, 31, 2, tzinfo=UTC)
"""From here on that year may be closed: 10:00 in Shanghai on the last of March."""


def plant_instant(journey: Journey) -> None:
    """The agency's free times are chosen; whoever asks it with times that suit them still may."""
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    journey.counselling.refresh_from_db()


class MoreMoves(RuleBasedStateMachine):
    """Rules that need nothing but the school, the moment and who acts; the walk brings them."""

    journey: ClassVar[Journey]
    moment: datetime
    acting: Callable[[], AbstractContextManager[None]]
    owner: Callable[[Referral], Actor]

    @rule(which=some, minutes=st.sampled_from([0, 50, 9 * 60, 23 * 60, 24 * 60 + 1, 40 * 60, -1, -60]))
    def note_arrives(self, which: int, minutes: int) -> None:
        """A counter noted a voucher so many minutes ago, without network; a negative number: its clock runs ahead."""
        tenant, at = self.journey.tenant, self.moment - timedelta(minutes=minutes)
        for voucher in chosen(Voucher.objects.all(), which):
            with self.acting():
                note = Noted(uuid4(), at, timedelta())
                taken = take_note(actor=self.journey.partner_counter, text=voucher.code, noted=note)
                for line in taken.redemptions:
                    assert line.booking is not None
                    assert line.service_date == tenant.day_of(line.booking.starts_at) == tenant.day_of(line.redeemed_at)
                    assert -1 <= minutes <= 24 * 60, "a note counted that came too late"

    @precondition(lambda self: Referral.objects.count() < MOST_REQUESTS)
    @rule(
        who=st.sampled_from(["staff", "staff2"]),
        units=st.integers(1, 3),
        days=st.integers(1, 8),
        hour=st.sampled_from([1, 2, 7]),
        thinks=st.sampled_from([timedelta(minutes=1), timedelta(minutes=6)]),
    )
    def choose_hold_and_send(self, who: str, units: int, days: int, hour: int, thinks: timedelta) -> None:
        actor, tenant = getattr(self.journey, who), self.journey.tenant
        start = self.moment.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)
        draft = uuid4()

        def read(locked: ReferralDraft) -> Asked:
            wanted = chosen_of(locked)
            assert wanted is not None
            times = [(wanted.starts_at, wanted.ends_at)]
            return Asked(units, times, None, ["referral"], "", NO_WISHES, wanted)

        is_held = False
        with self.acting():
            keep_draft(actor=actor, tenant=tenant, draft_id=draft, service=self.journey.counselling, answers={})
            hold_time(actor=actor, tenant=tenant, draft_id=draft, starts_at=start, counsellor_id=None)
            is_held = True
        if not is_held:
            return
        self.moment += thinks
        with self.acting():
            sent = send_draft(
                actor=actor, tenant=tenant, draft_id=draft, version=ReferralDraft.objects.get(pk=draft).version,
                quote_token="", review_seen=None, read=read,
            )  # fmt: skip
            booking = Booking.objects.get(referral=sent)
            assert (booking.starts_at, booking.state) == (start, "pending" if sent.needs_person else "confirmed")

    @rule(which=some, says=st.sampled_from(["no", "no", "yes", "take back"]))
    def say_of_a_use(self, which: int, says: str) -> None:
        for line in chosen(Redemption.objects.select_related("voucher__referral"), which):
            actor = self.owner(line.voucher.referral)
            with self.acting():
                if says == "no":
                    late = line.due_at is None or self.moment >= line.due_at
                    dispute(actor=actor, tenant=self.journey.tenant, redemption_id=line.pk, reason="not_received")
                    assert not late, "an objection counted after its time"
                elif says == "yes":
                    agree(actor=actor, redemption_id=line.pk)
                else:
                    withdraw_dispute(actor=actor, redemption_id=line.pk)

    @rule(which=some, finding=st.sampled_from(["uphold", "reverse"]))
    def decide_an_objection(self, which: int, finding: str) -> None:
        for line in chosen(Redemption.objects.all(), which):
            with self.acting():
                decide_dispute(actor=self.journey.centre, redemption_id=line.pk, finding=finding)
                assert line.state == "disputed"

    @rule(which=some)
    def agency_calls_off(self, which: int) -> None:
        for booking in chosen(Booking.objects.all(), which):
            with self.acting():
                cancel_by_agency(
                    actor=self.journey.partner_office, tenant=self.journey.tenant, booking_id=booking.pk, reason="ill"
                )
                assert self.moment < booking.starts_at
                assert not Redemption.objects.filter(booking=booking).exclude(state="reversed").exists(), "it cost"

    @precondition(lambda self: Referral.objects.count() < MOST_REQUESTS)
    @rule(which=some)
    def ask_for_the_next(self, which: int) -> None:
        for row in chosen(Referral.objects.filter(state__in=("in_service", "completed", "closed")), which):
            actor, tenant = self.owner(row), self.journey.tenant
            with self.acting():
                plan = plan_next(actor=actor, tenant=tenant, referral=row)
                asked = quote(
                    actor=actor, tenant=tenant, service_id=plan.service.pk, units=plan.units,
                    service_date=min(tenant.day_of(start) for start, _end in plan.times),
                )  # fmt: skip
                made = ask_next(
                    actor=actor, tenant=tenant, referral_id=row.pk, quote_token=asked.token, review_seen=None
                )
                assert made.follows_id == row.pk

    @rule(waits=st.booleans())
    def ask_to_close_the_year(self, waits: bool) -> None:
        if waits:
            self.moment = max(self.moment, CLOSES)
        with self.acting():
            ask_pool_order(
                actor=self.journey.finance, tenant=self.journey.tenant, kind="close_year", scheme="counselling",
                year=YEAR, reason="walked",
            )  # fmt: skip
            assert self.moment >= CLOSES - timedelta(hours=10), "a year was closed that still runs"

    @rule(who=st.sampled_from(["finance", "finance2", "finance2"]), says=st.sampled_from([True, True, False]))
    def answer_the_closing(self, who: str, says: bool) -> None:
        for order in chosen(PoolOrder.objects.filter(kind="close_year"), 0):
            with self.acting():
                actor = getattr(self.journey, who)
                if says:
                    approve_pool_order(actor=actor, tenant=self.journey.tenant, order_id=order.pk)
                else:
                    decline_pool_order(actor=actor, order_id=order.pk)
                assert who == "finance2", "one person closed a year alone"

    @invariant()
    def a_closed_year_keeps_only_what_was_spent(self) -> None:
        if PoolOrder.objects.filter(kind="close_year", state="approved").exists():
            stands = balance(pool_key("counselling", YEAR))
            assert (stands.available, stands.reserved) == (0, 0), stands
            assert not list(units_of_pool("counselling", YEAR))
