"""A session that was had today: its request waits for the person's word."""

from kernel.clock import school_year
from referrals.after import Question
from referrals.models import AgencyRating
from tests.fixtures_journey import Journey
from tests.journeys.town_missed import used


def following_paths(journey: Journey) -> dict[str, str]:
    """Inside the school. Names the pages of what follows."""
    AgencyRating.objects.create(
        partner=journey.institution,
        year=school_year(journey.tenant.today()),
        people=6,
        marks={question.value: {"yes": 5, "partly": 1, "no": 0} for question in Question},
    )
    line = used(journey, days=25)
    page = f"/my/referrals/{line.voucher.referral_id}/"
    return {
        "solved_request": page,
        "solved": f"{page}solved/",
        "rate": f"{page}rate/",
        "next_sessions": f"{page}next/",
        "partner_day": "/partner/day/",
    }
