"""Turns a violated unique constraint into the refusal that a person can read.

The unique keys decide, not a look before the write: of two people at the same moment, one is told. Which key is which
refusal stands in a table of the app that owns it (``people.once``, ``partners.workflow.services``).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from kernel.errors import DomainError

type Taken = Mapping[str, Callable[[], DomainError]]
"""Name of a unique constraint → what to raise when it is violated."""


@contextmanager
def once(taken: Taken) -> Iterator[None]:
    """Write inside; a key that is taken becomes its refusal, any other fault of the database stays one."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        cause = getattr(error.__cause__, "diag", None)
        refusal = taken.get(getattr(cause, "constraint_name", None) or "")
        if refusal is None:
            raise
        raise refusal() from error
