"""The line to a provider: five seconds in all whatever the other side does, one connection for many messages, no detour."""

import gzip
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.checks.registry import registry
from django.core.exceptions import ImproperlyConfigured

from notifications.checks import addresses_are_sealed
from notifications.providers.exchanges import Deadline, LineFailed, Loss, within
from notifications.providers.line import Line, is_loopback, provider_line
from tests.providers.servers import StandIn, no_exchange_is_left, open_stand_in

SHORT = 0.4


@pytest.fixture
def server() -> Iterator[StandIn]:
    with open_stand_in(lambda call: (200, {"path": call.address.path})) as stand_in:
        yield stand_in


def ask(line: Line, seconds: float = 5.0, **more: Any) -> dict[str, Any]:
    return line.call("POST", "/x", Deadline(seconds), headers={}, body=b"{}", **more).json()


def why(line: Line, seconds: float = SHORT) -> tuple[Loss, float]:
    """How it ended and how long the caller was held."""
    begun = time.monotonic()
    with pytest.raises(LineFailed) as failed:
        ask(line, seconds)
    return failed.value.loss, time.monotonic() - begun


@pytest.mark.parametrize("fault", ["hang", "drip", "drip_headers"])
def test_the_deadline_is_for_all_of_it_and_leaves_no_thread_behind(server: StandIn, fault: str) -> None:
    server.fault = fault
    loss, held = why(Line(server.url))
    assert loss is Loss.LATE
    assert SHORT <= held < SHORT + 1.0
    assert no_exchange_is_left(), "the exchange went on after its caller had left"


def test_a_name_or_a_connection_that_takes_too_long_is_not_waited_for() -> None:
    """A listener whose queue is full: the connection is neither made nor refused."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(listener.getsockname())
        loss, held = why(Line(f"http://127.0.0.1:{listener.getsockname()[1]}"))
        for filler in fillers:
            filler.close()
    assert loss is Loss.NOT_IN_TIME
    assert held < SHORT + 1.0


def test_an_encryption_that_drips_is_cut_too() -> None:
    """The handshake's bytes come one by one: the first record of a server's greeting, a byte each tenth of a second."""
    released = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            taken, _address = listener.accept()
            with taken, suppress(OSError):
                taken.recv(4096)
                for byte in b"\x16\x03\x03\x40\x00\x02" + bytes(500):
                    taken.sendall(bytes([byte]))
                    if released.wait(0.1):
                        return

        threading.Thread(target=drip, daemon=True).start()
        loss, held = why(Line(f"https://127.0.0.1:{listener.getsockname()[1]}"))
        assert loss is Loss.NOT_IN_TIME
        assert held < SHORT + 1.0
        assert no_exchange_is_left()
        released.set()


def test_a_deadline_that_is_over_asks_nobody(server: StandIn) -> None:
    gone = Deadline(0.0)
    with pytest.raises(LineFailed, match="not_in_time"):
        Line(server.url).call("POST", "/x", gone, headers={})
    assert server.calls == []


def test_many_messages_go_by_one_connection(server: StandIn) -> None:
    line = Line(server.url)
    assert [ask(line) for _ in range(5)] == [{"path": "/x"}] * 5
    assert len(server.lines) == 1


def test_after_a_cut_connection_the_next_message_goes_by_a_new_one(server: StandIn) -> None:
    line = Line(server.url)
    ask(line)
    server.fault = "drip"
    why(line)
    server.fault = ""
    assert ask(line) == {"path": "/x"}
    assert len(server.lines) == 2


def test_a_redirect_is_an_answer_and_is_not_followed(server: StandIn) -> None:
    server.fault = "moved"
    assert Line(server.url).call("POST", "/x", Deadline(5), headers={}).status == 302
    assert [call.address.path for call in server.calls] == ["/x"]


@pytest.mark.parametrize(("fault", "loss"), [("long", Loss.UNREADABLE), ("html", Loss.UNREADABLE), ("list", Loss.UNREADABLE), ("empty", Loss.UNREADABLE), ("close", Loss.CUT)])  # fmt: skip
def test_what_is_no_answer_is_told_as_such(server: StandIn, fault: str, loss: Loss) -> None:
    server.fault = fault
    assert why(Line(server.url), 5)[0] is loss


def test_a_compressed_answer_is_not_unpacked() -> None:
    """A few bytes may hold gigabytes."""
    packed = gzip.compress(b'{"a": "' + b"x" * 50_000_000 + b'"}')
    with open_stand_in(lambda call: (200, packed)) as server:
        assert why(Line(server.url), 5)[0] is Loss.UNREADABLE
        assert server.calls[0].headers["accept-encoding"] == "identity"


def test_no_proxy_no_netrc_and_no_cookie_of_the_machine_goes_along(
    server: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    line = Line(server.url)
    ask(line)
    ask(line)
    assert {"authorization", "cookie"}.isdisjoint(server.calls[1].headers)


def test_keys_and_numbers_go_in_clear_to_nobody_but_this_machine(settings: Any) -> None:
    settings.PROVIDER_ADDRESSES = {
        "a": "http://sms.example.cn",
        "b": "http://127.0.0.1:9",
        "c": "https://x.example.cn/",
    }
    with pytest.raises(ImproperlyConfigured):
        provider_line("a")
    assert provider_line("b").base == "http://127.0.0.1:9"
    assert provider_line("c").base == "https://x.example.cn"
    assert [(error.id, "'a'" in error.msg) for error in addresses_are_sealed()] == [("notifications.E001", True)]
    settings.LOOPBACK_IS_OURS = False
    with pytest.raises(ImproperlyConfigured):
        provider_line("b")
    assert len(addresses_are_sealed()) == 2
    assert addresses_are_sealed in registry.registered_checks


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/", "http://127.0.0.1.example.cn/", "http://[::1", "", "http://0.0.0.0/"]
)
def test_what_is_not_this_machine(address: str) -> None:
    assert not is_loopback(address)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8/", "http://localhost/x", "https://[::1]:9/", "http://127.8.8.8/"]
)
def test_what_is_this_machine(address: str) -> None:
    assert is_loopback(address)


def test_a_forked_process_has_lines_of_its_own() -> None:
    """A thread that waits for the next exchange stays in the parent; what is asked of it in the child would wait for ever."""
    assert within(Deadline(2), lambda: "parent") == "parent"
    child = os.fork()
    if not child:
        with suppress(LineFailed):
            os._exit(0 if within(Deadline(2), lambda: "child") == "child" else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_name_and_a_password_in_the_address_are_sent_to_it(server: StandIn) -> None:
    base = server.url.replace("://", "://school:p%40ss@")
    assert ask(Line(base)) == {"path": "/x"}
    assert server.calls[-1].headers["authorization"] == "Basic c2Nob29sOnBAc3M="
