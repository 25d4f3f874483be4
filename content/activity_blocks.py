"""Blocks of what a school does together. Each with one purpose, as those of an article."""

from datetime import date, time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from content.festival_texts import FESTIVALS


class ActivityBlock(blocks.StructBlock):
    """One thing that takes place: who leads it, when and where."""

    title = blocks.CharBlock(max_length=40, label=_("Title"))
    host = blocks.CharBlock(max_length=40, label=_("Led by"))
    day = blocks.DateBlock(label=_("Day"))
    begins = blocks.TimeBlock(label=_("Begins"))
    ends = blocks.TimeBlock(required=False, label=_("Ends"))
    place = blocks.CharBlock(max_length=60, label=_("Place"))
    note = blocks.CharBlock(required=False, max_length=160, label=_("One line below"))

    class Meta:
        icon = "date"
        label = _("Activity")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["ends"] is not None and cleaned["ends"] <= cleaned["begins"]:
            raise blocks.StructBlockValidationError(
                block_errors={"ends": ValidationError(_("It ends before it begins."))}
            )
        return cleaned

    def to_python(self, value: Any) -> Any:
        """As stored, days and hours are text."""
        read = super().to_python(value)
        if isinstance(read.get("day"), str):
            read["day"] = date.fromisoformat(read["day"])
        for name in ("begins", "ends"):
            if isinstance(read.get(name), str):
                read[name] = time.fromisoformat(read[name]) if read[name] else None
        return read


class PictureBlock(blocks.StructBlock):
    """A picture of an activity; its line is also what is read out of it."""

    picture = ImageChooserBlock(label=_("Picture"))
    caption = blocks.CharBlock(max_length=80, label=_("What is to be seen"))
    agreed = blocks.BooleanBlock(
        required=False,
        label=_("Everybody who can be recognised in it has said yes"),
        help_text=_("Whoever wears a leaf on the badge has not. For a child under 14 a registered guardian says it."),
    )

    class Meta:
        icon = "image"
        label = _("Picture")


class FestivalPlanBlock(blocks.StructBlock):
    """What the school does on a festival, every year."""

    festival = blocks.ChoiceBlock(
        choices=[(festival.value, text.name) for festival, text in FESTIVALS.items()], label=_("Festival")
    )
    plan = blocks.CharBlock(max_length=120, label=_("What we do"))

    class Meta:
        icon = "date"
        label = _("Plan for a festival")
