"""What a demo page is made of. A body is a list of ``(block, value)`` as ``content.blocks.BodyBlock`` takes it."""

from dataclasses import dataclass
from typing import Any

Body = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Guideline:
    slug: str
    title: str
    summary: str
    audience: str
    reviewed_by: str
    body: Body
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tip:
    """``kinds`` empty means every kind of school."""

    slug: str
    title: str
    summary: str
    minutes: int
    body: Body
    kinds: frozenset[str] = frozenset()


def heading(text: str) -> tuple[str, Any]:
    return ("heading", text)


def text(*paragraphs: str) -> tuple[str, Any]:
    return ("paragraph", "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))


def points(*rows: str) -> tuple[str, Any]:
    return ("paragraph", "<ul>" + "".join(f"<li>{row}</li>" for row in rows) + "</ul>")


def phrase(avoid: str, say: str, why: str = "") -> tuple[str, Any]:
    return ("phrase", {"avoid": avoid, "say": say, "why": why})


def remember(title: str, words: str) -> tuple[str, Any]:
    return ("callout", {"title": title, "text": f"<p>{words}</p>"})


def help_with(title: str, *kinds: str) -> tuple[str, Any]:
    return ("services", {"title": title, "kinds": list(kinds)})
