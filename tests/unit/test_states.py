"""The tables of states are closed: all legal moves, no other (rules §2–3)."""

from enum import StrEnum

import pytest

from kernel.errors import AlreadyDone, Conflict, IllegalMove
from partners import states as partners
from referrals import claim_states as claims
from referrals import states as referrals
from referrals.emergency.rules import companions, drills, swaps
from referrals.kinds import KINDS
from referrals.states import (
    OPEN_REFERRALS,
    BookingEvent,
    BookingState,
    CorrectionEvent,
    CorrectionState,
    OfferEvent,
    OfferState,
    PolicyEvent,
    PolicyState,
    PoolOrderEvent,
    PoolOrderState,
    RedemptionEvent,
    RedemptionState,
    ReferralEvent,
    ReferralState,
    RescheduleEvent,
    RescheduleState,
    UnitEvent,
    UnitState,
    VoucherEvent,
    VoucherState,
)

# name: (step, states, events, table, first state, states that nothing leaves)
MACHINES = {
    "referral": (
        referrals.step,
        ReferralState,
        ReferralEvent,
        referrals.REFERRAL_MOVES,
        "draft",
        {"cancelled", "expired"},
    ),
    "offer": (
        referrals.step,
        OfferState,
        OfferEvent,
        referrals.OFFER_MOVES,
        "open",
        {"accepted", "declined", "withdrawn", "expired"},
    ),
    "booking": (
        referrals.step,
        BookingState,
        BookingEvent,
        referrals.BOOKING_MOVES,
        "pending",
        {"cancelled", "cancelled_late", "lapsed"},
    ),
    "reschedule": (
        referrals.step,
        RescheduleState,
        RescheduleEvent,
        referrals.RESCHEDULE_MOVES,
        "open",
        {"accepted", "declined", "withdrawn", "expired"},
    ),
    "voucher": (
        referrals.step,
        VoucherState,
        VoucherEvent,
        referrals.VOUCHER_MOVES,
        "issued",
        {"expired", "void"},
    ),
    "redemption": (
        referrals.step,
        RedemptionState,
        RedemptionEvent,
        referrals.REDEMPTION_MOVES,
        "redeemed",
        {"reconciled", "reversed"},
    ),
    "unit": (referrals.step, UnitState, UnitEvent, referrals.UNIT_MOVES, "held", set()),
    "policy": (referrals.step, PolicyState, PolicyEvent, referrals.POLICY_MOVES, "draft", {"approved", "withdrawn"}),
    "pool order": (
        referrals.step,
        PoolOrderState,
        PoolOrderEvent,
        referrals.POOL_ORDER_MOVES,
        "asked",
        {"approved", "declined", "withdrawn"},
    ),
    "correction": (
        referrals.step,
        CorrectionState,
        CorrectionEvent,
        referrals.CORRECTION_MOVES,
        "asked",
        {"approved", "declined", "withdrawn"},
    ),
    "claim": (
        claims.step,
        claims.ClaimState,
        claims.ClaimEvent,
        claims.CLAIM_MOVES,
        "open",
        {"corrected", "declined", "withdrawn"},
    ),
    "institution": (
        partners.step,
        partners.InstitutionState,
        partners.InstitutionEvent,
        partners.INSTITUTION_MOVES,
        "prospect",
        {"archived"},
    ),
    "agreement": (
        partners.step,
        partners.AgreementState,
        partners.AgreementEvent,
        partners.AGREEMENT_MOVES,
        "draft",
        {"ended"},
    ),
    "swap": (
        swaps.swap_step,
        swaps.SwapState,
        swaps.SwapEvent,
        swaps.SWAP_MOVES,
        "asked",
        {"declined", "withdrawn", "undone", "handed_on", "dropped"},
    ),
    "companion": (
        companions.move,
        companions.CompanionState,
        companions.CompanionEvent,
        companions.MOVES,
        "asked",
        {"over", "declined", "cancelled"},
    ),
    "drill": (
        drills.drill_step,
        drills.DrillState,
        drills.DrillEvent,
        drills.DRILL_MOVES,
        "planned",
        {"ended", "aborted"},
    ),
}
# Written down a second time on purpose: a move that is added, taken away or turned elsewhere must be meant (rules §2–3).
MOVES = {
    "referral": """
        draft: submit → submitted, cancel → cancelled, expire → expired
        submitted: approve → approved, decline → declined, cancel → cancelled, expire → expired
        declined: look_again → submitted
        approved: offer → offered, cancel → cancelled, expire → expired
        offered: confirm → confirmed, no_taker → approved, cancel → cancelled, expire → expired
        confirmed: start → in_service, partner_cancel → approved, complete → completed, cancel → cancelled, expire → expired
        in_service: undo_start → confirmed, complete → completed
        completed: reopen → in_service, close → closed
        closed: reopen → in_service
    """,
    "offer": """
        open: propose → open, accept → accepted, decline → declined, withdraw → withdrawn, expire → expired
    """,
    "booking": """
        pending: confirm → confirmed, reschedule → pending, cancel → cancelled
        confirmed: reschedule → confirmed, finish → done, cancel → cancelled, no_show → no_show
        confirmed: cancel_late → cancelled_late, pass → unresolved
        done: reopen → confirmed
        unresolved: finish → done, no_show → no_show, dispute → disputed, lapse → lapsed
        no_show: dispute → disputed
        disputed: finish → done, no_show → no_show, lapse → lapsed
    """,
    "reschedule": """
        open: accept → accepted, decline → declined, withdraw → withdrawn, expire → expired
    """,
    "voucher": """
        issued: activate → active, redeem → active, redeem_last → used_up, expire → expired, void → void
        active: redeem → active, redeem_last → used_up, reverse → active, expire → expired, void → void
        used_up: reverse → active, expire → expired
        expired: reverse → expired
        void: reverse → void
    """,
    "redemption": """
        redeemed: validate → validated, dispute → disputed, reverse → reversed
        validated: dispute → disputed, settle → settled, reverse → reversed, correct → validated
        disputed: uphold → validated, withdraw → validated, reverse → reversed
        settled: reconcile → reconciled, correct → settled
        reconciled: correct → reconciled
    """,
    "unit": """
        held: spend → spent, release → released, rekey → held
        spent: hold_again → held, give_up → released, correct → spent
        released: hold_again → held
    """,
    "policy": """
        draft: edit → draft, return → returned, withdraw → withdrawn, approve → approved
        returned: edit → draft, withdraw → withdrawn
    """,
    "pool order": """
        asked: approve → approved, decline → declined, withdraw → withdrawn
    """,
    "correction": """
        asked: approve → approved, decline → declined, withdraw → withdrawn
    """,
    "claim": """
        open: take → taken, decline → declined, withdraw → withdrawn
        taken: give_back → open, correct → corrected
    """,
    "institution": """
        prospect: vet → vetted, reject → archived
        vetted: list → listed, reject → archived
        listed: suspend → suspended, terminate → terminated
        suspended: reinstate → listed, terminate → terminated
        terminated: archive → archived
    """,
    "agreement": """
        draft: sign → signed, discard → ended
        signed: activate → active, end → ended
        active: fall_due → renewal_due, suspend → suspended, end → ended
        renewal_due: renew → active, suspend → suspended, end → ended
        suspended: resume → active, renew → active, end → ended
    """,
    "swap": """
        asked: accept → accepted, decline → declined, withdraw → withdrawn, drop → dropped
        accepted: undo → undone, hand_on → handed_on, drop → dropped
    """,
    "companion": """
        asked: accept → accepted, decline → declined, cancel → cancelled
        accepted: decline → declined, report → here, cancel → cancelled
        here: relieved → over, must_go → over, cancel → over
    """,
    "drill": """
        planned: begin → running, call_off → aborted
        running: inject_due → running, real_incident → frozen, end → ended, abort → aborted, lapse_due → aborted
        frozen: resume → running, abort → aborted, lapse_due → aborted
    """,
}
PAIRS = [
    (name, state, event)
    for name, (_, states, events, *_rest) in MACHINES.items()
    for state in states
    for event in events
]
every_machine = pytest.mark.parametrize("name", MACHINES)


def moves_of(name):
    """``{("draft", "submit"): "submitted"}``, read from ``MOVES``."""
    return {
        (state.strip(), event): after
        for line in MOVES[name].strip().splitlines()
        for state, moves in [line.split(":")]
        for event, _, after in [move.split() for move in moves.split(",")]
    }


@pytest.mark.parametrize(("name", "state", "event"), PAIRS)
def test_each_pair_of_state_and_event_moves_as_written_here_or_is_refused(name, state, event):
    step, states, *_ = MACHINES[name]
    after = moves_of(name).get((state.value, event.value))
    if after:
        assert step(state, event) is states(after)
        assert step(state.value, event) is states(after)
    else:
        with pytest.raises(IllegalMove) as refusal:
            step(state, event)
        assert refusal.value.params == {"state": state.value, "event": event.value}


@every_machine
def test_every_state_is_reached_from_the_first(name):
    _, states, _, table, first, _ = MACHINES[name]
    reached, before = {states(first)}, set()
    while reached != before:
        before = set(reached)
        reached |= {target for (source, _), target in table.items() if source in before}
    assert reached == set(states)


@every_machine
def test_every_event_has_a_move(name):
    _, _, events, table, *_ = MACHINES[name]
    assert {event for _, event in table} == set(events)


@every_machine
def test_nothing_leaves_an_end_and_everything_else_can_end(name):
    _, states, _, table, _, ends = MACHINES[name]
    left = {source for (source, _), target in table.items() if source is not target}
    assert set(states) - left == {states(end) for end in ends}
    # A unit has no end: what was released may be held again, for as long as its request lives.
    can_end, before = {states(end) for end in ends or {"released"}}, set()
    while can_end != before:
        before = set(can_end)
        can_end |= {source for (source, _), target in table.items() if target in before}
    assert can_end == set(states)


@every_machine
def test_a_table_speaks_only_its_own_words_and_cannot_be_changed(name):
    _, states, events, table, *_ = MACHINES[name]
    assert all(type(s) is states and type(e) is events and type(t) is states for (s, e), t in table.items())
    with pytest.raises(TypeError):
        table[next(iter(table))] = None


def test_an_illegal_move_is_a_conflict():
    assert issubclass(IllegalMove, Conflict)
    assert IllegalMove.code == "illegal_move"
    assert IllegalMove.status == 409


def test_a_step_whose_end_is_there_says_that_it_is_done():
    with pytest.raises(AlreadyDone) as twice:
        referrals.step(referrals.RedemptionState.REVERSED, referrals.RedemptionEvent.REVERSE)
    assert (twice.value.reason, twice.value.status) == ("illegal_move", 409), "for programs nothing else"
    with pytest.raises(IllegalMove) as late:
        referrals.step(referrals.RedemptionState.SETTLED, referrals.RedemptionEvent.REVERSE)
    assert not isinstance(late.value, AlreadyDone)


@pytest.mark.parametrize("step", [referrals.step, partners.step])
def test_an_event_of_no_table_is_refused(step):
    class Other(StrEnum):
        SUBMIT = "submit"

    with pytest.raises(TypeError):
        step("draft", Other.SUBMIT)


def test_a_word_that_is_no_state_is_refused():
    with pytest.raises(ValueError):
        referrals.step("lost", ReferralEvent.SUBMIT)
    with pytest.raises(ValueError):
        partners.step("lost", partners.AgreementEvent.SIGN)


def test_the_way_of_a_referral():
    state = ReferralState.DRAFT
    for event in ("submit", "approve", "offer", "confirm", "start", "complete", "close"):
        state = referrals.step(state, ReferralEvent(event))
    assert state is ReferralState.CLOSED


def test_a_reversed_single_unit_leads_back_to_confirmed():
    state = referrals.step(ReferralState.COMPLETED, ReferralEvent.REOPEN)
    assert referrals.step(state, ReferralEvent.UNDO_START) is ReferralState.CONFIRMED


def test_a_voucher_spends_unit_by_unit_and_a_reversed_unit_returns():
    state = VoucherState.ISSUED
    for event, after in [
        (VoucherEvent.ACTIVATE, VoucherState.ACTIVE),
        (VoucherEvent.REDEEM, VoucherState.ACTIVE),
        (VoucherEvent.REDEEM_LAST, VoucherState.USED_UP),
        (VoucherEvent.REVERSE, VoucherState.ACTIVE),
    ]:
        state = referrals.step(state, event)
        assert state is after


@pytest.mark.parametrize("state", ["used_up", "expired", "void"])
@pytest.mark.parametrize("event", [VoucherEvent.REDEEM, VoucherEvent.REDEEM_LAST])
def test_a_voucher_that_is_done_is_never_spent(state, event):
    with pytest.raises(IllegalMove):
        referrals.step(state, event)


@pytest.mark.parametrize("state", ["settled", "reconciled", "reversed"])
@pytest.mark.parametrize("event", [RedemptionEvent.REVERSE, RedemptionEvent.DISPUTE])
def test_a_settled_or_reversed_redemption_stays(state, event):
    with pytest.raises(IllegalMove):
        referrals.step(state, event)


def test_a_disputed_redemption_is_not_settled():
    with pytest.raises(IllegalMove):
        referrals.step(RedemptionState.DISPUTED, RedemptionEvent.SETTLE)


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("counselling", "centre"),
        ("psychiatry", "centre"),
        ("mediation", "centre"),
        ("childcare", "union"),
        ("camp", "union"),
        ("home_help", "union"),
        ("elder_care", "union"),
        ("meals", "union"),
    ],
)
def test_who_decides_follows_the_kind_and_is_never_the_administration(kind, role):
    assert KINDS[kind].decider == role


def test_every_open_referral_has_an_owner_and_a_next_step_and_no_ended_one_has():
    ended = {ReferralState.CLOSED, ReferralState.DECLINED, ReferralState.CANCELLED, ReferralState.EXPIRED}
    assert set(OPEN_REFERRALS) == set(ReferralState) - ended
    assert all(following.owner and following.action for following in OPEN_REFERRALS.values())


def test_holds_are_made_only_with_a_listed_institution_under_a_running_agreement():
    assert set(partners.BOOKABLE_INSTITUTIONS) == {"listed"}
    assert set(partners.BOOKABLE_AGREEMENTS) == {"active", "renewal_due"}
