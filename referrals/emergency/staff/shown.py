"""A contact as its owner sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from families.models import Relation, Relative
from families.texts import dialled
from referrals.emergency.models import Contact
from referrals.emergency.rules.contacts import Readiness, ask_again_on, is_due
from referrals.emergency.rules.numbers import is_abroad, is_landline
from referrals.emergency.selectors import readiness_of
from referrals.emergency.texts import Text, grades_text
from vault.phones import mask_phone


@dataclass(frozen=True, slots=True)
class ShownContact:
    """``ready``: how they stand. ``again_on``: the school's day of the next "still right?"."""

    contact: Contact
    relative: Relative
    ready: Readiness
    grades: list[Text]
    masked: str
    phone: str
    is_landline: bool
    is_abroad: bool
    is_due: bool
    again_on: date

    @property
    def may_ask(self) -> bool:
        """A link can be made: the first, or another one."""
        return self.ready in (
            Readiness.NOT_ASKED, Readiness.LAPSED, Readiness.ASKED, Readiness.REFUSED, Readiness.ENDED,
        )  # fmt: skip

    @property
    def needs_number(self) -> bool:
        """Only another number, or the same one looked at, makes them one who is called."""
        return self.ready in (Readiness.BOUNCED, Readiness.WRONG)


def shown(contacts: Sequence[Contact], today: date) -> list[ShownContact]:
    """The contacts in their order, each with how it stands."""
    ready = readiness_of(contacts)
    return [
        ShownContact(
            contact=contact,
            relative=contact.relative,
            ready=ready[contact.pk],
            grades=grades_text(contact.grades),
            masked=mask_phone(dialled(contact.relative.phone)),
            phone=dialled(contact.relative.phone),
            is_landline=is_landline(contact.relative.phone),
            is_abroad=is_abroad(contact.relative.phone),
            is_due=is_due(contact.confirmed_on, today),
            again_on=ask_again_on(contact.confirmed_on),
        )
        for contact in contacts
    ]


def family_first(relatives: Sequence[Relative]) -> list[Relative]:
    """Whom to choose from: husband or wife first, then parents, grown children, brothers and sisters, others last."""
    order = list(Relation)
    return sorted(relatives, key=lambda relative: order.index(Relation(relative.relation)))
