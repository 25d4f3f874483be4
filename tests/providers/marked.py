"""Marks the tests' database for this installation, as the owner does, and takes the mark off again."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from notifications.providers import mark
from tests.tenancy.catalogue import owner

PUT = (
    "INSERT INTO notifications_instancemark (id, instance, cluster, database, put_at)"
    " SELECT 1, %s, system_identifier::text, (SELECT oid FROM pg_database WHERE datname = current_database()), now()"
    " FROM pg_control_system()"
)


@contextmanager
def marked(instance: str | None = None) -> Iterator[None]:
    """Real transports are open inside the block, unless ``instance`` is another's name."""
    with owner() as rows:
        rows.execute(PUT, [settings.INSTANCE_ID if instance is None else instance])
        mark.forget()
        try:
            yield
        finally:
            rows.execute("DELETE FROM notifications_instancemark")
            mark.forget()
