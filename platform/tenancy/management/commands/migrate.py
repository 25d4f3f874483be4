"""Django's own ``migrate``, in a fraction of the time (docs/adr/0032)."""

from typing import Any

from django.core.management.commands import migrate

from tenancy.migrating import one_class_at_a_time


class Command(migrate.Command):
    """As Django's; classes of models are drawn one at a time."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate."""
        with one_class_at_a_time():
            super().handle(*args, **options)
