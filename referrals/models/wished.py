"""Columns of a person's wishes: on the request, and repeated on its offer, because an institution reads no request."""

from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from referrals.wishes import Access, Gender, Place, Wishes

_GENDERS: Final = [value.value for value in Gender]
_PLACES: Final = [value.value for value in Place]
_ACCESS: Final = [value.value for value in Access]


class Wished(models.Model):
    """Closed choices alone: no words of a person's own fit in here."""

    wish_gender = models.CharField(
        max_length=8, choices=[(value, value) for value in _GENDERS], blank=True, default="", db_default=""
    )
    wish_place = models.CharField(
        max_length=8, choices=[(value, value) for value in _PLACES], blank=True, default="", db_default=""
    )
    wish_access = ArrayField(models.CharField(max_length=12), default=list, db_default=[], blank=True)

    class Meta:
        abstract = True

    @property
    def wishes(self) -> Wishes:
        """What was chosen."""
        return Wishes(gender=self.wish_gender, place=self.wish_place, access=tuple(self.wish_access))

    @wishes.setter
    def wishes(self, wishes: Wishes) -> None:
        self.wish_gender, self.wish_place = wishes.gender, wishes.place
        self.wish_access = [value for value in _ACCESS if value in wishes.access]


def wishes_are_choices(table: str) -> list[Any]:
    """The database takes nothing but what stands in the lists."""
    known = Q(wish_gender__in=["", *_GENDERS], wish_place__in=["", *_PLACES], wish_access__contained_by=_ACCESS)
    return [models.CheckConstraint(condition=known, name=f"{table}_wishes_are_choices")]
