"""What an editor fills in for a picture: Wagtail's form, with the file cleaned before anything is kept of it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

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


class PictureForm(BaseImageForm):
    """Every way by which a picture comes in uses it: one, many at once, from the chooser, in place of another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if given := self.fields.get("file"):
            self.fields["file"] = PictureField(label=given.label, required=given.required, widget=given.widget)

    def clean_file(self) -> Any:
        """The file without metadata; a picture whose pixels cannot all be read is refused in words."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        try:
            return cleaned(file, file.name or "")
        except UnreadablePicture as error:
            raise _damaged() from error


class FileForm(BaseDocumentForm):
    """Every way by which a file comes in uses it. A file that is not what its name says is refused in words."""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile) and not is_what_it_says(file):
            raise ValidationError(
                _("This file is not what its name says. Save it anew in the program it was made with and try again."),
                code="wrong_type",
            )
        return file
