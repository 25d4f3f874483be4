"""Rows for the files that the planted school leaves empty, and texts that a spreadsheet would run or sort wrongly."""

from datetime import timedelta
from typing import Final

from accounts.models import Membership
from kernel.clock import local_day, now
from partners.models import Institution, Service
from referrals.emergency.models import Drill, Expert
from referrals.liaison.models import HandOn, HandOnCard
from referrals.models import Booking, Redemption, Referral
from tenancy.scope import use_tenant
from tests.emergency.incident_rows import incident_row
from tests.tenancy.planted import Planted

FORMULA: Final = "=1+2"
"""How a text that somebody types may begin."""

BY_SOUND: Final = ("傅一", "孙二", "于三", "周四")
"""Names in the order of a Chinese reader: code points would begin with 于."""

_FILES: Final = ("emergency_closed_csv", "emergency_drills_csv", "emergency_experts_csv", "partner_cards_csv")


def mark_texts(world: Planted) -> None:
    """Texts begin like formulas, and colleagues are called by names whose order tells sound from code point."""
    for row in (*Service.objects.all(), *Institution.objects.all()):
        row.name = row.name_en = f"{FORMULA}{row.name}"
        row.save()
    with use_tenant(world.tenant.id):
        people = Membership.objects.filter(user__isnull=False).order_by("-pk")[: len(BY_SOUND)]
        for name, member in zip(reversed(BY_SOUND), people, strict=True):
            member.name, member.title = name, FORMULA
            member.save()


def plant_file(world: Planted, file: str) -> None:
    """What ``file`` shows, within a transaction that is taken back."""
    office = file.split("_")[0]
    with use_tenant(world.tenant.id):
        if office == "union" and file.endswith(("paused_csv", "quarrels_csv", "disputes_csv")):
            # What the union decides: the same requests, of another kind.
            Service.objects.update(kind="home_help")
            Referral.objects.update(kind="home_help")
        if file in _FILES:
            _one_row(world, file)
        if file.endswith("paused_csv"):
            Referral.objects.update(state="confirmed")
            Institution.objects.filter(pk=world.journey.institution.pk).update(state="suspended", suspended_at=now())
        if file.endswith(("quarrels_csv", "unscanned_csv")):
            Booking.objects.update(state="disputed", person_says="yes", agency_says="no")
        if file.endswith("disputes_csv"):
            Redemption.objects.update(state="disputed", disputed_at=now(), due_at=None)
        if file == "school_leavers_csv":
            # Somebody who asks for none of the files: whoever has left is not let in.
            gone = Membership.objects.filter(user__isnull=False).exclude(user__in=world.users.values())
            gone.update(left_on=local_day(now()) - timedelta(days=1))


def _one_row(world: Planted, file: str) -> None:
    match file:
        case "emergency_closed_csv":
            incident_row(
                state="closed", grade="major", outcome="supported", opened_at=now(), closed_at=now(), next_event="",
                next_at=None,
            )  # fmt: skip
        case "emergency_drills_csv":
            Drill.objects.create(
                title=FORMULA, scenario="own", leader=world.journey.members["centre"], planned_for=now(), briefing="说明",
                abort_word="停", kind="psychological", suggested="extreme", signs="甲",
            )  # fmt: skip
        case "emergency_experts_csv":
            for name in (*reversed(BY_SOUND), FORMULA):
                Expert.objects.create(name=name, kind="crisis", reach="online", partner=world.journey.institution)
        case _:
            same = {
                "number": "H-1", "partner": world.journey.institution, "purpose": "assessment",
                "until": now() + timedelta(days=7),
            }  # fmt: skip
            case = HandOn.objects.create(
                person=world.journey.members["staff"], written_by=world.journey.members["centre"], state="sent",
                agreed=["ask"], agreed_at=now(), **same,
            )  # fmt: skip
            HandOnCard.objects.create(hand_on=case, **same)
