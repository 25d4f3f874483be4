"""``manage.py emergency_watchdog``: looks whether the engine calls people, and calls when it does not (docs/emergency.md)."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from referrals.emergency.engine.signs import stand_at_zero
from referrals.emergency.engine.watchdog import Rhythm, Watchdog
from referrals.emergency.rules.watching import Limits


class Command(BaseCommand):
    """Stays in the foreground until SIGTERM. One is enough; of several the oldest calls."""

    help = "Watches the emergency engine; alarms without broker and without a database."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        stand_at_zero(may_move=settings.CHAIN_CLOCK_MAY_MOVE)
        Watchdog(Rhythm(**settings.WATCHDOG_RHYTHM), Limits(**settings.WATCHDOG_LIMITS)).run()
        os._exit(0)  # a question to a database that hangs would else hold the process
