"""Two schools with a page tree each; everything of the second carries words that must never reach the first."""

import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from wagtail.models import Page

from content.models import (
    GuidelineIndexPage,
    GuidelinePage,
    SchoolDocument,
    SchoolImage,
    SchoolSite,
    TipIndexPage,
    TipPage,
)
from content.schools import create_school_site
from tests.conftest import is_at_a_moment, living_in, make_person, make_school, planted_database
from tests.content.pictures import png
from tests.content.stock import Library, build_library


@dataclass
class Side:
    """One school in Wagtail, with one of everything that has an id."""

    tenant: Any
    school: SchoolSite
    editor: Any
    home: Page
    index: GuidelineIndexPage
    page: GuidelinePage
    draft: GuidelinePage
    tip: TipPage
    image: SchoolImage
    document: SchoolDocument
    revision: int
    words: tuple[str, ...]

    def client(self, user: Any = None, **kwargs: Any) -> Client:
        """A browser on this school's host, signed in as ``user`` when given."""
        client = Client(**{"headers": {"host": self.tenant.host}, **kwargs})
        if user is not None:
            client.force_login(user)
        return client


def build_side(mark: str) -> Side:
    """A school all of whose texts contain ``mark``."""
    tenant = make_school(name=f"{mark}中学", duty_phone="0571-88880000")
    create_school_site(tenant=tenant, name=tenant.name, host=tenant.host, port=8000)
    school = SchoolSite.objects.select_related("site", "collection").get(tenant=tenant)
    membership = make_person(tenant, "editor", name=f"{mark}编辑")
    editor = membership.user
    home = school.site.root_page.specific
    index = GuidelineIndexPage.objects.child_of(home).get()
    page = index.add_child(instance=GuidelinePage(title=f"{mark}指南", slug="guide", summary=f"{mark}摘要", owner=editor,
                                                  reviewed_by="心理中心", reviewed_on=date(2026, 9, 1),
                                                  body=[("paragraph", f"<p>{mark}正文</p>")]))  # fmt: skip
    revision = page.save_revision(user=editor, log_action=True)
    revision.publish(user=editor, skip_permission_checks=True)
    draft = index.add_child(instance=GuidelinePage(title=f"{mark}草稿", slug="draft", summary=f"{mark}", live=False,
                                                   owner=editor, body=[("paragraph", f"<p>{mark}未发布</p>")]))  # fmt: skip
    tip = (
        TipIndexPage.objects.child_of(home)
        .get()
        .add_child(
            instance=TipPage(
                title=f"{mark}贴士", slug="tip", summary=f"{mark}一分钟", body=[("heading", f"{mark}小标题")]
            )
        )
    )
    image = SchoolImage.objects.create(title=f"{mark}图片", collection=school.collection, uploaded_by_user=editor,
                                       file=SimpleUploadedFile(f"{mark}.png", png()))  # fmt: skip
    document = SchoolDocument.objects.create(title=f"{mark}文件", collection=school.collection, uploaded_by_user=editor,
                                             file=SimpleUploadedFile("plan.pdf", f"%PDF {mark}".encode()))  # fmt: skip
    words = (mark, tenant.slug, editor.email, image.file.name, document.file.name)
    return Side(tenant, school, editor, home, index, page, draft, tip, image, document, revision.pk, words)


@pytest.fixture(scope="session")
def sides_database(
    by_day: None, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, tuple[Side, Side, Path]]]:
    """Two sides stand ready, and the folder of their files."""
    media = tmp_path_factory.mktemp("media")
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=str(media)),
        planted_database("sides", lambda: (*build_sides(), media)) as found,
    ):
        yield found


def build_sides() -> tuple[Side, Side]:
    return build_side("白鹭"), build_side("墨竹")


@pytest.fixture(scope="session")
def library_database(
    by_day: None, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Any]]:
    """Two sides and the operator's library stand ready, and the folder of their files."""
    media = tmp_path_factory.mktemp("media")

    def plant() -> Any:
        ours, theirs = build_sides()
        return (ours, theirs, media), build_library(theirs.tenant.host)

    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=str(media)),
        planted_database("library", plant) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def planted_sides(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[tuple[Side, Side, Path]]:
    """Those sides, in whose database this module's tests live from now on. A module that says ``WITH_LIBRARY = True`` finds
    the operator's library there as well (``library``).
    """
    with_library = getattr(request.module, "WITH_LIBRARY", False)
    name, planted = request.getfixturevalue("library_database" if with_library else "sides_database")
    with django_db_blocker.unblock(), living_in(name):
        yield planted[0] if with_library else planted


@pytest.fixture
def both_sides(
    request: pytest.FixtureRequest, planted_sides: tuple[Side, Side, Path], db: None, settings: Any, tmp_path: Path
) -> tuple[Side, Side]:
    """The test's own copy of the planted sides and of their files. At another moment new ones: what was published today is not yet."""
    settings.MEDIA_ROOT = str(tmp_path)
    if is_at_a_moment(request):
        return build_side("白鹭"), build_side("墨竹")
    ours, theirs, media = planted_sides
    shutil.copytree(media, tmp_path, dirs_exist_ok=True)
    return deepcopy(ours), deepcopy(theirs)


@pytest.fixture
def ours(both_sides: tuple[Side, Side]) -> Side:
    return both_sides[0]


@pytest.fixture
def theirs(both_sides: tuple[Side, Side]) -> Side:
    return both_sides[1]


@pytest.fixture
def library(request: pytest.FixtureRequest, both_sides: tuple[Side, Side]) -> Library:
    """The test's own copy of the planted library."""
    _name, (_sides, planted) = request.getfixturevalue("library_database")
    return deepcopy(planted)
