"""The web takes a staff list in and no more: block by block, one at a time, and what is plainly no list goes no further."""

import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import RosterImport, RosterState
from audit.models import AuditEntry
from jobs.models import Job
from jobs.workflow import run_due
from kernel.errors import Conflict, Invalid
from people.roster import waiting
from people.roster.waiting import forget_orphans
from people.roster.workflow.previewing import discard_roster, upload_roster
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.signin_steps import client_of

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024
MOST_EXTRA = 100 * MEGABYTE
"""Bytes that one upload may cost the web (promise U3)."""


@pytest.fixture
def boss(school: Any) -> Any:
    return make_person(school, "admin")


def long_text(size: int) -> bytes:
    head = "工号,姓名,邮箱\n".encode()
    line = "T{n:07d},李明华李明华李明华李明华李明华李明华,t{n}@long.example\n"
    count = size // len(line.format(n=0).encode())
    return head + "".join(line.format(n=n) for n in range(count)).encode()


class Body(io.RawIOBase):
    """A request's body that is never held as a whole: like a socket."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        super().__init__()
        self.parts, self.rest = parts, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self.rest) < size and (part := next(self.parts, b"")):
            self.rest += part
        answer, self.rest = self.rest[:size], self.rest[size:]
        return answer


def post(client: Client, head: bytes, fill: bytes, size: int) -> tuple[int, int]:
    """Send a file of ``size`` bytes over WSGI as a browser does; the answer's status and the peak of memory in bytes."""
    boundary = "----boundary"
    before = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'.encode()
    after = f"\r\n--{boundary}--\r\n".encode()

    def parts() -> Iterator[bytes]:
        yield before + head
        left = size - len(head)
        block = fill * (65536 // len(fill))
        while left > 0:
            yield block[:left]
            left -= len(block)
        yield after

    client.get("/school/roster/")
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/school/roster/",
        "SERVER_NAME": client.defaults["HTTP_HOST"],
        "SERVER_PORT": "80",
        "HTTP_HOST": client.defaults["HTTP_HOST"],
        "HTTP_COOKIE": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()),
        "CONTENT_TYPE": f"multipart/form-data; boundary={boundary}",
        "CONTENT_LENGTH": str(len(before) + size + len(after)),
        "wsgi.input": Body(parts()),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "REMOTE_ADDR": "127.0.0.1",
    }
    tracemalloc.start()
    try:
        answer = client.handler(environ)  # all middleware, and nothing of the test client's own way to make a body
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return answer.status_code, peak


LINE = "T1,李明华,a@long.example\n".encode()
HEAD = "工号,姓名,邮箱\n".encode()


@pytest.mark.parametrize(
    ("head", "fill", "size", "status"),
    [
        (HEAD, LINE, 19 * MEGABYTE, 302),
        (b"", b"a", 19 * MEGABYTE, 422),
        (b"", b",", 16 * MEGABYTE, 422),
        (b"", b"\n", 16 * MEGABYTE, 422),
        (b"\x00", b"a", 16 * MEGABYTE, 422),
        (HEAD, LINE, 21 * MEGABYTE, 422),
        (b"PK\x03\x04", b"x", 19 * MEGABYTE, 422),
        ("姓名,部门\n".encode(), LINE, 19 * MEGABYTE, 422),
    ],
    ids=["a list", "one letter", "commas", "line ends", "zeros", "too long", "no zip", "no heading"],
)
def test_a_file_of_any_size_costs_the_web_little_memory(
    school: Any, boss: Any, head: bytes, fill: bytes, size: int, status: int
) -> None:
    answer, peak = post(client_of(school, boss), head, fill, size)
    print(f"\npeak {peak / MEGABYTE:.1f} MB for a file of {size / MEGABYTE:.0f} MB")
    assert answer == status
    assert peak < MOST_EXTRA / 4, f"{peak / MEGABYTE:.0f} MB"
    with use_tenant(school.id):
        assert RosterImport.objects.count() == (1 if status == 302 else 0)


def incompressible_book(size: int) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", random.Random(7).randbytes(size))
    return out


def test_a_second_long_list_gets_words_until_the_first_is_read(school: Any, boss: Any) -> None:
    client = client_of(school, boss)
    assert client.post("/school/roster/", {"file": SimpleUploadedFile("a.csv", long_text(MEGABYTE))}).status_code == 302
    answer = client.post("/school/roster/", {"file": SimpleUploadedFile("b.csv", long_text(MEGABYTE // 2))})
    assert answer.status_code == 422
    assert "另一份名单还在读取" in answer.content.decode()
    short = client.post("/school/roster/", {"file": SimpleUploadedFile("c.csv", HEAD + LINE)})
    assert short.status_code == 302, "a short one is read at once and stands in nobody's way"
    with use_tenant(school.id):
        assert (RosterImport.objects.count(), Job.objects.count()) == (2, 1)
        assert len(list(_folder(school).glob("*"))) == 1
        run_due()
    again = client.post("/school/roster/", {"file": SimpleUploadedFile("b.csv", long_text(MEGABYTE // 2))})
    assert again.status_code == 302


def test_another_school_s_list_stands_in_nobody_s_way(school: Any, other_school: Any, boss: Any) -> None:
    with use_tenant(school.id):
        upload_roster(actor=actor_of(boss), file=io.BytesIO(long_text(MEGABYTE)), file_name="a.csv")
    neighbour = make_person(other_school, "admin")
    with use_tenant(other_school.id):
        upload_roster(actor=actor_of(neighbour), file=io.BytesIO(long_text(MEGABYTE)), file_name="a.csv")
        assert RosterImport.objects.count() == 1


def _folder(school: Any) -> Path:
    return Path(settings.PRIVATE_ROOT) / "rosters" / str(school.id)


@pytest.fixture
def reading(school: Any, boss: Any) -> Iterator[RosterImport]:
    with use_tenant(school.id):
        yield upload_roster(actor=actor_of(boss), file=io.BytesIO(long_text(3 * MEGABYTE)), file_name="a.csv")


def test_it_waits_sealed_in_pieces_and_is_gone_once_read(
    boss: Any, reading: RosterImport, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    path = waiting._path(reading)
    assert "李明华".encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    with django_capture_on_commit_callbacks(execute=True):
        run_due()
    reading.refresh_from_db()
    assert reading.state == RosterState.DISCARDED, "more than 20 000 rows"
    assert not path.exists()


def test_discarding_forgets_the_file(
    boss: Any, reading: RosterImport, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        discard_roster(actor=actor_of(boss), import_id=reading.pk)
    assert not waiting._path(reading).exists()


@pytest.mark.parametrize("harm", ["gone", "cut", "touched"])
def test_a_file_that_was_lost_or_touched_is_said_and_puts_the_list_away(reading: RosterImport, harm: str) -> None:
    path = waiting._path(reading)
    content = path.read_bytes()
    match harm:
        case "gone":
            path.unlink()
        case "cut":
            path.write_bytes(content[: 4 + int.from_bytes(content[:4])])
        case "touched":
            path.write_bytes(content[:1000] + bytes([content[1000] ^ 1]) + content[1001:])
    run_due()
    reading.refresh_from_db()
    assert (reading.state, reading.counts["fault"]) == (RosterState.DISCARDED, "roster_lost")
    assert AuditEntry.objects.filter(action="roster.preview.refused").count() == 1


def test_a_file_whose_list_is_gone_is_swept_and_one_that_waits_is_not(
    reading: RosterImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    orphan = waiting._path(reading).with_name("0190.sealed")
    orphan.write_bytes(b"x")
    assert forget_orphans() == 0, "it may be of an upload that is not done yet"
    monkeypatch.setattr(waiting, "_ORPHANED_AFTER", -1.0)
    assert forget_orphans() == 1
    assert waiting._path(reading).exists()
    assert not orphan.exists()


def test_a_book_that_claims_too_much_is_refused_before_it_is_sealed(school: Any, boss: Any) -> None:
    with use_tenant(school.id):
        with pytest.raises(Invalid) as refusal:
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("xl/worksheets/sheet1.xml", b"0" * (61 * MEGABYTE))
            upload_roster(actor=actor_of(boss), file=out, file_name="a.xlsx")
        assert refusal.value.reason == "roster_too_large"
        upload_roster(actor=actor_of(boss), file=incompressible_book(2 * MEGABYTE), file_name="a.xlsx")
        with pytest.raises(Conflict) as second:
            upload_roster(actor=actor_of(boss), file=incompressible_book(2 * MEGABYTE), file_name="a.xlsx")
        assert second.value.reason == "roster_one_at_a_time"
