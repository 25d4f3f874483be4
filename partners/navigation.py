"""The side navigation of every office, in one place: the lowest app that has office pages keeps it, as plain addresses."""

from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actor import actor_for

DESKS: Final = {
    "operator": (
        _("Operator"),
        (
            (_("Schools"), "/operator/schools/", "home", "school.read"),
            (_("Institutions"), "/operator/institutions/", "building", "institution.read"),
            (_("Record of acts"), "/operator/record/", "list", "audit.read.platform"),
        ),
    ),
    "centre": (_("Psychological centre"), ((_("Requests"), "/centre/", "inbox", "referral.read.centre"),)),
    "union": (
        _("Trade union"),
        (
            (_("Requests"), "/union/", "inbox", "referral.read.union"),
            (_("Agreements"), "/union/agreements/", "list", "agreement.read"),
        ),
    ),
    "finance": (
        _("Finance"),
        (
            (_("Overview"), "/finance/", "home", "ledger.read"),
            (_("Policies"), "/finance/policies/", "book", "policy.read"),
            (_("Pools"), "/finance/pools/", "coin", "pool.grant"),
            (_("Ledger"), "/finance/ledger/", "list", "ledger.read"),
            (_("Agreements"), "/finance/agreements/", "building", "agreement.read"),
        ),
    ),
}
"""Desk → (title, rows of (label, address, icon, word that opens it))."""


def at_desk(request: HttpRequest, name: str, **context: Any) -> dict[str, Any]:
    """``context`` with the sections that are open to the actor; the longest address that fits the page is current."""
    title, rows = DESKS[name]
    actor = actor_for(request)
    open_rows = [row for row in rows if actor.may(row[3])]
    current = max((url for _label, url, _icon, _word in open_rows if request.path.startswith(url)), key=len, default="")
    sections = [
        {"label": label, "url": url, "icon": icon, "current": url == current} for label, url, icon, _word in open_rows
    ]
    return {"sections": sections, "sections_title": title, "office": name, **context}
