"""Corrections in words: for the person whose use it was, and for the agency's list (books §2, experience §6)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.clock import local_day
from kernel.money import yuan
from referrals.models import Correction, Redemption
from referrals.states import CorrectionState


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """One that was approved, for the person: what counts now, what they get back or owe, and whether that is open."""

    pk: UUID
    day: date
    facts: list[tuple[str, str]]
    said: str
    is_due: bool


def corrections_of(redemption: Redemption) -> list[ShownCorrection]:
    """Those of one use that were approved, in order, for the person."""
    rows = Correction.objects.filter(redemption=redemption, state=CorrectionState.APPROVED)
    return [_shown(row) for row in rows.order_by("decided_at", "pk")]


def _shown(row: Correction) -> ShownCorrection:
    """For the person: amounts, and neutral words about the difference. Why stands in no page of theirs."""
    change = row.change.self_fen
    facts = [
        (_("Price"), _before(row.old.fee_fen, row.new.fee_fen)),
        (_("School pays"), _before(row.old.subsidy_fen, row.new.subsidy_fen)),
        (_("You pay"), _before(row.old.self_fen, row.new.self_fen)),
    ]
    said = ""
    if row.own_share_back_at is not None:
        said = _("You have %(amount)s back.") % {"amount": yuan(-change)}
    elif change < 0:
        said = _("The agency gives you %(amount)s back.") % {"amount": yuan(-change)}
    elif change > 0:
        said = _("%(amount)s more fall to you; the agency may ask you for it. You can ask finance why.") % {
            "amount": yuan(change)
        }
    assert row.decided_at is not None
    return ShownCorrection(row.pk, local_day(row.decided_at), facts, said, row.own_share_due)


def _before(old: int, new: int) -> str:
    return yuan(new) if old == new else _("%(new)s instead of %(old)s") % {"new": yuan(new), "old": yuan(old)}


def agency_text(row: Redemption) -> str:
    """One line for the agency's list; nothing where nothing was corrected."""
    if not (row.corrected_subsidy_fen or row.corrected_self_fen):
        return ""
    said: dict[str, Any] = {"school": signed(row.corrected_subsidy_fen), "person": signed(row.corrected_self_fen)}
    return _("Corrected: the school pays %(school)s, the person %(person)s.") % said


def signed(fen: int) -> str:
    """An amount with its sign."""
    return f"+{yuan(fen)}" if fen > 0 else yuan(fen)
