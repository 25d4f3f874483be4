"""An exchange without an answer: what was never said cannot have arrived, what was said may have (each by a real socket)."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

import pytest

from notifications.providers.exchanges import Deadline, LineFailed, Loss
from notifications.providers.line import Answer, Line
from notifications.providers.loop import Loop, post_to
from notifications.providers.ports import LOST, MEANINGS, Failed, Trouble, failed

SHORT = 0.6
MESSAGE, FIRST = b"the message", b"the first"
Serve = Callable[[socket.socket], None]


def ask(line: Line) -> Loss:
    """By a thread that waits for its answer."""
    with pytest.raises(LineFailed) as lost:
        line.call("POST", "", Deadline(SHORT), headers={}, body=MESSAGE).json()
    return lost.value.loss


def ask_by_loop(line: Line) -> Loss:
    """By the thread that waits for none."""
    heard: list[Answer | LineFailed] = []
    with ThreadPoolExecutor(1) as pool:
        loop = Loop(pool)
        loop.ask(post_to(line, {}, MESSAGE), SHORT, heard.append)
        while not heard:
            loop.turn(0.1)
        loop.close()
    assert isinstance(heard[0], LineFailed)
    return heard[0].loss


@contextmanager
def serving(serve: Serve) -> Iterator[tuple[int, list[bytes]]]:
    """A server that hands each connection to ``serve`` and keeps what it read there."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        heard: list[bytes] = []

        def run() -> None:
            with suppress(OSError):
                while True:
                    taken, _address = listener.accept()
                    with taken, suppress(OSError):
                        taken.settimeout(2)
                        read = _Heard(taken, heard)
                        serve(read)  # type: ignore[arg-type]

        threading.Thread(target=run, daemon=True).start()
        yield listener.getsockname()[1], heard
        listener.shutdown(socket.SHUT_RDWR)


class _Heard:
    """A connection whose words are written down."""

    def __init__(self, taken: socket.socket, heard: list[bytes]) -> None:
        self._taken, self._heard = taken, heard

    def recv(self, size: int) -> bytes:
        part = self._taken.recv(size)
        self._heard.append(part)
        return part

    def __getattr__(self, name: str) -> object:
        return getattr(self._taken, name)


def _hears_and_says_nothing(taken: socket.socket) -> None:
    while taken.recv(4096):
        pass


def _hears(taken: socket.socket) -> None:
    """Head and body may come by themselves."""
    got = b""
    while not got.endswith((MESSAGE, FIRST)) and (part := taken.recv(4096)):
        got += part


def _hears_and_resets(taken: socket.socket) -> None:
    _hears(taken)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _hears_and_closes(taken: socket.socket) -> None:
    _hears(taken)


def _hears_and_says_half(taken: socket.socket) -> None:
    _hears(taken)
    taken.sendall(b"HTTP/1.")


def _speaks_something_else(taken: socket.socket) -> None:
    _hears(taken)
    taken.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")


def _speaks_first(taken: socket.socket) -> None:
    taken.recv(4096)
    taken.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")


@contextmanager
def closed_port() -> Iterator[int]:
    """One that nobody listens at, and nobody else is given meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@contextmanager
def full_listener() -> Iterator[int]:
    """A connection to it is neither made nor refused."""
    with socket.socket() as listener, ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.fixture(params=[ask, ask_by_loop], ids=["thread", "loop"])
def by(request: pytest.FixtureRequest) -> Callable[[Line], Loss]:
    road: Callable[[Line], Loss] = request.param
    return road


UNSAID = (Loss.NO_NAME, Loss.REFUSED, Loss.NOT_PROVEN, Loss.NOT_IN_TIME, Loss.NO_TOKEN)


def test_every_loss_and_every_trouble_has_its_row() -> None:
    assert set(LOST) == set(Loss)
    assert set(MEANINGS) == set(Trouble)
    assert {loss for loss in Loss if failed(LOST[loss]).is_unsaid} == set(UNSAID)
    assert {loss for loss in Loss if failed(LOST[loss]).may_have_left} == set(Loss) - set(UNSAID)
    for trouble, meaning in MEANINGS.items():
        assert not (meaning.may_have_left and meaning.is_unsaid), trouble
        assert not meaning.is_final or not (meaning.may_have_left or meaning.is_unsaid), trouble
    assert not Failed("http_500").may_have_left and not Failed("http_500").is_unsaid
    assert not Failed("down").may_have_left, "a provider that says that it is down has answered"


def test_a_connection_that_is_refused(by: Callable[[Line], Loss]) -> None:
    with closed_port() as port:
        assert by(Line(f"http://127.0.0.1:{port}")) is Loss.REFUSED


def test_a_proxy_that_is_refused() -> None:
    with closed_port() as port:
        for base in ("http://gateway.example.cn", "https://gateway.example.cn"):
            assert ask(Line(base, f"http://127.0.0.1:{port}")) is Loss.REFUSED


def test_a_proxy_that_leads_nowhere_was_told_no_message() -> None:
    """The message would go inside the tunnel, which does not come about."""

    def no_tunnel(taken: socket.socket) -> None:
        taken.recv(4096)
        taken.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    with serving(no_tunnel) as (port, heard):
        assert ask(Line("https://gateway.example.cn", f"http://127.0.0.1:{port}")) is Loss.REFUSED
    assert heard and not any(MESSAGE in part for part in heard)


def test_a_name_that_leads_nowhere(by: Callable[[Line], Loss]) -> None:
    assert by(Line("http://nowhere.invalid")) in (Loss.NO_NAME, Loss.NOT_IN_TIME)
    assert ask(Line("http://[::ffff:0:0:0:0]x")) is Loss.REFUSED, "no address at all"


def test_an_encryption_that_fails(by: Callable[[Line], Loss]) -> None:
    with serving(_speaks_first) as (port, heard):
        assert by(Line(f"https://127.0.0.1:{port}")) is Loss.NOT_PROVEN
    assert heard and not any(MESSAGE in part for part in heard)


def test_a_connection_that_does_not_come_in_time(by: Callable[[Line], Loss]) -> None:
    with full_listener() as port:
        assert by(Line(f"http://127.0.0.1:{port}")) is Loss.NOT_IN_TIME


def test_an_encryption_that_does_not_come_in_time(by: Callable[[Line], Loss]) -> None:
    with serving(_hears_and_says_nothing) as (port, heard):
        assert by(Line(f"https://127.0.0.1:{port}")) is Loss.NOT_IN_TIME
    assert not any(MESSAGE in part for part in heard)


def test_a_deadline_that_is_over_says_nothing(by: Callable[[Line], Loss], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.providers.test_lost.SHORT", 0.0)
    with serving(_hears_and_closes) as (port, heard):
        assert by(Line(f"http://127.0.0.1:{port}")) is Loss.NOT_IN_TIME
    assert not any(MESSAGE in part for part in heard)


@pytest.mark.parametrize(
    ("serve", "loss"),
    [
        (_hears_and_says_nothing, Loss.LATE),
        (_hears_and_resets, Loss.CUT),
        (_hears_and_closes, Loss.CUT),
        (_hears_and_says_half, Loss.CUT),
        (_speaks_something_else, Loss.UNREADABLE),
    ],
)
def test_what_was_said_may_have_arrived(by: Callable[[Line], Loss], serve: Serve, loss: Loss) -> None:
    with serving(serve) as (port, heard):
        told = by(Line(f"http://127.0.0.1:{port}"))
        assert told is loss or (by is ask and told is Loss.CUT and loss is Loss.UNREADABLE)
    assert any(MESSAGE in part for part in heard)
    assert failed(LOST[told]).may_have_left


def test_a_kept_connection_that_is_closed_under_the_message_may_have_carried_it() -> None:
    """The second message is read by the server, which then goes away without a word."""

    def once(taken: socket.socket) -> None:
        _hears(taken)
        taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        _hears(taken)

    with serving(once) as (port, heard):
        line = Line(f"http://127.0.0.1:{port}")
        assert line.call("POST", "", Deadline(5), headers={}, body=FIRST).json() == {}
        assert ask(line) is Loss.CUT
        assert sum(MESSAGE in part for part in heard) == 1
