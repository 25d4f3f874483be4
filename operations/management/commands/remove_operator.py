"""``manage.py remove_operator EMAIL``: somebody operates this installation no longer."""

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.errors import Conflict, NotFound
from schools.operators import remove_operator

_WHY: Final = {
    "not_found": "没有用这个邮箱的运营人员。 / Nobody operates the platform with this address.",
    "operator_last": "这是最后一位运营人员；请先用 add_operator --another 添加另一位。"
    " / This is the last operator: add another one first, with add_operator --another.",
}


class Command(BaseCommand):
    """Disables the operator's account; whoever is left is told by e-mail."""

    help = "Disable the account of somebody who operates this installation no longer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            remove_operator(email=options["email"])
        except (Conflict, NotFound) as error:
            raise CommandError(_WHY[error.reason]) from error
        self.stdout.write(
            f"{options['email']} 不再运营平台：账号已停用，打开着的页面随即失效。\n"
            f"{options['email']} operates the platform no longer: the account is disabled, and what was open is shut."
        )
