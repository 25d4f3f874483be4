"""Where a form of the family leads afterwards, when another page of ours sent the person here."""

from django.utils.http import url_has_allowed_host_and_scheme

from accounts.actor import ActingRequest


def way_back(request: ActingRequest) -> str:
    """``next``, when it is a page of this school; else nothing."""
    wanted = (request.POST if request.method == "POST" else request.GET).get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""
