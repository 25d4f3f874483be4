"""``manage.py mark_instance``: whether real transports are open here; ``--put`` opens them, ``--take-off`` shuts them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError

from notifications.providers import mark

_OWNER = "以数据库所有者运行：XINQIAO_AS_OWNER=1。/ Run it as the owner of the database: XINQIAO_AS_OWNER=1."

_HELD = (
    "此前已打开的应急事件先不呼叫任何人，请逐个核对后放行：manage.py release_incident 列出，release_incident 学校 编号 放行。"
    " / Incidents that were open before call nobody until each is released: manage.py release_incident lists them,"
    " release_incident SCHOOL NUMBER releases one."
)


class Command(BaseCommand):
    """Tells, puts or takes off the mark of this installation (docs/operations.md §The mark)."""

    help = "Whether this database may reach people outside. --put marks it for INSTANCE_ID, --take-off takes the mark away."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_mutually_exclusive_group()
        acts.add_argument("--put", action="store_true")
        acts.add_argument("--take-off", action="store_true")
        parser.add_argument(
            "--not-a-copy", action="store_true", help="with --put: open incidents go on, none waits to be released"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["put"]:
                self._put(is_copy=not options["not_a_copy"])
            elif options["take_off"]:
                mark.take_off()
        except ProgrammingError as error:  # insufficient_privilege of the trigger
            raise CommandError(_OWNER) from error
        found = mark.marked()
        is_ours = bool(found) and found == settings.INSTANCE_ID
        self.stdout.write(f"{found or '—'}: {'已打开 / open' if is_ours else '未打开 / shut'}")

    def _put(self, *, is_copy: bool) -> None:
        if not settings.INSTANCE_ID:
            raise CommandError("请先设置 INSTANCE_ID。/ Set INSTANCE_ID first.")
        mark.put(settings.INSTANCE_ID, is_copy=is_copy)
        if is_copy:
            self.stdout.write(_HELD)
