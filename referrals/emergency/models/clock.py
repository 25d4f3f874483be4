"""The one clock of the chain (chain §3, ADR 0018): ``chain_now()`` and the offset behind it."""

from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.db.models.functions import Now

from tenancy.constraints import Statement
from tenancy.messages import Part, send


class ChainNow(Now):
    """``chain_now()`` in an expression: the database's moment plus the offset; UTC."""

    template = "chain_now()"

    def as_postgresql(self, compiler, connection, **extra):  # type: ignore[no-untyped-def]
        """Not the ``statement_timestamp()`` that Django would write."""
        return self.as_sql(compiler, connection, **extra)


def chain_moment() -> datetime:
    """The moment of the chain's clock, UTC, asked on the connection of the open scope. After a lock it is later than before."""
    moment: datetime = send(Part("SELECT chain_now()"))[0][0][0]
    return moment


class ChainClock(models.Model):
    """How far the chain's clock stands from the database's. One row; only the owner of the database writes it.

    Global: a clock says nothing of a school. Production refuses to start while it is not 0; the demo and tests set it.
    """

    THE_ONE: Final = 1

    id = models.SmallIntegerField(primary_key=True, default=THE_ONE, editable=False)
    ahead = models.DurationField(default=timedelta())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="emergency_one_clock"),
            Statement(
                name="emergency_chain_now",
                create="""
                    CREATE OR REPLACE FUNCTION chain_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS
                    $$ SELECT clock_timestamp() + coalesce((SELECT ahead FROM emergency_chainclock WHERE id = 1), '0') $$;
                    CREATE OR REPLACE FUNCTION emergency_clock_of_owner() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
                            RAISE EXCEPTION 'only the owner sets the chain''s clock' USING ERRCODE = 'insufficient_privilege';
                        END IF;
                        RETURN coalesce(NEW, OLD);
                    END $$;
                    CREATE TRIGGER emergency_clock_of_owner BEFORE INSERT OR UPDATE OR DELETE ON emergency_chainclock
                        FOR EACH ROW EXECUTE FUNCTION emergency_clock_of_owner();
                """,
                drop="""
                    DROP TRIGGER emergency_clock_of_owner ON emergency_chainclock;
                    DROP FUNCTION emergency_clock_of_owner();
                    DROP FUNCTION chain_now();
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.ahead)
