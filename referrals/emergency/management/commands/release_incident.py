"""``manage.py release_incident``: what a copy holds back; with a school and a number, that incident calls (ADR 0057)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from referrals.emergency.workflow.releasing import held_back, named, release
from tenancy.scope import use_tenant


class Command(BaseCommand):
    """Lists, or releases one by name. Run as the app, not as the owner of the database (docs/operations.md §The mark)."""

    help = "Open incidents that call nobody because they are older than this copy's mark; SCHOOL NUMBER releases one."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("school", nargs="?", default="", help="as in its address")
        parser.add_argument("number", nargs="?", default="", help="of the incident, as in the list")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = held_back()
        if options["school"]:
            one = named(rows, options["school"], options["number"])
            if one is None:
                raise CommandError("没有这样一个等待放行的事件。/ No such incident waits to be released.")
            with use_tenant(one.school_id):
                release(one.incident_id)
            rows.remove(one)
            self.stdout.write(f"{one.school} {one.number}: 已放行 / released")
        for row in rows:
            self.stdout.write(f"{row.school} {row.number}: 等待放行 / waits, {row.hours:.0f} h")
        self.stdout.write(f"{len(rows)} 起等待放行 / wait to be released")
