"""Who may do what: one table of role → words (house §style 6). The writer checks a word, a view never decides.

A word is ``object.act`` or ``object.act.side``. Default is no. Where two different people are needed (maker ≠
checker, rules §1–§3), both hold the words and the workflow compares the people.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from accounts.roles import PlatformRole, Role

OWN: Final[frozenset[str]] = frozenset(
    {
        "referral.own",
        "voucher.own",
        "booking.own",
        "child.own",
        "contact.own",
        "consent.own",
        "service.read",
        "inbox.own",
    }
)
"""What every employee of a school may do for themself, whatever else they are."""

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    Role.STAFF: OWN,
    Role.EDITOR: OWN | {"cms.edit"},
    Role.HEAD: OWN | {"person.search", "report.head"},
    # rules §2: admin decides no referral and reads none.
    Role.ADMIN: OWN
    | {
        "roster.import",
        "member.read",
        "member.manage",
        "department.manage",
        "person.search",
        "audit.read",
        "setting.manage",
        "agreement.read",
    },
    Role.CENTRE: OWN | {"referral.decide.centre", "referral.read.centre", "person.search", "agreement.read"},
    Role.DUTY: OWN | {"referral.read.centre", "person.search"},
    Role.UNION: OWN
    | {
        "referral.decide.union",
        "referral.read.union",
        "referral.proxy",
        "hardship.grant.union",
        "person.search",
        "agreement.read",
        "agreement.draft",
        "policy.read",
        "ledger.read",
    },
    Role.FINANCE: OWN
    | {
        "policy.read",
        "policy.draft",
        "policy.approve",
        "agreement.read",
        "agreement.approve",
        "hardship.grant.finance",
        "ledger.read",
        "pool.grant",
        "settlement.draft",
        "settlement.approve",
    },
    Role.PRINCIPAL: OWN | {"ledger.read", "agreement.read", "policy.read"},
    Role.MORAL: OWN,
    Role.DOCTOR: OWN,
    Role.DISTRICT: frozenset({"aggregate.read"}),
    PlatformRole.PARTNER_OFFICE: frozenset(
        {"partner.read", "partner.answer", "partner.redeem", "partner.reverse", "partner.manage", "partner.settlement"}
    ),
    PlatformRole.PARTNER_COUNTER: frozenset({"partner.read", "partner.answer", "partner.redeem"}),
    PlatformRole.OPERATOR: frozenset(
        {
            "school.create",
            "school.read",
            "school.manage",
            "institution.manage",
            "institution.read",
            "job.read",
            "audit.read.platform",
        }
    ),
}

WORDS: Final[frozenset[str]] = frozenset().union(*GRANTS.values())
"""Every word there is: a typo in a check is a KeyError in a test, never a silent no."""


def words_of(roles: Iterable[str]) -> frozenset[str]:
    """All words the roles grant together. An unknown role grants nothing."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in roles))
