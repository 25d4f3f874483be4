"""The side navigation of these screens."""

from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

_DESKS: Final = {
    "operator": (
        _("Operator"),
        ((_("Overview"), "/operator/", "home"), (_("Institutions"), "/operator/institutions/", "building")),
    ),
    "union": (_("Trade union"), ((_("Overview"), "/union/", "home"), (_("Agreements"), "/union/agreements/", "list"))),
    "finance": (
        _("Finance"),
        ((_("Overview"), "/finance/", "home"), (_("Agreements"), "/finance/agreements/", "list")),
    ),
}


def desk(request: HttpRequest, name: str, **context: Any) -> dict[str, Any]:
    """``context`` with the desk's sections; the longest address that fits the page is current."""
    title, rows = _DESKS[name]
    current = max((url for _label, url, _icon in rows if request.path.startswith(url)), key=len, default="")
    sections = [{"label": label, "url": url, "icon": icon, "current": url == current} for label, url, icon in rows]
    return {"sections": sections, "sections_title": title, **context}
