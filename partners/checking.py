"""Runs a model's checks and raises what they find as ``kernel.errors``."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model

from accounts.by_name import NameKeyField
from kernel.errors import Invalid


def checked[Row: Model](row: Row, *, keys: bool = True) -> Row:
    """``row`` after Django's own checks. Raises Invalid with a row per field; nothing was saved.

    ``keys`` False leaves the constraints to the database, for a writer that has refusals of its own for them. A key that
    names are compared by is always left to it (``accounts.once``): it is reckoned when the row is written.
    """
    reckoned = {field.name for field in row._meta.concrete_fields if isinstance(field, NameKeyField)}
    try:
        row.full_clean(exclude=reckoned, validate_constraints=keys)
    except ValidationError as error:
        raise Invalid(
            fields=tuple(
                ("" if field == NON_FIELD_ERRORS else field, str(one.code or "invalid"), " ".join(one.messages))
                for field, found in error.error_dict.items()
                for one in found
            )
        ) from error
    return row
