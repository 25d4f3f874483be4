"""The expert pool as a list: by name, looked for by kind, reach and agreement; the file is the same list."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.search import contains
from referrals.emergency.centre.kit_forms import ExpertFilter
from referrals.emergency.models import Expert, chain_moment
from referrals.emergency.plan_facts import agreements_on
from referrals.emergency.rules.line_numbers import written
from ui.lists import Column, Listing, Nothing
from ui.names import named


@dataclass(frozen=True, slots=True)
class ShownExpert:
    """``agreement``: ``valid``, ``over``, or ``""`` for who comes by themselves."""

    row: Expert
    partner: str
    agreement: str
    phone: str = ""

    @property
    def words(self) -> Any:
        """The state of the agreement for the file."""
        return {"valid": _("In force"), "over": _("None in force")}.get(self.agreement, "")


class ExpertList(Listing[Expert, ShownExpert]):
    """By name; ``?q=&kind=&reach=&agreement=&page=``."""

    form = ExpertFilter
    file_route = "emergency_experts_csv"
    file_name = "experts"
    export = "expert.export"
    object_type = "emergency.Expert"
    size = 30
    columns = (
        Column[ShownExpert](_("Name"), lambda one: one.row.name),
        Column(pgettext_lazy("expert", "What they are"), lambda one: one.row.get_kind_display()),
        Column(pgettext_lazy("expert", "Reach"), lambda one: one.row.get_reach_display()),
        Column(_("Telephone"), lambda one: one.phone),
        Column(pgettext_lazy("expert", "Sent by"), lambda one: one.partner),
        Column(_("Agreement"), lambda one: one.words),
    )
    nothing = Nothing(
        _("Nobody is in the pool yet"),
        _(
            "Psychologists, crisis experts and psychiatrists who can be asked, each with the institution that sends them."
        ),
        "people",
    )
    nothing_found = Nothing(_("Nobody found"), _("Try another kind, reach or name."), "search")

    def rows(self) -> QuerySet[Expert]:
        """Those who can be asked."""
        rows = Expert.objects.filter(ended_at=None).select_related("partner").order_by("sort_key", "pk")
        if self.wanted["q"]:
            rows = rows.filter(contains(self.wanted["q"], "name"))
        for field in ("kind", "reach"):
            if self.wanted[field]:
                rows = rows.filter(**{field: self.wanted[field]})
        if self.wanted["agreement"] == "valid":
            rows = rows.filter(partner_id__in=self._valid())
        elif self.wanted["agreement"] == "none":
            rows = rows.exclude(partner_id__in=self._valid())
        return rows

    def shown(self, rows: list[Expert]) -> list[ShownExpert]:
        """With the agreement as it holds today."""
        valid = set(self._valid())
        return [
            ShownExpert(
                row,
                named(row.partner) if row.partner else "",
                "" if row.partner_id is None else "valid" if row.partner_id in valid else "over",
                written(row.phone) if row.phone.startswith("+86") else row.phone,
            )
            for row in rows
        ]

    def _valid(self) -> list[Any]:
        day = self.request.tenant.day_of(chain_moment())
        return [row.partner_id for row in agreements_on(day) if row.covers(day)]
