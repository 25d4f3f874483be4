"""A machine without the libraries of the PDF engine: everything runs but the paper, and the paper's page says so."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from audit.models import AuditEntry
from kernel.errors import Unavailable
from operations.doctor import examine
from papers import fonts
from papers.printer import print_pdf
from referrals.models import Voucher
from referrals.paper import qr
from referrals.paper.qr import card_png
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = ("gobject", "pango", "harfbuzz", "fontconfig")
SITE = f"""
import cffi
cffi.whole = whole = cffi.FFI.dlopen
def dlopen(self, name, flags=0):
    if any(part in str(name) for part in {HIDDEN}):
        raise OSError(f"cannot load library {{name!r}}")
    return whole(self, name, flags)
cffi.FFI.dlopen = dlopen
"""
LOADS = """
import sys
import django
django.setup()
from django.core.management import get_commands, load_command_class
from django.urls import get_resolver
get_resolver().url_patterns
import settings.celery, settings.wsgi
for name, app in get_commands().items():
    if not app.startswith(("django.", "wagtail", "allauth")):
        load_command_class(app, name)
from papers.printer import print_pdf, why_no_pdf
assert "papers.engine" not in sys.modules
print(why_no_pdf())
"""
MENDED = """
import cffi
cffi.FFI.dlopen = cffi.whole
print(print_pdf('<html lang="en"><title>t</title><p>x')[:4])
print(repr(why_no_pdf()))
"""


@pytest.fixture(scope="module")
def without_libraries(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A Python that finds none of the hidden libraries loads everything; then the machine is mended while it runs."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "sitecustomize.py").write_text(SITE)
    path = os.pathsep.join([str(folder), str(ROOT), str(ROOT / "platform")])
    env = {**os.environ, "PYTHONPATH": path}
    return subprocess.run([sys.executable, "-c", LOADS + MENDED], cwd=ROOT, env=env, capture_output=True, text=True)


def test_everything_is_loaded_without_the_engine(without_libraries: subprocess.CompletedProcess[str]) -> None:
    done = without_libraries
    assert done.returncode == 0, done.stderr[-2000:]
    told, *mended = done.stdout.splitlines()  # the engine's page of advice is for its own developers
    assert told.startswith("cannot load library")  # it was hidden indeed
    assert len(mended) == 2
    assert "Traceback" not in done.stderr


def test_what_was_mended_in_the_meantime_works_without_a_new_start(
    without_libraries: subprocess.CompletedProcess[str],
) -> None:
    assert without_libraries.stdout.splitlines()[1:] == ["b'%PDF'", "''"]


class NoEngine:
    """Finds the engine's package and then says what the system's loader says."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        if name == "weasyprint":
            raise OSError("cannot load library 'libgobject-2.0-0'")


@contextmanager
def hidden_engine() -> Iterator[None]:
    """This process loses the engine and cannot load it again while the block runs."""
    with pytest.MonkeyPatch.context() as machine:
        machine.setattr(sys, "meta_path", [NoEngine, *sys.meta_path])
        for name in ("weasyprint", "papers.engine"):
            machine.delitem(sys.modules, name, raising=False)
        yield


@pytest.fixture
def without_engine() -> Iterator[None]:
    with hidden_engine():
        with pytest.raises(Unavailable, match="no_pdf"):
            print_pdf('<html lang="en"><title>t</title><p>x')
        yield


@pytest.fixture
def voucher(school: Any) -> tuple[Journey, Voucher]:
    journey = make_journey(school)
    with use_tenant(journey.tenant.id):
        return journey, Voucher.objects.get(booking=answer(journey, ask(journey)))


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "把它存成图片"), ("en", "keep it as a picture")])
def test_the_paper_s_page_says_what_to_do_instead(
    without_engine: None, voucher: tuple[Journey, Voucher], language: str, words: str
) -> None:
    journey, held = voucher
    client = Client(headers={"host": journey.tenant.host, "accept-language": language}, raise_request_exception=True)
    client.force_login(journey.members["staff"].user)
    client.cookies["django_language"] = language
    with use_tenant(journey.tenant.id):
        before = AuditEntry.objects.count()
    page = client.get(f"/vouchers/{held.pk}/pdf/")
    assert page.status_code == 503
    assert words in page.content.decode()
    assert client.get(f"/vouchers/{held.pk}/").status_code == 200
    assert client.get(f"/vouchers/{held.pk}/picture.png")["content-type"] == "image/png"
    with use_tenant(journey.tenant.id):
        assert AuditEntry.objects.count() == before


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["*/*", "application/pdf", "application/json"])
def test_the_interface_answers_with_a_problem(
    without_engine: None, voucher: tuple[Journey, Voucher], accept: str
) -> None:
    journey, held = voucher
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    client.force_login(journey.members["staff"].user)
    answered = client.get(f"/api/v1/vouchers/{held.pk}/pdf/", headers={"accept": accept})
    assert (answered.status_code, answered["content-type"]) == (503, "application/problem+json")
    assert answered.json()["code"] == "no_pdf"
    assert answered.json()["detail"]


@pytest.mark.django_db
def test_the_doctor_names_it_in_two_languages(without_engine: None) -> None:
    (finding,) = [finding for finding in examine() if finding.what == "PDF"]
    assert not finding.well
    assert "gobject" in finding.seen
    assert "libpango-1.0-0" in finding.mend_zh
    assert "libpango-1.0-0" in finding.mend_en


def test_a_picture_without_a_font_has_no_boxes(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Pillow's own font has the digits only: a line that it cannot write is left out."""
    settings.VAR = tmp_path
    monkeypatch.setattr(fonts, "_SYSTEM", tmp_path)
    qr._font.cache_clear()
    request.addfinalizer(qr._font.cache_clear)
    plain = card_png("http://localhost/v/x/", code="4821 0937 5564", lines=["YC-2026-00418"])
    assert plain == card_png(
        "http://localhost/v/x/", code="4821 0937 5564", lines=["YC-2026-00418", "有效期至 12月3日 24:00"]
    )
    assert Image.open(io.BytesIO(plain)).height > 720
