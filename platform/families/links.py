"""Links for people without an account: made once, kept as a hash, looked up inside the school of the host."""

from dataclasses import dataclass
from datetime import timedelta

from families.models import Consent, FamilyLink, Relative
from families.purposes import CURRENT_TEXT, TEXTS, ConsentText
from families.states import OPEN, ConsentState
from kernel.clock import now
from kernel.errors import NotFound
from kernel.identifiers import new_secret
from tenancy.scope import current_tenant_id
from vault.blind import blind_index

_MAX_TOKEN = 100


@dataclass(frozen=True, slots=True)
class OpenLink:
    """What a live link shows: whom it was sent to, what is asked, and what it may still do."""

    link: FamilyLink
    relative: Relative
    consent: Consent
    text: ConsentText
    named_by: str

    @property
    def may_answer(self) -> bool:
        """Agree, refuse and later are offered."""
        return self.link.act == FamilyLink.Act.ANSWER and self.consent.state == ConsentState.ASKED

    @property
    def may_withdraw(self) -> bool:
        """Withdraw is offered."""
        return self.link.act != FamilyLink.Act.ANSWER and self.consent.state == ConsentState.GIVEN

    @property
    def is_letter(self) -> bool:
        """It came in a letter with tips, which may be forwarded: it shows no other agreement."""
        return self.link.act == FamilyLink.Act.READ


@dataclass(frozen=True, slots=True)
class Agreement:
    """Something a relative agreed to, with the text that they read."""

    consent: Consent
    text: ConsentText


def other_agreements(opened: OpenLink) -> list[Agreement]:
    """What else the link's relative agreed to, oldest first; nothing for a question, and for a link of a letter."""
    if opened.may_answer or opened.is_letter:
        return []
    given = Consent.objects.filter(relative=opened.relative, state=ConsentState.GIVEN)
    return [Agreement(row, _text_of(row)) for row in given.exclude(pk=opened.consent.pk).order_by("at", "pk")]


def _text_of(consent: Consent) -> ConsentText:
    return TEXTS.get(consent.text_id) or TEXTS[CURRENT_TEXT[consent.purpose]]


def token_hash(token: str) -> bytes:
    """What is kept of a secret."""
    return blind_index(current_tenant_id(), "family_link", token)


def issue(consent: Consent, act: FamilyLink.Act, life: timedelta) -> str:
    """A new link for ``consent``; returns the secret, which is told once and not kept. Caller holds the transaction."""
    assert consent.relative_id is not None
    token = new_secret()
    FamilyLink.objects.create(
        token_hash=token_hash(token),
        act=act,
        purpose=consent.purpose,
        relative_id=consent.relative_id,
        consent=consent,
        expires_at=now() + life,
    )
    return token


def find(token: str, *, lock: bool = False) -> FamilyLink:
    """The link of ``token`` in the open school; NotFound when there is none. ``lock`` for a writer."""
    if not token.isascii() or len(token) > _MAX_TOKEN:
        raise NotFound
    links = FamilyLink.objects.filter(token_hash=token_hash(token))
    link: FamilyLink | None = (links.select_for_update(no_key=True) if lock else links).first()
    if link is None:
        raise NotFound
    return link


def open_link(token: str) -> OpenLink:
    """Read only: what the link shows now.

    NotFound for one that is unknown, spent, ended, of a relative who was removed or of an agreement that another link
    has ended: all look the same.
    """
    link = find(token)
    if not link.is_live(now()):
        raise NotFound
    consent = Consent.objects.select_related("person", "relative").get(pk=link.consent_id)
    relative = consent.relative
    if relative is None or relative.removed_at is not None or consent.state not in OPEN:
        raise NotFound
    return OpenLink(link, relative, consent, _text_of(consent), consent.person.address)
