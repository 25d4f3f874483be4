"""What an editor fills in for a picture: Wagtail's form, with the file cleaned before anything is kept of it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from content.models.uses import is_used, must_stay
from content.pictures import UnreadablePicture, cleaned
from content.signatures import is_what_it_says


def _damaged() -> ValidationError:
    return ValidationError(
        _("This picture is damaged or cut off. Save it anew in another program and try again."), code="invalid_image"
    )


class PictureField(WagtailImageField):
    """Wagtail's field, which fails where a picture is broken in its head, says so instead."""

    def to_python(self, data: Any) -> Any:
        try:
            return super().to_python(data)
        except ValidationError:
            raise
        except Exception as error:  # decoders raise a dozen kinds for a broken or hostile file
            raise _damaged() from error


class StayingFile:
    """Says of a file that a page holds that it stays, and refuses another in its place before anything of it is kept."""

    instance: Any
    fields: Any
    changed_data: list[str]

    def say_that_it_stays(self) -> None:
        """Below the field, where there is one and the file stays. Two queries."""
        if "file" in self.fields and self.instance.pk and is_used(self.instance):
            self.fields["file"].help_text = _stays()

    def must_be_free(self) -> None:
        """ValidationError for another file in the place of one that a page holds."""
        if self.instance.pk and is_used(self.instance):
            raise ValidationError(_stays(), code="file_in_use")

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Refused ``file_in_use`` where a page took the file since the form was checked: Wagtail would delete the old one first."""
        if "file" in self.changed_data and self.instance.pk:
            must_stay(self.instance)
        return super().save(*args, **kwargs)  # type: ignore[misc]


def _stays() -> str:
    return _(
        "This file stands on a page or in a version of one. It stays what was read and agreed to: "
        "upload the new one as a file of its own, and choose that on the page."
    )


class PictureForm(StayingFile, BaseImageForm):
    """Every way by which a picture comes in uses it: one, many at once, from the chooser, in place of another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if given := self.fields.get("file"):
            self.fields["file"] = PictureField(label=given.label, required=given.required, widget=given.widget)
        self.say_that_it_stays()

    def clean_file(self) -> Any:
        """The file without metadata; a picture whose pixels cannot all be read is refused in words."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        self.must_be_free()
        try:
            return cleaned(file, file.name or "")
        except UnreadablePicture as error:
            raise _damaged() from error


class FileForm(StayingFile, BaseDocumentForm):
    """Every way by which a file comes in uses it. A file that is not what its name says is refused in words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.say_that_it_stays()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        self.must_be_free()
        if not is_what_it_says(file):
            raise ValidationError(
                _("This file is not what its name says. Save it anew in the program it was made with and try again."),
                code="wrong_type",
            )
        return file
