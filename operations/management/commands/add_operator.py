"""``manage.py add_operator EMAIL NAME``: the first operator of a new installation; ``--another`` adds a further one."""

from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.operators import first_link
from kernel.errors import Conflict, Invalid
from schools.operators import add_operator

_WHY: Final = {
    "operator_exists": "平台已有运营人员；再添加一位请加 --another，现有的每一位都会收到邮件。"
    " / There is an operator already. --another adds a further one; everybody who operates is told by e-mail.",
    "account_exists": "这个邮箱已有账号，请换一个邮箱。 / An account has this address already: use another one.",
    "email_invalid": "这不是一个邮箱地址。 / This is no e-mail address.",
    "out_of_range": "请写姓名，最多 80 个字。 / Write a name of at most 80 characters.",
}


class Command(BaseCommand):
    """Makes the platform's own row where there is none, adds the operator, and prints the link for their password."""

    help = "Add who operates this installation and print the link, once, with which they choose a password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("--another", action="store_true", help="although somebody operates the platform already")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = add_operator(email=options["email"], name=options["name"], is_another=options["another"])
        except (Conflict, Invalid) as error:
            raise CommandError(_WHY[error.reason]) from error
        secure = settings.SECURE_SSL_REDIRECT
        origin = (
            f"https://{settings.PLATFORM_HOST}" if secure else f"http://{settings.PLATFORM_HOST}:{settings.BASE_PORT}"
        )
        days = settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60)
        self.stdout.write(
            f"{days} 天内用这个链接设置密码，只能用一次；不要转发。过期了就再运行一次。\n"
            f"Choose a password with this link within {days} days, once; do not pass it on. Run this again when it has ended.\n"
            f"{origin}{first_link(user)}"
        )
