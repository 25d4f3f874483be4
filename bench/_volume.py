"""Many schools in one scratch database, as they stand after a year: one world of the writers, and its rows as often as asked.

The world (``bench._vouchers``, ``demo.worlds``) says what a row looks like; here it is written again and again inside the
database, with other keys, days and states. Triggers and foreign keys rest meanwhile: these databases are read, not believed.
What happened at one time stands together, whichever school it was in, as it does where all live side by side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, LiteralString, cast

import psycopg
from django.apps import apps
from psycopg import sql

SHARING: Final = 2
"""Schools that an agency works for: it has as many requests in a small city as in a large one."""
FULL_PAGE: Final = 25
"""Agencies of the smallest city: a first page that is half empty would be quicker than a full one, however it is asked for."""
LIVE_EVERY: Final = 20
"""One request in twenty is not yet at its end."""
_LINES: Final = 4
"""Entries of one transfer: out of the pool and into it, and the same of the person's quota."""
_OF_A_RESERVATION: Final = "transfer_id IN (SELECT id FROM ledger_transfer WHERE kind = 'reserve')"
_GRANTED: Final = 10**11
"""Fen of each account: more than any of them spends."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is: ``vouchers`` and ``people`` of one school."""

    people: int
    vouchers: int


_HELPERS: Final = """
-- A key like ours: what was written later is greater, and no two kinds meet. STABLE, so that it is put into the statement.
CREATE FUNCTION pg_temp.key(at timestamptz, kind int, school int, n bigint) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(kind), 3, '0')
        || '8' || lpad(to_hex(school), 3, '0') || lpad(to_hex(n), 12, '0'))::uuid
$$;
CREATE TEMP TABLE school (s int, id uuid, partner uuid, service uuid);
CREATE TEMP TABLE person (s int, i int, id uuid, account uuid);
-- One row a voucher: ``n`` counts in its school, ``number`` in all of them, ``age`` is 1 for the oldest and 0 for the newest.
CREATE TEMP TABLE issue (s int, n int, number bigint, at timestamptz, person uuid, live boolean);
"""
_PLAIN_INDEXES: Final = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) AND indrelid = ANY(ARRAY[
    'referrals_referral', 'referrals_referralwindow', 'referrals_offer', 'referrals_booking', 'referrals_voucher',
    'referrals_redemption', 'referrals_scanlog', 'ledger_transfer', 'ledger_entry', 'notifications_inboxmessage',
    'notifications_outboxmessage', 'audit_auditentry']::regclass[])
"""
TENANT: Final = "school.id"
OLD: Final = "'2025-01-01 08:00+08'::timestamptz"
SPENT: Final = "issue.at + interval '2 hours'"


def key(kind: int, at: str = "issue.at", n: str = "issue.n") -> str:
    return f"pg_temp.key({at}, {kind}, issue.s, {n})"


_REFERRAL, _OFFER, _BOOKING, _VOUCHER = key(1), key(2), key(3), key(4)


class Volume:
    """Fills the database behind ``connection`` (of a superuser) from the world of the school that stands in it."""

    def __init__(self, connection: psycopg.Connection, school_id: Any, schools: int, size: Size) -> None:
        self._connection, self._school = connection, school_id
        self._schools_wanted, self._size = schools, size
        self.run("SET session_replication_role = replica")
        self.run("SET work_mem = '128MB'")
        self.run("SET maintenance_work_mem = '256MB'")
        self.run("SET synchronous_commit = off")

    def fill(self, *also: "Callable[[Volume], None]") -> None:
        """All rows, with what ``also`` adds, then what autovacuum would do in time: statistics and the map of what is visible."""
        self.run(_HELPERS)
        indexes = self._connection.execute(_PLAIN_INDEXES).fetchall()
        for name, _made in indexes:
            self._connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        self._schools()
        self._people()
        self._requests()
        self._books()
        self._records()
        for more in also:
            more(self)
        for _name, made in indexes:  # a sorted whole is written faster than row by row
            self.run(made)
        self._connection.execute("VACUUM ANALYZE")

    def run(self, text: str, *params: Any) -> None:
        self._connection.execute(cast(LiteralString, text), params or None)

    def _template(self, label: str, where: str = "TRUE") -> Any:
        """The key of one row of the world; AssertionError when the world has none."""
        table = apps.get_model(label)._meta.db_table
        found = self._connection.execute(
            cast(LiteralString, f"SELECT id FROM {table} WHERE {where} ORDER BY id LIMIT 1")
        ).fetchone()
        assert found, f"the world has no {label} where {where}"
        return found[0]

    def copy(self, label: str, source: str, **changed: str) -> None:
        """Rows like the first of ``label``, one for each of ``source``."""
        self._copy(label, self._template(label), source, **changed)

    def _copy(self, label: str, template: Any, source: str, **changed: str) -> None:
        """Rows like ``template``, one for each of ``source`` (``FROM``), with what is ``changed`` (column: SQL)."""
        model = apps.get_model(label)
        columns = [field.column for field in model._meta.concrete_fields]
        assert set(changed) <= set(columns), set(changed) - set(columns)
        values = [changed.get(column, f'told."{column}"') for column in columns]
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        self._connection.execute(
            sql.SQL("INSERT INTO {table} ({names}) SELECT {values} FROM {table} told, {source}").format(
                table=sql.Identifier(model._meta.db_table),
                names=names,
                values=sql.SQL(cast(LiteralString, ", ".join(values))),
                source=sql.SQL(cast(LiteralString, source.replace("WHERE", "WHERE told.id = {key} AND", 1))).format(
                    key=sql.Literal(template)
                ),
            )
        )

    def _schools(self) -> None:
        """The school of the world is the first; an agency with a service of its own serves two of them."""
        institution, service = self._template("partners.Institution"), self._template("partners.Service")
        made = f"generate_series(1, {self._schools_wanted - 1}) s WHERE TRUE"
        self._copy(
            "tenancy.Tenant", self._school, made,
            id=f"pg_temp.key({OLD}, 10, s, 0)", slug="'town-' || s", host="'town-' || s || '.localhost'",
            name="'Town ' || s",
        )  # fmt: skip
        others = f"generate_series(1, {max((self._schools_wanted - 1) // SHARING, FULL_PAGE)}) p WHERE TRUE"
        agency = f"pg_temp.key({OLD}, 11, p, 0)"
        self._copy(
            "partners.Institution", institution, others,
            id=agency, slug="'agency-' || p", name="'Agency ' || p", uscc="lpad(p::text, 18, '0')",
        )  # fmt: skip
        self._copy("partners.Service", service, others, id=f"pg_temp.key({OLD}, 12, p, 0)", institution_id=agency)
        self.run("INSERT INTO school VALUES (0, %s, %s, %s)", self._school, institution, service)
        first = f"s / {SHARING} = 0"
        self._connection.execute(
            cast(
                LiteralString,
                f"INSERT INTO school SELECT s, pg_temp.key({OLD}, 10, s, 0),"
                f" CASE WHEN {first} THEN %(i)s ELSE pg_temp.key({OLD}, 11, s / {SHARING}, 0) END,"
                f" CASE WHEN {first} THEN %(s)s ELSE pg_temp.key({OLD}, 12, s / {SHARING}, 0) END"
                f" FROM generate_series(1, {self._schools_wanted - 1}) s",
            ),
            {"i": institution, "s": service},
        )
        agreement = self._template("partners.Agreement")
        self._copy(
            "partners.Agreement", agreement, "school WHERE s > 0",
            id=f"pg_temp.key({OLD}, 13, s, 0)", tenant_id=TENANT, partner_id="school.partner",
        )  # fmt: skip
        self._copy(
            "partners.AgreementLine", self._template("partners.AgreementLine"), "school WHERE s > 0",
            id=f"pg_temp.key({OLD}, 14, s, 0)", tenant_id=TENANT, partner_id="school.partner",
            agreement_id=f"pg_temp.key({OLD}, 13, s, 0)", service_id="school.service",
        )  # fmt: skip
        self._copy(
            "referrals.SubsidyPolicy", self._template("referrals.SubsidyPolicy"), "school WHERE s > 0",
            id=f"pg_temp.key({OLD}, 15, s, 0)", tenant_id=TENANT,
        )  # fmt: skip

    def _people(self) -> None:
        """Staff of every school, each with an account; the first of the first school is the world's own."""
        own = self._template("accounts.Membership", f"'staff' = ANY(roles) AND tenant_id = '{self._school}'")
        many = f"school, generate_series(0, {self._size.people - 1}) i WHERE (s, i) <> (0, 0)"
        user, member = (f"pg_temp.key({OLD}, {kind}, s, i)" for kind in (16, 17))
        template = self._connection.execute("SELECT user_id FROM accounts_membership WHERE id = %s", [own]).fetchone()
        assert template
        self._copy("accounts.User", template[0], many, id=user, email="'p' || s || '-' || i || '@town.example'")
        self._copy(
            "accounts.Membership", own, many,
            id=member, tenant_id=TENANT, user_id=user, email="''", name="'王' || i", sort_key="'wang ' || lpad(i::text, 6, '0')",
        )  # fmt: skip
        self.run("INSERT INTO person VALUES (0, 0, %s, %s)", own, template[0])
        self.run(f"INSERT INTO person SELECT s, i, {member}, {user} FROM {many}")
        per_school = self._size.vouchers
        self.run(
            "INSERT INTO issue SELECT school.s, n, n::bigint * (SELECT count(*) FROM school) + school.s,"
            f" date_trunc('second', now()) - interval '3 hours' - (365 * interval '1 day') * ({per_school} - n) / {per_school} + school.s * interval '1 second',"
            f" person.id, n % {LIVE_EVERY} = 0"
            f" FROM generate_series(1, {per_school}) n, school, person"
            f" WHERE person.s = school.s AND person.i = n % {self._size.people} ORDER BY n, school.s"
        )
        self.run("CREATE INDEX ON person (id)")
        self.run("ANALYZE issue")
        self.run("ANALYZE school")

    def of_each(self, label: str, where: str = "TRUE", *, times: int = 1, also: str = "TRUE", **changed: str) -> None:
        """``times`` rows a voucher, as they were written one after the other."""
        template = self._template(label, where)
        often = f", generate_series(0, {times - 1}) k" if times > 1 else ""
        source = f"issue, school{often} WHERE school.s = issue.s AND {also} ORDER BY issue.number"
        self._copy(label, template, source, **{"tenant_id": TENANT, **changed})

    def _requests(self) -> None:
        """Requests with their times, offers, appointments, vouchers, redemptions and looks."""
        live = "issue.live"
        partner: dict[str, Any] = {"partner_id": "school.partner"}
        served: dict[str, Any] = {**partner, "service_id": "school.service"}
        starts = "issue.at + interval '2 days'"
        waits = f"issue.n % {LIVE_EVERY * 4} IN (0, {LIVE_EVERY * 3})"
        self.of_each(
            "referrals.Referral", **served,
            id=_REFERRAL, number="'R' || issue.number", person_id="issue.person", submitted_at="issue.at", changed_at="issue.at",
            kind=f"CASE WHEN issue.n % {LIVE_EVERY * 2} < {LIVE_EVERY} THEN 'home_help' ELSE 'counselling' END",
            state=f"CASE WHEN {waits} THEN 'submitted' WHEN {live} THEN 'confirmed' ELSE 'completed' END",
            deadline=f"CASE WHEN {live} THEN now() + issue.n * interval '1 minute' END", service_date=f"({starts})::date",
        )  # fmt: skip
        self.of_each(
            "referrals.ReferralWindow", times=2,
            id=key(5, n="issue.n * 2 + k"), referral_id=_REFERRAL, starts_at=starts, ends_at=f"{starts} + interval '1 hour'",
        )  # fmt: skip
        self.of_each(
            "referrals.Offer", **served,
            id=_OFFER, referral_id=_REFERRAL, created_at="issue.at", deadline=f"CASE WHEN {live} THEN now() + interval '1 day' ELSE issue.at END",
            state=f"CASE WHEN {live} AND issue.n % {LIVE_EVERY * 2} = 0 THEN 'open' ELSE 'accepted' END",
        )  # fmt: skip
        self.of_each(
            "referrals.Booking", **served,
            id=_BOOKING, referral_id=_REFERRAL, created_at="issue.at", starts_at=starts, ends_at=f"{starts} + interval '1 hour'",
            state=f"CASE WHEN {live} OR {starts} > now() THEN 'confirmed' ELSE 'done' END", resource="NULL::uuid", due_at="NULL::timestamptz", remind_at="NULL::timestamptz",
            card_sealed=r"'\x'::bytea",
        )  # fmt: skip
        secret = "sha256(('{0}' || issue.number)::bytea)"
        self.of_each(
            "referrals.Voucher", **served,
            id=_VOUCHER, referral_id=_REFERRAL, booking_id=_BOOKING, person_id="issue.person", number="'V' || issue.number",
            code_hash=secret.format("code"), token_hash=secret.format("token"), code_sealed=r"'\x'::bytea",
            token_sealed=r"'\x'::bytea", state=f"CASE WHEN {live} THEN 'issued' ELSE 'used_up' END",
            units_left=f"CASE WHEN {live} THEN 1 ELSE 0 END", valid_from=f"({starts})::date - 1",
            valid_until=f"CASE WHEN {live} THEN current_date + 30 ELSE ({starts})::date + 30 END", issued_at="issue.at",
        )  # fmt: skip
        self.of_each(
            "referrals.Unit",
            id=key(8), referral_id=_REFERRAL, state=f"CASE WHEN {live} THEN 'held' ELSE 'spent' END",
            reservation="'bench:reserve:' || issue.number", service_date=f"({starts})::date",
        )  # fmt: skip
        self.of_each(
            "referrals.Redemption", also=f"NOT {live}", **partner,
            id=key(6), voucher_id=_VOUCHER, booking_id=_BOOKING, voucher_number="'V' || issue.number", redeemed_at=SPENT,
            service_date=f"({starts})::date", due_at="NULL::timestamptz",
        )  # fmt: skip
        self.of_each(
            "referrals.ScanLog", times=2, **partner, id=key(7, n="issue.n * 2 + k"), voucher_id=_VOUCHER, at=SPENT
        )

    def _books(self) -> None:
        """A pool a school, a quota a person, and for each voucher what was reserved and what was spent."""
        buckets = ("granted", "available", "reserved", "spent")
        for number, bucket in enumerate(buckets):
            pool = self._template(
                "ledger.Account", f"book = 'pool' AND bucket = '{bucket}' AND tenant_id = '{self._school}'"
            )
            quota = self._template(
                "ledger.Account", f"book = 'quota' AND bucket = '{bucket}' AND tenant_id = '{self._school}'"
            )
            self._copy(
                "ledger.Account", pool, "school WHERE TRUE",
                id=f"pg_temp.key({OLD}, 20, s, {number})", tenant_id=TENANT, owner="'bench'",
            )  # fmt: skip
            self._copy(
                "ledger.Account", quota, "person, school WHERE school.s = person.s",
                id=f"pg_temp.key({OLD}, {21 + number}, person.s, i)", tenant_id=TENANT, owner="'bench:' || person.id",
            )  # fmt: skip
        for kind, serial, at, moves in (
            ("reserve", 30, "issue.at", (1, 2)),
            ("commit", 31, SPENT, (2, 3)),
        ):
            only = "TRUE" if kind == "reserve" else "NOT issue.live"
            transfer = key(serial, at)
            self.of_each(
                "ledger.Transfer", f"kind = '{kind}'", also=only,
                id=transfer, reference=f"'bench:{kind}:' || issue.number", created_at=at,
                against_id="NULL" if kind == "reserve" else key(30, "issue.at"),
            )  # fmt: skip
            account = (
                f"CASE WHEN k < 2 THEN pg_temp.key({OLD}, 20, issue.s, CASE WHEN k % 2 = 0 THEN {moves[0]} ELSE {moves[1]} END)"
                f" ELSE pg_temp.key({OLD}, CASE WHEN k % 2 = 0 THEN {21 + moves[0]} ELSE {21 + moves[1]} END, issue.s,"
                f" issue.n % {self._size.people}) END"
            )
            self.of_each(
                "ledger.Entry", _OF_A_RESERVATION, times=_LINES, also=only,
                id=key(serial + 10, at, f"issue.n * {_LINES} + k"), transfer_id=transfer, account_id=account,
                amount="CASE WHEN k % 2 = 0 THEN -abs(told.amount) ELSE abs(told.amount) END",
            )  # fmt: skip
        self._grants()

    def _grants(self) -> None:
        """What every account was granted before, so that the books balance: a difference would be looked for at every page."""
        grant = self._template("ledger.Transfer", "kind = 'grant'")
        for label, serial, owners, number, granted in (
            ("pool", 60, "school WHERE TRUE", "0", 20),
            ("quota", 61, "person, school WHERE school.s = person.s", "i", 21),
        ):
            which = "school.s" if label == "pool" else "person.s"
            transfer = f"pg_temp.key({OLD}, {serial}, {which}, {number})"
            self._copy(
                "ledger.Transfer", grant, owners,
                id=transfer, tenant_id=TENANT, reference=f"'bench:grant:{label}:' || ({transfer})", created_at=OLD,
            )  # fmt: skip
            entry = self._template("ledger.Entry", f"transfer_id = '{grant}'")
            for line, sign in ((0, "-"), (1, "")):
                account = (
                    f"pg_temp.key({OLD}, 20, {which}, {line})"
                    if label == "pool"
                    else f"pg_temp.key({OLD}, {granted + line}, {which}, i)"
                )
                self._copy(
                    "ledger.Entry", entry, owners,
                    id=f"pg_temp.key({OLD}, {serial + 2 + 2 * line}, {which}, {number})", tenant_id=TENANT,
                    transfer_id=transfer, account_id=account, amount=f"{sign}{_GRANTED}",
                )  # fmt: skip
        self.run("ANALYZE ledger_account, ledger_entry")
        self.run(
            "UPDATE ledger_account SET balance = told.total FROM ("
            " SELECT account.id, coalesce(sum(entry.amount), 0) AS total FROM ledger_account account"
            " LEFT JOIN ledger_entry entry ON entry.account_id = account.id WHERE account.owner LIKE 'bench%' GROUP BY 1"
            ") told WHERE told.id = ledger_account.id"
        )

    def _records(self) -> None:
        """What people were told, what was sent, and what the record keeps of it."""
        self.of_each(
            "notifications.InboxMessage", times=3,
            id=key(50, n="issue.n * 3 + k"), membership_id="issue.person", key="'bench:' || issue.number || ':' || k",
            link=f"'/my/referrals/' || {_REFERRAL} || '/'", created_at="issue.at + k * interval '1 hour'", read_at="CASE WHEN issue.live THEN NULL ELSE issue.at END",
        )  # fmt: skip
        self.of_each(
            "notifications.OutboxMessage", times=3,
            id=key(51, n="issue.n * 3 + k"), key="'bench:' || issue.number || ':' || k", state="'sent'", attempts="1",
            created_at="issue.at", next_at="issue.at", claimed_until="NULL",
        )  # fmt: skip
        # Far above the numbers that the world's own record goes on to use.
        self.of_each(
            "audit.AuditEntry", times=5, id=key(52, n="issue.n * 5 + k"), seq="1000000 + issue.n * 5 + k", at="issue.at",
            object_id=f"({_REFERRAL})::text",
        )  # fmt: skip
