"""A session that was had today: its request waits for the person's word."""

from tests.fixtures_journey import Journey
from tests.journeys.town_missed import used


def following_paths(journey: Journey) -> dict[str, str]:
    """Inside the school. Names the pages of what follows."""
    line = used(journey, days=25)
    page = f"/my/referrals/{line.voucher.referral_id}/"
    return {
        "solved_request": page,
        "solved": f"{page}solved/",
        "rate": f"{page}rate/",
        "next_sessions": f"{page}next/",
        "partner_day": "/partner/day/",
    }
