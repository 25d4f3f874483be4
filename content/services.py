"""The kinds of service a page may point to (contract, closed lists), in language that a tired reader understands.

Pages know the public prices by their address only: content never imports referrals. Nobody who reads is sent to a
sign-in form: that waits behind the choice.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.kinds import ServiceKind

PRICES = "/services/"


@dataclass(frozen=True, slots=True)
class ServiceLink:
    """One way on from a page."""

    kind: ServiceKind
    label: str | Promise
    text: str | Promise

    @property
    def href(self) -> str:
        return f"{PRICES}#{self.kind.value}"


SERVICES: dict[str, ServiceLink] = {
    link.kind.value: link
    for link in (
        ServiceLink(ServiceKind.COUNSELLING, _("Talk to a counsellor"), _("An hour that is yours, on site or online")),
        ServiceLink(ServiceKind.PSYCHIATRY, _("See a doctor for sleep and mood"), _("We book it, you just go")),
        ServiceLink(
            ServiceKind.CHILDCARE, _("Someone to look after the children"), _("After school, until you are home")
        ),
        ServiceLink(
            ServiceKind.CAMP, _("Holiday camp for the children"), _("Winter and summer, with staff who know them")
        ),
        ServiceLink(ServiceKind.HOME_HELP, _("Help with the housework"), _("Cleaning and chores, one thing less")),
        ServiceLink(ServiceKind.ELDER_CARE, _("Day care for your parents"), _("Company, a warm lunch, a walk")),
        ServiceLink(
            ServiceKind.MEDIATION, _("Someone to sit between you"), _("When a talk at home keeps going in circles")
        ),
        ServiceLink(ServiceKind.MEALS, _("Meals brought to your door"), _("For the weeks when nobody can cook")),
    )
}
KIND_CHOICES = [(kind, link.label) for kind, link in SERVICES.items()]
