"""Tables of open days. All behind the wall of their school, but the two kinds of page."""

from content.opendays.models.days import OpenDay, Session
from content.opendays.models.gate import Mark, Steward
from content.opendays.models.pages import OpenDayIndexPage, OpenDayPage
from content.opendays.models.parties import Claim, Guest, Invitation, Party

__all__ = [
    "Claim",
    "Guest",
    "Invitation",
    "Mark",
    "OpenDay",
    "OpenDayIndexPage",
    "OpenDayPage",
    "Party",
    "Session",
    "Steward",
]
