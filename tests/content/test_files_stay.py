"""A file that stands on a page, or in a version of one, is never exchanged in place: what was read and agreed to stays (ADR 0068)."""

from collections.abc import Callable
from io import StringIO
from typing import Any, Final

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from PIL import Image
from wagtail.blocks import StreamValue

from content.models import ReportPage, SchoolDocument, SchoolImage, TipPage
from content.models.uses import is_used, places
from kernel.errors import Refused
from tests.content.conftest import Side
from tests.content.pictures import png
from tests.content.test_activities import film, lesson
from tests.content.test_second_reader import report

pytestmark = pytest.mark.django_db

MP4: Final = b"\0\0\0\x18ftypmp42"


def english(side: Side) -> Any:
    return side.client(side.editor, headers={"host": side.tenant.host, "accept-language": "en"})


def picture_on_a_tip(side: Side) -> SchoolImage:
    """Read by everybody, and no version was ever written of it."""
    TipPage.objects.filter(pk=side.tip.pk).update(picture=side.image)
    return side.image


def picture_in_a_draft(side: Side) -> SchoolImage:
    """The page that is read has another one, and this one waits to be read."""
    draft = TipPage.objects.get(pk=side.tip.pk)
    draft.picture = side.image
    draft.save_revision()
    return side.image


def picture_in_an_old_version(side: Side) -> SchoolImage:
    """A version that may be taken up again, with the check that was given to it."""
    picture_in_a_draft(side)
    draft = TipPage.objects.get(pk=side.tip.pk)
    draft.picture = None
    draft.save_revision().publish()
    return side.image


def picture_on_a_lesson(side: Side) -> SchoolImage:
    lesson(side, picture=side.image)
    return side.image


def picture_in_a_report(side: Side) -> SchoolImage:
    """Among its pictures, each with a line and a tick that everybody in it agreed."""
    report(side)
    return side.image


def picture_in_a_reports_draft(side: Side) -> SchoolImage:
    page = report(side)
    page.save_revision()
    block = ReportPage._meta.get_field("pictures").stream_block
    ReportPage.objects.filter(pk=page.pk).update(pictures=StreamValue(block, [], is_lazy=True))
    return side.image


def film_of_a_lesson(side: Side) -> SchoolDocument:
    video, captions = film(side, "a.mp4", MP4), film(side, "a.vtt", b"WEBVTT\n")
    lesson(side, video=video, captions=captions)
    return video


def captions_in_a_draft(side: Side) -> SchoolDocument:
    captions = film(side, "a.vtt", b"WEBVTT\n")
    page = lesson(side)
    page.captions = captions
    page.save_revision()
    return captions


def linked_from_a_text(side: Side) -> SchoolDocument:
    """By its address, as editors link to a file."""
    page = TipPage.objects.get(pk=side.tip.pk)
    page.body = [("paragraph", f'<p><a href="/documents/{side.document.pk}/plan.pdf">清单</a></p>')]
    page.save()
    return side.document


def linked_from_a_draft(side: Side) -> SchoolDocument:
    page = TipPage.objects.get(pk=side.tip.pk)
    page.body = [
        ("callout", {"title": "x", "text": f'<p><a href="/documents/{side.document.pk}/plan.pdf">清单</a></p>'})
    ]
    page.save_revision()
    return side.document


PICTURES: Final = (picture_on_a_tip, picture_in_a_draft, picture_in_an_old_version, picture_on_a_lesson, picture_in_a_report,
                   picture_in_a_reports_draft)  # fmt: skip
FILES: Final = (film_of_a_lesson, captions_in_a_draft, linked_from_a_text, linked_from_a_draft)
Standing = Callable[[Side], Any]


def another(media: Any) -> SimpleUploadedFile:
    """Another file of the same kind and name."""
    if isinstance(media, SchoolImage):
        return SimpleUploadedFile("new.png", png("red"))
    heads = {".mp4": MP4 + b"another", ".vtt": b"WEBVTT\n\nNOTE another\n", ".pdf": b"%PDF another"}
    return SimpleUploadedFile(media.filename, heads["." + media.file_extension])


def form_of(media: Any, **fields: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(media, SchoolImage):
        return f"/cms/images/{media.pk}/", {"title": "另一个名字", "description": "树", **fields}
    return f"/cms/documents/edit/{media.pk}/", {"title": "另一个名字", **fields}


def kept(media: Any) -> tuple[str, bytes]:
    found = type(media).objects.get(pk=media.pk)
    with found.file.open("rb") as file:
        return found.file.name, file.read()


@pytest.mark.parametrize("stand", [*PICTURES, *FILES])
def test_the_editors_form_says_that_it_stays_and_takes_no_other(ours: Side, stand: Standing) -> None:
    media = stand(ours)
    before, client = kept(media), english(ours)
    address, form = form_of(media, file=another(media))
    assert "It stays what was read and agreed to" in client.get(address).content.decode()
    answer = client.post(address, form)
    assert answer.status_code == 200
    assert "upload the new one as a file of its own" in answer.content.decode()
    assert kept(media) == before, "and the old one is not deleted either"
    address, form = form_of(media)
    assert client.post(address, form).status_code == 302, "its title and description are the editors'"
    assert type(media).objects.get(pk=media.pk).title == "另一个名字"
    assert kept(media) == before


@pytest.mark.parametrize(
    "stand", [picture_in_an_old_version, picture_in_a_report, film_of_a_lesson, linked_from_a_draft]
)
def test_no_program_exchanges_it_either(ours: Side, stand: Standing) -> None:
    media = stand(ours)
    before = kept(media)
    other = media.file.storage.save(f"{media.pk}{media.file.name[-4:]}", ContentFile(another(media).read()))
    for file, fields in ((another(media), None), (another(media), ["title"]), (other, None), (other, ["file"])):
        found = type(media).objects.get(pk=media.pk)
        found.file = file
        with pytest.raises(Refused, match="file_in_use"):
            found.save(**({"update_fields": fields} if fields else {}))
        assert kept(media) == before


@pytest.mark.parametrize("kind", [SchoolImage, SchoolDocument])
def test_a_file_that_stands_nowhere_is_exchanged(ours: Side, kind: Any) -> None:
    """A file that was given out to be read knows its wordings by itself: another content is another version there."""
    media = ours.image if kind is SchoolImage else ours.document
    before, client = kept(media), english(ours)
    address, form = form_of(media, file=another(media))
    assert "It stays what was read and agreed to" not in client.get(address).content.decode()
    assert client.post(address, form).status_code == 302
    assert kept(media)[1] != before[1]


def test_a_number_that_only_begins_alike_is_another_file(ours: Side, theirs: Side) -> None:
    """Neither ten times the number in a stream, nor a copy of the number in another school's page."""
    image, document = ours.image, ours.document
    page = report(ours)
    raw = [
        {
            "type": "picture",
            "value": {"picture": image.pk * 10 + 1, "caption": str(image.pk), "agreed": True},
            "id": "1",
        }
    ]
    block = ReportPage._meta.get_field("pictures").stream_block
    ReportPage.objects.filter(pk=page.pk).update(pictures=StreamValue(block, raw, is_lazy=True))
    tip = TipPage.objects.get(pk=ours.tip.pk)
    tip.body = [("paragraph", f'<p><a href="/documents/{document.pk}1/plan.pdf">清单</a></p>')]
    tip.save_revision()
    foreign = TipPage.objects.get(pk=theirs.tip.pk)
    foreign.body = [("paragraph", f'<p><a href="/documents/{document.pk}/plan.pdf">清单</a></p>')]
    foreign.save_revision()
    assert not is_used(image)
    assert not is_used(document)


def test_uploading_many_makes_new_files_and_touches_none(ours: Side) -> None:
    media, client = picture_in_a_report(ours), ours.client(ours.editor)
    before = kept(media)
    many = {"title": "多", "files[]": another(media), "collection": ours.school.collection_id}
    ajax = {"x-requested-with": "XMLHttpRequest"}
    answer = client.post("/cms/images/multiple/add/", many, headers=ajax).json()
    assert answer["success"] and answer["image_id"] != media.pk
    prefix = f"image-{media.pk}"
    form = {f"{prefix}-title": "换", f"{prefix}-description": "树", f"{prefix}-file": another(media),
            f"{prefix}-collection": ours.school.collection_id}  # fmt: skip
    client.post(f"/cms/images/multiple/{media.pk}/", form, headers=ajax)
    assert SchoolImage.objects.get(pk=media.pk).title == "换", "what stands there is a form of the title alone"
    assert kept(media) == before


def test_cleaning_a_picture_of_an_older_release_is_no_exchange(ours: Side) -> None:
    """The same pixels without what the file told beside them."""
    media = picture_in_a_report(ours)
    told = Image.Exif()
    told[0x0110] = "A camera"
    with Image.open(media.file.path) as drawn:
        drawn.save(media.file.path, "PNG", exif=told)
    call_command("clean_pictures", stdout=StringIO())
    assert kept(media)[0] != media.file.name, "it has a name of its own"
    with Image.open(SchoolImage.objects.get(pk=media.pk).file.path) as drawn:
        assert not drawn.getexif()


def test_every_place_for_a_picture_or_a_file_is_known(ours: Side) -> None:
    """Read off the pages' own fields; whoever adds one sees here that it is found."""
    found = {(place.model.__name__, *place.keys, *(f"{stream}.{name}" for stream, names in place.streams for name in names))
             for kind in (SchoolImage, SchoolDocument) for place in places(kind) if place.keys}  # fmt: skip
    assert found == {
        ("GuidelinePage", "picture"), ("TipPage", "picture"), ("CampaignPage", "picture"), ("LessonPage", "picture"),
        ("ReportPage", "picture", "pictures.picture"), ("LessonPage", "video", "captions"),
    }  # fmt: skip
    linking = {place.model.__name__ for place in places(SchoolDocument) if place.streams}
    assert linking >= {"GuidelinePage", "TipPage", "CampaignPage", "LessonPage", "ReportPage", "HomePage"}
