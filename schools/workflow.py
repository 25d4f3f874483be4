"""Creates and changes schools: tenant, key, site, settings and first administrator in one transaction (house §Tenancy).

The only writers of ``tenancy.Tenant``. What the operator does in a school stands in the platform's record and in the
school's own, for its administrators to read; the school's chain is always locked first.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from audit import record
from content.library import open_library, take_all
from content.schools import create_school_site
from kernel.errors import Conflict, Invalid, NotFound
from kernel.fold import fold_key
from partners.kinds import ServiceKind
from people.administrators import (
    administrator_faults,
    appoint_administrator,
    invite_administrators,
)
from tenancy.hosts import forget
from tenancy.models import Tenant, TenantKind
from tenancy.rules import BOUNDS, REMINDABLE_DAYS, TenantRules
from tenancy.scope import use_tenant
from vault.keys import create_tenant_key

_SLUG = re.compile(r"[a-z][a-z0-9-]{1,30}")
_RESERVED = frozenset({"www", "api", "localhost", "platform", "static", "mail"})
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{1,28}[0-9]")
_LENGTHS: Final[Mapping[str, int]] = {"name": 80, "name_en": 120, "district": 40, "duty_phone": 30, "duty_hours": 60}
_TICKS: Final = ("automatic_approval", "first_missed_paid")
_CHOICES: Final[Mapping[str, Sequence[str]]] = {"asked_kinds": ServiceKind.values, "reminder_days": REMINDABLE_DAYS}
"""Rules of which a school ticks some of a closed list; kept in the order of the list."""
CHANGED_BY_THE_SCHOOL: Final = (*BOUNDS, *_TICKS, *_CHOICES)
"""The ⚙ rules that have an effect today, in ``tenancy.rules``."""


def platform_tenant() -> Tenant:
    """The row that owns the acts of the platform host, and the library's tree; both made on first call."""
    tenant, made = Tenant.objects.get_or_create(
        kind=TenantKind.PLATFORM,
        defaults={
            "slug": "platform",
            "host": settings.PLATFORM_HOST,
            "name": "心桥",
            "name_en": "Xinqiao",
            "code": "XQ",
        },
    )
    if made:
        forget()
        with use_tenant(tenant.id):
            create_tenant_key(tenant.id)
    open_library(tenant)
    return tenant


@transaction.atomic
def create_school(
    *,
    actor: Actor,
    slug: str,
    name: str,
    kind: str,
    code: str,
    name_en: str = "",
    district: str = "",
    duty_phone: str = "",
    duty_hours: str = "",
    administrator: tuple[str, str] | None = None,
    takes_library: bool = False,
) -> Tenant:
    """A school with its host ``<slug>.<platform host>``, its vault key, its own Wagtail site and its first administrator.

    ``administrator`` is their name and e-mail address; None for a caller that brings the school's people itself (the
    demo). ``takes_library``: all pages of the library are there from the first day, as drafts. Raises Invalid with one row a fault, Conflict ``school_exists``. Everything or nothing.
    """
    require(actor, "school.create")
    details = _tidied(name=name, name_en=name_en, district=district, duty_phone=duty_phone, duty_hours=duty_hours)
    faults = _detail_faults(details)
    if not _SLUG.fullmatch(slug) or slug in _RESERVED:
        faults.append(("slug", "slug_invalid", "a–z, 0–9, -"))
    if kind not in TenantKind.values or kind == TenantKind.PLATFORM:
        faults.append(("kind", "out_of_range", ""))
    if not re.fullmatch(r"[A-Z]{2,4}", code):
        faults.append(("code", "out_of_range", "A–Z"))
    if administrator is not None:
        faults += [
            (f"administrator_{field}", why, detail) for field, why, detail in administrator_faults(*administrator)
        ]
    if faults:
        raise Invalid("out_of_range", fields=tuple(faults))
    host = f"{slug}.{settings.PLATFORM_HOST}"
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(slug=slug, host=host, kind=kind, code=code, **details)
    except IntegrityError as error:
        raise Conflict("school_exists") from error
    with use_tenant(tenant.id):
        create_tenant_key(tenant.id)
        create_school_site(tenant=tenant, name=tenant.name, host=host, port=int(settings.BASE_PORT))
        taken = take_all(tenant=tenant) if takes_library else 0
        if administrator is not None:
            appoint_administrator(actor=actor, name=administrator[0], email=administrator[1])
    facts = {"kind": kind, "rows": taken} if taken else {"kind": kind}
    record(actor=actor, action="school.create", object_type="tenancy.tenant", object_id=tenant.id, facts=facts)
    forget()
    return tenant


def access_school(actor: Actor, school_id: UUID) -> Tenant:
    """The school with this id, for an operator. NotFound for everybody else, and for the platform's own row."""
    found = _schools().filter(pk=school_id).first() if actor.may("school.read") else None
    if found is None:
        raise NotFound
    return found


def _schools() -> Any:
    return Tenant.objects.exclude(kind=TenantKind.PLATFORM)


@transaction.atomic
def change_school(
    *,
    actor: Actor,
    school_id: UUID,
    name: str,
    name_en: str = "",
    district: str = "",
    duty_phone: str = "",
    duty_hours: str = "",
) -> Tenant:
    """Change what the operator says of a school. Address, kind and letters stay: pages and vouchers carry them.

    Needs ``school.manage``. Invalid with one row a fault. Nothing that differs writes nothing.
    """
    require(actor, "school.manage")
    tenant: Tenant | None = _schools().select_for_update(no_key=True).filter(pk=school_id).first()
    if tenant is None:
        raise NotFound
    details = _tidied(name=name, name_en=name_en, district=district, duty_phone=duty_phone, duty_hours=duty_hours)
    if faults := _detail_faults(details):
        raise Invalid("out_of_range", fields=tuple(faults))
    if changed := _write(tenant, details):
        _record_in_both(actor, tenant, "school.change", {"changed": changed})
    return tenant


@transaction.atomic
def add_administrator(*, actor: Actor, school_id: UUID, name: str, email: str) -> Membership:
    """Give a school another administrator. Needs ``school.manage``; refused as ``people.administrators`` says."""
    tenant = access_school(require(actor, "school.manage"), school_id)
    with use_tenant(tenant.id):
        member = appoint_administrator(actor=actor, name=name, email=email)
    record(actor=actor, action="school.administrator", object_type="tenancy.tenant", object_id=tenant.id)
    return member


@transaction.atomic
def invite_again(*, actor: Actor, school_id: UUID) -> int:
    """Another invitation for the administrators of a school who have not accepted; how many were sent."""
    tenant = access_school(require(actor, "school.manage"), school_id)
    with use_tenant(tenant.id):
        sent = invite_administrators(actor=actor)
    record(actor=actor, action="school.invite", object_type="tenancy.tenant", object_id=tenant.id, facts={"rows": sent})
    return sent


@transaction.atomic
def save_settings(*, actor: Actor, duty_phone: str, duty_hours: str, rules: Mapping[str, Any]) -> Tenant:
    """Saves what the school itself decides on its duty line and on the ⚙ rules named in ``rules``; the others stay as they are.

    Needs ``setting.manage``. Invalid with one row a fault, and then nothing is changed. One row of the record for each
    setting that changed, with the old and the new value; a telephone number stands in no record. Only what differs from
    the defaults is stored.
    """
    require(actor, "setting.manage")
    tenant: Tenant | None = _schools().select_for_update(no_key=True).filter(pk=actor.tenant_id).first()
    if tenant is None:
        raise NotFound
    details = _tidied(duty_phone=duty_phone, duty_hours=duty_hours)
    if faults := [*_detail_faults(details), *_rule_faults(rules)]:
        raise Invalid("out_of_range", fields=tuple(faults))
    before = tenant.settings
    wanted = {name: _in_order(name, value) if name in _CHOICES else value for name, value in rules.items()}
    after = TenantRules.from_json({**before.to_json(), **wanted})
    changes = [(name, old, new) for name in wanted if (old := getattr(before, name)) != (new := getattr(after, name))]
    lines = _write(tenant, {**details, "rules": after.to_json()})
    for line in lines:
        if line != "rules":
            _record_setting(actor, tenant, {"setting": line})
    for name, old, new in changes:
        _record_setting(actor, tenant, {"setting": name, "old": old, "new": new})
    return tenant


def _tidied(**details: str) -> dict[str, str]:
    """What people write: without spaces at the ends, and a number typed with a Chinese keyboard's digits in plain ones."""
    tidy = {name: value.strip() for name, value in details.items()}
    if "duty_phone" in tidy:
        tidy["duty_phone"] = fold_key(tidy["duty_phone"])
    return tidy


def _detail_faults(details: Mapping[str, str]) -> list[tuple[str, str, str]]:
    faults = [(name, "too_large", f"≤ {_LENGTHS[name]}") for name in details if len(details[name]) > _LENGTHS[name]]
    if "name" in details and not details["name"]:
        faults.append(("name", "required", ""))
    if details.get("duty_phone") and not _PHONE.fullmatch(details["duty_phone"]):
        faults.append(("duty_phone", "phone_invalid", ""))
    return faults


def _rule_faults(rules: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    faults = [(name, "unknown_field", "") for name in rules if name not in CHANGED_BY_THE_SCHOOL]
    for name, (least, most) in BOUNDS.items():
        if name in rules and (type(rules[name]) is not int or not least <= rules[name] <= most):
            faults.append((name, "out_of_range", f"{least}–{most}"))
    faults += [(name, "out_of_range", "") for name in _TICKS if type(rules.get(name, True)) is not bool]
    for name, known in _CHOICES.items():
        if set(rules.get(name, ())) - set(known):
            faults.append((name, "out_of_range", ", ".join(known)))
    return faults


def _in_order(name: str, ticked: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in _CHOICES[name] if each in ticked)


def _write(tenant: Tenant, values: Mapping[str, Any]) -> list[str]:
    """Set what differs; its names. The help bar of this process shows it as soon as it is committed, others in seconds."""
    changed = [name for name, value in values.items() if getattr(tenant, name) != value]
    if changed:
        for name in changed:
            setattr(tenant, name, values[name])
        tenant.save(update_fields=changed)
        transaction.on_commit(forget)
    return changed


def _record_setting(actor: Actor, tenant: Tenant, facts: Mapping[str, Any]) -> None:
    record(actor=actor, action="setting.change", object_type="tenancy.tenant", object_id=tenant.id, facts=facts)


def _record_in_both(actor: Actor, tenant: Tenant, action: str, facts: Mapping[str, Any]) -> None:
    with use_tenant(tenant.id):
        record(actor=actor, action=action, object_type="tenancy.tenant", object_id=tenant.id, facts=facts)
    record(actor=actor, action=action, object_type="tenancy.tenant", object_id=tenant.id, facts=facts)
