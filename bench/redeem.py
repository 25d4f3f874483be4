"""P2: redemptions a second of a partner's program, beside a bare view that writes the same rows by hand.

Both sides are one thread on one connection, one commit a redemption, a fresh one-unit voucher each. Ours goes through
every middleware, the token, the interface and the rules; the floor has no middleware and writes what ours writes
(redemption, books, audit row, log, message) without a rule, a state or a check of its own.
"""

import hashlib
import json
import statistics
import time
from collections.abc import Callable
from itertools import islice
from types import ModuleType
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from accounts.tokens import issue_token
from bench._vouchers import FEE_FEN, SUBSIDY_FEN, Ground, make_ground
from bench.race import check_books
from kernel.clock import now
from kernel.identifiers import uuid7
from ledger.models import Account
from referrals.workflow.secrets import secret_hash
from schools.workflow import platform_tenant
from tenancy.scope import use_tenant

_ROUNDS: Final = 8
LOCK_ACCOUNTS = "SELECT id FROM ledger_account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
USE_UP = "UPDATE referrals_voucher SET state = 'used_up', units_left = units_left - 1 WHERE id = %s"
COMPLETE = "UPDATE referrals_referral SET state = 'completed', deadline = NULL, changed_at = %s WHERE id = %s"
FINISH = "UPDATE referrals_booking SET state = 'done' WHERE id = %s"
HEAD = "SELECT id, seq, hash FROM audit_audithead FOR NO KEY UPDATE"
MOVE_HEAD = "UPDATE audit_audithead SET seq = %s, hash = %s, mac = %s WHERE id = %s"


def run(n: int = 400) -> dict[str, Any]:
    """``n`` vouchers on either side, in rounds taken in turn. AssertionError when a side refuses, or the books do not come
    out right. ``cpu_ms`` is what a redemption costs this process, the database's share not counted.
    """
    ground, bare_ground = make_ground(n + 3), make_ground(n + 3)
    ours, floor = _Side(_program(ground), ground.codes), _Side(_by_hand(bare_ground), bare_ground.codes)
    for side in (ours, floor):  # what a process learns once is learnt
        side.redeem(2)
    sent: list[str] = []

    def noted(act: Callable[..., Any], sql: str, *given: Any) -> Any:
        sent.append(sql)
        return act(sql, *given)

    with connection.execute_wrapper(noted):
        ours.redeem(1)
    floor.redeem(1)
    for _ in range(_ROUNDS):
        for side in (ours, floor):
            side.measure(n // _ROUNDS)
    check_books(ground)
    check_books(bare_ground)
    return {
        "ours": round(ours.rate, 1),
        "floor": round(floor.rate, 1),
        "ratio": round(ours.rate / floor.rate, 3),
        "unit": "1/s",
        "n": n,
        "statements": len(sent) + 1,  # COMMIT is the driver's; BEGIN goes with the first
        "cpu_ms": round(ours.cpu_ms, 2),
        "cpu_ms_floor": round(floor.cpu_ms, 2),
    }


class _Side:
    """One way to spend vouchers, and how long it took: the median round counts."""

    def __init__(self, act: Callable[[str], object], codes: list[str]) -> None:
        self._act, self._codes = act, iter(codes)
        self._rounds: list[tuple[float, float]] = []

    def redeem(self, count: int) -> None:
        for code in islice(self._codes, count):
            self._act(code)

    def measure(self, count: int) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        self.redeem(count)
        self._rounds.append(((time.perf_counter() - wall) / count, (time.process_time() - cpu) / count))

    @property
    def rate(self) -> float:
        return 1 / statistics.median(wall for wall, _cpu in self._rounds)

    @property
    def cpu_ms(self) -> float:
        return statistics.median(cpu for _wall, cpu in self._rounds) * 1000


def _program(ground: Ground) -> Callable[[str], object]:
    """The partner's program: a token, every middleware, the interface, the rules."""
    assert ground.counter.user_id is not None
    assert ground.counter.institution_id is not None
    platform = platform_tenant()
    with use_tenant(platform.id):
        _token, raw = issue_token(actor=ground.counter, label="bench")
    client = Client(headers={"host": platform.host, "authorization": f"Token {raw}"})

    def act(code: str) -> None:
        answer = client.post("/api/v1/partner/redemptions/", {"code": code}, content_type="application/json")
        assert answer.status_code == 201

    return act


def _by_hand(ground: Ground) -> Callable[[str], object]:
    """A bare view without a middleware, that writes the same rows and asks nothing."""
    write = _bare(ground)

    def view(request: HttpRequest) -> HttpResponse:
        write(json.loads(request.body)["code"])
        return JsonResponse({"id": "1"}, status=201)

    urls = ModuleType("bench.redeem_by_hand")
    urls.urlpatterns = [path("redeem/", view)]  # type: ignore[attr-defined]
    with override_settings(MIDDLEWARE=[]):
        client = Client()
        client.handler.load_middleware()

    def act(code: str) -> None:
        request = RequestFactory().post("/redeem/", {"code": code}, content_type="application/json")
        request.urlconf = urls  # type: ignore[assignment]
        answer = client.handler.get_response(request)
        assert answer.status_code == 201

    return act


def _bare(ground: Ground) -> Callable[[str], None]:
    """A redemption as one would write it by hand, with the accounts looked up beforehand."""
    with use_tenant(ground.school.id):
        accounts = {(row.book, row.bucket): row.pk for row in Account.objects.filter(period=ground.pool.period)}
        accounts |= {(row.book, row.bucket): row.pk for row in Account.objects.filter(owner=ground.quota.owner)}
    sides = [
        (accounts[book, bucket], sign)
        for book in ("pool", "quota")
        for bucket, sign in (("reserved", -1), ("spent", 1))
    ]

    def act(code: str) -> None:
        with use_tenant(ground.school.id), transaction.atomic(), connection.cursor() as cursor:
            _write(cursor, ground, sides, code)

    return act


def _write(cursor: CursorWrapper, ground: Ground, sides: list[tuple[UUID, int]], code: str) -> None:
    moment, tenant, key, transfer = now(), ground.school.id, uuid7(), uuid7()
    cursor.execute("SELECT voucher_id FROM voucher_locate(%s)", [secret_hash(code)])
    (voucher,) = cursor.fetchone()
    cursor.execute(
        "SELECT referral_id, booking_id, number FROM referrals_voucher WHERE id = %s FOR NO KEY UPDATE", [voucher]
    )
    referral, booking, number = cursor.fetchone()
    cursor.execute(LOCK_ACCOUNTS, [[account for account, _sign in sides]])
    cursor.fetchall()
    _insert(
        cursor, "referrals_redemption", id=key, tenant_id=tenant, voucher_id=voucher, unit_index=0, fee_fen=FEE_FEN,
        subsidy_fen=SUBSIDY_FEN, self_fen=FEE_FEN - SUBSIDY_FEN, voucher_number=number, state="redeemed",
        partner_id=ground.counter.institution_id, redeemed_at=moment, redeemed_by_id=ground.counter.user_id,
        reverse_reason="",
    )  # fmt: skip
    cursor.execute(USE_UP, [voucher])
    cursor.execute(COMPLETE, [moment, referral])
    cursor.execute(FINISH, [booking])
    _insert(
        cursor, "ledger_transfer", id=transfer, tenant_id=tenant, kind="commit", reference=f"redemption/{key}/commit",
        reason="", by=ground.counter.user_id, created_at=moment,
    )  # fmt: skip
    rows = [value for account, sign in sides for value in (uuid7(), tenant, transfer, account, sign * SUBSIDY_FEN)]
    marks = ", ".join(["(%s, %s, %s, %s, %s)"] * len(sides))
    cursor.execute(f"INSERT INTO ledger_entry (id, tenant_id, transfer_id, account_id, amount) VALUES {marks}", rows)
    _insert(
        cursor, "referrals_scanlog", id=uuid7(), tenant_id=tenant, voucher_id=voucher, at=moment, outcome="redeemed",
        partner_id=ground.counter.institution_id, user_id=ground.counter.user_id,
    )  # fmt: skip
    _insert(
        cursor, "notifications_outboxmessage", id=uuid7(), tenant_id=tenant, key=f"bench/{key}", template="voucher_redeemed",
        channel="in_app", to_user_id=ground.person.user_id, context=json.dumps({"number": number}), link="/", state="queued",
        attempts=0, next_at=moment, last_error="", created_at=moment,
    )  # fmt: skip
    cursor.execute(HEAD)
    head, seq, before = cursor.fetchone()
    after = hashlib.sha256(bytes(before) + key.bytes).digest()
    _insert(
        cursor, "audit_auditentry", id=uuid7(), tenant_id=tenant, seq=seq + 1, at=moment, actor_id=ground.counter.user_id,
        actor_kind="partner", action="voucher.redeem", object_type="referrals.redemption", object_id=str(key),
        facts=json.dumps({"subsidy_fen": SUBSIDY_FEN}), prev_hash=bytes(before), hash=after,
    )  # fmt: skip
    cursor.execute(MOVE_HEAD, [seq + 1, after, after, head])


def _insert(cursor: CursorWrapper, table: str, **values: Any) -> None:
    marks = ", ".join(["%s"] * len(values))
    cursor.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))
