"""The audit record in the words of a reader: what was done, what is told of it, and whose acts stay without a name."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from kernel.money import yuan
from schools.setting_texts import setting_label, setting_names, setting_value
from ui.templatetags.ui import percent

AREAS: Final[Mapping[str, tuple[Any, tuple[str, ...]]]] = {
    "requests": (_("Requests and offers"), ("referral", "quote", "offer", "proposal", "booking")),
    "vouchers": (_("Vouchers and redemptions"), ("voucher", "redemption")),
    "family": (_("Families and consent"), ("consent", "child", "relative")),
    "money": (_("Policies and books"), ("policy", "ledger")),
    "partners": (_("Agreements and institutions"), ("agreement", "institution", "licence", "service")),
    "people": (_("Members and access"), ("member", "department", "roster", "token", "invitation", "profile")),
    "house": (_("School and record"), ("school", "setting", "record", "job", "page", "api")),
}
"""Key of the filter → (its word, the first words of the acts that belong there)."""

NAMELESS: Final[frozenset[str]] = frozenset(
    [*(first for area in ("requests", "vouchers", "family") for first in AREAS[area][1]), "page", "api"]
)
"""Acts that would tell who asked for help: shown with the role alone (rules §5: the administration sees no record)."""

ACTS: Final[Mapping[str, Any]] = {
    "referral.submit": _("Request made"),
    "referral.approve": _("Request approved"),
    "referral.decline": _("Request declined"),
    "referral.cancel": _("Request cancelled"),
    "referral.look_again": _("Asked to look again at a request"),
    "referral.no_taker": _("Request without an institution"),
    "referral.read": _("Request opened"),
    "referral.export": _("List of requests downloaded"),
    "quote.ask": _("Price asked"),
    "offer.open": _("Laid before an institution"),
    "offer.confirm": _("Time confirmed"),
    "offer.decline": _("Offer declined"),
    "offer.propose": _("Other times proposed"),
    "offer.expire": _("Offer ran out"),
    "proposal.accept": _("Proposed time accepted"),
    "booking.confirm": _("Appointment made"),
    "booking.enter": _("Next appointment entered"),
    "booking.cancel": _("Appointment cancelled"),
    "offer.export": _("List of partner's requests downloaded"),
    "booking.export": _("List of appointments downloaded"),
    "voucher.issue": _("Voucher issued"),
    "voucher.prepare": _("Voucher looked at by an institution"),
    "voucher.redeem": _("Voucher redeemed"),
    "voucher.reverse": _("Redemption taken back"),
    "voucher.expire": _("Voucher ran out"),
    "redemption.export": _("List of redemptions downloaded"),
    "consent.ask": _("Consent asked"),
    "consent.agree": _("Consent given"),
    "consent.refuse": _("Consent declined"),
    "consent.answer": _("Consent answered"),
    "consent.give": _("Consent given"),
    "consent.decline": _("Consent declined"),
    "consent.later": _("Consent put off"),
    "consent.withdraw": _("Consent withdrawn"),
    "child.register": _("Child entered"),
    "child.change": _("Child's data corrected"),
    "child.release": _("Child taken off the list"),
    "relative.register": _("Relative entered"),
    "relative.change": _("Relative corrected"),
    "relative.forget": _("Relative removed"),
    "policy.draft": _("Policy drafted"),
    "policy.approve": _("Policy approved"),
    "policy.end": _("Policy ended"),
    "ledger.grant": _("Money or sessions granted"),
    "policy.export": _("List of policies downloaded"),
    "roster.export": _("Refused rows of a staff list downloaded"),
    "ledger.export": _("Ledger downloaded"),
    "agreement.draft": _("Agreement drafted"),
    "agreement.approve": _("Agreement approved"),
    "agreement.end": _("Agreement ended"),
    "agreement.export": _("List of agreements downloaded"),
    "agreement.sign": _("Agreement signed"),
    "agreement.discard": _("Agreement draft discarded"),
    "agreement.activate": _("Agreement in force"),
    "agreement.fall_due": _("Agreement to be renewed"),
    "agreement.renew": _("Agreement renewed"),
    "agreement.suspend": _("Agreement suspended"),
    "agreement.resume": _("Agreement resumed"),
    "institution.create": _("Institution entered"),
    "institution.vet": _("Institution checked"),
    "institution.list": _("Institution listed"),
    "institution.suspend": _("Institution suspended"),
    "institution.reject": _("Institution turned down"),
    "institution.reinstate": _("Institution listed again"),
    "institution.terminate": _("Institution ended"),
    "institution.archive": _("Institution archived"),
    "institution.member_add": _("Person of an institution added"),
    "institution.member_change": _("Person of an institution changed"),
    "institution.member_end": _("Person of an institution taken off"),
    "institution.export": _("List of institutions downloaded"),
    "licence.create": _("Paper entered"),
    "licence.change": _("Paper corrected"),
    "licence.end": _("Paper ended"),
    "service.create": _("Service entered"),
    "service.change": _("Service changed"),
    "service.open": _("Service opened"),
    "service.shut": _("Service closed"),
    "member.add": _("Member added"),
    "invitation.send": _("Invitation sent"),
    "invitation.accept": _("First password chosen"),
    "profile.phone": _("Own telephone number changed"),
    "member.update": _("Member changed"),
    "member.export": _("List of members downloaded"),
    "department.save": _("Department saved"),
    "department.remove": _("Department removed"),
    "roster.preview": _("Staff list read"),
    "roster.create": _("Members added by a staff list"),
    "roster.update": _("Members changed by a staff list"),
    "roster.leave": _("Members marked as left by a staff list"),
    "roster.apply": _("Staff list taken over"),
    "roster.discard": _("Staff list discarded"),
    "token.issue": _("Access for a program issued"),
    "token.revoke": _("Access for a program revoked"),
    "school.create": _("School created"),
    "school.export": _("List of schools downloaded"),
    "school.change": _("Details of the school changed"),
    "school.administrator": _("Administrator given to a school"),
    "school.invite": _("Administrators invited again"),
    "setting.change": _("Setting of the school changed"),
    "record.export": _("Record downloaded"),
}
"""Every action of the record. A test reads the code and misses none."""

DOORS: Final[Mapping[str, Any]] = {"page": _("A page's form"), "api": _("A program's call")}
"""First word → what was refused before any writer was asked; the rest of such an action is the address's own name."""

KINDS: Final[Mapping[str, Any]] = {
    "member": _("Staff of the school"),
    "partner": _("Partner institution"),
    "operator": _("Operator"),
    "family": _("Family"),
    "system": _("The system"),
}
"""Who acts, where no name is shown."""

FACTS: Final[Mapping[str, tuple[Any, Callable[[Any], Any]]]] = {
    "fee_fen": (_("Fee"), yuan),
    "subsidy_fen": (_("The school pays"), yuan),
    "self_fen": (_("The person pays"), yuan),
    "amount_fen": (_("Sum"), yuan),
    "amount_session": (_("Sessions"), str),
    "units": (_("Times"), str),
    "share_bp": (_("Share"), percent),
    "version": (_("Version"), str),
    "rows": (_("Rows"), str),
    "setting": (_("Setting"), setting_label),
    "old": (_("Before"), setting_value),
    "new": (_("Now"), setting_value),
    "changed": (_("Changed"), setting_names),
    "valid_from": (_("Valid from"), str),
    "valid_until": (_("Valid until"), str),
}
"""What is told of an act beside it; ids stay in the record."""
