"""Runs a model's checks and raises what they find as ``kernel.errors``."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model

from kernel.errors import Invalid


def checked[Row: Model](row: Row, *, keys: bool = True) -> Row:
    """``row`` after Django's own checks. Raises Invalid with a row per field; nothing was saved.

    ``keys`` False leaves the constraints to the database, for a writer that has refusals of its own for them.
    """
    try:
        row.full_clean(validate_constraints=keys)
    except ValidationError as error:
        raise Invalid(
            fields=tuple(
                ("" if field == NON_FIELD_ERRORS else field, str(one.code or "invalid"), " ".join(one.messages))
                for field, found in error.error_dict.items()
                for one in found
            )
        ) from error
    return row
