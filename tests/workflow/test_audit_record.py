"""Writing the record and finding what was done to it, on the real database."""

import threading
import uuid
from contextlib import contextmanager
from io import StringIO

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit import record, record_read, refuse
from audit.models import AuditEntry, AuditHead
from audit.verify import verify
from audit.workflow import OutsideTransaction
from tenancy.scope import NoTenant, use_tenant
from tests.conftest import actor_of, make_person, make_school

ROWS = 60


def written(school, count=ROWS):
    with use_tenant(school.id):
        for number in range(count):
            with transaction.atomic():
                record(
                    actor=None, action="test.write", object_type="thing", object_id=str(number), facts={"fen": number}
                )


TABLES = ("audit_auditentry", "audit_audithead")


@contextmanager
def intruder():
    """The owner's connection with wall and trigger taken away for one transaction: the most an intruder can have."""
    place = settings.OWNER_DATABASE
    with psycopg.connect(
        host=place["HOST"],
        port=place["PORT"] or None,
        user=place["USER"],
        password=place["PASSWORD"],
        dbname=connection.settings_dict["NAME"],
        **place["OPTIONS"],
    ) as db:
        for table in TABLES:
            db.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER")
        yield db
        db.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            db.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY, ENABLE TRIGGER USER")


def test_a_row_says_who_did_what_to_what(school):
    member = make_person(school)
    with use_tenant(school.id), transaction.atomic():
        entry = record(actor=actor_of(member), action="thing.change", obj=member, facts={"units": 2})
    with use_tenant(school.id):
        kept = AuditEntry.objects.get(pk=entry.pk)
    assert (kept.seq, kept.actor_id, kept.actor_kind) == (1, member.user_id, "member")
    assert (kept.object_type, kept.object_id, kept.facts) == ("accounts.membership", str(member.pk), {"units": 2})


def test_two_schools_have_two_chains(school, other_school):
    written(school, 3)
    written(other_school, 2)
    assert verify(school.id).rows == 3
    assert verify(other_school.id).rows == 2
    with use_tenant(other_school.id):
        assert AuditEntry.objects.count() == 2


def test_the_record_falls_with_its_act(school):
    written(school, 2)
    with use_tenant(school.id):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            record(actor=None, action="thing.change")
            _ = 1 / 0
        assert AuditEntry.objects.count() == 2
    assert verify(school.id).broken is None


def test_a_personal_fact_leaves_no_row(school):
    with use_tenant(school.id), transaction.atomic():
        with pytest.raises(ValueError):
            record(actor=None, action="thing.change", facts={"who": "张小明"})
        assert not AuditEntry.objects.exists()


def test_without_a_school_nothing_is_written(db):
    with pytest.raises(NoTenant):
        record_read(actor=None, action="thing.read")


def test_rows_are_read_page_by_page(school):
    written(school, 7)
    told = []
    verdict = verify(school.id, progress=told.append, page=3)
    assert (verdict.rows, verdict.broken) == (7, None)
    assert told == [3, 6, 7, 7]


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_app_cannot_change_or_delete_a_row(school, act):
    written(school, 2)
    with use_tenant(school.id):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows = AuditEntry.objects.filter(seq=1)
            rows.update(action="x.y") if act == "update" else rows.delete()
        assert AuditEntry.objects.filter(action="test.write").count() == 2


def test_outside_a_transaction_record_refuses_and_refuse_writes(committed):
    school = make_school()
    with use_tenant(school.id):
        with pytest.raises(OutsideTransaction):
            record(actor=None, action="thing.change")
        refuse(actor=None, action="voucher.redeem", code="wrong_partner", object_type="voucher", object_id=uuid.uuid4())
        record_read(actor=None, action="thing.read")
        assert list(AuditEntry.objects.order_by("seq").values_list("action", "facts")) == [
            ("voucher.redeem.refused", {"code": "wrong_partner"}),
            ("thing.read", {}),
        ]
        with pytest.raises(RuntimeError), transaction.atomic():
            refuse(actor=None, action="voucher.redeem", code="wrong_partner")


def test_first_writers_who_meet_make_one_chain(committed):
    school = make_school()
    start = threading.Barrier(8)

    def write():
        try:
            start.wait()
            written(school, 10)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = verify(school.id)
    assert (verdict.rows, verdict.broken) == (80, None)


ALTERATIONS = {
    "action": ("UPDATE audit_auditentry SET action = 'x.y' WHERE tenant_id = %(t)s AND seq = %(n)s", "altered"),
    "facts": ("UPDATE audit_auditentry SET facts = '{}' WHERE tenant_id = %(t)s AND seq = %(n)s", "altered"),
    "actor": (
        "UPDATE audit_auditentry SET actor_id = gen_random_uuid() WHERE tenant_id = %(t)s AND seq = %(n)s",
        "altered",
    ),
    "time": (
        "UPDATE audit_auditentry SET at = at + interval '1 microsecond' WHERE tenant_id = %(t)s AND seq = %(n)s",
        "altered",
    ),
    "id": ("UPDATE audit_auditentry SET id = gen_random_uuid() WHERE tenant_id = %(t)s AND seq = %(n)s", "altered"),
    "hash": ("UPDATE audit_auditentry SET hash = sha256(hash) WHERE tenant_id = %(t)s AND seq = %(n)s", "altered"),
    "delete": ("DELETE FROM audit_auditentry WHERE tenant_id = %(t)s AND seq = %(n)s", "gap"),
    "truncate": ("DELETE FROM audit_auditentry WHERE tenant_id = %(t)s AND seq >= %(n)s", "truncated"),
    "reorder": (
        "UPDATE audit_auditentry SET seq = CASE seq WHEN %(n)s THEN %(n)s + 1 ELSE %(n)s END"
        " WHERE tenant_id = %(t)s AND seq IN (%(n)s, %(n)s + 1)",
        "altered",
    ),
    "close the gap": (
        "WITH gone AS (DELETE FROM audit_auditentry WHERE tenant_id = %(t)s AND seq = %(n)s)"
        " UPDATE audit_auditentry SET seq = seq - 1 WHERE tenant_id = %(t)s AND seq > %(n)s",
        "altered",
    ),
    "insert": (
        "INSERT INTO audit_auditentry (id, tenant_id, seq, at, actor_kind, action, object_type, object_id, facts, prev_hash, hash)"
        " SELECT gen_random_uuid(), tenant_id, (SELECT max(seq) + 1 FROM audit_auditentry WHERE tenant_id = %(t)s), at, actor_kind,"
        " action, object_type, object_id, facts, prev_hash, hash FROM audit_auditentry WHERE tenant_id = %(t)s AND seq = %(n)s",
        "altered",
    ),
}
UNIQUE = "audit_entry_seq_once"


@pytest.mark.parametrize("how", ALTERATIONS)
def test_d2_any_alteration_is_found_and_the_first_broken_row_named(committed, how):
    school = make_school()
    written(school)
    assert verify(school.id).broken is None
    sql, why = ALTERATIONS[how]
    at = 1 + 5 * list(ALTERATIONS).index(how)
    with intruder() as db:
        if how in ("reorder", "close the gap"):
            db.execute(f'ALTER TABLE audit_auditentry DROP CONSTRAINT "{UNIQUE}"')
        db.execute(sql, {"t": school.id, "n": at})
        if how in ("reorder", "close the gap"):
            db.execute(f'ALTER TABLE audit_auditentry ADD CONSTRAINT "{UNIQUE}" UNIQUE (tenant_id, seq)')
    broken = verify(school.id).broken
    assert broken is not None
    assert broken.why == why
    assert broken.seq == (ROWS + 1 if how == "insert" else at)
    errors = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("audit_verify", tenant=school.slug, stdout=StringIO(), stderr=errors)
    assert failed.value.returncode == 1
    assert f"BROKEN at row {broken.seq}" in errors.getvalue()


def test_a_head_set_back_or_removed_is_found(committed):
    school = make_school()
    written(school, 5)
    with intruder() as db:
        db.execute("DELETE FROM audit_auditentry WHERE tenant_id = %s AND seq = 5", [school.id])
        db.execute(
            "UPDATE audit_audithead SET seq = 4, hash = (SELECT hash FROM audit_auditentry WHERE tenant_id = %(t)s AND seq = 4)"
            " WHERE tenant_id = %(t)s",
            {"t": school.id},
        )
    assert verify(school.id).broken.why == "head_forged"
    with intruder() as db:
        db.execute("DELETE FROM audit_audithead WHERE tenant_id = %s", [school.id])
    assert verify(school.id).broken.why == "head_missing"


def test_a_row_hidden_below_the_first_is_found(committed):
    school = make_school()
    written(school, 3)
    with intruder() as db:
        db.execute(
            "INSERT INTO audit_auditentry (id, tenant_id, seq, at, actor_kind, action, object_type, object_id, facts, prev_hash, hash)"
            " SELECT gen_random_uuid(), tenant_id, 0, at, actor_kind, action, object_type, object_id, facts, prev_hash, hash"
            " FROM audit_auditentry WHERE tenant_id = %s AND seq = 1",
            [school.id],
        )
    assert verify(school.id).broken is not None


def test_the_command_says_that_a_chain_holds(school):
    written(school, 4)
    out = StringIO()
    call_command("audit_verify", tenant=school.slug, stdout=out)
    with use_tenant(school.id):
        head = AuditHead.objects.get()
    assert f"{school.slug}: 4 rows hold, head {bytes(head.hash).hex()}" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("audit_verify", tenant="no-such-school")
