"""Nothing on the path of a report knows who is signed in: cookies, rows, the record, sessions, logs, neighbours in time."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files import temp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from PIL import Image

from accounts.models import TryCount
from audit.models import AuditEntry
from referrals.emergency.models import LeftOut, Report, ReportLetter
from referrals.emergency.receipts import receipt_in
from referrals.emergency.reporting import pictures
from referrals.emergency.reporting.pictures import clean_picture
from referrals.emergency.reporting.unknown import UnknownSenderMiddleware, is_unknown
from referrals.emergency.rules.reporting import UNREAD, read_by
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.receiving import Told, send_report, told_in, write_letter
from referrals.emergency.workflow.report_acts import read_reports
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.emergency.test_board import client
from tests.emergency.world import World
from tests.tenancy.catalogue import readable_models
from tests.tree import ROOT
from ui.middleware import MAX_UPLOAD

pytestmark = pytest.mark.django_db
PAGE, MAILBOX, CALL = "/report/", "/report/mailbox/", "/api/v1/reports/"
TELLING = {
    "authorization": "Token 0123456789abcdef",
    "user-agent": "Mozilla/5.0 (only-this-telephone)",
    "referer": "https://school.example/my/?of=me",
    "x-forwarded-for": "203.0.113.77",
    "x-real-ip": "203.0.113.77",
    "idempotency-key": "key-of-mine",
    "x-request-id": "request-of-mine",
    "x-csrftoken": "token-of-mine",
}
SAID = {"words": "他把东西都送人了", "danger_now": "on"}


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def signed_in(world: World) -> Client:
    """A browser in which the head of a department is signed in, and has looked at a page of theirs."""
    browser = client(world, "head")
    assert browser.get("/my/").status_code == 200
    browser.cookies["messages"] = "x"
    browser.cookies["csrftoken"] = "a" * 32
    return browser


def send(browser: Client, **said: Any) -> Any:
    return browser.post(PAGE, SAID | said, headers=TELLING)


def rows_of_everything() -> dict[str, set[str]]:
    """Every row of every table as text, by table."""
    found = {}
    for model in readable_models():
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')  # noqa: S608
            found[table] = {row[0] for row in cursor.fetchall()}
    return found


def test_what_a_signed_in_browser_sends_is_written_nowhere(world: World, signed_in: Client) -> None:
    """The rows that a report leaves are the same for somebody who is signed in and for nobody, and name nobody."""
    member = world.members["head"]
    tells = [str(member.pk), str(member.user_id), str(member.user.email), signed_in.cookies["sessionid"].value]  # type: ignore[union-attr]
    tells += list(TELLING.values())
    before = rows_of_everything()
    assert send(signed_in).status_code == 201
    after = rows_of_everything()
    new = {table: after[table] - before[table] for table in after if after[table] - before[table]}
    assert set(new) == {
        "emergency_report", "emergency_incident", "emergency_leg", "emergency_legstep", "emergency_timeline",
    }  # fmt: skip
    gone = {table for table in before if before[table] - after[table]}
    assert not gone, "nothing that was there has changed"
    text = json.dumps({table: sorted(rows) for table, rows in new.items()})
    assert not [tell for tell in tells if tell in text]
    nobody = Client(headers={"host": world.school.host})
    assert nobody.post(PAGE, SAID).status_code == 201
    columns = [field.attname for field in Report._meta.concrete_fields]
    first, second = Report.objects.order_by("-opened")
    differ = {name for name in columns if getattr(first, name) != getattr(second, name)}
    assert differ <= {"id", "receipt_hash", "own_key", "words_sealed", "next_at", "opened"}


def test_no_column_of_a_report_could_hold_a_sender() -> None:
    """A sender has no column. The two that name a colleague are filled by the school's own acts."""
    people = {
        (model.__name__, field.name)
        for model in (Report, ReportLetter)
        for field in model._meta.fields
        if field.related_model is not None
        and field.related_model._meta.label in ("accounts.Membership", "accounts.User")
    }
    assert people == {("Report", "read_by"), ("ReportLetter", "by")}


def test_no_cookie_is_set_and_nothing_is_kept(world: World, signed_in: Client) -> None:
    answers = [
        signed_in.get(PAGE, headers=TELLING),
        signed_in.get(MAILBOX, headers=TELLING),
        send(signed_in),
        send(signed_in, danger_now="", words=""),
        signed_in.post(MAILBOX, {"receipt": "1"}, headers=TELLING),
        signed_in.get(PAGE + "?danger=1"),
    ]
    for answer in answers:
        assert not answer.cookies, answer.status_code
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "csrfmiddlewaretoken" not in answer.content.decode()


def test_no_page_says_in_its_head_where_its_reader_may_be_told_to_come_from() -> None:
    """A page's own word would count for more than ``Referrer-Policy``, and the addresses that are secrets would be told."""
    templates = [
        path
        for name in ("platform", "referrals", "content", "partners", "tips", "schools")
        for path in (ROOT / name).rglob("*.html")
    ]
    assert len(templates) > 300
    assert not [path for path in templates if 'name="referrer"' in path.read_text(encoding="utf-8")]


def test_the_page_is_the_same_for_whoever_is_signed_in(world: World, signed_in: Client) -> None:
    def page(browser: Client) -> str:
        text = browser.get(PAGE).content.decode()
        start = text.index('name="asked" value="')
        work = text[start + 20 : text.index('"', start + 20)]
        return text.replace(work, "")

    nobody = Client(headers={"host": world.school.host})
    assert page(signed_in) == page(nobody)
    assert world.members["head"].name not in page(signed_in)


def test_the_record_sessions_and_counters_know_nothing(world: World, signed_in: Client) -> None:
    def known() -> tuple[Any, ...]:
        return (
            AuditEntry.objects.count(),
            sorted(Session.objects.values_list("session_key", "session_data", "expire_date")),
            TryCount.objects.count(),
        )

    before = known()
    receipt = _receipt(send(signed_in))
    send(signed_in, danger_now="", words="")  # refused
    signed_in.post(MAILBOX, {"receipt": receipt, "words": "他在顶楼"}, headers=TELLING)
    signed_in.post(MAILBOX, {"receipt": "123"}, headers=TELLING)
    assert known() == before


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, as it would be written."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.removeHandler(handler)
    root.setLevel(level)


def test_no_line_of_the_log_says_anything(world: World, signed_in: Client, logged: io.StringIO) -> None:
    receipt = _receipt(send(signed_in))
    signed_in.post(MAILBOX, {"receipt": receipt}, headers=TELLING)
    signed_in.post(MAILBOX, {"receipt": "123"}, headers=TELLING)
    send(signed_in, danger_now="", words="")
    said = logged.getvalue()
    member = world.members["head"]
    for tell in (str(member.user_id), str(member.pk), signed_in.cookies["sessionid"].value, receipt, *TELLING.values()):
        assert tell not in said
    assert SAID["words"] not in said


def test_no_refusal_leaves_a_line_with_its_millisecond(world: World, signed_in: Client, logged: io.StringIO) -> None:
    """Of any other page a refusal stands in the log with its address: of these it would say when somebody was there."""
    statuses = {
        signed_in.post(MAILBOX, {"receipt": "1" * 28}).status_code,
        signed_in.post(PAGE, {}).status_code,
        signed_in.put(PAGE).status_code,
        signed_in.get("/report/anything/").status_code,
        signed_in.post(CALL, {}, content_type="application/json").status_code,
    }
    assert statuses == {400, 404, 405, 422}
    signed_in.get("/nothing-here/")
    said = logged.getvalue()
    assert "/nothing-here/" in said, "this look sees refusals"
    assert "/report" not in said and "reports" not in said


@pytest.mark.parametrize("path", [PAGE, "/report", MAILBOX, CALL, "/api/v1/reports", "/report/anything/"])
def test_what_is_not_on_the_list_is_gone_before_anything_looks(path: str) -> None:
    request = RequestFactory(headers=TELLING).post(path, SAID, headers={"accept-language": "en", "x-wecom-user": "me"})
    request.COOKIES = {"sessionid": "s", settings.LANGUAGE_COOKIE_NAME: "en"}
    request.META["HTTP_COOKIE"] = f"sessionid=s; {settings.LANGUAGE_COOKIE_NAME}=en; __Host-session=t"
    request.META["SSL_CLIENT_S_DN"] = "CN=me"
    request.META["REMOTE_USER"] = "me"
    seen: list[HttpRequest] = []

    def view(given: HttpRequest) -> HttpResponse:
        seen.append(given)
        answer = HttpResponse("x")
        answer.set_cookie("sessionid", "new")
        return answer

    answer = UnknownSenderMiddleware(view)(request)
    assert not answer.cookies
    [given] = seen
    assert given.COOKIES == {settings.LANGUAGE_COOKIE_NAME: "en"}
    assert set(given.headers) <= {"Content-Length", "Content-Type", "Accept-Language", "Cookie", "Host"}
    text = " ".join(str(value) for name, value in given.META.items() if not name.startswith("wsgi."))
    assert not [tell for tell in (*TELLING.values(), "sessionid", "me") if tell in text.split() or f"={tell}" in text]
    assert given.META["REMOTE_ADDR"] == "" and given.POST["words"] == SAID["words"]


@pytest.mark.parametrize(
    "path", ["/", "/my/report/", "/reports/", "/report-x/", "/api/v1/reports-x/", "/centre/report/"]
)
def test_other_pages_still_know(path: str) -> None:
    assert not is_unknown(path)


def test_it_stands_first_of_all() -> None:
    assert settings.MIDDLEWARE[0] == "referrals.emergency.reporting.unknown.UnknownSenderMiddleware"


def test_a_language_that_is_none_of_ours_is_no_way_to_be_known_again(world: World) -> None:
    nobody = Client(headers={"host": world.school.host})
    for value in ("en-x-me", "me", '"; sessionid=1'):
        nobody.cookies[settings.LANGUAGE_COOKIE_NAME] = value
        assert nobody.get(PAGE).status_code == 200
        request = RequestFactory().get(PAGE)
        request.META["HTTP_COOKIE"] = f"{settings.LANGUAGE_COOKIE_NAME}={value}"
        UnknownSenderMiddleware(lambda _request: HttpResponse())(request)
        assert request.COOKIES == {}


def _receipt(answer: Any) -> str:
    text = answer.content.decode()
    start = text.index('name="receipt" value="') + 22
    found = receipt_in(text[start : text.index('"', start)])
    assert found
    return found


def telling_picture() -> bytes:
    """A photograph with its place, its telephone, a small picture inside and words behind its end."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "OnlyMine", "Phone-of-mine", "2026:11:29 08:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (30.0, 15.0, 9.0)
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif, comment=b"by-me")
    return out.getvalue() + b"behind-the-end-of-mine"


def test_a_picture_loses_whatever_it_carries_besides_pixels(world: World) -> None:
    nobody = Client(headers={"host": world.school.host})
    data = telling_picture()
    assert b"OnlyMine" in data
    file = SimpleUploadedFile("IMG_of_mine.jpg", data, content_type="image/jpeg")
    assert nobody.post(PAGE, SAID | {"picture": file}).status_code == 201
    kept = base64.b64decode(Report.objects.get().read("picture"))
    for tell in (b"OnlyMine", b"Phone-of-mine", b"by-me", b"behind-the-end", b"Exif", b"2026:11:29"):
        assert tell not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.format == "JPEG" and not dict(picture.getexif()) and picture.size == (40, 30)
    assert "IMG_of_mine" not in json.dumps(rows_of_everything()["emergency_report"], default=list)


def test_a_row_says_to_the_minute_by_when_it_is_to_be_read(world: World) -> None:
    at = datetime(2026, 12, 31, 23, 57, 59, 999_999, tzinfo=UTC)
    assert read_by(at) == datetime(2027, 1, 1, 0, 2, tzinfo=UTC)
    receipt = send_report(told=Told(words="x"), danger_now=True)
    report = Report.objects.get()
    before = chain_now()
    assert report.next_at is not None and report.next_at == report.next_at.replace(second=0, microsecond=0)
    assert timedelta(minutes=3) < report.next_at - before <= UNREAD, "never later than five minutes"
    read_reports(actor=world.actor("duty"), incident_id=report.incident_id, report_ids=[report.pk])
    write_letter(report_id=report.pk, words="还在楼上")
    report.refresh_from_db()
    assert receipt and report.next_at is not None and report.next_at.second == report.next_at.microsecond == 0


def picture_of(mode: str, size: tuple[int, int], kind: str, **more: Any) -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new(mode, size).save(made, kind, **more)
    return SimpleUploadedFile("IMG.png", made.getvalue())


@pytest.mark.parametrize(
    ("mode", "size", "kept"),
    [("RGB", (1_080, 20_000), (86, 1_600)), ("P", (3_000, 1_500), (1_600, 800)), ("L", (3, 2), (3, 2))],
    ids=str,
)
def test_a_picture_is_made_small(mode: str, size: tuple[int, int], kept: tuple[int, int]) -> None:
    with Image.open(io.BytesIO(base64.b64decode(clean_picture(picture_of(mode, size, "PNG"))))) as picture:
        assert (picture.format, picture.size) == ("JPEG", kept)


def test_a_picture_that_was_held_upright_stays_so() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(
        io.BytesIO(base64.b64decode(clean_picture(picture_of("RGB", (4_000, 2_000), "JPEG", exif=exif))))
    ) as one:
        assert one.size == (800, 1_600)


def test_few_bytes_that_are_very_many_pixels_are_not_read() -> None:
    assert clean_picture(picture_of("1", (8_000, 5_000), "PNG"))
    file = picture_of("1", (8_000, 5_001), "PNG")
    assert file.size is not None and file.size < 20_000
    assert clean_picture(file) == ""


def test_of_many_pictures_at_once_one_is_read_and_the_words_of_all_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_PATIENCE_SECONDS", 0.0)
    nobody = Client(headers={"host": world.school.host})
    with pictures._turn:
        answer = nobody.post(PAGE, SAID | {"danger_now": "on", "picture": picture_of("RGB", (9, 9), "PNG")})
    assert answer.status_code == 201 and not Report.objects.get().picture_sealed
    assert nobody.post(PAGE, SAID | {"picture": picture_of("RGB", (9, 9), "PNG")}).status_code == 201
    assert Report.objects.exclude(picture_sealed=b"").exclude(picture_sealed=None).count() == 1


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff" + b"x" * 100, b"<svg onload=alert(1)>"], ids=str)
def test_what_is_no_picture_stops_no_report(data: bytes, world: World) -> None:
    nobody = Client(headers={"host": world.school.host})
    answer = nobody.post(PAGE, SAID | {"picture": SimpleUploadedFile("a.jpg", data)})
    assert answer.status_code == 201
    assert not Report.objects.get().picture_sealed


def test_two_schools_never_share_a_mailbox(world: World, other_school: Any) -> None:
    nobody = Client(headers={"host": world.school.host})
    receipt = _receipt(send(nobody))
    with use_tenant(other_school.pk):
        make_person(other_school, "staff")
    elsewhere = Client(headers={"host": other_school.host})
    answer = elsewhere.post(MAILBOX, {"receipt": receipt})
    assert answer.status_code == 422
    assert nobody.post(MAILBOX, {"receipt": receipt}).status_code == 200


def test_what_is_told_is_read_as_it_was_sent(world: World) -> None:
    nobody = Client(headers={"host": world.school.host})
    said = SAID | {
        "about": "李四", "where": "顶楼", "signs": ["睡眠或进食很少，不修边幅", "不是其中之一"], "not_told": ["principal", "nobody"],
        "not_told_names": "", "department": "体艺组", "name": "赵六", "number": "139 1234 5678", "set_off": "吵架", "noticed": "早上",
    }  # fmt: skip
    assert nobody.post(PAGE, said, headers={"accept-language": "zh-hans"}).status_code == 201
    told = told_in(Report.objects.get())
    assert (told.about, told.where, told.name, told.number) == ("李四", "顶楼", "赵六", "139 1234 5678")
    assert told.not_told == ("principal",) and told.department == "", "a department of two people is not named"
    assert len(told.signs) <= 1
    assert [row.member_id for row in LeftOut.objects.all()] == [world.members["principal"].pk]


@pytest.mark.parametrize(
    ("size", "is_kept"), [(3 * 1024 * 1024, True), (16 * 1024 * 1024, False), (MAX_UPLOAD + 1, False)]
)
def test_no_picture_ever_lies_on_a_disk_as_it_came(
    size: int, is_kept: bool, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django writes what is longer than 2.5 MB to a temporary file; a report's never is, and goes without what is too long."""
    made: list[Any] = []
    monkeypatch.setattr(temp, "NamedTemporaryFile", lambda *args, **kwargs: made.append(args))
    nobody = Client(headers={"host": world.school.host})
    data = telling_picture() + b"x" * size
    answer = nobody.post(PAGE, SAID | {"picture": SimpleUploadedFile("IMG_of_mine.jpg", data)})
    assert answer.status_code == 201 and not made
    assert bool(Report.objects.get().picture_sealed) is is_kept
    assert ("图片" in answer.content.decode()) is not is_kept, "whoever sent it is told that it was left behind"
    assert told_in(Report.objects.get()).words == SAID["words"]
