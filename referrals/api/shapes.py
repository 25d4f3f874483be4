"""What several calls show: a service, a time, a price."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from api.host import host_request
from api.serializers import Moment, StrictSerializer
from partners.models import Service
from referrals.api import enums
from referrals.wishes import Wishes
from tenancy.models import Tenant


class ServiceBrief(serializers.ModelSerializer[Any]):
    """Which service."""

    class Meta:
        model = Service
        fields = ("id", "name", "kind", "unit")


class SpanIn(StrictSerializer):
    """A time, half-open, with its offset."""

    starts_at = Moment()
    ends_at = Moment()


class SpanOut(serializers.Serializer[Any]):
    """A time, half-open."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class QuoteLineOut(serializers.Serializer[Any]):
    """A part of the fee that the person pays, and why; ``params`` fill the sentence."""

    reason = serializers.ChoiceField(enums.CUTS)
    fen = serializers.IntegerField()
    policy = serializers.UUIDField()
    version = serializers.IntegerField()
    params = serializers.DictField()


class SplitOut(serializers.Serializer[Any]):
    """A price in whole fen: the fee, the school's part, the person's part."""

    fee_fen = serializers.IntegerField()
    subsidy_fen = serializers.IntegerField()
    self_fen = serializers.IntegerField()


class WishesOut(serializers.Serializer[Any]):
    """What the person wishes of whoever helps; empty: either is fine."""

    gender = serializers.ChoiceField(enums.WISHED_GENDER, allow_blank=True)
    place = serializers.ChoiceField(enums.WISHED_PLACE, allow_blank=True)
    access = serializers.ListField(child=serializers.ChoiceField(enums.WISHED_ACCESS))


def wishes_of(given: Mapping[str, Any]) -> Wishes:
    """What ``WishesIn`` gave, as the writers take it."""
    return Wishes(gender=given.get("gender", ""), place=given.get("place", ""), access=tuple(given.get("access", ())))


def tenant_of(request: Request) -> Tenant:
    """The school whose host was called."""
    return host_request(request).tenant


def spans(rows: list[dict[str, datetime]]) -> list[tuple[datetime, datetime]]:
    """What ``SpanIn(many=True)`` gave, as the writers take it."""
    return [(row["starts_at"], row["ends_at"]) for row in rows]


def checked(form: StrictSerializer) -> dict[str, Any]:
    """The form's values. Raises ValidationError with a row a fault."""
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


@cache
def _shape(out: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    return out()


def shown(out: type[serializers.Serializer[Any]], thing: object) -> dict[str, Any]:
    """What ``out`` says of ``thing``, for a call that is made often: its fields are laid out once and not for each answer."""
    return dict(_shape(out).to_representation(thing))


def asked(form: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The query's values for the fields that ``form`` declares; anything else in the address is not looked at."""
    given = {name: request.query_params[name] for name in dict(form().fields) if name in request.query_params}
    return checked(form(data=given))
