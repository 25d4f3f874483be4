"""The circuit of a provider account: opens after failures, tries once, closes; it never stays shut for ever."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from notifications.providers.circuit import Circuit, CircuitState, Limits

LIMITS = Limits(failures=3, window=60.0, rest=30.0, trial=15.0)


def test_it_opens_after_so_many_failures_rests_and_closes_by_one_good_trial() -> None:
    circuit = Circuit(LIMITS)
    for at in (0.0, 10.0):
        circuit.failed(at)
        assert circuit.may(at)
    circuit.failed(20.0)
    assert circuit.state(20.0) is CircuitState.OPEN
    assert not circuit.may(49.9)
    assert circuit.state(50.0) is CircuitState.HALF_OPEN
    assert circuit.may(50.0)
    assert not circuit.may(50.1), "one trial, not two"
    circuit.succeeded(51.0)
    assert circuit.state(51.0) is CircuitState.CLOSED
    circuit.failed(52.0)
    assert circuit.may(52.0), "the count begins anew"


def test_a_bad_trial_opens_it_again_for_a_whole_rest() -> None:
    circuit = Circuit(LIMITS)
    for _ in range(3):
        circuit.failed(0.0)
    assert circuit.may(30.0)
    circuit.failed(31.0)
    assert not circuit.may(60.9)
    assert circuit.may(61.0)


def test_failures_that_lie_apart_open_nothing() -> None:
    circuit = Circuit(LIMITS)
    for at in range(0, 600, 31):
        circuit.failed(float(at))
        assert circuit.state(float(at)) is CircuitState.CLOSED


def test_a_trial_of_which_nothing_is_heard_keeps_nobody_out() -> None:
    circuit = Circuit(LIMITS)
    for _ in range(3):
        circuit.failed(0.0)
    assert circuit.may(30.0)
    assert not circuit.may(44.9)
    assert circuit.may(45.0)


def test_a_late_good_word_does_not_shorten_the_rest() -> None:
    circuit = Circuit(LIMITS)
    for _ in range(3):
        circuit.failed(0.0)
    circuit.succeeded(1.0)
    assert not circuit.may(29.0)


class AnyCourse(RuleBasedStateMachine):
    """Beside any course of calls stands a plain account of what was told."""

    def __init__(self) -> None:
        super().__init__()
        self.circuit = Circuit(LIMITS)
        self.at = 0.0
        self.failures: list[float] = []
        self.opened: float | None = None

    @rule(seconds=st.integers(0, 100))
    def later(self, seconds: int) -> None:
        self.at += seconds

    @rule()
    def fails(self) -> None:
        was = self.circuit.state(self.at)
        self.circuit.failed(self.at)
        if was is CircuitState.CLOSED:
            self.failures.append(self.at)
            if len([at for at in self.failures if self.at - at <= LIMITS.window]) >= LIMITS.failures:
                self.opened, self.failures = self.at, []
        elif was is CircuitState.HALF_OPEN:
            self.opened = self.at

    @rule()
    def succeeds(self) -> None:
        was = self.circuit.state(self.at)
        self.circuit.succeeded(self.at)
        if was is not CircuitState.OPEN:
            self.opened, self.failures = None, []

    @rule()
    def asks(self) -> None:
        was = self.circuit.state(self.at)
        if self.circuit.may(self.at):
            assert was is not CircuitState.OPEN
        else:
            assert was is not CircuitState.CLOSED

    @invariant()
    def it_stands_as_told(self) -> None:
        state = self.circuit.state(self.at)
        if self.opened is None:
            assert state is CircuitState.CLOSED
        else:
            is_resting = self.at - self.opened < LIMITS.rest
            assert state is (CircuitState.OPEN if is_resting else CircuitState.HALF_OPEN)

    @invariant()
    def nobody_is_kept_out_longer_than_a_rest_and_a_trial(self) -> None:
        assert self.circuit.state(self.at + LIMITS.rest) is not CircuitState.OPEN


TestAnyCourse = AnyCourse.TestCase


@given(st.lists(st.sampled_from(["fail", "ask"]), max_size=40), st.integers(0, 1_000))
def test_after_a_rest_and_a_lost_trial_a_call_is_let_through(course: list[str], at: int) -> None:
    circuit = Circuit(LIMITS)
    for act in course:
        circuit.failed(at) if act == "fail" else circuit.may(at)
    assert circuit.may(at + LIMITS.rest + LIMITS.trial)
