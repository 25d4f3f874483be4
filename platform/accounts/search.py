"""Filters rows by what a person typed into a search box."""

from django.db.models import Q

from kernel.fold import fold_name, fold_text, narrow_signs, wide_signs


def contains(text: str, *fields: str) -> Q:
    """Rows in which one of ``fields`` holds ``text``: as it was typed, or in a spelling that is kept (``kernel.fold``)."""
    found = Q(pk__in=[])
    name = fold_name(text)
    for spelling in dict.fromkeys((text.strip(), fold_text(text), name, narrow_signs(name), wide_signs(name))):
        if spelling:
            for field in fields:
                found |= Q(**{f"{field}__icontains": spelling})
    return found
