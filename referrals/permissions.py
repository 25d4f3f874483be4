"""Who may ask for help, decide, read, price and redeem (rules §1–§2). The administration decides no request and reads none. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.permissions import EMPLOYEE
from accounts.roles import PlatformRole, Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    EMPLOYEE: frozenset({"referral.own", "voucher.own", "booking.own", "service.read"}),
    Role.ADMIN: frozenset({"leaver.link", "union.posts"}),
    Role.CENTRE: frozenset({"referral.decide.centre", "referral.read.centre", "referral.relief"}),
    Role.DUTY: frozenset({"referral.read.centre"}),
    Role.UNION: frozenset(
        {"referral.decide.union", "referral.read.union", "referral.proxy", "hardship.ask", "policy.read", "claim.union"}
    ),
    Role.FINANCE: frozenset({"policy.read", "policy.draft", "policy.approve", "hardship.grant", "voucher.correct"}),
    Role.PRINCIPAL: frozenset({"policy.read"}),
    PlatformRole.PARTNER_OFFICE: frozenset(
        {"partner.read", "partner.answer", "partner.redeem", "partner.reverse", "claim.partner"}
    ),
    PlatformRole.PARTNER_COUNTER: frozenset({"partner.read", "partner.answer", "partner.redeem"}),
}
