"""How Chinese names are put in order: by their sound, as a telephone book does. Pure.

The sounds of 42 000 signs take 10 MB: they are loaded for the first name that a process writes (``kernel.sounds``).
"""

import importlib
from collections.abc import Mapping
from typing import Final, Protocol, cast

from kernel.fold import fold_text

SORT_KEY_MAX: Final = 400
"""Characters. A name of 60 Chinese signs is not cut."""

SURNAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "单于": ("chan2", "yu2"),
    "宰父": ("zai3", "fu3"),
    "万俟": ("mo4", "qi2"),
    "尉迟": ("yu4", "chi2"),
    "令狐": ("ling2", "hu2"),
    "澹台": ("tan2", "tai2"),
    "诸葛": ("zhu1", "ge3"),
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

WORDS: Final[Mapping[str, str]] = {
    "会计": "kuài jì", "音乐": "yīn yuè", "应用": "yìng yòng", "应急": "yìng jí", "供应": "gōng yìng", "宿舍": "sù shè",
    "校准": "jiào zhǔn", "都市": "dū shì", "银行": "yín háng", "长江": "cháng jiāng", "调解": "tiáo jiě",
    "看护": "kān hù", "更新": "gēng xīn", "少年": "shào nián", "兴趣": "xìng qù", "模具": "mú jù", "曲艺": "qǔ yì",
    "冠军": "guàn jūn", "种植": "zhòng zhí", "散文": "sǎn wén", "还原": "huán yuán", "量子": "liàng zǐ",
    "长沙": "cháng shā", "长春": "cháng chūn", "重庆": "chóng qìng", "厦门": "xià mén", "乐清": "yuè qīng",
    "六安": "lù ān", "台州": "tāi zhōu", "丽水": "lí shuǐ", "番禺": "pān yú", "蚌埠": "bèng bù", "佛山": "fó shān",
    "朝阳": "zhāo yáng", "华山": "huà shān", "燕山": "yān shān", "劲松": "jìng sōng",
}  # fmt: skip
"""Words in the names of departments, institutions and places whose signs are read otherwise than alone."""
_SOUNDS: Final = "kernel.sounds"


class _Sounds(Protocol):
    """What ``kernel.sounds`` offers."""

    def sounds_of(self, text: str) -> list[str]: ...


def sort_key(name: str, *, person: bool = True) -> str:
    """What a name is sorted by, sign for sign in the order of bytes: ``曾小红`` → ``zeng1曾 xiao3小 hong2红``.

    The sign stands behind its sound, so that one family name stays together; letters sort as small ones. Only a
    ``person`` has a family name: 应 is read otherwise in 应用系.
    """
    plain = fold_text(name).casefold()
    family = next((first for first in (plain[:2], plain[:1]) if person and first in SURNAMES), "")
    sounds = [*SURNAMES.get(family, ()), *_loaded().sounds_of(plain[len(family) :])]
    parts = [""]
    for sign, sound in zip(plain, sounds, strict=True):
        if sound == sign:
            parts[-1] += sign
        else:
            parts += [f"{sound}{sign}", ""]
    return " ".join(part.strip() for part in parts if part.strip())[:SORT_KEY_MAX]


def _loaded() -> _Sounds:
    return cast(_Sounds, importlib.import_module(_SOUNDS))
