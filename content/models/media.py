"""Pictures and files, stored under names that cannot be guessed."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any, Final

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.search import index

from content.models.sites import SchoolSite
from content.models.uses import must_stay
from content.pictures import CleanPicture, cleaned
from content.tokens import index_tokens
from kernel.identifiers import new_secret

_OF_THE_FILE: Final = frozenset({"file", "width", "height", "file_size", "file_hash"})
TOKEN_FIELDS = [
    index.SearchField("title_tokens", boost=5),
    index.SearchField("search_tokens"),
    index.AutocompleteField("search_tokens"),
]
"""What stands in the title weighs five times what stands below it."""


def _document_path(document: "SchoolDocument", filename: str) -> str:
    # The last part stays readable: it is the name under which the file is saved by the reader.
    name = PurePath(filename)
    return f"documents/{new_secret()}/{name.stem[:40]}{name.suffix.lower()}"


def _is_exchanged(media: Any, update_fields: Iterable[str] | None) -> bool:
    """Whether saving ``media`` puts another file in the place of the one that is kept."""
    if media.pk is None or (update_fields is not None and "file" not in update_fields and media.file._committed):
        return False
    kept = type(media).objects.filter(pk=media.pk).values_list("file", flat=True).first()
    return kept is not None and not (media.file._committed and media.file.name == kept)


class SchoolImage(AbstractImage):
    """A picture of one school: its collection says whose. Whatever is written to ``file`` is cleaned (content.pictures).

    Its file stays what it was once a page or a version of one holds it (content.models.uses).
    """

    admin_form_fields = ("title", "file", "description", "collection", "focal_point_x", "focal_point_y",
                         "focal_point_width", "focal_point_height")  # fmt: skip
    # No tags: Wagtail's tag cloud counts over all schools and cannot be narrowed.
    search_fields = [
        *(field for field in AbstractImage.search_fields if not isinstance(field, index.RelatedFields)),
        *TOKEN_FIELDS,
    ]

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def get_upload_to(self, filename: str) -> str:
        return f"original_images/{new_secret()}{PurePath(filename).suffix.lower()}"

    @transaction.atomic
    def save(
        self,
        *args: Any,
        update_fields: Iterable[str] | None = None,
        is_same_picture: bool = False,
        **kwargs: Any,
    ) -> None:
        """Raises ``pictures.UnreadablePicture`` and Refused ``file_in_use``, which the editors' form has found before.

        ``is_same_picture``: the same pixels in another file, after they were cleaned.
        """
        if not is_same_picture and _is_exchanged(self, update_fields):
            must_stay(self)
        given: Any = getattr(self, "file")  # noqa: B009 - the parent declares it abstractly, which mypy cannot type
        if given and not given._committed:
            if not isinstance(given.file, CleanPicture):
                self.file = cleaned(given.file, given.name)
                self._set_image_file_metadata()
            if update_fields is not None:
                update_fields = {*update_fields, *_OF_THE_FILE}
        super().save(*args, update_fields=update_fields, **kwargs)
        SchoolSite.show_anew(collection=self.collection_id)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Kept pages that show it are made anew at once."""
        told = super().delete(*args, **kwargs)
        SchoolSite.show_anew(collection=self.collection_id)
        return told

    def title_tokens(self) -> str:
        """Title as Chinese search words."""
        return index_tokens(self.title)

    def search_tokens(self) -> str:
        """Title and description as Chinese search words."""
        return index_tokens(f"{self.title} {self.description}")


class SchoolRendition(AbstractRendition):
    """A picture in one size. Its name is a secret of its own: the original's cannot be read off it."""

    image = models.ForeignKey(SchoolImage, models.CASCADE, related_name="renditions")

    def get_upload_to(self, filename: str) -> str:
        return f"images/{new_secret()}{PurePath(filename).suffix.lower()}"

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)


class SchoolDocument(AbstractDocument):
    """A file of one school to take home, and a lesson's film and captions. As a picture's, its file stays once a page holds it."""

    # The parent's field with another folder; Django has no other way to change a parent's argument.
    file = models.FileField(
        upload_to=_document_path,
        max_length=200,
        verbose_name=_("File"),
        help_text=_(
            "Given out as it is, with what its properties say: author, company, earlier words. Take that out first."
        ),
    )
    admin_form_fields = ("title", "file", "collection")
    search_fields = [
        *(field for field in AbstractDocument.search_fields if not isinstance(field, index.RelatedFields)),
        *TOKEN_FIELDS,
    ]

    @transaction.atomic
    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Raises Refused ``file_in_use``, which the editors' form has found before."""
        if _is_exchanged(self, update_fields):
            must_stay(self)
        super().save(*args, update_fields=update_fields, **kwargs)

    def title_tokens(self) -> str:
        """Title as Chinese search words."""
        return index_tokens(self.title)

    def search_tokens(self) -> str:
        """Title as Chinese search words."""
        return index_tokens(self.title)
