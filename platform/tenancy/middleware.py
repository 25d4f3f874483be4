"""The host decides the school, before anything else looks at the request."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

from tenancy.hosts import tenant_of
from tenancy.models import Tenant
from tenancy.scope import use_tenant

# Answered on any host and without a school: probes of the machine itself.
_OPEN_PATHS = ("/healthz", "/readyz", "/metrics", "/static/")


class SchoolRequest(HttpRequest):
    """A request after this middleware: which school's host it came to. None only for the open paths."""

    tenant: Tenant | None
    on_platform: bool


class HostRequest(HttpRequest):
    """How a view that anybody may open sees its request: on the host of one school, or of the platform. For annotations
    only; nothing is built from it.
    """

    tenant: Tenant
    on_platform: bool


class TenantMiddleware:
    """Opens the host's school for the whole request; an unknown host is 404, like everything foreign."""

    def __init__(self, get_response: Callable[[SchoolRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: SchoolRequest) -> HttpResponse:
        request.tenant = None
        if request.path.startswith(_OPEN_PATHS):
            return self.get_response(request)
        tenant = tenant_of(request.get_host())
        if tenant is None:
            raise Http404
        request.tenant = tenant
        request.on_platform = tenant.kind == "platform"
        with use_tenant(tenant.id):
            return self.get_response(request)
