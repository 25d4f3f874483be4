"""The frame of the school office: which sections there are, as plain addresses: one of them is composed above."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.actor import ActingRequest

_SECTIONS: Final = (
    ("member.read", _("Overview"), "/school/", "home"),
    ("member.read", _("Members"), "/school/members/", "people"),
    ("department.manage", _("Departments"), "/school/departments/", "building"),
    ("roster.import", _("Staff list"), "/school/roster/", "upload"),
    ("setting.manage", _("School settings"), "/school/settings/", "settings"),
    ("audit.read", _("Record of acts"), "/school/record/", "list"),
)


def office(request: ActingRequest, **context: Any) -> dict[str, Any]:
    """``context`` with the sections the actor may open; the longest address that fits the page is current."""
    rows = [(label, url, icon) for word, label, url, icon in _SECTIONS if request.actor.may(word)]
    current = max((url for _label, url, _icon in rows if request.path.startswith(url)), key=len, default="")
    sections = [{"label": label, "url": url, "icon": icon, "current": url == current} for label, url, icon in rows]
    return {"sections": sections, "sections_title": _("School administration"), **context}
