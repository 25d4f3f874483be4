"""The mark of this installation in its database (``providers.mark``, ADR 0019)."""

from typing import Final

from django.db import models

from tenancy.constraints import Statement


class InstanceMark(models.Model):
    """One row: the installation, and the very cluster and database it was written in. Only the owner writes it.

    Global: it says nothing of a school. Its data goes into no dump (docs/operations.md); a row that was copied all the
    same names another cluster or database, and ``notifications_instance()`` gives nothing. ``holds_before``: this is a copy, and
    what of the emergency chain is older waits until it is released by name (ADR 0057); null where it is nobody's copy.
    """

    THE_ONE: Final = 1

    id = models.SmallIntegerField(primary_key=True, default=THE_ONE, editable=False)
    instance = models.CharField(max_length=64)
    cluster = models.CharField(max_length=20)
    database = models.BigIntegerField()
    put_at = models.DateTimeField()
    holds_before = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="notifications_one_mark"),
            models.CheckConstraint(condition=~models.Q(instance=""), name="notifications_mark_is_named"),
            Statement(
                name="notifications_instance",
                create="""
                    CREATE OR REPLACE FUNCTION notifications_instance() RETURNS text LANGUAGE sql STABLE AS
                    $$ SELECT coalesce((
                        SELECT instance FROM notifications_instancemark
                        WHERE id = 1 AND cluster = (SELECT system_identifier::text FROM pg_control_system())
                          AND database = (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
                    ), '') $$;
                    CREATE OR REPLACE FUNCTION notifications_mark_of_owner() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
                            RAISE EXCEPTION 'only the owner marks an installation' USING ERRCODE = 'insufficient_privilege';
                        END IF;
                        RETURN coalesce(NEW, OLD);
                    END $$;
                    CREATE TRIGGER notifications_mark_of_owner BEFORE INSERT OR UPDATE OR DELETE
                        ON notifications_instancemark FOR EACH ROW EXECUTE FUNCTION notifications_mark_of_owner();
                """,
                drop="""
                    DROP TRIGGER notifications_mark_of_owner ON notifications_instancemark;
                    DROP FUNCTION notifications_mark_of_owner();
                    DROP FUNCTION notifications_instance();
                """,
            ),
            Statement(
                name="notifications_holds_before",
                create="""
                    CREATE FUNCTION notifications_holds_before() RETURNS timestamptz LANGUAGE sql STABLE AS
                    $$ SELECT holds_before FROM notifications_instancemark WHERE id = 1 $$;
                """,
                drop="DROP FUNCTION IF EXISTS notifications_holds_before();",
            ),
        ]

    def __str__(self) -> str:
        return self.instance
