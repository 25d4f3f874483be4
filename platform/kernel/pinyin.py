"""How Chinese names are put in order: by their sound, as a telephone book does. Pure."""

from collections.abc import Mapping
from typing import Final

from pypinyin import Style, lazy_pinyin

from kernel.fold import fold_text

SORT_KEY_MAX: Final = 400
"""Characters. A name of 60 Chinese signs is not cut."""

SURNAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "单于": ("chan2", "yu2"),
    "宰父": ("zai3", "fu3"),
    "曾": ("zeng1",),
    "单": ("shan4",),
    "仇": ("qiu2",),
    "解": ("xie4",),
    "区": ("ou1",),
    "查": ("zha1",),
    "任": ("ren2",),
    "盖": ("ge3",),
    "朴": ("piao2",),
    "繁": ("po2",),
    "秘": ("bi4",),
    "折": ("she2",),
    "黑": ("he4",),
    "重": ("chong2",),
    "乐": ("yue4",),
    "翟": ("zhai2",),
    "缪": ("miao4",),
    "覃": ("qin2",),
    "员": ("yun4",),
    "哈": ("ha3",),
    "那": ("na1",),
    "华": ("hua4",),
    "宁": ("ning4",),
    "葛": ("ge3",),
    "牟": ("mu4",),
    "燕": ("yan1",),
    "於": ("yu1",),
    "便": ("pian2",),
    "过": ("guo1",),
    "薄": ("bo2",),
    "卜": ("bu3",),
    "都": ("du1",),
    "隗": ("wei3",),
    "祭": ("zhai4",),
    "种": ("chong2",),
    "召": ("shao4",),
    "纪": ("ji3",),
    "阚": ("kan4",),
    "郇": ("xun2",),
}
"""Family names that are not read as the same sign elsewhere, or that a dictionary of words would read otherwise."""


def sort_key(name: str, *, person: bool = True) -> str:
    """What a name is sorted by, sign for sign in the order of bytes: ``曾小红`` → ``zeng1曾 xiao3小 hong2红``.

    The sign stands behind its sound, so that one family name stays together; letters sort as small ones. Only a
    ``person`` has a family name: 应 is read otherwise in 应用系.
    """
    plain = fold_text(name).casefold()
    family = next((first for first in (plain[:2], plain[:1]) if person and first in SURNAMES), "")
    sounds = [*SURNAMES.get(family, ()), *_sounds(plain[len(family) :])]
    parts = [""]
    for sign, sound in zip(plain, sounds, strict=True):
        if sound == sign:
            parts[-1] += sign
        else:
            parts += [f"{sound}{sign}", ""]
    return " ".join(part.strip() for part in parts if part.strip())[:SORT_KEY_MAX]


def _sounds(text: str) -> list[str]:
    """One sound a sign; a sign without one stands for itself."""
    found = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors=lambda unread: list(unread))  # type: ignore[arg-type,return-value]
    return found if len(found) == len(text) else list(text)
