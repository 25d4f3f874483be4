"""Where a picture or a file stands: pages as they are read, and every version of one that somebody wrote, read or agreed to.

What was read by a second person, and what people in a picture said yes to, is the file that stood there then. So a file that
stands anywhere is never exchanged in place: another file is another picture (ADR 0068).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Q, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from wagtail.blocks import BaseStructBlock, Block, ListBlock
from wagtail.blocks.field_block import ChooserBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.documents import get_document_model
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.models import Page, Revision, get_page_models

from content.models.sites import SchoolSite
from kernel.errors import Refused

_ALONE: Final = "value"
"""Under this name a stream or a list keeps what is chosen without a name of its own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind of page may hold a picture or a file: its keys, and the names under which each of its streams keeps one."""

    model: Any
    keys: tuple[str, ...]
    streams: tuple[tuple[str, tuple[str, ...]], ...]


@cache
def places(kind: type[Any]) -> tuple[Place, ...]:
    """All of them for ``kind``, read off the pages' own fields. A stream of texts may link to a file by its address."""
    found = []
    for model in get_page_models():
        fields = model._meta.get_fields()
        keys = tuple(field.name for field in fields if field.many_to_one and field.related_model is kind)
        streams = tuple(
            (field.name, tuple(sorted(set(_names(field.stream_block, kind)))))
            for field in fields
            if isinstance(field, StreamField)
        )
        if keys or any(names for _stream, names in streams) or (streams and kind is get_document_model()):
            found.append(Place(model, keys, streams))
    return tuple(found)


def is_used(media: Any) -> bool:
    """Whether a page of its school holds ``media``: as it is read, or in any version, published or not. Up to two queries."""
    home = _home_of(media)
    if home is None:
        return False
    return standing(media, home).exists() or _in_versions(media, home).exists()


def must_stay(media: Any) -> None:
    """Raises Refused ``file_in_use`` where another file may not take its place. Inside a transaction: no version that holds
    it is written meanwhile (``hold``).
    """
    type(media).objects.select_for_update().filter(pk=media.pk).first()
    if is_used(media):
        raise Refused("file_in_use")


def hold(page: Any) -> None:
    """Nobody exchanges the files that ``page`` names while its version is written. Inside a transaction."""
    for model in (get_image_model(), get_document_model()):
        if named := _named(page, model):
            list(model.objects.select_for_update(no_key=True).filter(pk__in=named).order_by("pk").values_list("pk"))


def standing(media: Any, home: str) -> "QuerySet[Any]":
    """Keys of the pages below ``home`` (treebeard's path) that hold ``media`` as they stand, published or not. One query."""
    rows = [_standing_in(place, media, home).values_list("pk", flat=True) for place in places(_kind_of(media))]
    return rows[0].union(*rows[1:])


def _standing_in(place: Place, media: Any, home: str) -> "QuerySet[Any]":
    rows = place.model.objects.filter(path__startswith=home).order_by()
    at = Q(pk__in=[])
    for key in place.keys:
        at |= Q(**{key: media.pk})
    for stream, names in place.streams:
        if pattern := _pattern(media, names):
            rows = rows.annotate(**{f"{stream}_said": Cast(stream, TextField())})
            at |= Q(**{f"{stream}_said__regex": pattern})
    return rows.filter(at)


def _in_versions(media: Any, home: str) -> "QuerySet[Revision]":
    pages = Page.objects.filter(path__startswith=home).order_by().annotate(key=Cast("pk", CharField())).values("key")
    rows = Revision.objects.filter(base_content_type=ContentType.objects.get_for_model(Page), object_id__in=pages)
    at = Q(pk__in=[])
    streams: dict[str, set[str]] = {}
    for place in places(_kind_of(media)):
        for key in place.keys:
            at |= Q(**{f"content__{key}": media.pk})
        for stream, names in place.streams:
            streams.setdefault(stream, set()).update(names)
    for stream, names_of in streams.items():
        if pattern := _pattern(media, tuple(sorted(names_of))):
            rows = rows.annotate(**{f"{stream}_said": KeyTextTransform(stream, "content")})
            at |= Q(**{f"{stream}_said__regex": pattern})
    return rows.filter(at)


def _pattern(media: Any, names: tuple[str, ...]) -> str:
    """By what PostgreSQL finds ``media`` in the text of a stream; empty where none can stand."""
    ways = [f'"({"|".join(names)})": ?{media.pk}[^0-9]'] if names else []
    if isinstance(media, get_document_model()):
        ways.append(f"/documents/{media.pk}/")
    return "|".join(ways)


def _named(page: Any, model: Any) -> set[int]:
    found: set[int] = set()
    for place in places(model):
        if isinstance(page, place.model):
            found.update(pk for key in place.keys if (pk := getattr(page, f"{key}_id")) is not None)
            for stream, names in place.streams:
                said = json.dumps(list(getattr(page, stream).get_prep_value()), default=str)
                if names:
                    found.update(int(pk) for pk in re.findall(rf'"(?:{"|".join(names)})": (\d+)[^\d]', said))
                if model is get_document_model():
                    found.update(int(pk) for pk in re.findall(r"/documents/(\d{1,18})/", said))
    return found


def _kind_of(media: Any) -> Any:
    return type(media)


def _names(block: Block, kind: type[Any], name: str = _ALONE) -> Iterator[str]:
    if isinstance(block, ChooserBlock):
        if block.model_class is kind:
            yield name
    elif isinstance(block, ListBlock):
        yield from _names(block.child_block, kind)
    elif isinstance(block, BaseStreamBlock):
        for child in block.child_blocks.values():
            yield from _names(child, kind)
    elif isinstance(block, BaseStructBlock):
        for key, child in block.child_blocks.items():
            yield from _names(child, kind, key)


def _home_of(media: Any) -> str | None:
    found = SchoolSite.objects.filter(collection=media.collection_id)
    path: str | None = found.values_list("site__root_page__path", flat=True).first()
    return path
