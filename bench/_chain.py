"""Schools whose emergency chain is live, people with two contacts who agreed, and a gateway that keeps the minute."""

import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.actor import Actor
from accounts.models import Membership, User
from families.models import Consent, Relative
from families.purposes import CURRENT_TEXT
from kernel.clock import local_day, now
from kernel.identifiers import uuid7
from notifications import signing
from referrals.emergency.models import Chain, Contact, DutyLine, DutyShift, Seat
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.rules.step_rules import TEAM
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant
from vault.keys import create_tenant_key


@dataclass
class LiveSchool:
    """``people`` are those about whom something can be opened, each once; ``duty`` opens it; ``head`` is an account that
    reports. ``host``: under which its pages answer."""

    pk: UUID
    host: str
    duty: Actor
    head: UUID
    people: list[UUID] = field(default_factory=list)


def make_live_school(number: int, people: int) -> LiveSchool:
    """Somebody on duty and behind them, four seats, an operator's line."""
    slug = f"bench-{uuid7().hex[-12:]}"
    school = Tenant.objects.create(
        slug=slug, host=f"{slug}.localhost", kind=TenantKind.MIDDLE, name="Bench", code="BB", is_active=True
    )
    with use_tenant(school.pk), transaction.atomic():
        create_tenant_key(school.pk)
        head = _member(slug, 8, number * 1_000 + 8, "head").user_id
        posts = [_member(slug, place, number * 1_000 + place, role) for place, role in enumerate(_ROLES)]
        line = DutyLine.objects.create(name="Bench", number="+8657188880000", kind="operator", answers="24 h")
        Chain.objects.create(
            state="live", operator_line=line, switched_by=posts[2], agreed_by=posts[3], switched_at=now()
        )
        moment = now()
        for layer in (1, 2):
            DutyShift.objects.create(
                layer=layer, holder=posts[layer - 1], starts_at=moment, ends_at=moment + timedelta(days=2)
            )
        today = local_day(moment)
        for kind, holder in zip(TEAM, posts[2:], strict=True):
            Seat.objects.create(kind=kind, holder=holder, since=today)
        subjects = [_with_contacts(slug, school.pk, number * 1_000 + 100 + place) for place in range(people)]
    duty = posts[0]
    actor = Actor(user_id=duty.user_id, tenant_id=school.pk, membership_id=duty.pk, roles=frozenset({"duty", "centre"}))
    assert head is not None
    return LiveSchool(school.pk, school.host, actor, head, subjects)


_ROLES = ("duty", "duty", "centre", "principal", "moral", "doctor")


def _member(slug: str, place: int, number: int, role: str) -> Membership:
    user = User.objects.create(email=f"{place}-{number}@{slug}.example", password="!", full_name="Bench")
    member = Membership(user=user, name="Bench", roles=[role, "staff"], email=user.email or "", accepted_at=now())
    member.keep_phone(f"+86139{number:08d}")
    member.save(force_insert=True)
    return member


def _with_contacts(slug: str, school: UUID, number: int) -> UUID:
    person = _member(slug, 9, number, "staff")
    for rank in (1, 2):
        relative = Relative(person=person, relation="sibling")
        relative.name, relative.phone = "Bench", f"+8613{6 + rank}{number:08d}"
        relative.save(force_insert=True)
        Consent.objects.create(
            person=person, relative=relative, purpose="emergency", state="given", text_id=CURRENT_TEXT["emergency"]
        )
        Contact.objects.create(
            person=person,
            relative=relative,
            rank=rank,
            grades=["extreme"],
            number_hash=number_hash(school, relative.phone),
            confirmed_on=local_day(now()),
        )
    return person.pk


class Sink(ThreadingTCPServer):
    """Takes every page and keeps when its leg's first one came (seconds since 1970); those on channel ``hangs`` are never answered.

    ``unsigned``: how many of them bore no signature of ours that is good now; counted where there is a secret. ``taken``: bytes of
    all bodies. It reads no more of HTTP than it needs: what it costs is taken from the two cores of those who are measured.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, hangs: str = "") -> None:
        self.hangs = hangs
        self.first: dict[str, float] = {}
        self.keys: dict[str, int] = {}
        self.unsigned = self.taken = 0
        super().__init__(("127.0.0.1", 0), _Taker)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/send"


_ANSWER: Final = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


class _Taker(StreamRequestHandler):
    """One kept line: request after request until the other side closes it."""

    server: Sink

    def handle(self) -> None:
        with suppress(OSError):  # the other side has gone
            while (heads := self._heads()) and self._take(self.rfile.read(int(heads["content-length"])), heads):
                self.wfile.write(_ANSWER)

    def _heads(self) -> dict[str, str]:
        """Of one request, by their names in small letters; none when the line is closed."""
        heads: dict[str, str] = {}
        if not self.rfile.readline():
            return heads
        while line := self.rfile.readline().strip():
            name, _colon, value = line.decode("latin-1").partition(":")
            heads[name.lower()] = value.strip()
        return heads

    def _take(self, body: bytes, heads: Mapping[str, str]) -> bool:
        self.server.taken += len(body)
        told: dict[str, Any] = json.loads(body)
        if settings.GATEWAY_SECRET:
            try:
                stamp, signature = heads.get(signing.TIMESTAMP.lower(), ""), heads.get(signing.SIGNATURE.lower(), "")
                signing.check(body, timestamp=stamp, signature=signature)
            except signing.BadSignature:
                self.server.unsigned += 1
        if told["channel"] == self.server.hangs:
            time.sleep(8)
            return False
        self.server.first.setdefault(told.get("leg", ""), time.time())
        self.server.keys[told["key"]] = self.server.keys.get(told["key"], 0) + 1
        return True
