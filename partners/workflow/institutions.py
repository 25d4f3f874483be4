"""The operator keeps what all schools share; every act leaves a row in the platform's record (rules §3)."""

from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit.workflow import record
from kernel.clock import now
from kernel.errors import NotFound, Refused
from kernel.fold import fold_text
from partners.checking import checked
from partners.kinds import papers_text
from partners.models import Institution
from partners.pauses import lock_pauses
from partners.selectors import missing_papers, papers_valid_today
from partners.states import InstitutionEvent, InstitutionState, step

MANAGE: Final = "institution.manage"
NEEDS_PAPERS: Final = frozenset({InstitutionEvent.VET, InstitutionEvent.LIST, InstitutionEvent.REINSTATE})
"""Moves towards the schools: none without the papers of its kind (rules §3)."""


@transaction.atomic
def create_institution(*, actor: Actor, slug: str, name: str, uscc: str, kind: str, **details: Any) -> Institution:
    """A new ``prospect``. ``details`` are the other columns of Institution. Raises Invalid, Forbidden."""
    require(actor, MANAGE)
    code = fold_text(uscc).upper()
    institution = checked(Institution(slug=slug, name=name.strip(), uscc=code, kind=kind, **details))
    institution.save(force_insert=True)
    record(actor=actor, action="institution.create", obj=institution, facts={"kind": institution.kind})
    return institution


@transaction.atomic
def move_institution(*, actor: Actor, institution_id: UUID, event: InstitutionEvent) -> Institution:
    """Vet, list, suspend, reinstate, terminate, archive. Raises NotFound, Forbidden, IllegalMove, Refused ``papers_missing``.

    Whoever vets or lists it needs its papers on file, valid today (rules §3); which ones those were is recorded. A
    suspended institution takes no new bookings in any school; what was booked stays and is decided one by one.
    """
    require(actor, MANAGE)
    institution = locked_institution(institution_id)
    before = institution.state
    after = step(before, event)
    facts: dict[str, Any] = {"before": before, "after": after}
    if event in NEEDS_PAPERS:
        if missing := missing_papers(institution):
            raise Refused("papers_missing", papers=papers_text(missing))
        facts["papers"] = [paper.pk for paper in papers_valid_today(institution)]
    lock_pauses(institution.pk)
    institution.state = after
    institution.suspended_at = now() if after == InstitutionState.SUSPENDED else None
    institution.save(update_fields=["state", "suspended_at"])
    record(actor=actor, action=f"institution.{event}", obj=institution, facts=facts)
    return institution


def locked_institution(institution_id: UUID) -> Institution:
    """The row, locked until the transaction ends; whoever changes its papers or people holds it. Raises NotFound."""
    institution = Institution.objects.select_for_update(no_key=True).filter(pk=institution_id).first()
    if institution is None:
        raise NotFound
    return institution
