"""The part about tips on a relative's page. Found by ``families.cards``."""

from dataclasses import dataclass

from families.cards import FamilyCard, Visit
from families.models import FamilyLink
from families.purposes import Purpose
from families.states import ConsentState
from tips.models import Rhythm, Subscription
from tips.ways import mail_is_offered


@dataclass(frozen=True, slots=True)
class Standing:
    """How tips by e-mail stand: off, waiting for the code, or on."""

    is_offered: bool
    is_on: bool = False
    waits_for_code: bool = False
    masked: str = ""
    rhythm: str = ""
    is_letter: bool = False


def standing_of(consent_id: object, *, is_letter: bool = False) -> Standing:
    """How it stands for one agreement. A letter's link tells no address, for letters are forwarded."""
    wanted = Subscription.objects.filter(consent_id=consent_id, ended_at__isnull=True).first()
    offered = mail_is_offered()
    if wanted is None:
        return Standing(offered, is_letter=is_letter)
    if wanted.confirmed_at is None:
        return Standing(offered, waits_for_code=True, is_letter=is_letter)
    masked = "" if is_letter else masked_address(wanted.address)
    return Standing(offered, True, False, masked, str(Rhythm(wanted.rhythm).label), is_letter)


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
    standing = standing_of(opened.consent.pk, is_letter=opened.is_letter)
    return FamilyCard(20, "tips/card.html", {"standing": standing, "token": visit.token})


CARDS = (tips_card,)
