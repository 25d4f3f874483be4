"""The floor of ``redeem``: a server without a middleware that writes the rows of a redemption by hand and asks nothing."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from typing import Any, Final, Self
from uuid import UUID

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from bench._vouchers import FEE_FEN, SUBSIDY_FEN, Ground
from kernel.clock import local_day, now
from kernel.identifiers import uuid7
from ledger.models import Account
from referrals.workflow.secrets import secret_hash
from tenancy.scope import use_tenant

PATH: Final = "/redeem/"
VARIABLE: Final = "BENCH_BY_HAND"
LOCK_ACCOUNTS = "SELECT id FROM ledger_account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
USE_UP = "UPDATE referrals_voucher SET state = 'used_up', units_left = units_left - 1 WHERE id = %s"
COMPLETE = "UPDATE referrals_referral SET state = 'completed', deadline = NULL, changed_at = %s WHERE id = %s"
SPEND = "UPDATE referrals_unit SET state = 'spent' WHERE referral_id = %s RETURNING reservation"
RESERVATION = "SELECT id FROM ledger_transfer WHERE reference = %s"
FINISH = "UPDATE referrals_booking SET state = 'done' WHERE id = %s"
HEAD = "SELECT id, seq, hash FROM audit_audithead FOR NO KEY UPDATE"
MOVE_HEAD = "UPDATE audit_audithead SET seq = %s, hash = %s, mac = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Known:
    """What the floor knows beforehand: the school, who acts, and the accounts, looked up once."""

    school: UUID
    institution: UUID
    counter: UUID
    person: UUID
    sides: list[tuple[UUID, int]]

    @classmethod
    def of(cls, ground: Ground) -> Self:
        """Looked up in ``ground``'s school."""
        with use_tenant(ground.school.id):
            accounts = {(row.book, row.bucket): row.pk for row in Account.objects.filter(period=ground.pool.period)}
            accounts |= {(row.book, row.bucket): row.pk for row in Account.objects.filter(owner=ground.quota.owner)}
        sides = [
            (accounts[book, bucket], sign)
            for book in ("pool", "quota")
            for bucket, sign in (("reserved", -1), ("spent", 1))
        ]
        counter = ground.counter
        assert counter.institution_id
        assert counter.user_id
        assert ground.person.user_id
        return cls(ground.school.id, counter.institution_id, counter.user_id, ground.person.user_id, sides)

    def as_text(self) -> str:
        """For the environment of the server."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """As ``as_text`` wrote it."""
        said = json.loads(text)
        sides = [(UUID(account), sign) for account, sign in said.pop("sides")]
        return cls(**{name: UUID(value) for name, value in said.items()}, sides=sides)


def redeem(request: HttpRequest) -> HttpResponse:
    """One redemption, as one would write it by hand."""
    with use_tenant(_KNOWN[0].school), transaction.atomic(), connection.cursor() as cursor:
        _write(cursor, _KNOWN[0], json.loads(request.body)["code"])
    return JsonResponse({"id": "1"}, status=201)


_KNOWN: list[Known] = []
urlpatterns = [path(PATH.strip("/") + "/", redeem), path("healthz", lambda request: HttpResponse())]


def application() -> WSGIHandler:
    """The program of ``bench._by_hand_wsgi``; ``VARIABLE`` says what it knows."""
    settings.MIDDLEWARE, settings.ROOT_URLCONF = [], __name__
    _KNOWN.append(Known.from_text(os.environ[VARIABLE]))
    return get_wsgi_application()


def _write(cursor: CursorWrapper, known: Known, code: str) -> None:
    moment, tenant, key, transfer = now(), known.school, uuid7(), uuid7()
    cursor.execute("SELECT voucher_id FROM voucher_locate(%s)", [secret_hash(code)])
    (voucher,) = cursor.fetchone()
    cursor.execute(
        "SELECT referral_id, booking_id, number FROM referrals_voucher WHERE id = %s FOR NO KEY UPDATE", [voucher]
    )
    referral, booking, number = cursor.fetchone()
    cursor.execute(LOCK_ACCOUNTS, [[account for account, _sign in known.sides]])
    cursor.fetchall()
    _insert(
        cursor, "referrals_redemption", id=key, tenant_id=tenant, voucher_id=voucher, unit_index=0, fee_fen=FEE_FEN,
        subsidy_fen=SUBSIDY_FEN, self_fen=FEE_FEN - SUBSIDY_FEN, voucher_number=number, state="redeemed",
        partner_id=known.institution, redeemed_at=moment, redeemed_by_id=known.counter, service_date=local_day(moment),
        reverse_reason="", own_share_due=False,
    )  # fmt: skip
    cursor.execute(USE_UP, [voucher])
    cursor.execute(COMPLETE, [moment, referral])
    cursor.execute(FINISH, [booking])
    cursor.execute(SPEND, [referral])
    cursor.execute(RESERVATION, cursor.fetchone())
    (against,) = cursor.fetchone()
    _insert(
        cursor, "ledger_transfer", id=transfer, tenant_id=tenant, kind="commit", reference=f"redemption/{key}/commit",
        against_id=against, reason="", by=known.counter, created_at=moment,
    )  # fmt: skip
    rows = [
        value for account, sign in known.sides for value in (uuid7(), tenant, transfer, account, sign * SUBSIDY_FEN)
    ]
    marks = ", ".join(["(%s, %s, %s, %s, %s)"] * len(known.sides))
    cursor.execute(f"INSERT INTO ledger_entry (id, tenant_id, transfer_id, account_id, amount) VALUES {marks}", rows)
    _insert(
        cursor, "referrals_scanlog", id=uuid7(), tenant_id=tenant, voucher_id=voucher, at=moment, outcome="redeemed",
        partner_id=known.institution, user_id=known.counter,
    )  # fmt: skip
    _insert(
        cursor, "notifications_outboxmessage", id=uuid7(), tenant_id=tenant, key=f"bench/{key}", template="voucher_redeemed",
        channel="in_app", to_user_id=known.person, context=json.dumps({"number": number}), link="/", state="queued",
        attempts=0, next_at=moment, last_error="", created_at=moment,
    )  # fmt: skip
    cursor.execute(HEAD)
    head, seq, before = cursor.fetchone()
    after = hashlib.sha256(bytes(before) + key.bytes).digest()
    _insert(
        cursor, "audit_auditentry", id=uuid7(), tenant_id=tenant, seq=seq + 1, at=moment, actor_id=known.counter,
        actor_kind="partner", action="voucher.redeem", object_type="referrals.redemption", object_id=str(key),
        facts=json.dumps({"subsidy_fen": SUBSIDY_FEN}), prev_hash=bytes(before), hash=after,
    )  # fmt: skip
    cursor.execute(MOVE_HEAD, [seq + 1, after, after, head])


def _insert(cursor: CursorWrapper, table: str, **values: Any) -> None:
    marks = ", ".join(["%s"] * len(values))
    cursor.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))
