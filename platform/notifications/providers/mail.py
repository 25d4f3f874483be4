"""E-mail, by Django's mailer: plain text, a Message-ID by which a duplicate can be recognised."""

import smtplib
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.core.mail.backends import smtp

from notifications.providers import mark
from notifications.providers.exchanges import Deadline, LineFailed, hold_on, loss_of, say, within
from notifications.providers.ports import Failed, Outcome, Page, Provider, Sent


class NoMark(smtplib.SMTPException):
    """This installation bears no mark: nothing is sent to anybody (``mark``)."""


class _Plain(smtplib.SMTP):
    """A connection to a mail server that can be cut, from its first byte on."""

    _handle: socket.socket | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._handle = opened.dup()
        hold_on(self._handle)
        return opened

    def data(self, msg: Any) -> tuple[int, bytes]:
        """The letter itself: until here nothing of it was said."""
        say()
        return super().data(msg)

    def close(self) -> None:
        super().close()
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class _Sealed(smtplib.SMTP_SSL, _Plain):
    """The same, encrypted from the first byte: it is cut below the encryption."""


class EmailBackend(smtp.EmailBackend):
    """Django's backend for SMTP behind the installation's mark, so that no mail of any kind leaves a copied database."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """One that can be cut at the end of its time."""
        return _Sealed if self.use_ssl else _Plain

    def send_messages(self, email_messages: Any) -> int:
        """As Django's. NoMark without the mark."""
        if not mark.is_open():
            raise NoMark
        return int(super().send_messages(email_messages) or 0)


class Mail(Provider):
    """Real when the mailer speaks SMTP; the development's goes into files, the tests' into memory."""

    name: ClassVar = "mail"
    channels: ClassVar = frozenset({"email"})

    @property
    def is_real(self) -> bool:
        """By the backend that is set."""
        return isinstance(mailers["default"], smtp.EmailBackend)

    def _deliver(self, page: Page, at: datetime, deadline: Deadline) -> Outcome:
        reference = message_id(page.key)
        mail = EmailMessage(page.subject, page.text, to=[page.to], headers={**page.headers, "Message-ID": reference})
        backend = mailers["default"]
        try:
            within(deadline, lambda: _told(lambda: backend.send_messages([mail]), deadline))
        except smtplib.SMTPRecipientsRefused:
            return Failed("address_refused")
        except (smtplib.SMTPException, OSError):
            return Failed("mail")
        return Sent(reference)


def _told(act: Callable[[], object], deadline: Deadline) -> None:
    """What the server answered is an answer. LineFailed for a connection that never was, or ended."""
    try:
        act()
    except smtplib.SMTPServerDisconnected as error:
        raise LineFailed(loss_of(error, deadline)) from None
    except smtplib.SMTPException:
        raise
    except OSError as error:
        raise LineFailed(loss_of(error, deadline)) from None


def message_id(key: str) -> str:
    """The same for every try of one message."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return f"<{key}@{domain}>"
