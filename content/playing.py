"""What is listened to and looked at: the sounds of the quiet corner, films and their captions."""

import os
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from wagtail.documents.views.serve import serve as serve_document

from content.hosts import school_site
from content.models import SchoolDocument
from content.ranged import given
from content.sounds import SOUNDS, make

PLAYED: Final = {
    ".m4a": "audio/mp4", ".mp3": "audio/mpeg", ".mp4": "video/mp4", ".vtt": "text/vtt; charset=utf-8", ".webm": "video/webm",
}  # fmt: skip
_MADE: Final = 1
"""Raised when the sounds are made otherwise: the files of an older number are not played any more."""


def sound_file(key: str) -> Path:
    """Where the sound lies; it is made at the first call. Written beside and moved, so that nobody reads half of it."""
    path = Path(settings.MEDIA_ROOT) / "sounds" / str(_MADE) / f"{key}.wav"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(make(key))
        os.replace(file.name, path)
    return path


@require_safe
def sound(request: HttpRequest, key: str) -> HttpResponseBase:
    """A sound of the quiet corner, the same for every school. Http404 for an unknown one, and where no school is."""
    if getattr(request, "tenant", None) is None or key not in {sound.key for sound in SOUNDS}:
        raise Http404
    path = sound_file(key)
    response = given(request, path.open("rb"), path.stat().st_size, "audio/wav")
    response["Cache-Control"] = "public, max-age=2592000"
    return response


@require_safe
def document(request: HttpRequest, document_id: int, document_filename: str) -> HttpResponseBase:
    """A file of the host's school: what is played in parts, everything else as Wagtail gives it out."""
    suffix = PurePath(document_filename).suffix.lower()
    if suffix not in PLAYED:
        answer: HttpResponseBase = serve_document(request, document_id, document_filename)
        return answer
    found = SchoolDocument.objects.filter(pk=document_id, collection=school_site(request).collection_id).first()
    if found is None or found.filename != document_filename:
        raise Http404
    try:
        return given(request, found.file.open("rb"), found.file.size, PLAYED[suffix])
    except FileNotFoundError as error:
        raise Http404 from error
