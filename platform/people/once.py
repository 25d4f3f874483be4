"""Unique keys of a school's people and what each violation is called (``accounts.once``)."""

from contextlib import AbstractContextManager
from typing import Final

from accounts.once import Taken, once
from kernel.errors import Conflict, Invalid

TAKEN: Final[Taken] = {
    "membership_email_once": lambda: Conflict("email_held", fields=(("email", "email_held", ""),)),
    "membership_phone_once": lambda: Conflict("phone_held", fields=(("phone", "phone_held", ""),)),
    "membership_staff_no_once": lambda: Invalid("staff_no_taken", fields=(("staff_no", "staff_no_taken", ""),)),
    "department_name_once": lambda: Invalid("department_taken", fields=(("name", "department_taken", ""),)),
}


def once_in_school() -> AbstractContextManager[None]:
    """Write inside; a key that is taken becomes its refusal (``TAKEN``)."""
    return once(TAKEN)
