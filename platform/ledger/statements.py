"""SQL of the ledger: triggers that keep balances and entries consistent, and the one function that moves an amount."""

from tenancy.constraints import Statement

CARRY = Statement(
    name="ledger_entry_carry",
    create="""
CREATE FUNCTION ledger_entry_carry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_account SET balance = balance + NEW.amount
        WHERE id = NEW.account_id AND tenant_id = NEW.tenant_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger: an entry without its account' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_carry AFTER INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_carry();
""",
    drop="""
DROP TRIGGER IF EXISTS ledger_entry_carry ON ledger_entry;
DROP FUNCTION IF EXISTS ledger_entry_carry();
""",
)
"""The balance follows the entries; the application has no other way to change it."""

BALANCED = Statement(
    name="ledger_entry_balanced",
    create="""
CREATE FUNCTION ledger_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('app.tenant', true), '');
    entries bigint;
    crooked bigint;
BEGIN
    -- Runs at the commit, when another school may be open: look at the entry's own school.
    PERFORM set_config('app.tenant', NEW.tenant_id::text, true);
    SELECT coalesce(sum(n), 0), count(*) FILTER (WHERE total <> 0) INTO entries, crooked FROM (
        SELECT count(*) AS n, sum(e.amount) AS total
            FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
            WHERE e.transfer_id = NEW.transfer_id GROUP BY a.unit
    ) per_unit;
    PERFORM set_config('app.tenant', before, true);
    IF entries = 0 OR crooked <> 0 THEN
        RAISE EXCEPTION 'ledger: debit and credit differ' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balanced AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balanced();
""",
    drop="""
DROP TRIGGER IF EXISTS ledger_entry_balanced ON ledger_entry;
DROP FUNCTION IF EXISTS ledger_entry_balanced();
""",
)
"""Debit equals credit per transfer and unit, checked once all entries are in."""

GUARDED = Statement(
    name="ledger_account_guarded",
    create="""
CREATE FUNCTION ledger_account_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.balance <> 0 THEN
            RAISE EXCEPTION 'ledger: an account opens at zero' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF (NEW.id, NEW.tenant_id, NEW.book, NEW.owner, NEW.period, NEW.unit, NEW.bucket)
            IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.book, OLD.owner, OLD.period, OLD.unit, OLD.bucket) THEN
        RAISE EXCEPTION 'ledger: an account keeps its name' USING ERRCODE = 'integrity_constraint_violation';
    ELSIF NEW.balance <> OLD.balance AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'ledger: only an entry moves a balance' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_account_guarded BEFORE INSERT OR UPDATE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_guarded();
""",
    drop="""
DROP TRIGGER IF EXISTS ledger_account_guarded ON ledger_account;
DROP FUNCTION IF EXISTS ledger_account_guarded();
""",
)
"""A balance set by hand is refused, by whichever role."""

MOVE = Statement(
    name="ledger_move",
    create="""
CREATE FUNCTION ledger_move(act jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    school uuid := (act->>'tenant')::uuid;
    transfer uuid := (act->>'transfer')::uuid;
    origin uuid;
    done ledger_transfer;
    side record;
    kept bigint;
    sides int := 0;
    shortage jsonb;
    places int[] := '{}';
    accounts uuid[] := '{}';
    amounts bigint[] := '{}';
    buckets text[] := '{}';
BEGIN
    -- Lock first, in the order of the primary keys, then look: every statement below sees what the lock waited for.
    FOR side IN
        SELECT a.id, a.balance, a.bucket, a.bucket = line.source AS gives, line.amount, line.place
            FROM jsonb_to_recordset(act->'lines')
                AS line(place int, book text, owner text, period int, unit text, source text, target text, amount bigint)
            JOIN ledger_account a ON a.tenant_id = school AND a.book = line.book AND a.owner = line.owner
                AND a.period = line.period AND a.unit = line.unit AND a.bucket IN (line.source, line.target)
            ORDER BY a.id FOR NO KEY UPDATE OF a
    LOOP
        sides := sides + 1;
        places := places || side.place;
        accounts := accounts || side.id;
        buckets := buckets || side.bucket::text;
        amounts := amounts || CASE WHEN side.gives THEN -side.amount ELSE side.amount END;
        IF side.gives AND side.bucket <> 'granted' AND side.balance < side.amount
                AND (shortage IS NULL OR side.place < (shortage->>'place')::int) THEN
            shortage := jsonb_build_object('answer', 'short', 'place', side.place, 'left', side.balance);
        END IF;
    END LOOP;
    SELECT * INTO done FROM ledger_transfer WHERE tenant_id = school AND reference = act->>'reference';
    IF FOUND THEN
        IF done.kind = act->>'kind' AND NOT EXISTS (
            (SELECT account_id, amount FROM ledger_entry WHERE transfer_id = done.id
                EXCEPT SELECT * FROM unnest(accounts, amounts))
            UNION ALL
            (SELECT * FROM unnest(accounts, amounts)
                EXCEPT SELECT account_id, amount FROM ledger_entry WHERE transfer_id = done.id)
        ) THEN
            RETURN jsonb_build_object('answer', 'again', 'transfer', done.id);
        END IF;
        RETURN jsonb_build_object('answer', 'reused');
    END IF;
    IF sides < 2 * jsonb_array_length(act->'lines') THEN
        RETURN jsonb_build_object('answer', 'missing', 'place', (
            SELECT min(place) FROM generate_series(0, jsonb_array_length(act->'lines') - 1) AS place
                WHERE place <> ALL (places)
        ));
    END IF;
    IF act->>'against' IS NOT NULL THEN
        SELECT id INTO origin FROM ledger_transfer
            WHERE tenant_id = school AND reference = act->>'against' AND kind = 'reserve';
        IF NOT FOUND THEN
            RETURN jsonb_build_object('answer', 'no_reservation');
        END IF;
    END IF;
    IF shortage IS NOT NULL THEN
        RETURN shortage;
    END IF;
    IF origin IS NOT NULL THEN
        FOR i IN 1 .. sides LOOP
            -- What a correction adds comes from what is free; there must be something spent that it corrects.
            IF amounts[i] < 0 AND buckets[i] <> 'available' OR amounts[i] > 0 AND act->>'kind' = 'correct' THEN
                SELECT coalesce(sum(e.amount), 0) INTO kept
                    FROM ledger_transfer t JOIN ledger_entry e ON e.tenant_id = school AND e.transfer_id = t.id
                    WHERE t.tenant_id = school AND (t.id = origin OR t.against_id = origin) AND e.account_id = accounts[i];
                IF kept < -amounts[i] OR amounts[i] > 0 AND kept <= 0 THEN
                    RETURN jsonb_build_object('answer', 'beyond', 'place', places[i]);
                END IF;
            END IF;
        END LOOP;
    END IF;
    INSERT INTO ledger_transfer (id, tenant_id, kind, reference, against_id, reason, by, service_date, budget_year,
            created_at)
        VALUES (transfer, school, act->>'kind', act->>'reference', origin, act->>'reason', (act->>'by')::uuid,
                (act->>'service_date')::date, (act->>'budget_year')::int, (act->>'at')::timestamptz);
    INSERT INTO ledger_entry (id, tenant_id, transfer_id, account_id, amount)
        SELECT e.id, school, transfer, e.account, e.amount
            FROM unnest(ARRAY(SELECT jsonb_array_elements_text(act->'entries')::uuid), accounts, amounts)
                AS e(id, account, amount);
    RETURN jsonb_build_object('answer', 'moved', 'transfer', transfer);
END $$;
""",
    drop="DROP FUNCTION IF EXISTS ledger_move(jsonb);",
)
"""One movement in one message: lock, look, write. Runs with the caller's rights, behind the walls like any statement.

A reservation holds its account's lock for as long as the messages in between take, so their number is what a pool can do
in a second (M5). The answer is ``moved`` or ``again`` with the transfer, or the code of what stood in the way.
"""
