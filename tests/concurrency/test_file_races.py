"""A picture is exchanged in the moment in which it is put on a page: whoever reads the page reads what stays (ADR 0068)."""

import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from content.models import SchoolImage, TipPage, base, media
from content.models.uses import must_stay
from kernel.errors import Refused
from tests.concurrency.together import at_once
from tests.content.conftest import Side, build_side
from tests.content.pictures import png

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def side(committed: None, settings: Any, tmp_path: Any) -> Side:
    settings.MEDIA_ROOT = str(tmp_path)
    return build_side(f"鹭{threading.get_ident() % 1000}")


def stands(side: Side) -> str:
    """The file's name, as whoever reads the draft from now on finds it."""
    return str(SchoolImage.objects.get(pk=side.image.pk).file.name)


def put_on_a_page(side: Side) -> str:
    """A version with the picture; the file that its reader sees."""
    page = TipPage.objects.get(pk=side.tip.pk)
    page.picture = SchoolImage.objects.get(pk=side.image.pk)
    page.save_revision()
    return stands(side)


def exchange(side: Side) -> None:
    picture = SchoolImage.objects.get(pk=side.image.pk)
    picture.file = SimpleUploadedFile("new.png", png("red"))
    picture.save()


def is_waited_for() -> bool:
    """Whether within five seconds another connection waits for a lock."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return True
            cursor.execute("SELECT pg_sleep(0.01)")
    return False


def test_a_version_waits_for_an_exchange_that_has_begun(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Event()
    waited: list[bool] = []

    def slowly(picture: Any) -> None:
        must_stay(picture)
        looked.set()
        waited.append(is_waited_for())

    monkeypatch.setattr(media, "must_stay", slowly)

    def behind() -> str:
        assert looked.wait(60)
        return put_on_a_page(side)

    told = at_once(side.tenant, [lambda: exchange(side), behind])
    assert waited == [True]
    assert told == [None, stands(side)], "what was put on the page is what stays"


def test_an_exchange_waits_for_a_version_that_is_being_written(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    held, waited = threading.Event(), []
    usual = base.hold

    def slowly(page: Any) -> None:
        usual(page)
        held.set()
        waited.append(is_waited_for())

    monkeypatch.setattr(base, "hold", slowly)

    def behind() -> None:
        assert held.wait(60)
        exchange(side)

    read, refused = at_once(side.tenant, [lambda: put_on_a_page(side), behind])
    assert waited == [True]
    assert isinstance(refused, Refused) and refused.reason == "file_in_use"
    assert read == stands(side)


def test_control_without_the_lock_another_file_stands_than_was_read(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []

    def looked_before(picture: Any) -> None:
        must_stay(picture)
        read.extend(at_once(side.tenant, [lambda: put_on_a_page(side)]))

    monkeypatch.setattr(media, "must_stay", looked_before)
    monkeypatch.setattr(base, "hold", lambda page: None)
    told = at_once(side.tenant, [lambda: exchange(side)])
    assert told == [None]
    assert len(read) == 1 and isinstance(read[0], str)
    assert read[0] != stands(side), "the reader has read one picture, and another stands"
