"""The mark of the installation: a copied database calls nobody (ADR 0019)."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote

import psycopg
import pytest
from django.core import mail
from django.core.mail import EmailMessage, mailers
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from notifications import outbox
from notifications.drain import MAX_TRIES, drain
from notifications.models import InstanceMark, OutboxMessage
from notifications.providers import mark
from notifications.providers.exchanges import Deadline
from notifications.providers.gateway import Gateway
from notifications.providers.loop import Post
from notifications.providers.mail import Mail, NoMark
from notifications.providers.ports import Failed, Outcome, Page, Provider, Sent
from operations.doctor import examine
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.gateway import open_gateway
from tests.providers.marked import PUT, marked
from tests.tenancy.catalogue import owner
from tests.tree import ROOT

pytestmark = pytest.mark.django_db
SMTP = {
    "default": {"BACKEND": "notifications.providers.mail.EmailBackend", "OPTIONS": {"host": "127.0.0.1", "port": 1}}
}


class Postman(Provider):
    """Remembers what reached it."""

    name: ClassVar = "postman"
    channels: ClassVar = frozenset({"sms"})

    def __init__(self) -> None:
        self.reached: list[str] = []

    def _deliver(self, page: Page, at: datetime, deadline: Deadline) -> Outcome:
        self.reached.append(page.key)
        return Sent("1")


def a_page(channel: str = "sms") -> Page:
    return Page(key="k", channel=channel, to="+8613800138000", school="yucai", kind="page", text="请回电")


def send(provider: Provider, channel: str = "sms") -> Outcome:
    return provider.send(a_page(channel), at=datetime.now(UTC))


def test_a_real_provider_sends_only_where_the_database_names_this_installation(settings: Any) -> None:
    postman = Postman()
    assert send(postman) == Failed("no_mark", is_final=False)
    with marked("another"):
        assert send(postman) == Failed("no_mark")
    with marked():
        assert send(postman) == Sent("1")
        settings.INSTANCE_ID = ""
        assert send(postman) == Failed("no_mark")
        settings.INSTANCE_ID = "another"
        assert send(postman) == Failed("no_mark")
    assert postman.reached == ["k"]


def test_nothing_is_made_to_be_said_to_a_real_gateway_without_the_mark(settings: Any) -> None:
    """Whoever drives many connections asks for the words, not for the sending."""
    settings.GATEWAY_URL = "https://gateway.example.cn/send"
    at = datetime.now(UTC)
    assert Gateway().post(a_page(), at=at) == Failed("no_mark")
    with marked():
        assert isinstance(Gateway().post(a_page(), at=at), Post)
        with pytest.raises(ValueError, match="does not carry"):
            Gateway().post(a_page("email"), at=at)
        with pytest.raises(ValueError, match="offset"):
            Gateway().post(a_page(), at=datetime(2026, 11, 29))  # noqa: DTZ001
        settings.GATEWAY_PROXY = "http://127.0.0.1:1"
        assert Gateway().post(a_page(), at=at) is None, "by a proxy it goes as ``send`` goes"
        settings.GATEWAY_PROXY, settings.GATEWAY_URL = "", "http://no such host/"
        assert Gateway().post(a_page(), at=at) == Failed("gateway_unreachable")
    assert Postman().post(a_page(), at=at) == Failed("no_mark")


@pytest.mark.parametrize(("column", "value"), [("cluster", "'7'"), ("database", "1")])
def test_a_mark_that_was_copied_to_another_cluster_or_database_is_none(column: str, value: str) -> None:
    postman = Postman()
    with marked(), owner() as rows:
        assert send(postman) == Sent("1")
        rows.execute(f"UPDATE notifications_instancemark SET {column} = {value}")
        mark.forget()
        assert send(postman) == Failed("no_mark")


def test_a_copy_made_inside_the_cluster_has_no_mark(db: None) -> None:
    """``CREATE DATABASE … TEMPLATE``: rows and all, but another database."""
    with marked(), owner() as rows:
        name = connection.settings_dict["NAME"]
        (before,) = rows.execute("SELECT notifications_instance()").fetchone()  # type: ignore[misc]
        kept = rows.execute("SELECT * FROM notifications_instancemark").fetchone()
    assert before == "tests" and kept is not None
    with owner() as rows:
        (other,) = rows.execute(
            "SELECT oid FROM pg_database WHERE datname <> %s ORDER BY oid DESC LIMIT 1", [name]
        ).fetchone()  # type: ignore[misc]
        rows.execute(PUT, ["tests"])
        rows.execute("UPDATE notifications_instancemark SET database = %s", [other])
        assert rows.execute("SELECT notifications_instance()").fetchone() == ("",)
        rows.execute("DELETE FROM notifications_instancemark")


def test_only_the_owner_marks(school: Tenant) -> None:
    acts = (
        lambda: mark.put("tests"),
        lambda: InstanceMark.objects.update(instance="tests"),
        mark.take_off,
    )
    with marked("another"), use_tenant(school.pk):
        for act in acts:
            with pytest.raises(DatabaseError, match="only the owner"), transaction.atomic():
                act()
        assert mark.marked() == "another"


def test_there_is_one_mark() -> None:
    with owner() as rows, pytest.raises(psycopg.errors.CheckViolation, match="notifications_one_mark"):
        rows.execute(PUT.replace("SELECT 1,", "SELECT 2,"), ["tests"])


def test_a_database_that_does_not_answer_changes_nothing_of_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost() -> str:
        raise DatabaseError

    with marked():
        assert mark.is_open()
        monkeypatch.setattr(mark, "KEPT_SECONDS", 0.0)
        monkeypatch.setattr(mark, "marked", lost)
        assert mark.is_open()
        mark.forget()
        assert not mark.is_open()


def test_a_gateway_on_this_machine_needs_none_here_and_every_gateway_in_production(settings: Any) -> None:
    settings.GATEWAY_URL = "https://gateway.example.cn/"
    assert Gateway().is_real
    assert send(Gateway()) == Failed("no_mark")
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        assert not Gateway().is_real
        assert isinstance(send(Gateway()), Sent)
        settings.LOOPBACK_IS_OURS = False
        assert Gateway().is_real
        assert send(Gateway()) == Failed("no_mark")
        assert len(server.taken) == 1
        with marked():
            assert isinstance(send(Gateway()), Sent)


def test_no_mail_of_any_kind_leaves_a_copy_by_smtp(settings: Any) -> None:
    assert not Mail().is_real
    assert send(Mail(), "email") == Sent("<k@xinqiao.example>")
    assert len(mail.outbox) == 1
    settings.MAILERS = SMTP
    assert Mail().is_real
    assert send(Mail(), "email") == Failed("no_mark")
    with pytest.raises(NoMark):
        mailers["default"].send_messages([EmailMessage("s", "b", to=["a@example.com"])])
    with marked():
        assert send(Mail(), "email") == Failed("no_line"), "the closed port: it was tried"


def test_an_ordinary_message_waits_for_the_mark_and_is_never_given_up(school: Tenant, settings: Any) -> None:
    settings.LOOPBACK_IS_OURS = False
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        with use_tenant(school.pk):
            with transaction.atomic():
                outbox.enqueue(key="k", template="booking_confirmed", to=make_person(school), channels=["gateway"])
            for _try in range(MAX_TRIES + 2):
                assert drain() == 0
                row = OutboxMessage.objects.get()
                assert (row.state, row.last_error, row.attempts) == ("failed", "no_mark", 0)
                OutboxMessage.objects.update(next_at=Now())
            assert server.taken == []
            with marked():
                assert drain() == 1
    assert len(server.taken) == 1


def test_the_command_tells_puts_and_takes_off_and_only_for_the_owner(settings: Any, capsys: Any) -> None:
    call_command("mark_instance")
    assert "未打开" in capsys.readouterr().out
    with pytest.raises(CommandError, match="XINQIAO_AS_OWNER"), transaction.atomic():
        call_command("mark_instance", "--put")
    assert mark.marked() == ""
    env = {**os.environ, "XINQIAO_AS_OWNER": "1", "INSTANCE_ID": "tests", "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    database = settings.OWNER_DATABASE
    name = connection.settings_dict["NAME"]
    env["DATABASE_URL"] = (
        f"postgresql://{quote(database['USER'])}:{quote(database['PASSWORD'], safe='')}"
        f"@{database['HOST']}:{database['PORT']}/{name}"
    )
    env |= {
        "DJANGO_SETTINGS_MODULE": "settings.dev",
        "BROKER_URL": "redis://127.0.0.1:1/0",
        "VAULT_KEY": os.environ["VAULT_KEY"],
    }

    def run(*options: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", "mark_instance", *options],
            cwd=ROOT, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    def holds_before() -> Any:
        with owner() as rows:
            return rows.execute("SELECT notifications_holds_before()").fetchone()[0]  # type: ignore[index]

    try:
        assert "已打开" in run("--put", "--not-a-copy")
        mark.forget()
        assert mark.is_open() and holds_before() is None
        assert "release_incident" in run("--put")
        assert holds_before() is None, "it stands already: what goes on here is held by nothing"
        run("--take-off")
        assert "release_incident" in run("--put") and holds_before() is not None
        assert "未打开" in run("--take-off")
        env["INSTANCE_ID"] = ""
        assert "INSTANCE_ID" in run("--put")
    finally:
        with owner() as rows:
            rows.execute("DELETE FROM notifications_instancemark")
    mark.forget()
    assert not mark.is_open()


def test_the_doctor_warns_while_there_is_no_mark(settings: Any) -> None:
    def seen() -> tuple[bool, bool, str]:
        (finding,) = [finding for finding in examine() if finding.what == "Mark"]
        return finding.well, finding.is_warning, finding.seen

    assert seen() == (False, True, "none")
    with marked("another"):
        assert seen() == (False, True, "another's")
    with marked():
        assert seen() == (True, True, "this installation's")


def test_as_known_asks_no_database(settings: Any) -> None:
    """An alarm about a database that hangs must not wait for it; what was never known is shut."""
    mark.forget()
    with mark.as_known():
        assert not mark.is_open()
    with marked():
        with mark.as_known():
            assert not mark.is_open(), "never asked"
        assert mark.is_open()
        with mark.as_known(), CaptureQueriesContext(connection) as asked:
            assert mark.is_open()
        assert len(asked) == 0
        settings.INSTANCE_ID = "another"
        with mark.as_known():
            assert not mark.is_open(), "known of another name"
