"""The part about tips on a relative's page. Found by ``families.cards``."""

from dataclasses import dataclass

from content.models import TipPage
from families.cards import FamilyCard, Visit
from families.models import Consent, FamilyLink
from families.purposes import Purpose
from families.states import ConsentState
from tips.models import PAGE, LetterKind, Rhythm, Subscription
from tips.pages import titled
from tips.ways import mail_is_offered, number_is_offered
from vault.phones import mask_phone


@dataclass(frozen=True, slots=True)
class Standing:
    """How tips stand that come by themselves: off, waiting for the code, or on. ``is_offered``: by e-mail."""

    is_offered: bool
    is_on: bool = False
    waits_for_code: bool = False
    masked: str = ""
    rhythm: str = ""
    is_letter: bool = False
    by_number: bool = False
    """On the page alone, or waiting for a code that went to a number."""
    takes_numbers: bool = False
    new: tuple[TipPage, ...] = ()
    """What came last to who reads on the page."""

    @property
    def may_begin(self) -> bool:
        """Whether a way is offered here; a letter's link offers none, for letters are forwarded."""
        return (self.is_offered or self.takes_numbers) and not self.is_letter


def standing_of(consent: Consent, *, is_letter: bool = False) -> Standing:
    """How it stands for one agreement. A letter's link tells no address, for letters are forwarded."""
    wanted = Subscription.objects.filter(consent=consent, ended_at__isnull=True).first()
    offered, numbers = mail_is_offered(), number_is_offered(consent)
    if wanted is None:
        return Standing(offered, is_letter=is_letter, takes_numbers=numbers)
    by_number = wanted.channel == PAGE
    if wanted.confirmed_at is None:
        return Standing(offered, waits_for_code=True, is_letter=is_letter, by_number=by_number, takes_numbers=numbers)
    masked = "" if is_letter else mask_phone(wanted.address) if by_number else masked_address(wanted.address)
    return Standing(
        offered, True, False, masked, str(Rhythm(wanted.rhythm).label), is_letter, by_number, numbers,
        _newest(wanted) if by_number else (),
    )  # fmt: skip


def _newest(wanted: Subscription) -> tuple[TipPage, ...]:
    """The tips of the last lot that are still published, in order."""
    letter = wanted.letters.filter(kind=LetterKind.TIPS).order_by("-week").first()
    if letter is None:
        return ()
    places = list(letter.tips.order_by("place").values_list("page", flat=True))
    pages = titled(places)
    return tuple(pages[page] for page in places if page in pages)


def masked_address(address: str) -> str:
    """``w•••@example.com``: enough to know one's own, too little for anybody else."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"


def tips_card(visit: Visit) -> FamilyCard | None:
    """For an agreement to tips that stands; None for every other link."""
    opened = visit.opened
    is_tips = opened.link.purpose == Purpose.TIPS and opened.link.act != FamilyLink.Act.ANSWER
    if not is_tips or opened.consent.state != ConsentState.GIVEN:
        return None
    standing = standing_of(opened.consent, is_letter=opened.is_letter)
    return FamilyCard(20, "tips/card.html", {"standing": standing, "token": visit.token})


CARDS = (tips_card,)
