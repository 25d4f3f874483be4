"""Limits refusals of API calls per person, or per address for anonymous calls (``accounts.brake``)."""

from typing import Any

from allauth.account.adapter import get_adapter
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import brake


class RefusalThrottle(BaseThrottle):
    """Refuses with 429 once ``REFUSALS_PER_MINUTE`` (0 switches it off) calls were refused in this minute."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this caller may still ask."""
        return not brake.is_spent(_caller(request))

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return brake.seconds_left()


def count_refusal(request: Request, status: int) -> None:
    """Count an answer when it is a refusal."""
    brake.count(_caller(request), status)


def _caller(request: Request) -> str:
    actor = getattr(request, "actor", None)
    if actor is not None:
        return str(actor.user_id)
    # allauth's: it knows how many proxies stand in front, whose own address would be everybody's.
    address: str = get_adapter().get_client_ip(request._request)
    return address
