"""Places that wait for their owner: the link that proves a mailbox, and the acceptance that joins an account (ADR 0010).

A school (or the operator, for an institution) types who belongs to it; the row stands at once and holds no right.
Nobody else's word joins it to an account: its owner does, either with the link sent to the typed address, or signed in
with an account that has proved this very address or number. The link is made when the message is sent and stands in no
table. It ends after ``settings.INVITATION_DAYS``, with the next invitation, when the address changes and with
acceptance, and nothing tells a wrong link from a used or an old one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Final, Protocol
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.actor import Actor, ActorKind
from accounts.known_by import numbers_changed
from accounts.models import User
from accounts.tokens import end_keys
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, NotFound
from registry import table
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant

_SALT: Final = "accounts.invitation"


class Place(Protocol):
    """A row of a place: ``accounts.Membership``, ``partners.InstitutionMember``."""

    pk: Any
    user_id: Any
    user: Any
    accepted_at: Any
    name: str
    email: str
    invited_at: Any

    def save(self, *args: Any, **kwargs: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """One table of places. An app brings its own as ``place_kinds.PLACES``."""

    key: str
    waiting: Callable[[Tenant], QuerySet[Any]]
    """Rows of the host's tenant that nobody has accepted and that still count."""
    held_by: Callable[[Any, User], bool]
    """Whether the account has such a place already where this one is."""
    proved_by: Callable[[Tenant, User], Q]
    """Which waiting rows the account's proved address and number open."""
    inviter: Callable[[Tenant, Any], str]
    """Who invites, in words."""
    give_up_ended: Callable[[Any, User], None] = lambda place, user: None
    """Lets go of the account's earlier place where that one is over."""


@cache
def kinds() -> Mapping[str, PlaceKind]:
    """Every app's kinds, by key. ValueError when two apps bring the same key."""
    found: Mapping[str, PlaceKind] = table("place_kinds", "PLACES")
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """One place that waits on this host."""

    kind: PlaceKind
    row: Any
    inviter: str


def is_open(place: Place) -> bool:
    """Whether an invitation would help: nobody has accepted yet, and there is an address to write to."""
    return place.user_id is None and bool(place.email)


def path_for(kind: str, place: Place) -> str:
    """The link's path, made anew at each call."""
    token = signing.dumps({"k": kind, "p": str(place.pk), "f": _state_of(place)}, salt=_SALT, compress=True)
    return reverse("account_invitation", args=[token])


def place_to_invite(kind: str, place_id: UUID | None, tenant: Tenant) -> Place | None:
    """The waiting place that a message speaks of; None when an invitation would no longer help."""
    known = kinds().get(kind)
    found: Place | None = known.waiting(tenant).filter(pk=place_id).first() if known else None
    return found if found is not None and is_open(found) else None


def invited(token: str, tenant: Tenant) -> Waiting:
    """Which place the link opens on this host. NotFound for a link that is wrong, used or too old."""
    return _open(token, tenant, locked=False)


def waiting_for(tenant: Tenant, user: User) -> Waiting | None:
    """The place on this host that waits for what ``user`` has proved. At most one query a kind."""
    return _waiting_for(tenant, user, locked=False)


def has_account(place: Place) -> bool:
    """Whether an account has proved the address that the place was typed with."""
    return User.objects.filter(email=place.email).exists()


@transaction.atomic
def accept_with_password(*, token: str, tenant: Tenant, password: str) -> User:
    """Take the place with a new account, whose address the link has proved.

    NotFound as ``invited``; django's ValidationError for a weak password; Conflict ``account_exists`` when an account
    has proved the address already: it is its owner who signs in and accepts.
    """
    waiting = _open(token, tenant, locked=True)
    user = User(email=waiting.row.email, full_name=waiting.row.name)
    validate_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    except IntegrityError as error:
        raise Conflict("account_exists") from error
    _join(waiting, tenant, user)
    return user


@transaction.atomic
def accept_signed_in(*, tenant: Tenant, user: User, shown: str = "") -> Waiting:
    """Take the place that waits for what the signed-in ``user`` has proved. NotFound when none does.

    ``shown`` is the key of the place that the person saw: when another one waits by now, NotFound, and none is taken.
    """
    waiting = _waiting_for(tenant, User.objects.get(pk=user.pk), locked=True)
    if waiting is None or shown not in ("", str(waiting.row.pk)):
        raise NotFound("invitation_ended")
    _join(waiting, tenant, user)
    return waiting


def _join(waiting: Waiting, tenant: Tenant, user: User) -> None:
    """Write the one thing that gives a place to an account. ``waiting`` is locked.

    Conflict ``place_held`` when the account has a place there already.
    """
    place = waiting.row
    waiting.kind.give_up_ended(place, user)
    if waiting.kind.held_by(place, user):
        raise Conflict("place_held")
    place.user, place.accepted_at = user, now()
    try:
        with transaction.atomic():
            place.save(update_fields=["user", "accepted_at"])
    except IntegrityError as error:  # two places of one person, accepted at the same moment
        raise Conflict("place_held") from error
    if user.phone_hash is not None:
        numbers_changed(tenant.pk)
    end_keys(user, tenant)
    kind = ActorKind.PARTNER if tenant.kind == TenantKind.PLATFORM else ActorKind.MEMBER
    record(actor=Actor(user_id=user.pk, tenant_id=tenant.id, kind=kind), action="invitation.accept", obj=place)


def _open(token: str, tenant: Tenant, *, locked: bool) -> Waiting:
    age = timedelta(days=settings.INVITATION_DAYS)
    try:
        said = signing.loads(token, salt=_SALT, max_age=age)
        kind, place_id, state = kinds()[said["k"]], UUID(said["p"]), str(said["f"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise NotFound("invitation_ended") from None
    rows = kind.waiting(tenant).filter(pk=place_id)
    place: Place | None = (rows.select_for_update(no_key=True, of=("self",)) if locked else rows).first()
    if place is None or not is_open(place) or not constant_time_compare(state, _state_of(place)):
        raise NotFound("invitation_ended")
    return Waiting(kind, place, kind.inviter(tenant, place))


def _waiting_for(tenant: Tenant, user: User, *, locked: bool) -> Waiting | None:
    if not user.is_active:
        return None
    for kind in kinds().values():
        with use_tenant(tenant.id):
            rows = kind.waiting(tenant).filter(kind.proved_by(tenant, user)).order_by("pk")
            place = (rows.select_for_update(no_key=True, of=("self",)) if locked else rows).first()
            if place is not None:
                return Waiting(kind, place, kind.inviter(tenant, place))
    return None


def _state_of(place: Place) -> str:
    """Another one as soon as the place is accepted, the address changes or another invitation is sent."""
    said = f"{place.pk}:{place.user_id}:{place.email}:{place.invited_at and place.invited_at.isoformat()}"
    return salted_hmac(_SALT, said, algorithm="sha256").hexdigest()[:32]


def by_address(user: User) -> Q:
    """Rows typed with the address that the account has proved."""
    return Q(email=user.email) if user.email else Q(pk__in=[])
