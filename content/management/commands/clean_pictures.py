"""``manage.py clean_pictures``: removes metadata from pictures that were uploaded before uploads were cleaned."""

from functools import partial
from pathlib import PurePath
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from content.models import SchoolImage
from content.pictures import UnreadablePicture, cleaned, tells_more_than_pixels


class Command(BaseCommand):
    """Safe to run twice. A picture that cannot be read is named by its number, left as it is, and ends in status 1."""

    help = "Take the metadata out of pictures that were uploaded by an older release, and give their sizes new names."

    def handle(self, *args: Any, **options: Any) -> None:
        cleaned_now, renamed, unread = 0, 0, 0
        for image in SchoolImage.objects.order_by("pk").iterator():
            old = image.file.name
            try:
                with transaction.atomic():
                    told = self._clean(image)
                    renamed += self._drop_named_after(image, old, every=told)
            except (OSError, UnreadablePicture) as error:
                unread += 1
                self.stderr.write(f"picture {image.pk}: cannot be read ({type(error).__name__})")
                continue
            cleaned_now += told
        self.stdout.write(f"{cleaned_now} pictures cleaned, {renamed} sizes made anew when they are asked for")
        if unread:
            raise CommandError(f"{unread} picture(s) could not be read: take them off their pages", returncode=1)

    def _clean(self, image: SchoolImage) -> bool:
        """Write the file anew, under a new name, when it tells more than its pixels."""
        kept: Any = image.file
        old, storage = kept.name, kept.storage
        with kept.open("rb") as file:
            if not tells_more_than_pixels(file):
                return False
            image.file = cleaned(file, old)
        image._set_image_file_metadata()
        image.save(is_same_picture=True)
        transaction.on_commit(partial(storage.delete, old))
        return True

    def _drop_named_after(self, image: SchoolImage, old: str, *, every: bool) -> int:
        """Sizes of a cleaned picture, and those whose name still holds the start of the original's secret."""
        secret = PurePath(old).stem[:20]
        sizes = [size for size in image.renditions.all() if every or secret in size.file.name]
        for size in sizes:
            size.delete()  # its file goes after the commit
        return len(sizes)
