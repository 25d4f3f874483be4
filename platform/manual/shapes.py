"""What a page of the manual and a question of the quiz are made of. No Django but its lazy texts."""

from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do or to know. ``url``: where it is done, on the host where the page is read; empty for what is done nowhere."""

    title: Text
    text: Text
    url: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """One role's page at ``/how-to/<slug>/``. ``role`` is None for what everybody is: staff, families.

    ``seen``: what its picture shows, for whoever does not see it.
    """

    slug: str
    title: Text
    lead: Text
    role: str | None
    seen: Text
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the quiz: ``right``, two others, and why. ``key`` names it in the form and never changes."""

    key: str
    text: Text
    right: Text
    others: tuple[Text, Text]
    why: Text
