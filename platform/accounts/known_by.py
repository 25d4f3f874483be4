"""Tells whoever keeps people apart that a place of a school is known by another number: the hook ``settings.NUMBERS_CHANGED``.

A telephone or a staff number says which places are one person (``accounts.same_person``). Who may act or know is asked
whenever it matters; what was decided before and still waits is not, so whoever let it wait is told (ADR 0064).
"""

from functools import partial
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from tenancy.scope import alias_for, current, use_tenant


class NumbersChanged(Protocol):
    """The hook's shape: with the school open, in no transaction, once the change stands. What it raises is logged."""

    def __call__(self) -> None: ...


def numbers_changed(school: UUID) -> None:
    """A telephone or a staff number of a place of ``school`` was written, or an account with a telephone took one.

    The hook waits for the commit: it takes rows that are held by whoever calls people, and who calls people waits for the
    place that is written here.
    """
    transaction.on_commit(partial(_tell, school), using=alias_for(current()), robust=True)


def _tell(school: UUID) -> None:
    hook: NumbersChanged = import_string(settings.NUMBERS_CHANGED)
    with use_tenant(school):
        hook()
