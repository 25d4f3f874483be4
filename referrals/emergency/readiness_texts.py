"""Readiness in words: each tile, what it is short of, the button that mends it, and who may press it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from referrals.emergency.rules.readiness import Area, Still, Why


class Door(NamedTuple):
    """Where it is mended: name of the address, what the button says, the permission of that page."""

    route: str
    label: Any
    permission: str


AREA_TEXTS: Final[Mapping[Area, Any]] = {
    Area.ROTA: _("Somebody is on duty"),
    Area.SEATS: _("Seats and deputies"),
    Area.PLANS: pgettext_lazy("emergency", "Plans"),
    Area.OUTSIDE: _("Outside line at night"),
    Area.CHANNELS: _("Channels that ring"),
    Area.LOCAL_LINE: _("A local number, day and night"),
    Area.AGREEMENTS: _("Hospital with an agreement"),
    Area.CONTACTS: _("Staff with a contact"),
    Area.COMMUNITY: _("Community of the home"),
    Area.KIT: _("Emergency kits"),
    Area.DRILL: pgettext_lazy("readiness", "Last drill"),
    Area.SHEET: _("Contact sheet on paper"),
}

HOLDS_TEXTS: Final[Mapping[Area, Any]] = {
    Area.ROTA: _("No gap in fourteen days, no vacation without somebody."),
    Area.SEATS: _("Every seat has a holder and a deputy, and the trade union somebody who leads it."),
    Area.PLANS: _("All plans are in use and hold today."),
    Area.OUTSIDE: _("The chain ends at somebody who answers."),
    Area.CHANNELS: _("Each was seen to arrive within 90 days."),
    Area.LOCAL_LINE: _("A line outside the school answers at every hour."),
    Area.AGREEMENTS: _("Somebody takes in whom the school sends."),
    Area.CONTACTS: _("Enough of the staff have somebody who would be called."),
    Area.COMMUNITY: _("A community station has agreed, and half of the staff have named theirs."),
    Area.KIT: _("Nothing is over, nothing is short."),
    Area.DRILL: _("Within half a year."),
    Area.SHEET: _("The copy on the wall shows the rota of today."),
}

WHY_TEXTS: Final[Mapping[Why, Any]] = {
    Why.DUTY_GAPS: _("Nobody is on duty for a time on %(n)s of the next 14 days."),
    Why.AWAY_DUE: _("Somebody is away soon and nobody has their shifts yet: %(n)s times."),
    Why.AWAY_AHEAD: _("Vacations further ahead that are not filled yet: %(n)s."),
    Why.SEATS_EMPTY: _("Seats without a holder: %(n)s."),
    Why.DEPUTIES: _("Seats without a deputy: %(n)s."),
    Why.UNION_UNLED: _("The trade union has neither chair nor deputy: two of it sign for any crisis relief."),
    Why.PLANS_MISSING: _("Plans that are missing: %(n)s of 6."),
    Why.PLANS_FAULTY: _("Plans that would not hold today: %(n)s."),
    Why.OPERATOR_LINE: _("No operator's line stands behind the chain: at night it would end at nobody."),
    Why.HEARTBEAT: _("Nobody outside would hear that the system has stopped."),
    Why.OPERATOR_PHONE: _("No number of the operator is entered for that."),
    Why.NO_CHANNEL: _("Nothing rings: neither text message nor call nor WeCom."),
    Why.UNPROVEN: _("%(about)s: nobody has seen a test arrive."),
    Why.PROVEN_LONG_AGO: _("%(about)s: the last test arrived %(n)s days ago."),
    Why.NO_LOCAL_LINE: _("No line of the town says that it answers day and night."),
    Why.NO_HOSPITAL: _("No hospital or mental-health centre has an agreement today."),
    Why.AGREEMENT_ENDS: _("Agreements that end within 30 days: %(n)s."),
    Why.CONTACTS_MISSING: _("Only %(n)s %% of the staff have somebody who would be called."),
    Why.CONTACTS_FEW: _("%(n)s %% of the staff have somebody who would be called."),
    Why.CONTACTS_UNTOLD: _("So few work here that a share would tell of one: ask them by word of mouth."),
    Why.CONTACTS_BY_HAND: _("People whose contacts all live abroad, so that somebody has to dial by hand: %(n)s."),
    Why.NO_COMMUNITY: _("No community station has an agreement today."),
    Why.HOMES_FEW: _("%(n)s %% of the staff have named the community of their home."),
    Why.HOMES_UNTOLD: _("So few work here that a share would tell of one."),
    Why.NO_KIT: _("No emergency kit is entered."),
    Why.KIT_OVER: _("Things that are past their date: %(n)s."),
    Why.KIT_ENDS: _("Things that end within 30 days: %(n)s."),
    Why.KIT_SHORT: _("Things of which there are too few: %(n)s."),
    Why.NO_DRILL: _("There was no drill yet."),
    Why.DRILL_OLD: _("The last one was %(n)s days ago; one is due each semester."),
    Why.NO_SHEET: _("No copy was printed yet."),
    Why.SHEET_OLD: _("The newest copy is %(n)s days old; its rota is over."),
}

_ROTA: Final = Door("emergency_week", _("Fill the rota"), "chain.rota")
_SEATS: Final = Door("emergency_seats", _("Fill the seats"), "chain.seats")
_PLANS: Final = Door("emergency_plans", _("Mend the plans"), "chain.plans")
_TEST: Final = Door("channels", _("Send me a test"), "channel.manage")
_AGREE: Final = Door("union_agreements", _("To the agreements"), "agreement.draft")
_ASK: Final = Door("centre_contacts", _("Ask them"), "contact.coverage")
_KITS: Final = Door("emergency_kits", _("To the kits"), "kit.keep")
_DRILL: Final = Door("emergency_drills", _("Plan a drill"), "drill.lead")
_SHEET: Final = Door("emergency_sheet", _("Print a copy"), "chain.sheet")

DOORS: Final[Mapping[Why, Door | None]] = {
    Why.DUTY_GAPS: _ROTA,
    Why.AWAY_DUE: Door("emergency_away", _("Fill the vacations"), "chain.rota"),
    Why.AWAY_AHEAD: Door("emergency_away", _("Fill the vacations"), "chain.rota"),
    Why.SEATS_EMPTY: _SEATS,
    Why.DEPUTIES: _SEATS,
    Why.UNION_UNLED: Door("school_union", _("Name the chair"), "union.posts"),
    Why.PLANS_MISSING: _PLANS,
    Why.PLANS_FAULTY: _PLANS,
    Why.OPERATOR_LINE: Door("emergency_chain_line", _("Name the operator's line"), "chain.rota"),
    Why.HEARTBEAT: None,
    Why.OPERATOR_PHONE: None,
    Why.NO_CHANNEL: Door("channels", _("Enter a channel"), "channel.manage"),
    Why.UNPROVEN: _TEST,
    Why.PROVEN_LONG_AGO: _TEST,
    Why.NO_LOCAL_LINE: Door("emergency_line_new", _("Enter a line"), "chain.rota"),
    Why.NO_HOSPITAL: _AGREE,
    Why.AGREEMENT_ENDS: _AGREE,
    Why.CONTACTS_MISSING: _ASK,
    Why.CONTACTS_FEW: _ASK,
    Why.CONTACTS_UNTOLD: _ASK,
    Why.CONTACTS_BY_HAND: _ASK,
    Why.NO_COMMUNITY: _AGREE,
    Why.HOMES_FEW: _ASK,
    Why.HOMES_UNTOLD: _ASK,
    Why.NO_KIT: _KITS,
    Why.KIT_OVER: _KITS,
    Why.KIT_ENDS: _KITS,
    Why.KIT_SHORT: _KITS,
    Why.NO_DRILL: _DRILL,
    Why.DRILL_OLD: _DRILL,
    Why.NO_SHEET: _SHEET,
    Why.SHEET_OLD: _SHEET,
}
"""None: it is mended outside this system, by the operator."""

STILL_TEXTS: Final[Mapping[Still, Any]] = {
    Still.SECOND: _("a second contact"),
    Still.COMMUNITY: _("the community where you live"),
}
