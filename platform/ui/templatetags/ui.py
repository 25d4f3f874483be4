"""Filters and tags of the design system. ``{% load ui %}``; docs/design.md shows each in use."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import segno
from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from kernel import clock, money
from ui.icons import ICONS
from ui.names import CHINESE, Named, own_words, reads_chinese
from ui.phrases import phrases
from ui.states import sign_of
from ui.whole import kept, whole

register = template.Library()
register.filter("whole", whole)
register.filter("kept", kept)

_FAR_DAYS = 180
"""A day further away than this is shown with its year."""


@register.filter
def yuan(fen: Any) -> str:
    """``9000`` → ``¥90.00``. Empty for None, so that an unknown amount never looks like zero."""
    return "" if fen is None or fen == "" else money.yuan(int(fen))


@register.filter
def whole_yuan(fen: Any) -> str:
    """As ``yuan``, without the fen where there are none: ``9000`` → ``¥90``. For a price to glance at."""
    return yuan(fen).removesuffix(".00")


@register.filter
def entries(count: Any) -> str:
    """How many there are, with their unit: ``37`` → ``37 entries``, ``1000+`` as ``ui.lists`` counts. Beside a heading."""
    number = str(count)
    many = int(number.removesuffix("+"))
    return ngettext("%(number)s entry", "%(number)s entries", many) % {"number": number}


@register.filter
def label_of(text: Any) -> str:
    """A field's label before a colon: a whole sentence loses its full stop, a question its mark."""
    return str(text).rstrip("。.：:？? ")


@register.filter
def percent(share_bp: Any) -> str:
    """Basis points as a share: ``7000`` → ``70%``, ``6667`` → ``66.67%``."""
    whole, rest = divmod(int(share_bp), 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%" if rest else f"{whole}%"


@register.filter
def about_percent(share_bp: Any) -> str:
    """A share to glance at, in whole percent: ``82`` → ``<1%``, ``9994`` → ``>99%``. Never a nought for something, nor a whole for less."""
    bp = int(share_bp)
    if 0 < bp < 100:
        return "<1%"
    return ">99%" if money.WHOLE_BP - 100 < bp < money.WHOLE_BP else f"{(bp + 50) // 100}%"


def _day(day: datetime) -> str:
    """By Django's format letters, in the order of the reader's language; its catalogue of ours says 周四 for Thu."""
    far = abs((day.date() - clock.local_day(clock.now())).days) > _FAR_DAYS
    return date_format(day, pgettext("day with its year", "D j M Y") if far else pgettext("day", "D j M"))


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a naive time cannot be shown")
    return moment.astimezone(ZoneInfo(clock.SCHOOL_ZONE))


@register.filter
def school_time(moment: datetime | None) -> str:
    """A moment in the school's zone: ``12月3日 周四 16:30``, ``Thu 3 Dec 16:30``. ValueError for a naive time."""
    if not moment:
        return ""
    local = _local(moment)
    return f"{_day(local)} {local:%H:%M}"


@register.filter
def school_day(value: Any) -> str:
    """A date, or a moment's day in the school's zone: ``12月3日 周四``, ``Thu 3 Dec``."""
    if not value:
        return ""
    return _day(_local(value) if isinstance(value, datetime) else datetime(value.year, value.month, value.day))


@register.filter
def leaf_month(day: Any) -> str:
    """The head of a calendar's leaf: ``12月``, ``Dec``."""
    return date_format(day, pgettext("the month of a calendar's leaf", "M"))


@register.filter
def leaf_weekday(day: Any) -> str:
    """The foot of a calendar's leaf: ``周六``, ``Sat``."""
    return date_format(day, "D")


@register.filter
def school_clock(moment: datetime | None) -> str:
    """Hour and minute in the school's zone: ``16:30``."""
    return f"{_local(moment):%H:%M}" if moment else ""


@register.filter
def code444(code: Any) -> str:
    """``482109375564`` → ``4821 0937 5564``."""
    digits = str(code or "").replace(" ", "")
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


@register.filter
def named(row: Named) -> SafeString:
    """A school's, an institution's or a service's name in the reader's language, or marked as Chinese."""
    return own_words(row.name, row.name_en)


@register.filter
def marked(chinese: str) -> SafeString:
    """What somebody wrote in Chinese alone, inside a sentence of ours."""
    return own_words(chinese)


@register.simple_tag
def own(chinese: str, english: str = "") -> SafeString:
    """What an editor wrote: ``{% own page.intro page.intro_en %}``, in the reader's language or marked as Chinese."""
    return own_words(chinese, english)


@register.simple_tag
def own_phrases(chinese: str, english: str = "") -> SafeString:
    """As ``own``, for a heading or a lead in ``class="say"``: Chinese breaks between phrases alone (``ui.phrases``)."""
    return phrases(chinese) if reads_chinese() and chinese else own_words(chinese, english)


@register.simple_tag
def own_lang() -> SafeString:
    """The attribute of an element that holds what an editor wrote, in Chinese alone: ``<h2{% own_lang %}>``."""
    return SafeString("") if reads_chinese() else format_html(' lang="{}"', CHINESE)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One of ``ui.icons``. Silent beside words; with ``label`` it speaks for itself."""
    body = mark_safe(ICONS[name])  # noqa: S308 - our own constant
    if label:
        return format_html('<svg class="icon" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', label, body)
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>', body)


@register.simple_tag
def state_tag(state: Any, machine: str, text: str = "") -> SafeString:
    """A state as icon + text + colour. ``machine`` says whose state it is (``voucher``), ``text`` replaces its own."""
    sign = sign_of(state, machine)
    return format_html('<span class="tag {}">{}{}</span>', sign.tone, icon(sign.icon), text or sign.text)


@register.simple_tag
def tag(tone: str, icon_name: str, text: str) -> SafeString:
    """A free tag: ``{% tag "ok" "dot" "还有 34 个位置" %}``; tone ok, wait, bad, info or empty."""
    return format_html('<span class="tag {}">{}{}</span>', tone, icon(icon_name), text)


@register.inclusion_tag("ui/components/split.html")
def split(subsidy_fen: int, self_fen: int, left: str = "", right: str = "") -> dict[str, Any]:
    """Who pays what, in fen, drawn in its true proportion (experience §1.2). SVG widths: no style attribute needed.

    Where the school pays nothing there is no bar and no "0 %": only what the person pays. A share with a fraction is one
    that a limit has made (62.2 %): it is drawn, not said.
    """
    whole = subsidy_fen + self_fen
    bp = money.WHOLE_BP * subsidy_fen // whole if whole else 0
    share = percent(bp) if bp % 100 == 0 else ""
    return {
        "subsidy_fen": subsidy_fen,
        "self_fen": self_fen,
        "share": share if bp else "",
        "shared": bool(bp),
        "width": bp,
        "rest": money.WHOLE_BP - bp,
        "cut": 0 < bp < money.WHOLE_BP,
        "left": left or _("School pays"),
        "right": right or _("You pay"),
    }


@register.inclusion_tag("ui/components/meter.html")
def meter(value: int, whole: int, label: str = "", tone: str = "") -> dict[str, Any]:
    """A thin bar ``value`` of ``whole`` (a pool burning down); the text beside it carries the meaning."""
    width = min(max(value, 0) * money.WHOLE_BP // whole, money.WHOLE_BP) if whole else 0
    return {"width": width, "label": label, "tone": tone}


@register.simple_tag
def qr(value: str, label: str = "") -> SafeString:
    """``value`` as a QR code, black on white with its quiet zone, scaled by CSS."""
    drawn = segno.make(value, error="m", micro=False).svg_inline(omitsize=True, border=4, light="#fff", svgclass=None)
    image = mark_safe(drawn)  # noqa: S308 - drawn by segno from modules, no input text inside
    return format_html('<div class="qr" role="img" aria-label="{}">{}</div>', label or _("QR code"), image)


@register.simple_tag(takes_context=True)
def keep_query(context: dict[str, Any], **changes: Any) -> str:
    """The page's query string with ``changes`` made; None or empty removes a key. For pagers and filters."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def beside(columns: Any, row: Any) -> list[tuple[Any, Any]]:
    """Columns paired with a row's cells; ValueError when they differ in number."""
    return list(zip(columns, row, strict=True))
