"""The host that a program called, typed once for every view of the interface."""

from typing import cast

from rest_framework.request import Request

from tenancy.middleware import HostRequest


def host_request(request: Request) -> HostRequest:
    """Django's own request behind REST framework's: which school's host was called, or the platform's."""
    return cast(HostRequest, request._request)
