"""``manage.py emergency_engine``: calls people until somebody answers (docs/emergency.md). Any number may run at once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from referrals.emergency.engine.processes import Parent
from referrals.emergency.engine.signs import stand_at_zero


class Command(BaseCommand):
    """Stays in the foreground; SIGTERM ends it after what is being sent."""

    help = "Runs the emergency engine: decides whose clock has run out, and sends."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--children", type=int, default=2, help="processes that decide and send (2)")

    def handle(self, *args: Any, **options: Any) -> None:
        stand_at_zero(may_move=settings.CHAIN_CLOCK_MAY_MOVE)
        Parent(max(1, options["children"])).run()
