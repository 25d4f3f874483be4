"""What partners add to the navigation: institutions for the operator, agreements for union and finance."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.navigation import OPERATOR, PARTNER, Link

_INSTITUTIONS = Link(
    rank=20, label=_("Institutions"), url="/operator/institutions/", icon="building", permission="institution.read"
)

_AGENCY = Link(
    rank=60,
    label=_("Our agency"),
    url="/partner/agency/",
    icon="building",
    permission="opening.manage",
    covers=("/partner/opening/", "/partner/people/", "/partner/services/"),
)

TABS: Final = {OPERATOR: (_INSTITUTIONS,), PARTNER: (_AGENCY,)}
SECTIONS: Final = {
    "operator": (_INSTITUTIONS,),
    "union": (
        Link(rank=20, label=_("Agreements"), url="/union/agreements/", icon="list", permission="agreement.read"),
    ),
    "finance": (
        Link(rank=50, label=_("Agreements"), url="/finance/agreements/", icon="building", permission="agreement.read"),
    ),
}
