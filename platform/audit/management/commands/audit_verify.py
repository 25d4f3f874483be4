"""``manage.py audit_verify``: is the record of every school still what was written?"""

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.verify import verify
from tenancy.models import Tenant


class Command(BaseCommand):
    """Walks the chain of one school or of all; exit status 1 and the first broken row when one does not hold."""

    help = "Check the audit record of every school; exit 1 names the first broken row."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="only this school")

    def handle(self, *args: Any, **options: Any) -> None:
        tenants = Tenant.objects.order_by("slug")
        if slug := options["tenant"]:
            tenants = tenants.filter(slug=slug)
            if not tenants.exists():
                raise CommandError(f"no school {slug}")
        broken = 0
        for tenant in tenants:
            verdict = verify(tenant.pk, progress=partial(self._progress, tenant.slug))
            if verdict.broken:
                broken += 1
                self.stderr.write(
                    f"{tenant.slug}: BROKEN at row {verdict.broken.seq} ({verdict.broken.why}); {verdict.rows} rows before it hold"
                )
            elif verdict.rows:
                self.stdout.write(f"{tenant.slug}: {verdict.rows} rows hold, head {verdict.head.hex()}")
            else:
                self.stdout.write(f"{tenant.slug}: nothing written yet")
        if broken:
            raise CommandError(f"{broken} chain(s) broken", returncode=1)

    def _progress(self, slug: str, rows: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{slug}: {rows} rows\r", ending="")
