"""Looks of what follows a service: was it solved, the agency's marks, the next sessions; and an agency's day as a list."""

from tests.journeys.looks import Look

FOLLOWING_LOOKS = [
    Look("solved-request", "staff2", "{solved_request}"),
    Look("solved", "staff2", "{solved}"),
    Look("rate", "staff2", "{rate}"),
    Look("next-sessions", "staff2", "{next_sessions}"),
    Look("partner-day", "partner", "{partner_day}"),
    Look("partner-marks", "partner", "/partner/marks/"),
    Look("partner-marks-empty", "newcomer", "/partner/marks/"),
    Look("partner-day-empty", "newcomer", "/partner/day/"),
]
