"""Pictures tell nothing but their pixels, in every format and size; what was uploaded is for the school's editors only."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageFile, PngImagePlugin
from pillow_heif import from_pillow

from content.models import SchoolImage, SchoolRendition, TipPage
from content.pictures import UnreadablePicture, cleaned, tells_more_than_pixels
from tests.conftest import make_person
from tests.content.conftest import Side
from tests.content.pictures import png

pytestmark = pytest.mark.django_db

CANARY = "CANARYEXIF"
MAKE = "CANARYMAKE"
GPS = {1: "N", 2: (39.0, 54.0, 0.0), 3: "E", 4: (116.0, 23.0, 0.0)}


def exif(turned: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[ExifTags.Base.ImageDescription], made[ExifTags.Base.Make] = CANARY, MAKE
    made[ExifTags.Base.Orientation] = turned
    made.get_ifd(ExifTags.IFD.GPSInfo).update(GPS)
    return made


def halves(mode: str = "RGB") -> Image.Image:
    """Left red, right blue, 64 × 48: which way is up shows."""
    picture = Image.new("RGB", (64, 48), "red")
    picture.paste("blue", (32, 0, 64, 48))
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def profile() -> bytes:
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes())
    return bytes(made) + CANARY.encode()


def text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", CANARY)
    info.add_text("Author", CANARY, zip=True)
    info.add_itxt("XML:com.adobe.xmp", f"<x>{CANARY}</x>")
    return info


XMP = f"<x:xmpmeta>{CANARY}</x:xmpmeta>".encode()
MADE: dict[str, Callable[[], tuple[str, bytes]]] = {
    "jpeg": lambda: ("a.jpg", saved(halves(), "JPEG", exif=exif(), comment=CANARY, xmp=XMP, icc_profile=profile())),
    "jpeg turned": lambda: ("a.jpeg", saved(halves(), "JPEG", exif=exif(6))),
    "jpeg of an office printer": lambda: ("a.jpg", saved(halves("CMYK"), "JPEG", exif=exif(), icc_profile=profile())),
    "several in one": lambda: ("a.jpg", saved(halves(), "MPO", save_all=True, append_images=[halves()], exif=exif())),
    "with something behind its end": lambda: ("a.jpg", saved(halves(), "JPEG") + CANARY.encode()),
    "png": lambda: ("a.png", saved(halves(), "PNG", exif=exif(), pnginfo=text(), icc_profile=profile())),
    "png with a palette": lambda: ("a.png", saved(halves("P"), "PNG", pnginfo=text(), transparency=0)),
    "png in sixteen bits": lambda: ("a.png", saved(Image.new("I;16", (64, 48), 9000), "PNG", pnginfo=text())),
    "png that moves": lambda: (
        "a.png", saved(halves(), "PNG", save_all=True, append_images=[png_of("green")], pnginfo=text(), duration=80)
    ),
    "webp": lambda: ("a.webp", saved(halves(), "WEBP", exif=exif(), xmp=XMP, icc_profile=profile())),
    "webp that moves": lambda: (
        "a.webp", saved(halves(), "WEBP", save_all=True, append_images=[png_of("green")], exif=exif(), duration=80)
    ),
    "gif": lambda: ("a.gif", saved(halves("P"), "GIF", comment=CANARY.encode())),
    "gif that moves": lambda: (
        "a.gif",
        saved(halves("P"), "GIF", save_all=True, append_images=[png_of("green")], comment=CANARY.encode(), duration=80),
    ),
    "avif": lambda: ("a.avif", saved(halves(), "AVIF", exif=exif(), xmp=XMP, icc_profile=profile())),
    "avif turned": lambda: ("a.avif", saved(halves(), "AVIF", exif=exif(6))),
}  # fmt: skip


def png_of(colour: str) -> Image.Image:
    return Image.open(BytesIO(png(colour)))


def tells(data: bytes) -> list[str]:
    """What a curious reader finds in a file."""
    found = [word for word in (CANARY, MAKE) if word.encode() in data]
    with Image.open(BytesIO(data)) as picture:
        picture.load()
        found += [str(tag) for tag in picture.getexif()]
        found += [
            key for key in ("exif", "xmp", "comment", "icc_profile", "photoshop", "Author") if picture.info.get(key)
        ]
    return found


@pytest.mark.parametrize("which", MADE)
def test_a_picture_comes_out_with_its_pixels_only(which: str) -> None:
    name, data = MADE[which]()
    assert tells(data) or "palette" in which or "bits" in which or CANARY.encode() in data or "png" in which
    assert tells_more_than_pixels(BytesIO(data)) or "behind" in which
    file = cleaned(BytesIO(data), name)
    told = file.read()
    assert tells(told) == []
    assert not tells_more_than_pixels(BytesIO(told))
    with Image.open(BytesIO(data)) as before, Image.open(BytesIO(told)) as after:
        assert after.format == ("JPEG" if before.format == "MPO" else before.format)
        assert getattr(after, "n_frames", 1) == (1 if before.format == "MPO" else getattr(before, "n_frames", 1))
        turned = "turned" in which
        assert after.size == (before.size[::-1] if turned else before.size)
        if "bits" not in which:
            first, last = ((24, 8), (24, 56)) if turned else ((8, 24), (56, 24))
            shown = after.convert("RGB")
            for spot, strong in ((first, 0), (last, 2)):
                colour = shown.getpixel(spot)
                assert isinstance(colour, tuple)
                assert max(range(3), key=lambda part: colour[part]) == strong, (which, spot, colour)
    again = cleaned(BytesIO(told), name).read()
    assert len(again) < len(told) * 1.2


def test_untouched_pixels_of_a_jpeg_are_not_packed_again() -> None:
    data = saved(Image.linear_gradient("L").convert("RGB"), "JPEG", quality=55, exif=exif())
    with Image.open(BytesIO(data)) as before, Image.open(cleaned(BytesIO(data), "a.jpg")) as after:
        assert before.quantization == after.quantization
        apart = ImageChops.difference(before, after).getextrema()
        assert max(high for _low, high in apart) <= 2  # type: ignore[misc, has-type]


def test_colours_of_a_wide_screen_stay_what_they_were_meant_to_be() -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for false in (b"no profile", swapped):
        data = saved(halves(), "PNG", icc_profile=false)
        with Image.open(cleaned(BytesIO(data), "a.png")) as after:
            assert after.getpixel((8, 24)) == (255, 0, 0)
            assert "icc_profile" not in after.info


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", saved(halves(), "JPEG")[:400], saved(halves(), "BMP")])
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadablePicture):
        cleaned(BytesIO(data), "a.jpg")


def _by_form(editor: Client, ours: Side, file: SimpleUploadedFile) -> None:
    form = {"title": "图", "description": "树", "file": file}
    assert editor.post("/cms/images/add/", form).status_code == 302


def _several(editor: Client, ours: Side, file: SimpleUploadedFile) -> None:
    form = {"title": "图", "files[]": file, "collection": ours.school.collection_id}
    answer = editor.post("/cms/images/multiple/add/", form, headers={"x-requested-with": "XMLHttpRequest"})
    assert answer.json()["success"]


def _while_writing(editor: Client, ours: Side, file: SimpleUploadedFile) -> None:
    form = {"image-chooser-upload-title": "图", "image-chooser-upload-file": file,
            "image-chooser-upload-collection": ours.school.collection_id,
            "image-chooser-upload-description": "x"}  # fmt: skip
    assert editor.post("/cms/images/chooser/create/", form).status_code == 200


def _replaced(editor: Client, ours: Side, file: SimpleUploadedFile) -> None:
    form = {"title": "图", "description": "树", "file": file}
    assert editor.post(f"/cms/images/{ours.image.pk}/", form).status_code == 302


WAYS = (_by_form, _several, _while_writing, _replaced)
"""How a picture comes in: the editors' three forms for a new one, and another file for one that is there."""
SERVED = [which for which in MADE if which != "png that moves"]
# Every kind comes in by one way, and every way takes in several kinds; what comes in by any of them is cleaned as it is
# kept, and that each kind is cleaned says the test above.
COMES_IN = [(which, WAYS[number % len(WAYS)]) for number, which in enumerate(SERVED)]


@pytest.mark.parametrize(("which", "way"), COMES_IN, ids=[which for which, _way in COMES_IN])
def test_nothing_served_tells_more_than_its_pixels(ours: Side, which: str, way: Callable[..., None]) -> None:
    """Through an editors' form, original and sizes, the list's small picture among them."""
    name, data = MADE[which]()
    editor, reader = ours.client(ours.editor), ours.client()
    way(editor, ours, SimpleUploadedFile(name, data))
    assert editor.get("/cms/images/").status_code == 200
    image = SchoolImage.objects.get(title="图")
    stored = image.file.read()
    TipPage.objects.filter(pk=ours.tip.pk).update(picture=image)
    assert tells(stored) == []
    assert (image.width, image.height, image.file_size) == (*Image.open(BytesIO(stored)).size, len(stored))
    for size in ("original", "max-165x165", "max-800x600", "width-720|format-webp"):
        file = image.get_rendition(size).file
        served = reader.get(f"/media/{file.name}")
        assert served.status_code == 200, size
        assert tells(b"".join(served.streaming_content)) == [], size
        assert Path(image.file.name).stem[:12] not in file.name
    assert editor.get(f"/media/{image.file.name}").status_code == 200
    assert reader.get(f"/media/{image.file.name}").status_code == 404
    assert way is _replaced or image.file.name.endswith(Path(name).suffix)


def test_what_was_uploaded_is_for_the_schools_editors_only(ours: Side, theirs: Side) -> None:
    path = f"/media/{ours.image.file.name}"
    answer = ours.client(ours.editor).get(path)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    colleague = make_person(ours.tenant, "staff").user
    former = make_person(ours.tenant, "editor", left_on=ours.tenant.today() - timedelta(days=1)).user
    for client in (ours.client(), ours.client(colleague), ours.client(former), ours.client(theirs.editor),
                   theirs.client(theirs.editor), theirs.client()):  # fmt: skip
        assert client.get(path).status_code == 404
    size = ours.image.get_rendition("max-20x20")
    TipPage.objects.filter(pk=ours.tip.pk).update(picture=ours.image)
    assert ours.client().get(f"/media/{size.file.name}").status_code == 200
    assert theirs.client(theirs.editor).get(f"/media/{size.file.name}").status_code == 404


@pytest.mark.parametrize("name", ["cut.jpg", "cut in the head.jpg", "photo.heic", "photo.jpg", "moves.png"])
def test_a_picture_that_cannot_be_cleaned_is_refused_in_words_and_leaves_nothing(ours: Side, name: str) -> None:
    heif = BytesIO()
    from_pillow(halves()).save(heif)
    whole = saved(Image.effect_noise((400, 300), 90).convert("RGB"), "JPEG", exif=exif())
    cut = {
        "cut.jpg": whole[: len(whole) * 3 // 5],
        "cut in the head.jpg": whole[:40],
        "moves.png": MADE["png that moves"]()[1],
    }
    data = cut.get(name, heif.getvalue())
    before = SchoolImage.objects.count(), sum(1 for _ in Path(ours.image.file.path).parent.iterdir())
    editor = ours.client(ours.editor, headers={"host": ours.tenant.host, "accept-language": "zh-hans"})
    answer = editor.post(
        "/cms/images/add/", {"title": "图", "description": "树", "file": SimpleUploadedFile(name, data)}
    )
    assert answer.status_code == 200
    assert "图片" in answer.content.decode()
    assert (SchoolImage.objects.count(), sum(1 for _ in Path(ours.image.file.path).parent.iterdir())) == before


def test_pictures_of_an_older_release_are_cleaned_once(ours: Side, django_capture_on_commit_callbacks: Any) -> None:
    """As they stand there: the file as it was sent, the sizes named after it."""
    _name, data = MADE["jpeg turned"]()
    storage = ours.image.file.storage
    old = storage.save("original_images/abcdefghijklmnopqrstuvwxyz.jpg", ContentFile(data))
    size = storage.save("images/abcdefghijklmnopqrstuvwxyz.max-165x165.jpg", ContentFile(data))
    SchoolImage.objects.filter(pk=ours.image.pk).update(file=old, width=64, height=48)
    SchoolRendition.objects.create(image=ours.image, filter_spec="max-165x165", focal_point_key="", file=size, width=1, height=1)  # fmt: skip
    out = StringIO()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("clean_pictures", stdout=out)
    assert out.getvalue().startswith("1 pictures cleaned, 1 sizes")
    image = SchoolImage.objects.get(pk=ours.image.pk)
    assert (image.width, image.height) == (48, 64)
    assert tells(image.file.read()) == []
    assert image.file.name != old
    assert not image.renditions.exists()
    assert not storage.exists(old)
    again = StringIO()
    call_command("clean_pictures", stdout=again)
    assert again.getvalue().startswith("0 pictures cleaned, 0 sizes")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_cut_off_is_refused_whatever_the_pdf_engine_told_the_decoder(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine lets Pillow, for the whole process, fill what is missing with grey."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    out = BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(out, kind)
    whole = out.getvalue()
    assert cleaned(BytesIO(whole), "a").size
    with pytest.raises(UnreadablePicture):
        cleaned(BytesIO(whole[: len(whole) * 6 // 10]), "a")
