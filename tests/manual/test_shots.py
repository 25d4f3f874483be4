"""The manual's pictures: each guide has its own, none is left over, and a command sees which no longer shows its page (16.15)."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.urls import resolve
from PIL import Image

from manual.guides import AT_A_SCHOOL, ON_THE_PLATFORM, PICTURES, picture_of

ROOT = Path(__file__).resolve().parents[2]
SLUGS = {guide.slug for guide in (*AT_A_SCHOOL, *ON_THE_PLATFORM)}


@pytest.fixture
def shots(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """``bin/lib/shots.py``, which the command works with."""
    monkeypatch.syspath_prepend(str(ROOT / "bin" / "lib"))
    spec = importlib.util.spec_from_file_location("shots", ROOT / "bin" / "lib" / "shots.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "shots", module)
    spec.loader.exec_module(module)
    return module


def test_each_guide_has_its_picture_and_no_picture_is_without_its_guide(shots: ModuleType) -> None:
    assert shots.SHOTS.keys() == SLUGS == shots.listed().keys()
    kept = {file.name for file in PICTURES.iterdir()}
    assert kept == {name for slug in SLUGS for name in shots.names(slug)}
    for slug in SLUGS:
        assert picture_of(slug, "zh") and picture_of(slug, "en")


def test_pictures_are_small_and_of_a_telephone(shots: ModuleType) -> None:
    files = list(PICTURES.iterdir())
    assert sum(file.stat().st_size for file in files) <= shots.MOST
    for file in files:
        with Image.open(file) as picture:
            assert (picture.format, picture.size) == ("WEBP", (585, 960)), file.name


def test_each_picture_shows_an_address_that_is_there_and_templates_that_are(shots: ModuleType) -> None:
    for slug, told in shots.listed().items():
        assert told["address"] == shots.SHOTS[slug].path
        if slug not in ("family", "editor"):
            assert resolve(told["address"], "settings.urls")
        assert len(told["templates"]) > (0 if slug == "editor" else 3), slug
        for name in told["templates"]:
            assert (ROOT / name).is_file(), f"{name} is gone: bin/pictures"


def test_the_command_names_a_picture_whose_page_has_changed(
    shots: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = shots.listed()
    file = tmp_path / "page.html"
    file.write_text("before")
    told["duty"]["templates"] = [str(file)]
    shots.write_list_to(tmp_path / "pictures.json", {slug: kept["templates"] for slug, kept in told.items()})
    monkeypatch.setattr(shots, "LIST", tmp_path / "pictures.json")
    assert shots.stale() == {}
    file.write_text("after")
    assert list(shots.stale()) == ["duty"]
    file.write_text("before")
    changed: dict[str, Any] = shots.listed()
    changed["union"]["address"] = "/union/elsewhere/"
    del changed["head"]
    (tmp_path / "pictures.json").write_text(json.dumps(changed))
    assert sorted(shots.stale()) == ["head", "union"]
