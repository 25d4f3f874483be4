"""Each school has a picture of its own, always the same, painted alike on the page and in files, by night too."""

import re
from io import BytesIO

import brotli
import pytest
from django.conf import settings
from PIL import Image

from content.artwork import scene_of
from content.artwork.halls import HALLS
from content.artwork.paints import PAINTS, TONED
from content.artwork.png import CARD_SIZE, card
from content.artwork.scene import TONES, Scene
from content.artwork.shapes import HEIGHT, WIDTH, Disc
from content.artwork.svg import drawing
from tenancy.models import TenantKind
from tests.content.conftest import Side

SHEET = (settings.ROOT / "content/static/content/site.css").read_text()
SCENES = [
    Scene(hall, tree, ground, number % TONES, number)
    for number, (hall, tree, ground) in enumerate(
        zip(HALLS, ["ginkgo", "blossom", "willow", "pine", "camphor", "pine"], ["bridge", "boat", "track", "path", "field", "path"], strict=True)
    )
]  # fmt: skip


def test_a_school_keeps_its_picture_and_schools_differ() -> None:
    kinds = [kind.value for kind in TenantKind if kind != TenantKind.PLATFORM]
    scenes = {(slug, kind): scene_of(slug, kind) for slug in ("yucai", "binhe", "s1", "s2") for kind in kinds}
    assert all(scene_of(*of) == scene for of, scene in scenes.items())
    assert len(set(scenes.values())) >= len(scenes) - 2
    assert {scene_of(f"s{n}", "district").hall for n in range(20)} == {"town"}
    assert "town" not in {scene_of(f"s{n}", "middle").hall for n in range(40)}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.hall)
def test_every_shape_lies_on_the_ground_and_has_a_paint(scene: Scene) -> None:
    for shape in scene.shapes:
        assert shape.paint in PAINTS
        assert f".art .{shape.paint} {{ --p: var(--p-{shape.paint}) }}" in SHEET
        corners = [(shape.x, shape.y)] if isinstance(shape, Disc) else [at for ring in shape.rings() for at in ring]
        assert all(-60 <= x <= WIDTH + 60 and -60 <= y <= HEIGHT + 60 for x, y in corners), shape


def test_the_sheet_has_the_paints_of_the_files_and_a_night_for_each() -> None:
    day, night = SHEET.split("@media (prefers-color-scheme: dark)")[:2]
    first, *tones = re.split(r"\.tone-\d", day.split("@layer base")[0])
    assert dict(re.findall(r"--p-([\w-]+): (#\w+)", first)) == PAINTS
    assert [dict(re.findall(r"--p-([\w-]+): (#\w+)", tone)) for tone in tones] == list(TONED[1:])
    assert set(re.findall(r"--p-([\w-]+): #", night)) == set(PAINTS)


def test_the_drawing_is_small_and_says_what_is_seen() -> None:
    for scene in SCENES:
        drawn = str(drawing(scene))
        assert len(drawn) < 6_000
        assert 'role="img"' in drawn
        assert scene.words
        assert "style=" not in drawn, "the page's policy knows no style attribute"


def test_the_sheets_of_a_schools_site_stay_within_the_budget() -> None:
    house = (settings.ROOT / "platform/ui/static/ui/xinqiao.css").read_bytes()
    assert len(brotli.compress(house)) + len(brotli.compress(SHEET.encode())) <= 26 * 1024
    assert len(brotli.compress(SHEET.encode())) <= 4 * 1024


@pytest.mark.parametrize("scene", SCENES[:2], ids=lambda scene: scene.hall)
def test_the_card_is_a_picture_of_the_same_thing(scene: Scene) -> None:
    with Image.open(BytesIO(card(scene))) as found:
        assert found.size == CARD_SIZE
        sky = found.convert("RGB").getpixel((5, 5))
        wanted = tuple(int((TONED[scene.tone].get("sky") or PAINTS["sky"])[at : at + 2], 16) for at in (1, 3, 5))
        assert isinstance(sky, tuple)
        assert max(abs(a - b) for a, b in zip(sky, wanted, strict=True)) <= 4
    assert len(card(scene)) < 60_000


@pytest.mark.django_db
def test_the_picture_answers_on_a_schools_host_alone(ours: Side) -> None:
    answer = ours.client().get("/picture.png")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "max-age" in answer["Cache-Control"]
    shown = ours.client().get("/").content.decode()
    assert 'class="art tone-' in shown
    assert f'http://{ours.tenant.host}:{settings.BASE_PORT}/picture.png"' in shown
    assert ours.client(headers={"host": "nobody.localhost"}).get("/picture.png").status_code == 404
    assert ours.client(headers={"host": "localhost"}).get("/picture.png").status_code == 404
