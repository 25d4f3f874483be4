"""Removes secrets from what is logged (promise S1): the tokens in addresses of family links, people who have left, vouchers and new passwords."""

import logging
import re

_SECRET_PATH = re.compile(
    r"(?<![\w.-])(/(?:family|left|letter|v|a|verify|duty-calendar|accounts/password/reset/key|accounts/confirm-email|accounts/invitation)/)[^/\s\"'<>?#]+"
)
_DETAIL = re.compile(r"^DETAIL: .*$", re.MULTILINE)


def quiet(text: str) -> str:
    """``text`` without the secret part of such addresses, and without the row that PostgreSQL repeats in an error."""
    return _DETAIL.sub("DETAIL: …", _SECRET_PATH.sub(r"\1…", text))


class QuietFormatter(logging.Formatter):
    """Writes ``fmt`` (in ``{}`` style) and takes the secrets out of the finished line, its traceback included."""

    def __init__(self, fmt: str) -> None:
        super().__init__(fmt, style="{")

    def format(self, record: logging.LogRecord) -> str:
        """The line as it may be kept."""
        return quiet(super().format(record))
