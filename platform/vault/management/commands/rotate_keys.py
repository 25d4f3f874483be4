"""``manage.py rotate_keys``: wraps every school's keys with the first of ``VAULT_KEYS``; ``--school SLUG`` gives one a new key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenancy.models import Tenant
from vault.keys import create_tenant_key, rotate_kek


class Command(BaseCommand):
    """Tells how many keys were wrapped anew, or the version of a school's new key (docs/privacy.md)."""

    help = "Wrap the keys of all schools with the newest outer key, or give one school a new key of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", metavar="SLUG", help="a new key for this school; old records stay readable")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["school"]
        if slug is None:
            self.stdout.write(f"重新加封 / wrapped anew: {rotate_kek()}")
            return
        school = Tenant.objects.filter(slug=slug).first()
        if school is None:
            raise CommandError(f"没有这所学校 / no school {slug}")
        self.stdout.write(f"{slug}: {create_tenant_key(school.pk).version}")
