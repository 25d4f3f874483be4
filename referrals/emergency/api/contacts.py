"""``contacts/``: the caller's own emergency contacts, and the link that asks them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from api.idempotency import idempotent
from api.serializers import Choice, Day, EmptySerializer, Flag, StrictSerializer, Text
from api.views import BaseView, ListView
from families.access import relatives_of
from families.models import Relation
from families.rules import ANSWER_LINK_LIFE
from families.workflow import register_relative
from kernel.clock import now
from referrals.emergency.access import access_contact, contacts_of
from referrals.emergency.models import Contact
from referrals.emergency.models.contacts import GradeChoices, NextOfKin
from referrals.emergency.rules.contacts import MOST_CONTACTS, Readiness, ask_again_on
from referrals.emergency.selectors import readiness_of
from referrals.emergency.workflow.contacts import add_contact, ask_contact
from vault.phones import normalise_phone


class ContactIn(StrictSerializer):
    """Somebody of 18 or older. ``born`` is asked for a son or daughter, looked at and not kept."""

    relation = Choice(Relation.values)
    name = Text(max_length=60)
    phone = Text(max_length=30)
    grades = serializers.ListField(child=Choice(GradeChoices.values), min_length=1, max_length=len(GradeChoices.values))
    next_of_kin = Choice(NextOfKin.values, default=NextOfKin.UNKNOWN.value)
    is_of_age = Flag()
    born = Day(required=False)


class ContactOut(serializers.Serializer[Any]):
    """A contact. ``state`` is whether they would be called today, and if not, why."""

    id = serializers.UUIDField()
    relative = serializers.UUIDField(source="relative_id")
    rank = serializers.IntegerField(min_value=1, max_value=MOST_CONTACTS)
    relation = serializers.ChoiceField(Relation.values, source="relative.relation")
    name = serializers.CharField(source="relative.name")
    phone = serializers.CharField(source="relative.phone")
    grades = serializers.ListField(child=serializers.ChoiceField(GradeChoices.values))
    next_of_kin = serializers.ChoiceField(NextOfKin.values, source="is_next_of_kin")
    state = serializers.SerializerMethodField()
    confirmed_on = serializers.DateField()
    ask_again_on = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField([state.value for state in Readiness]))
    def get_state(self, contact: Contact) -> str:
        """As the caller has looked it up for all of a page at once."""
        return str(self.context["ready"][contact.pk].value)

    def get_ask_again_on(self, contact: Contact) -> date:
        """A year after the last word."""
        return ask_again_on(contact.confirmed_on)


class InviteOut(serializers.Serializer[Any]):
    """The link to pass on. It is told once, and asking again makes the one before worthless."""

    link = serializers.CharField()
    until = serializers.DateTimeField()


class ContactsView(ListView):
    """The caller's contacts in the order in which they are called."""

    act = "contact.add"
    permissions: ClassVar = {"GET": "contact.own", "POST": "contact.own"}
    serializer_class = ContactOut

    def get_queryset(self) -> QuerySet[Contact]:
        """Nobody else's."""
        return contacts_of(self.actor)

    @extend_schema(operation_id="contacts_list", responses=ContactOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        return self.get_paginated_response(_shown(self.paginate_queryset(self.get_queryset()) or []))

    @extend_schema(operation_id="contacts_create", request=ContactIn, responses={201: ContactOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Name somebody of the family and give them the next place. Nobody is told: ``invite`` asks them."""
        form = ContactIn(data=request.data)
        form.is_valid(raise_exception=True)
        contact = _named(self.actor, form.validated_data)
        return Response(_shown([access_contact(self.actor, contact.pk)])[0], status=201)


class ContactView(BaseView):
    """One contact."""

    permissions: ClassVar = {"GET": "contact.own"}

    @extend_schema(operation_id="contacts_read", responses=ContactOut)
    def get(self, request: Request, contact_id: UUID) -> Response:
        """404 for everyone but the person."""
        return Response(_shown([access_contact(self.actor, contact_id)])[0])


class ContactInviteView(BaseView):
    """The link by which a contact agrees."""

    act = "contact.invite"
    permissions: ClassVar = {"POST": "contact.own"}

    @extend_schema(operation_id="contacts_invite", request=EmptySerializer, responses={201: InviteOut})
    @idempotent
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Ask for the agreement. 409 ``consent_given`` when they have agreed already."""
        EmptySerializer(data=request.data).is_valid(raise_exception=True)
        token = ask_contact(actor=self.actor, contact_id=contact_id)
        link = request.build_absolute_uri(reverse("family_link", args=[token]))
        return Response(InviteOut({"link": link, "until": now() + ANSWER_LINK_LIFE}).data, status=201)


@transaction.atomic
def _named(actor: Actor, said: Mapping[str, Any]) -> Contact:
    """The contact of a relative whom the caller named before, or names now. Both or neither is written."""
    number, born = normalise_phone(said["phone"]), said.get("born")
    known = [
        row.pk
        for row in relatives_of(actor)
        if (row.relation, row.name, row.phone) == (said["relation"], said["name"], number)
    ]
    relative_id = (
        known[0]
        if known
        else register_relative(actor=actor, relation=said["relation"], name=said["name"], phone=number, born=born).pk
    )
    return add_contact(
        actor=actor,
        relative_id=relative_id,
        grades=said["grades"],
        is_of_age=said["is_of_age"],
        is_next_of_kin=said["next_of_kin"],
        born=born,
    )


def _shown(contacts: Sequence[Contact]) -> list[Any]:
    ready = readiness_of(contacts)
    return list(ContactOut(contacts, many=True, context={"ready": ready}).data)
