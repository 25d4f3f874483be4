"""The signs that a school asks for in a report (row 14.1)."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Invalid
from kernel.fold import fold_prose
from referrals.emergency.models import ReportChecklist
from referrals.emergency.models.clock import ChainNow
from referrals.emergency.rules.reporting import LONGEST_SIGN, MOST_SIGNS, Dimension


@transaction.atomic
def write_checklist(*, actor: Actor, signs: Mapping[Dimension, Sequence[str]]) -> None:
    """Ask for these from now on, in this order; a sign twice is one. The centre.

    Invalid ``checklist_empty`` for none at all, ``checklist_too_long`` for more than twelve of one dimension or a sign of
    more than sixty characters. What was reported before keeps its words.
    """
    require(actor, "chain.plans")
    plain = {
        dimension.value: list(
            dict.fromkeys(text for one in signs.get(dimension, ()) if (text := fold_prose(one).strip()))
        )
        for dimension in Dimension
    }
    if not any(plain.values()):
        raise _invalid(Dimension.MOOD, "checklist_empty")
    for dimension, texts in plain.items():
        if len(texts) > MOST_SIGNS or any(len(text) > LONGEST_SIGN for text in texts):
            raise _invalid(dimension, "checklist_too_long")
    assert actor.membership_id is not None
    row, is_new = ReportChecklist.objects.get_or_create(defaults={"signs": plain, "changed_by_id": actor.membership_id})
    if not is_new:
        row.signs, row.changed_by_id, row.changed_at = plain, actor.membership_id, ChainNow()
        row.save(update_fields=["signs", "changed_by", "changed_at"])
    record(actor=actor, action="report.checklist", obj=row)


@transaction.atomic
def reset_checklist(*, actor: Actor) -> bool:
    """Ask for those that come with the product again. The centre. False: it does already."""
    require(actor, "chain.plans")
    row = ReportChecklist.objects.first()
    if row is None:
        return False
    record(actor=actor, action="report.checklist", obj=row)
    row.delete()
    return True


def _invalid(field: str, code: str) -> Invalid:
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))
