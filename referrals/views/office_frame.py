"""The side navigation of the deciders' and of finance's pages."""

from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actor import actor_for

OFFICE_NAMES: Final = {"centre": _("Psychological centre"), "union": _("Trade union"), "finance": _("Finance")}
_SECTIONS: Final = {
    "centre": ((_("Requests"), "/centre/", "inbox", "referral.read.centre"),),
    "union": (
        (_("Requests"), "/union/", "inbox", "referral.read.union"),
        (_("Agreements"), "/union/agreements/", "list", "agreement.read"),
    ),
    "finance": (
        (_("Overview"), "/finance/", "home", "ledger.read"),
        (_("Policies"), "/finance/policies/", "book", "policy.read"),
        (_("Pools"), "/finance/pools/", "coin", "pool.grant"),
        (_("Ledger"), "/finance/ledger/", "list", "ledger.read"),
        (_("Agreements"), "/finance/agreements/", "building", "agreement.read"),
    ),
}


def framed(request: HttpRequest, office: str, **context: Any) -> dict[str, Any]:
    """``context`` with the office's sections that are open to the actor; the longest address that fits is current."""
    actor = actor_for(request)
    rows = [row for row in _SECTIONS[office] if actor.may(row[3])]
    current = max((url for _label, url, _icon, _word in rows if request.path.startswith(url)), key=len, default="")
    sections = [
        {"label": label, "url": url, "icon": icon, "current": url == current} for label, url, icon, _word in rows
    ]
    return {"sections": sections, "sections_title": OFFICE_NAMES[office], "office": office, **context}
