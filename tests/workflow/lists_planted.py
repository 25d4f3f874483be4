"""Two rows for each list that the school of ``test_lists`` would leave empty: an empty list shows nothing of its statements."""

from datetime import timedelta
from typing import Any

from accounts.models import Membership
from kernel.clock import local_day, now
from partners.models import Institution
from referrals.counter.lists import UnscannedList
from referrals.emergency.centre.expert_list import ExpertList
from referrals.emergency.centre.incident_lists import ClosedList
from referrals.emergency.centre.views_drill import DrillList
from referrals.emergency.models import Drill, Expert
from referrals.liaison.centre.views_cards import CardList
from referrals.liaison.centre.views_mediation import MediationList
from referrals.liaison.counter.views_cards import TheirCards
from referrals.liaison.models import HandOn, HandOnCard
from referrals.liaison.workflow.mediation import ask_mediation
from referrals.models import AmountClaim, Booking, Correction, HardshipFile, Redemption, Referral
from referrals.offices.claims import ClaimList
from referrals.offices.corrections import CorrectionList
from referrals.offices.hardship_lists import FinanceFiles
from referrals.offices.missed_list import QuarrelList
from referrals.offices.paused_list import PausedList
from referrals.offices.views_disputes import DisputeList
from referrals.offices.views_leavers import LeaverList
from tests.emergency.incident_rows import incident_row
from tests.fixtures_journey import Journey


def plant(listing: type, journey: Journey) -> None:
    """What ``listing`` shows, in the school that is open."""
    if listing is ClosedList:
        for _ in range(2):
            incident_row(
                state="closed", grade="major", outcome="supported", closed_at=now(), next_event="", next_at=None
            )
    if listing is DrillList:
        for _ in range(2):
            Drill.objects.create(
                title="演练", scenario="own", leader=journey.members["admin"], planned_for=now(), briefing="说明",
                abort_word="停", kind="psychological", suggested="extreme", signs="甲",
            )  # fmt: skip
    if listing is DisputeList:
        Redemption.objects.update(state="disputed", disputed_at=now(), due_at=None)
    if listing is LeaverList:
        for name in ("staff", "staff2"):
            Membership.objects.filter(pk=journey.members[name].pk).update(left_on=local_day(now()) - timedelta(days=1))
    if listing is ClaimList:
        for line in Redemption.objects.all():
            AmountClaim.objects.create(
                redemption=line, side="person", cause="price", voucher_number=line.voucher_number,
                service_date=line.service_date, asked_by_id=journey.staff.user_id,
            )  # fmt: skip
    if listing is CorrectionList:
        for line in Redemption.objects.all():
            Correction.objects.create(
                redemption=line, partner_id=line.partner_id, cause="price", side="agency", reason="更正",
                voucher_number=line.voucher_number, service_date=line.service_date, old_fee_fen=2, old_subsidy_fen=1,
                old_self_fen=1, new_fee_fen=1, new_subsidy_fen=1, new_self_fen=0, asked_by_id=journey.finance.user_id,
            )  # fmt: skip
    if listing in (QuarrelList, UnscannedList):
        Booking.objects.update(state="disputed", person_says="yes", agency_says="no")
    if issubclass(listing, FinanceFiles):
        for number in ("甲 1", "甲 2"):
            HardshipFile.objects.create(
                number=number, person=journey.members["staff"], ceiling_fen=1, first_day=local_day(now()),
                last_day=local_day(now()), asked_by_id=journey.actors["union"].user_id,
            )  # fmt: skip
    if listing is ExpertList:
        for name in ("林一", "毛二"):
            Expert.objects.create(name=name, kind="crisis", reach="online")
    if listing is PausedList:
        Referral.objects.update(state="confirmed")
        Institution.objects.filter(pk=journey.institution.pk).update(state="suspended", suspended_at=now())
    if listing is MediationList:
        for name in ("staff", "staff2"):
            ask_mediation(actor=journey.actors[name], tenant=journey.tenant, note="想请人说和")
    if listing in (CardList, TheirCards):
        for name in ("staff", "staff2"):
            _card(journey, name)


def _card(journey: Journey, name: str) -> None:
    same: dict[str, Any] = {
        "number": f"H-{name}", "partner": journey.institution, "purpose": "assessment", "until": now() + timedelta(days=7),
    }  # fmt: skip
    case = HandOn.objects.create(
        person=journey.members[name], written_by=journey.members["centre"], state="sent", agreed=["ask"],
        agreed_at=now(), **same,
    )  # fmt: skip
    HandOnCard.objects.create(hand_on=case, **same)
