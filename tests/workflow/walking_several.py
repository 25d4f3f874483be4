"""What a walk does with several agencies at once: asked together, answering in any order, one of them taken (books §2)."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from accounts.actor import Actor
from partners.models import Service
from referrals.models import Candidate, Offer, Referral
from referrals.workflow.answering import confirm_offer, decline_offer, propose_times
from referrals.workflow.submitting import submit_referral
from tests.fixtures_journey import Journey
from tests.workflow.several_steps import agency_with, pay_for

MOST_REQUESTS = 3
FEES = (24_000, 31_000)


def plant_several(journey: Journey) -> None:
    """Two more agencies for each of two kinds: one whose first answer wins, one of whose answers the person picks."""
    pay_for(journey, "home_help", pool_fen=60_000, quota_amount=4)
    for kind in ("home_help", "counselling"):
        for fee in FEES:
            service, office = agency_with(journey, kind, fee)
            journey.actors[f"office/{service.institution_id}"] = office


class SeveralMoves:
    """Rules and invariants of a request that asks more than one agency."""

    journey: Journey
    moment: datetime

    def acting(self) -> AbstractContextManager[None]:
        """As ``Walk.acting``."""
        raise NotImplementedError

    @precondition(lambda self: Referral.objects.count() < MOST_REQUESTS)
    @rule(
        kind=st.sampled_from(["home_help", "counselling"]),
        who=st.sampled_from(["staff", "staff2"]),
        units=st.integers(1, 3),
        days=st.integers(1, 6),
    )
    def ask_several(self, kind: str, who: str, units: int, days: int) -> None:
        start = self.moment.replace(second=0, microsecond=0) + timedelta(days=days, hours=2)
        services = list(Service.objects.filter(kind=kind, mode="query", institution__in=self.agencies()).order_by("pk"))
        with self.acting():
            submit_referral(
                actor=getattr(self.journey, who),
                tenant=self.journey.tenant,
                service_id=services[0].pk,
                others=[row.pk for row in services[1:]],
                units=units,
                windows=[(start, start + timedelta(hours=3))],
                consent=["referral"],
            )

    @rule(which=st.integers(0, 5), how=st.sampled_from(["yes", "yes", "time", "no"]))
    def answer_among_several(self, which: int, how: str) -> None:
        found = list(Offer.objects.filter(mode="query").order_by("pk"))
        for offer in found[which % len(found) :][:1] if found else []:
            start = datetime.fromisoformat(offer.windows[0]["starts_at"])
            end = start + timedelta(minutes=50)
            said: dict[str, Any] = {"actor": self.office_of(offer), "offer_id": offer.pk}
            late = offer.deadline <= self.moment
            with self.acting():
                if how == "yes":
                    confirm_offer(**said, tenant=self.journey.tenant, starts_at=start, ends_at=end)
                    assert not offer.person_picks, "somebody won by being first"
                elif how == "time":
                    propose_times(**said, tenant=self.journey.tenant, windows=[(start, end)])
                else:
                    decline_offer(**said, reason="no_capacity")
                assert not late, "an answer counted after its deadline"

    def agencies(self) -> list[Any]:
        """The institutions that were planted for this."""
        return [name.partition("/")[2] for name in self.journey.actors if name.startswith("office/")]

    def office_of(self, offer: Offer) -> Actor:
        """Who answers for the offer's agency."""
        return self.journey.actors[f"office/{offer.partner_id}"]

    @invariant()
    def one_of_several_wins_and_the_request_is_its_own(self) -> None:
        for row in Referral.objects.filter(query_others=True):
            offers = list(Offer.objects.filter(referral=row))
            won = [offer for offer in offers if offer.state == "accepted"]
            assert len(won) <= 1
            if won:
                assert (row.service_id, row.partner_id, row.subsidy_fen) == (
                    won[0].service_id, won[0].partner_id, won[0].subsidy_fen,
                )  # fmt: skip
                assert not any(offer.state == "open" for offer in offers)
            else:
                most = max(Candidate.objects.filter(referral=row).values_list("subsidy_fen", flat=True))
                assert row.subsidy_fen == most, "the largest is held"
