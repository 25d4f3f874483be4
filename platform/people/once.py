"""Turns a violated unique constraint into the refusal that a person can read.

The unique keys decide, not a look before the write: of two people at the same moment, one is told.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from django.db import IntegrityError, transaction

from kernel.errors import Conflict, DomainError, Invalid

TAKEN: Final[Mapping[str, Callable[[], DomainError]]] = {
    "membership_email_once": lambda: Conflict("email_held", fields=(("email", "email_held", ""),)),
    "membership_phone_once": lambda: Conflict("phone_held", fields=(("phone", "phone_held", ""),)),
    "membership_staff_no_once": lambda: Invalid("staff_no_taken", fields=(("staff_no", "staff_no_taken", ""),)),
    "department_name_once": lambda: Invalid("department_taken", fields=(("name", "department_taken", ""),)),
}


@contextmanager
def once_in_school() -> Iterator[None]:
    """Write inside; a key that is taken becomes its refusal (``TAKEN``), any other fault of the database stays one."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        cause = getattr(error.__cause__, "diag", None)
        refusal = TAKEN.get(getattr(cause, "constraint_name", None) or "")
        if refusal is None:
            raise
        raise refusal() from error
