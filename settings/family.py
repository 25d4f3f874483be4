"""``/family/<token>/`` with what the school publishes for families: the question from families, the tips from content."""

from django.http import HttpResponse

from content.models import SchoolSite, TipPage
from content.models.pages import latest
from families.views import link
from families.views.link import Tip, Tips
from tenancy.middleware import HostRequest

MOST_TIPS = 2


def family_link(request: HostRequest, token: str) -> HttpResponse:
    """The question, its answer, and the way to withdraw."""
    return link.family_link(request, token, tips=_tips(request))


def family_thanks(request: HostRequest) -> HttpResponse:
    """The page after a refusal."""
    return link.family_thanks(request, tips=_tips(request))


def _tips(request: HostRequest) -> Tips:
    """The school's newest tips, asked for only by a page that shows them."""
    school = request.tenant

    def newest() -> list[Tip]:
        place = SchoolSite.objects.select_related("site__root_page").filter(tenant=school).first()
        pages = latest(TipPage, place.site.root_page)[:MOST_TIPS] if place else []
        return [Tip(page.title, page.summary, page.href) for page in pages]

    return newest
