"""What is typed of a family, as it is kept; Invalid or Refused for what cannot be."""

from datetime import date
from typing import Final

from families import rules
from families.models import Relation
from families.purposes import Purpose
from kernel.clock import local_day, now
from kernel.errors import Invalid, Refused
from kernel.fold import has_private_use
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from vault.blind import blind_index

_MAX_NAME: Final = 60
_OLDEST_CHILD_YEARS: Final = 25


def school_day() -> date:
    """Today in the school's zone."""
    zone = Tenant.objects.only("time_zone").get(pk=current_tenant_id()).time_zone
    return local_day(now(), zone)


def child_key(name: str, born: date) -> bytes:
    """By what a child is known again. Invalid for a birth in the future or long ago."""
    today = school_day()
    if born > today or rules.age_on(born, today) > _OLDEST_CHILD_YEARS:
        raise invalid("born", "born_invalid")
    return blind_index(current_tenant_id(), "child", rules.same_child_text(name, born))


def checked_relation(relation: str, born: date | None) -> str:
    """``relation``, when it is known; a son or daughter is 14 or older. Invalid, Refused ``guardian_needed``."""
    if relation not in Relation.values:
        raise invalid("relation", "relation_unknown")
    if relation == Relation.CHILD:
        if born is None:
            raise invalid("born", "born_missing")
        if rules.needs_guardian(born, school_day()):
            raise Refused("guardian_needed")
    return relation


def checked_name(raw: str) -> str:
    """The name in the one spelling that is kept. Invalid for none."""
    name = rules.tidy_name(raw)
    if (
        not name
        or len(name) > _MAX_NAME
        or not any(sign.isalpha() for sign in name)
        or "\0" in raw
        or has_private_use(raw)
    ):
        raise invalid("name", "name_invalid")
    return name


def checked_purpose(purpose: str) -> str:
    """``purpose``, when it is known. Invalid otherwise."""
    if purpose not in Purpose.values:
        raise invalid("purpose", "purpose_unknown")
    return purpose


def invalid(field: str, code: str) -> Invalid:
    """What cannot be read in ``field``."""
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))
