"""``manage.py doctor``: what would fail, and how to mend it. Exit 1 on a fault; a warning (!) is only told."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from operations.doctor import examine


class Command(BaseCommand):
    """Prints one line a check and, where it fails, the mend in Chinese and English."""

    help = "Check everything that makes installs fail."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine()
        for finding in findings:
            sign = "✓" if finding.well else "!" if finding.is_warning else "✗"
            self.stdout.write(f"{sign} {finding.what}: {finding.seen}")
            if not finding.well:
                self.stdout.write(f"    {finding.mend_zh}\n    {finding.mend_en}")
        if not all(finding.well or finding.is_warning for finding in findings):
            sys.exit(1)
