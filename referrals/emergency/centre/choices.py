"""Who can be chosen: colleagues and outside lines in one list, as one field of a form."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.roles import Role
from accounts.told_apart import told_apart
from accounts.writer_form import WriterForm
from kernel.errors import DomainError
from referrals.emergency.models import DutyLine, chain_moment
from tenancy.models import Tenant
from ui.refusals import explain

OFFICE_ROLES = (
    Role.CENTRE,
    Role.DUTY,
    Role.PRINCIPAL,
    Role.MORAL,
    Role.DOCTOR,
    Role.ADMIN,
    Role.UNION,
    Role.HEAD,
)
"""Who is offered as a deputy: colleagues who hold an office, not a list of the whole staff."""

Choices = list[tuple[Any, Any]]


def colleagues(school: Tenant, roles: Iterable[str]) -> list[Membership]:
    """Colleagues of today who hold one of ``roles``, by name."""
    day = school.day_of(chain_moment())
    rows = Membership.objects.current(day).accepted().filter(roles__overlap=list(roles))
    return list(rows.order_by("sort_key", "pk"))


def holders(school: Tenant, roles: Iterable[str], *, empty: Any) -> Choices:
    """Colleagues, then lines that answer; ``empty`` is what choosing nobody is called."""
    people = [(f"m-{pk}", words) for pk, words in told_apart(colleagues(school, roles)).items()]
    lines = [(f"l-{one.pk}", one.name) for one in DutyLine.objects.filter(is_active=True)]
    groups: Choices = [("", empty)]
    if people:
        groups.append((_("Colleagues"), people))
    if lines:
        groups.append((_("Outside lines"), lines))
    return groups


def chosen(value: str) -> tuple[UUID | None, UUID | None]:
    """``(colleague, line)`` of a value that ``holders`` offered; ``""``: neither."""
    if not value:
        return None, None
    kind, _dash, key = value.partition("-")
    return (UUID(key), None) if kind == "m" else (None, UUID(key))


def value_of(member_id: UUID | None, line_id: UUID | None) -> str:
    """The value of ``holders`` for who is set."""
    if member_id:
        return f"m-{member_id}"
    return f"l-{line_id}" if line_id else ""


class ChainForm(WriterForm):
    """Shows each refusal of a writer by its title and next step."""

    shows_all = True

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What happened and what to do."""
        said = explain(code, error.params)
        return f"{said.title} – {said.next_step}"


class OneOfField(forms.ChoiceField):
    """One of ``holders``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[], **kwargs)
