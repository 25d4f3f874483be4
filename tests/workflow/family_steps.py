"""Relatives as a member of the staff names them, for the tests of families."""

from audit.models import AuditEntry
from families.workflow import register_relative
from tests.conftest import actor_of, make_person

PHONE = "１３８ ００１３ ８０００"


def colleague(actor):
    school = type("School", (), {"id": actor.tenant_id, "slug": "x"})
    return actor_of(make_person(school, name="王芳"))


def named(actor, **values):
    return register_relative(actor=actor, **{"relation": "spouse", "name": "王小明", "phone": PHONE, **values})


def actions():
    return list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
