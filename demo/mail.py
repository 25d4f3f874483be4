"""Mail of the demo: written to a file in which a person can read and copy a link."""

from email import policy
from typing import IO, Final, cast

from django.core.mail import EmailMessage
from django.core.mail.backends import filebased

_READABLE: Final = policy.default.clone(cte_type="8bit", utf8=True, max_line_length=10_000)


class EmailBackend(filebased.EmailBackend):
    """Django's own, with subject and text as they are instead of base64."""

    def write_message(self, message: EmailMessage) -> None:
        """One mail and a line below it."""
        stream = cast(IO[bytes], self.stream)  # Django opens the file for bytes
        stream.write(message.message(policy=_READABLE).as_bytes() + b"\n" + b"-" * 79 + b"\n")
