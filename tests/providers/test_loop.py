"""Many exchanges in one thread: each ends by its own deadline, none waits for another, and a connection is kept while it is whole."""

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.providers.exchanges import Deadline, LineFailed, Loss
from notifications.providers.line import Answer, Line, authorities
from notifications.providers.loop import Loop, Post, post_to
from tests.providers.servers import StandIn, open_stand_in

SHORT = 0.4


@pytest.fixture
def server() -> Iterator[StandIn]:
    with open_stand_in(lambda call: (204, b"")) as stand_in:
        yield stand_in


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


@pytest.fixture
def loop(pool: ThreadPoolExecutor) -> Iterator[Loop]:
    made = Loop(pool)
    yield made
    made.close()


def said(line: Line, body: bytes = b"{}") -> Post:
    return post_to(line, {"Content-Type": "application/json", "Idempotency-Key": "k"}, body)


def turn_until(loop: Loop, heard: list[Any], count: int, seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while len(heard) < count:
        assert time.monotonic() < until, f"{len(heard)} of {count} were heard"
        loop.turn(0.1)


def ask(loop: Loop, line: Line, seconds: float = 5.0) -> int | Loss:
    """The status, or how it was lost."""
    heard: list[Answer | LineFailed] = []
    loop.ask(said(line), seconds, heard.append)
    turn_until(loop, heard, 1, seconds + 2)
    return heard[0].status if isinstance(heard[0], Answer) else heard[0].loss


@contextmanager
def raw(*answers: bytes, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers each connection once, with the next of ``answers``, and closes it a moment later."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for answer in answers:
                with suppress(OSError):
                    taken, _address = listener.accept()
                    with taken if context is None else context.wrap_socket(taken, server_side=True) as line:
                        heard.append(line.recv(65_536))
                        line.sendall(answer)
                        time.sleep(0.1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heard
        listener.close()


def test_it_says_what_the_waiting_line_says(loop: Loop, server: StandIn) -> None:
    line = Line(server.url.replace("://", "://school:p%40ss@") + "/send/it?a=1")
    assert ask(loop, line) == 204
    line.call("POST", "", Deadline(5), headers={"Content-Type": "application/json", "Idempotency-Key": "k"}, body=b"{}")
    ours, theirs = server.calls
    assert (ours.address, ours.body, ours.headers) == (theirs.address, theirs.body, theirs.headers)
    assert ours.headers["authorization"] == "Basic c2Nob29sOnBAc3M="


def test_many_messages_go_by_one_connection(loop: Loop, server: StandIn) -> None:
    line = Line(server.url)
    assert [ask(loop, line) for _ in range(5)] == [204] * 5
    assert len(server.lines) == 1


@pytest.mark.parametrize("fault", ["hang", "drip_headers"])
def test_one_that_is_not_answered_ends_by_its_deadline_and_holds_no_other(
    loop: Loop, server: StandIn, fault: str
) -> None:
    with open_stand_in(lambda call: (204, b"")) as well:
        server.fault = fault
        lost: list[Answer | LineFailed] = []
        begun = time.monotonic()
        loop.ask(said(Line(server.url)), SHORT, lost.append)
        assert [ask(loop, Line(well.url)) for _ in range(3)] == [204] * 3
        assert time.monotonic() - begun < SHORT and not lost, "the others were answered meanwhile"
        turn_until(loop, lost, 1, SHORT + 1)
        assert isinstance(lost[0], LineFailed) and lost[0].loss is Loss.LATE
        assert SHORT <= time.monotonic() - begun < SHORT + 1
        server.fault = ""
        server.released.set()
        assert ask(loop, Line(server.url)) == 204, "by another connection: the cut one may still be answered"


@pytest.mark.parametrize(("fault", "answer"), [("500", 500), ("html", 200), ("moved", 302), ("long", 200), ("drip", 200), ("close", Loss.CUT)])  # fmt: skip
def test_the_status_is_all_that_is_waited_for(loop: Loop, server: StandIn, fault: str, answer: int | Loss) -> None:
    server.fault = fault
    line, begun = Line(server.url), time.monotonic()
    assert ask(loop, line) == answer
    assert time.monotonic() - begun < 2
    server.fault = ""
    assert ask(loop, line) == 204, "nothing of the first answer is read as the second"
    assert [call.address.path for call in server.calls] == ["/", "/"], "a redirect is not followed"


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.0 200 OK\n\n", 200),
        (b"HTTP/1.1 2000 What\r\n\r\n", Loss.UNREADABLE),
        (b"SSH-2.0-OpenSSH\r\n\r\n", Loss.UNREADABLE),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, Loss.UNREADABLE),
        (b"HTTP/1.1 204 No Con", Loss.CUT),
    ],
)
def test_what_is_an_answer(loop: Loop, answer: bytes, heard: int | Loss) -> None:
    with raw(answer) as (port, _said):
        assert ask(loop, Line(f"http://127.0.0.1:{port}")) == heard


def test_a_connection_that_the_other_side_has_closed_carries_no_message(loop: Loop) -> None:
    """As a proxy does with one that was quiet for long: the page behind would be lost with it."""
    kept = b"HTTP/1.1 204 No Content\r\n\r\n"
    with raw(kept, kept) as (port, heard):
        line = Line(f"http://127.0.0.1:{port}")
        assert ask(loop, line) == 204
        time.sleep(0.3)
        assert ask(loop, line) == 204
        assert len(heard) == 2


def test_what_has_come_in_time_is_heard_however_late_one_looks(loop: Loop, server: StandIn) -> None:
    """The thread was held up by its database: the gateway has the page, and it must not be sent to anybody twice."""
    line, heard = Line(server.url), list[Answer | LineFailed]()
    assert ask(loop, line) == 204
    loop.ask(said(line), SHORT, heard.append)
    time.sleep(SHORT + 0.2)
    loop.turn(0)
    assert [isinstance(one, Answer) for one in heard] == [True]


def test_an_answer_that_comes_late_is_no_answer_to_the_next(loop: Loop) -> None:
    answers = iter([(500, SHORT + 0.3), (204, 0.0)])

    def answering(_call: Any) -> tuple[int, bytes]:
        status, pause = next(answers)
        time.sleep(pause)
        return status, b""

    with open_stand_in(answering) as server:
        line = Line(server.url)
        assert ask(loop, line, SHORT) is Loss.LATE
        assert ask(loop, line) == 204


@pytest.mark.parametrize("is_given_up", [False, True])
def test_nothing_is_said_once_it_is_late(server: StandIn, *, is_given_up: bool) -> None:
    """A connection that was long in coming: whoever waited has gone on to another way by then."""
    line, gate, heard = Line(server.url), threading.Event(), list[Answer | LineFailed]()
    with ThreadPoolExecutor(1) as pool:
        loop = Loop(pool)
        real = line.open

        def slow(deadline: Deadline) -> socket.socket:
            opened = real(deadline)
            gate.wait(10)
            return opened

        line.open = slow  # type: ignore[method-assign]
        loop.ask(said(line), SHORT, heard.append)
        time.sleep(SHORT + 0.1)
        if is_given_up:
            loop.turn(0)
        gate.set()
        time.sleep(0.1)
        loop.turn(0)
        loop.turn(0)
        assert [isinstance(one, LineFailed) and one.loss for one in heard] == [Loss.NOT_IN_TIME]
        assert ask(loop, line) == 204
        time.sleep(0.2)
        assert len(server.calls) == 1
        loop.close()


def test_nobody_there_is_told_at_once(loop: Loop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    begun = time.monotonic()
    assert isinstance(ask(loop, Line(f"http://127.0.0.1:{port}")), Loss)
    assert isinstance(ask(loop, Line("http://nowhere.invalid/")), Loss)
    assert time.monotonic() - begun < 5


SPLIT = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"{}"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{}", b"{}"),
    (b"HTTP/1.1 502 Bad\r\nContent-Length: 9000\r\n\r\n", b"x" * 8_999, b"x"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{",
        b"}\r",
        b"\n1",
        b"\r\n \r\n0\r\nX: y\r\n",
        b"\r\n",
    ),
    (b"HTTP/1.1 204 No", b" Content\r\n\r\n"),
]
SPOILT = [
    (b"HTTP/1.1 200 OK\r\n\r\n", b"{}"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"{}{"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", b"{}"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n", b"{}"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n", b"{}"),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n", b"{}"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"2\r\n{}x\r\n0\r\n\r\n"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"-2\r\n{}\r\n0\r\n\r\n"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0\r\n\r\nHTTP/1.1 200 OK"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n", b"x" * 70_000),
]


@contextmanager
def in_packets(*packets: bytes) -> Iterator[tuple[int, list[int]]]:
    """A server that answers every message on any connection in these packets, one by one; how many messages each connection
    has carried.
    """
    carried: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer(taken: socket.socket, number: int) -> None:
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with taken, suppress(OSError):
                while taken.recv(65_536):
                    carried[number] += 1
                    for packet in packets:
                        taken.sendall(packet)
                        time.sleep(0.03)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    taken, _address = listener.accept()
                    carried.append(0)
                    threading.Thread(target=answer, args=(taken, len(carried) - 1), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], carried
        listener.shutdown(socket.SHUT_RDWR)


def ask_thrice(loop: Loop, port: int) -> set[int | Loss]:
    """With a moment between, in which the rest of an answer comes and nobody turns the loop."""
    line, told = Line(f"http://127.0.0.1:{port}"), set[int | Loss]()
    for _ in range(3):
        told.add(ask(loop, line))
        time.sleep(0.2)
    return told


@pytest.mark.parametrize("packets", SPLIT)
def test_an_answer_in_several_packets_leaves_its_connection_to_the_next(loop: Loop, packets: tuple[bytes, ...]) -> None:
    with in_packets(*packets) as (port, carried):
        assert ask_thrice(loop, port) <= {200, 204, 502}
        assert carried == [3]


@pytest.mark.parametrize("packets", SPOILT)
def test_an_answer_whose_end_is_not_known_leaves_it_to_none(loop: Loop, packets: tuple[bytes, ...]) -> None:
    with in_packets(*packets) as (port, carried):
        assert ask_thrice(loop, port) == {200}
        assert carried == [1, 1, 1]


def test_a_rest_that_does_not_come_is_not_waited_for(loop: Loop) -> None:
    """Its status was heard; the connection is given back when the time of that message is over, and used by nobody before."""
    with in_packets(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n") as (port, carried):
        line = Line(f"http://127.0.0.1:{port}")
        assert ask(loop, line, SHORT) == 200
        assert ask(loop, line, SHORT) == 200
        assert carried == [1, 1]
        assert len(loop._ending) == 2
        time.sleep(SHORT)
        loop.turn(0)
        assert loop._ending == []


@pytest.mark.parametrize("value", ["a\r\nX-More: b", "a\nb", "a\rb"])
def test_a_header_is_one_line(value: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        post_to(Line("http://127.0.0.1:1"), {"Idempotency-Key": value}, b"")


def test_another_thread_ends_the_turn(loop: Loop) -> None:
    loop.watch()
    threading.Timer(0.1, loop.ring).start()
    begun = time.monotonic()
    loop.turn(5)
    assert time.monotonic() - begun < 2


def test_only_who_proves_its_name_hears_a_word(loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encrypted line is as careful as the waiting one: an authority that is trusted here, and the very name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path, "localhost"))
    well = b"HTTP/1.1 204 No Content\r\n\r\n"
    try:
        for trusted, host, answer in (
            (False, "localhost", Loss.NOT_PROVEN),
            (True, "127.0.0.1", Loss.NOT_PROVEN),
            (True, "localhost", 204),
        ):
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / ("one.pem" if trusted else "none.pem")))
            authorities.cache_clear()
            with raw(well, context=context) as (port, heard):
                assert ask(loop, Line(f"https://{host}:{port}")) == answer
                assert bool(heard) is (answer == 204)
    finally:
        authorities.cache_clear()


def certificate(folder: Path, name: str) -> Path:
    """Of an authority of its own, with its key; beside it that of another whom nobody knows."""
    for file, whose in (("none.pem", "another.example"), ("one.pem", name)):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, whose)])
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        mine = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        made = (
            x509.CertificateBuilder(
                subject, subject, key.public_key(), x509.random_serial_number(), now - day, now + day
            )
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(whose)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(mine, critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(mine), critical=False)
            .sign(key, hashes.SHA256())
        )
        (folder / file).write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
    return folder / "one.pem"
