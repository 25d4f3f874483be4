"""P2: redemptions a second in one worker, beside the same rows written by bare SQL in one transaction.

Both sides are one thread on one connection, one commit a redemption, a fresh one-unit voucher each. The floor writes
what ours writes (redemption, books, audit row, log, message) without a rule, a state or a check of its own.
"""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext

from bench._vouchers import FEE_FEN, SUBSIDY_FEN, Ground, make_ground
from bench.race import check_books
from kernel.clock import now
from kernel.identifiers import uuid7
from ledger.models import Account
from referrals.workflow.redeeming import redeem
from referrals.workflow.secrets import secret_hash
from tenancy.scope import use_tenant

LOCK_ACCOUNTS = "SELECT id FROM ledger_account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
USE_UP = "UPDATE referrals_voucher SET state = 'used_up', units_left = units_left - 1 WHERE id = %s"
COMPLETE = "UPDATE referrals_referral SET state = 'completed', deadline = NULL, changed_at = %s WHERE id = %s"
FINISH = "UPDATE referrals_booking SET state = 'done' WHERE id = %s"
HEAD = "SELECT id, seq, hash FROM audit_audithead FOR NO KEY UPDATE"
MOVE_HEAD = "UPDATE audit_audithead SET seq = %s, hash = %s, mac = %s WHERE id = %s"


def run(n: int = 400) -> dict[str, Any]:
    """``n`` vouchers on either side. AssertionError when the books do not come out right; ``statements`` of one redemption."""
    ground, bare_ground = make_ground(n + 2), make_ground(n + 2)
    for code in ground.codes[:1]:  # what a process learns once is learnt
        redeem(actor=ground.counter, text=code)
    with CaptureQueriesContext(connection) as captured:
        redeem(actor=ground.counter, text=ground.codes[1])
    floor_act = _bare(bare_ground)
    for code in bare_ground.codes[:2]:
        floor_act(code)
    ours = _rate(ground.codes[2:], lambda code: redeem(actor=ground.counter, text=code))
    floor = _rate(bare_ground.codes[2:], floor_act)
    check_books(ground)
    check_books(bare_ground)
    return {
        "case": "redeem",
        "ours": round(ours, 1),
        "floor": round(floor, 1),
        "ratio": round(ours / floor, 3),
        "unit": "1/s",
        "n": n,
        "statements": len(captured),
    }


def _rate(codes: list[str], act: Callable[[str], object]) -> float:
    started = time.perf_counter()
    for code in codes:
        act(code)
    return len(codes) / (time.perf_counter() - started)


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
