"""What a walk does with uses that were counted with a wrong price: one of finance asks, a second one decides (docs/money.md)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from referrals.models import Correction, Redemption
from referrals.workflow.correcting import approve_correction, ask_correction, decline_correction
from tests.fixtures_journey import Journey
from tests.workflow.walking_moves import chosen, some


class Corrections(RuleBasedStateMachine):
    """Rules of corrections; the books' invariant knows what they changed (``walking_books.splits_of``)."""

    journey: ClassVar[Journey]
    acting: Callable[[], AbstractContextManager[None]]

    @rule(which=some, fee_fen=st.sampled_from([0, 9_000, 24_000, 30_000, 45_000]))
    def ask_to_correct(self, which: int, fee_fen: int) -> None:
        for redemption in chosen(Redemption.objects.all(), which):
            with self.acting():
                ask_correction(
                    actor=self.journey.finance, redemption_id=redemption.pk, cause="price", side="agency",
                    fee_fen=fee_fen, reason="walked",
                )  # fmt: skip

    @rule(which=some, says=st.booleans())
    def decide_correction(self, which: int, says: bool) -> None:
        for correction in chosen(Correction.objects.all(), which):
            with self.acting():
                if says:
                    approve_correction(actor=self.journey.finance2, correction_id=correction.pk)
                else:
                    decline_correction(actor=self.journey.finance2, correction_id=correction.pk)
