"""Words that are somebody's own, such as a school's name: in the reader's language where they exist in it, else marked.

A text that has no English stands in Chinese on an English page, and says so: whoever listens hears it read in Chinese.
"""

from typing import Final, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override

CHINESE: Final = "zh-Hans"


class Named(Protocol):
    """A school, an institution, a service: ``name`` is Chinese, ``name_en`` may be empty."""

    name: str
    name_en: str


def reads_chinese() -> bool:
    """Whether the page is in Chinese, which every page is until somebody asks for English."""
    return (get_language() or "zh").startswith("zh")


def in_every_language(text: str | Promise) -> list[str]:
    """What the product itself says, in each language it speaks: for what is stored and read by all, such as an index.

    ``str(text)`` would store it in the language of whoever happened to save.
    """
    said = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            said.append(str(text))
    return list(dict.fromkeys(said))


def named(row: Named) -> str:
    """The row's name in the reader's language, when it has one."""
    return str(row.name if reads_chinese() or not row.name_en else row.name_en)


def own_words(chinese: str, english: str = "") -> SafeString:
    """For HTML: ``english`` to who reads English; without one ``chinese``, marked as such."""
    if reads_chinese() or not chinese:
        return SafeString(escape(chinese))
    return SafeString(escape(english)) if english else format_html('<span lang="{}">{}</span>', CHINESE, chinese)
