"""The only writers of emergency kits: places, what lies in them, and who is told that something ends (row 14.9)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import ProgrammingError, transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.once import once
from accounts.roles import Role
from audit import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from kernel.fold import fold_prose, fold_text
from notifications.colleagues import tell_who_may
from notifications.outbox import enqueue
from referrals.emergency.models import ItemKind, KitItem, KitPlace, PlaceKind, chain_moment
from referrals.emergency.models.kit import NO_MEDICINE
from referrals.emergency.workflow.holders import colleague, open_school

PAGE: Final = "/centre/emergency/kits/"
TOLD_BEFORE: Final = timedelta(days=30)
"""So long before its last good day whoever keeps a thing is told."""

MOST_STOCK: Final = 10_000
_TAKEN: Final = {
    "kit_place_once": lambda: Conflict("kit_place_twice", fields=(("name", "kit_place_twice", ""),)),
}


@transaction.atomic
def add_place(*, actor: Actor, name: str, kind: str, licence: str, keeper_id: UUID) -> KitPlace:
    """Where a kit stands. ``licence``: the number of a school clinic's licence; without one no medicine lies there.

    Needs ``kit.keep``. Invalid ``kit_place_name``, ``kit_place_kind``, ``kit_licence_elsewhere``, ``holder_unknown``;
    Conflict ``kit_place_twice``.
    """
    require(actor, "kit.keep")
    place = KitPlace(**_place(name, kind, licence, keeper_id))
    with once(_TAKEN):
        place.save(force_insert=True)
    record(actor=actor, action="kit.place", obj=place)
    return place


@transaction.atomic
def change_place(*, actor: Actor, place_id: UUID, name: str, kind: str, licence: str, keeper_id: UUID) -> KitPlace:
    """Its words and who keeps it. Needs ``kit.keep``. NotFound; errors as ``add_place``; Refused ``kit_has_medicine`` when
    medicine would lie there without a licence or without a doctor.
    """
    require(actor, "kit.keep")
    place = KitPlace.objects.select_for_update(no_key=True).filter(pk=place_id).first()
    if place is None:
        raise NotFound
    for field, value in _place(name, kind, licence, keeper_id).items():
        setattr(place, field, value)
    holds_medicine = KitItem.objects.filter(place=place, kind=ItemKind.MEDICINE).exists()
    if holds_medicine and (not place.licence or not _is_doctor(place.keeper)):
        raise Refused("kit_has_medicine", fields=(("licence", "kit_has_medicine", ""),))
    with once(_TAKEN):
        place.save()
    record(actor=actor, action="kit.place", obj=place)
    return place


@transaction.atomic
def put_item(
    *, actor: Actor, place_id: UUID | None, kind: str, name: str, stock: int, least: int, expires_on: date | None
) -> KitItem:
    """Something lies in a kit; it was looked at today.

    Whoever keeps the place may, else it needs ``kit.keep``. Invalid ``kit_without_place``, ``kit_item_name``, ``kit_item_kind``, ``kit_stock``,
    ``kit_medicine_expires``; Refused ``kit_no_medicine_here`` for medicine in a place without a licence, ``kit_needs_doctor``
    in one that no doctor keeps.
    """
    place = KitPlace.objects.select_for_update(no_key=True).filter(pk=place_id).first() if place_id else None
    _must_keep(actor, place)
    if place is None:
        raise Invalid("kit_without_place", fields=(("place", "kit_without_place", ""),))
    if kind not in ItemKind.values:
        raise Invalid("kit_item_kind", fields=(("kind", "kit_item_kind", ""),))
    item = KitItem(place=place, kind=kind, name=_named(name, "kit_item_name", KitItem), checked_on=_today())
    _fill(item, stock, least, expires_on)
    if kind == ItemKind.MEDICINE:
        if not place.licence:
            raise Refused("kit_no_medicine_here", fields=(("kind", "kit_no_medicine_here", ""),))
        if not _is_doctor(place.keeper):
            raise Refused("kit_needs_doctor", fields=(("kind", "kit_needs_doctor", ""),))
    with _unless_medicine():
        item.save(force_insert=True)
    record(actor=actor, action="kit.put", obj=item)
    return item


@transaction.atomic
def check_item(*, actor: Actor, item_id: UUID, stock: int, least: int, expires_on: date | None) -> KitItem:
    """Somebody looked today: so many are there, good until then. Whoever keeps the place may, else it needs
    ``kit.keep``; NotFound; Invalid as ``put_item``."""
    item = _held(actor, item_id)
    if item.expires_on != expires_on:
        item.told_on = None
    item.checked_on = _today()
    _fill(item, stock, least, expires_on)
    with _unless_medicine():
        item.save()
    record(actor=actor, action="kit.check", obj=item)
    return item


@transaction.atomic
def remove_item(*, actor: Actor, item_id: UUID) -> None:
    """It lies there no more. Whoever keeps the place may, else it needs ``kit.keep``; NotFound."""
    item = _held(actor, item_id)
    record(actor=actor, action="kit.remove", obj=item)
    item.delete()


@transaction.atomic
def tell_what_ends(*, actor: Actor) -> int:
    """Whoever keeps a place is told once of what ends there within ``TOLD_BEFORE`` or has ended, also when the round comes
    late. Where the keeper has left, whoever keeps kits is told. Needs ``chain.mend``; returns how many things.
    """
    require(actor, "chain.mend")
    today = _today()
    due = KitItem.objects.select_for_update(no_key=True).filter(told_on=None, expires_on__lte=today + TOLD_BEFORE)
    items = list(due.order_by("pk"))
    keepers = {
        place.pk: place.keeper
        for place in KitPlace.objects.filter(pk__in={item.place_id for item in items}).prefetch_related("keeper")
    }
    for place_id, keeper in keepers.items():
        key = f"kit-ends/{place_id}/{today.isoformat()}"
        if keeper.is_current(today) and not keeper.waits:
            enqueue(key=f"{key}/{keeper.pk}", template="kit_ends", to=keeper, link=PAGE)
        else:
            tell_who_may("kit.keep", template="kit_ends", key=key, link=PAGE, apart_from=None)
    KitItem.objects.filter(pk__in=[item.pk for item in items]).update(told_on=today)
    return len(items)


def _held(actor: Actor, item_id: UUID) -> KitItem:
    rows = KitItem.objects.select_for_update(no_key=True).filter(pk=item_id)
    item = rows.prefetch_related("place").first()
    _must_keep(actor, item.place if item else None)
    if item is None:
        raise NotFound
    return item


def _must_keep(actor: Actor, place: KitPlace | None) -> None:
    """Whoever keeps a place needs no permission: a doctor, who has none of the chain, keeps the clinic's."""
    if place is None or actor.membership_id is None or place.keeper_id != actor.membership_id:
        require(actor, "kit.keep")


@contextmanager
def _unless_medicine() -> Iterator[None]:
    """The database has the last word on medicine: a licence may have gone meanwhile."""
    try:
        with transaction.atomic():
            yield
    except ProgrammingError as error:
        diag = getattr(error.__cause__, "diag", None)
        if diag is None or diag.message_primary != NO_MEDICINE:
            raise
        raise Refused("kit_no_medicine_here", fields=(("kind", "kit_no_medicine_here", ""),)) from error


def _today() -> date:
    return open_school().day_of(chain_moment())


def _is_doctor(member: Membership) -> bool:
    return Role.DOCTOR in member.roles and member.is_current(_today())


def _named(name: str, code: str, model: type[KitItem] | type[KitPlace]) -> str:
    found = fold_prose(name).strip()
    if not found or len(found) > (model._meta.get_field("name").max_length or 0):
        raise Invalid(code, fields=(("name", code, ""),))
    return found


def _place(name: str, kind: str, licence: str, keeper_id: UUID) -> dict[str, object]:
    number = fold_text(licence).strip()
    if kind not in PlaceKind.values:
        raise Invalid("kit_place_kind", fields=(("kind", "kit_place_kind", ""),))
    if len(number) > 40 or (number and kind != PlaceKind.CLINIC):
        raise Invalid("kit_licence_elsewhere", fields=(("licence", "kit_licence_elsewhere", ""),))
    keeper = colleague(keeper_id, "keeper")
    return {"name": _named(name, "kit_place_name", KitPlace), "kind": kind, "licence": number, "keeper": keeper}


def _fill(item: KitItem, stock: int, least: int, expires_on: date | None) -> None:
    if not (0 <= stock <= MOST_STOCK and 0 <= least <= MOST_STOCK):
        raise Invalid("kit_stock", fields=(("stock", "kit_stock", ""),))
    if item.kind == ItemKind.MEDICINE and expires_on is None:
        raise Invalid("kit_medicine_expires", fields=(("expires_on", "kit_medicine_expires", ""),))
    item.stock, item.least, item.expires_on = stock, least, expires_on
