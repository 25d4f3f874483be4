"""What the writers of rota, seats, lines and plans share: the school's row as their lock, and who may hold something."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.db import ProgrammingError, transaction

from accounts.models import Membership
from accounts.roles import Role
from kernel.errors import Conflict, Invalid
from referrals.emergency.models import Chain, DutyLine, chain_moment
from referrals.emergency.models.duty import BEGUN
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

ON_DUTY_ROLES: Final = frozenset({Role.DUTY, Role.CENTRE})
"""Who may be on duty."""


@contextmanager
def unless_begun(code: str) -> Iterator[None]:
    """Write a shift inside. Conflict ``code`` when the database says that it has begun: the last look at the clock is the
    row's own, later than any that a writer takes before.
    """
    try:
        with transaction.atomic():
            yield
    except ProgrammingError as error:
        diag = getattr(error.__cause__, "diag", None)
        if diag is None or diag.message_primary != BEGUN:
            raise
        raise Conflict(code) from error


def locked_chain() -> Chain:
    """The open school's row, locked: whoever changes its rota, seats, lines or plans waits here for the one before."""
    chain, _new = Chain.objects.get_or_create()
    return Chain.objects.select_for_update(no_key=True).get(pk=chain.pk)


def open_school() -> Tenant:
    """The school whose scope is open."""
    return Tenant.objects.get(pk=current_tenant_id())


def colleague(member_id: UUID, field: str) -> Membership:
    """A colleague who belongs to the school today and has taken the place. Invalid ``holder_unknown`` at ``field``."""
    day = open_school().day_of(chain_moment())
    found = Membership.objects.current(day).accepted().filter(pk=member_id).first()
    if found is None:
        raise Invalid("holder_unknown", fields=((field, "holder_unknown", ""),))
    return found


def living_line(line_id: UUID, field: str) -> DutyLine:
    """A line that answers. Invalid ``line_unknown`` at ``field``."""
    found = DutyLine.objects.filter(pk=line_id, is_active=True).first()
    if found is None:
        raise Invalid("line_unknown", fields=((field, "line_unknown", ""),))
    return found


def one_of(member_id: UUID | None, line_id: UUID | None, field: str) -> tuple[Membership | None, DutyLine | None]:
    """A colleague or a line. Invalid ``holder_missing`` for neither, ``holder_twice`` for both, at ``field``."""
    if member_id and line_id:
        raise Invalid("holder_twice", fields=((field, "holder_twice", ""),))
    if member_id:
        return colleague(member_id, field), None
    if line_id:
        return None, living_line(line_id, field)
    raise Invalid("holder_missing", fields=((field, "holder_missing", ""),))
