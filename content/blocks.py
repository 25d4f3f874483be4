"""The few blocks a page's body is made of. Flat, each with one purpose."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks

from content import richtext
from content.services import KIND_CHOICES, PRICES, SERVICES, ServiceLink

ANY, DUTY = "any", "duty"
DESTINATIONS = [*KIND_CHOICES, (ANY, _("All services")), (DUTY, _("The school's duty line"))]


class CleanRichTextBlock(blocks.RichTextBlock):
    """Rich text that is sanitised whenever it is written, by whomever."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(features=richtext.FEATURES, **kwargs)

    def get_prep_value(self, value: Any) -> str:
        return richtext.clean(super().get_prep_value(value) or "")


class PhraseBlock(blocks.StructBlock):
    """Two ways to say one thing: what slips out, and what helps."""

    avoid = blocks.CharBlock(required=False, max_length=200, label=_("What slips out"))
    say = blocks.TextBlock(max_length=400, label=_("Try this instead"))
    why = blocks.CharBlock(required=False, max_length=200, label=_("Why it helps"))

    class Meta:
        icon = "openquote"
        label = _("Try saying this")
        template = "content/blocks/phrase.html"


class CalloutBlock(blocks.StructBlock):
    """One thing to remember."""

    title = blocks.CharBlock(required=False, max_length=60, label=_("Title"))
    text = CleanRichTextBlock(label=_("Text"))

    class Meta:
        icon = "info-circle"
        label = _("Remember")
        template = "content/blocks/callout.html"


class ServicesBlock(blocks.StructBlock):
    """From reading to help: links to the public prices."""

    title = blocks.CharBlock(required=False, max_length=60, label=_("Title"))
    # Boxes: in a plain list a second choice without a held key takes the first one away, unseen.
    kinds = blocks.MultipleChoiceBlock(choices=KIND_CHOICES, label=_("Services"), widget=forms.CheckboxSelectMultiple)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        context["links"] = [SERVICES[kind] for kind in value["kinds"] if kind in SERVICES]
        return context

    class Meta:
        icon = "link"
        label = _("Services for this")
        template = "content/blocks/services.html"


class BodyBlock(blocks.StreamBlock):
    """Body of a guideline or a tip."""

    heading = blocks.CharBlock(max_length=80, icon="title", label=_("Heading"), template="content/blocks/heading.html")
    paragraph = CleanRichTextBlock(icon="pilcrow", label=_("Paragraph"), template="content/blocks/paragraph.html")
    phrase = PhraseBlock()
    callout = CalloutBlock()
    services = ServicesBlock()


class TaskBlock(blocks.StructBlock):
    """One of the three things a person may want from the home page."""

    title = blocks.CharBlock(max_length=24, label=_("Title"))
    note = blocks.CharBlock(max_length=40, required=False, label=_("One line below"))
    title_en = blocks.CharBlock(max_length=40, required=False, label=_("Title in English"))
    note_en = blocks.CharBlock(max_length=80, required=False, label=_("One line below, in English"))
    destination = blocks.ChoiceBlock(choices=DESTINATIONS, label=_("Leads to"))

    class Meta:
        icon = "arrow-right"
        label = pgettext_lazy("home page", "Task")


def destination_href(destination: str, duty_phone: str) -> str:
    """Address of a task; empty when it leads to a duty line that the school has not entered."""
    if destination == DUTY:
        digits = "".join(sign for sign in duty_phone if sign.isdigit() or sign == "+")
        return f"tel:{digits}" if digits else ""
    link: ServiceLink | None = SERVICES.get(destination)
    return link.href if link else PRICES
