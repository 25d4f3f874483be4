"""Words that mean the same to who searches. The usual ones stand here; a school's editor adds its own on the home page. Pure.

A group is a line, its words joined by ``=``: 压力 = 减压 = 疏导. Source: requirement 12.7, the words people type.
"""

import re
from functools import lru_cache
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kernel.fold import fold_key

USUAL: Final = """
压力 = 减压 = 疏导 = 解压
失眠 = 睡不着 = 睡眠 = 睡不好
吵架 = 矛盾 = 争吵 = 调解
咨询 = 聊聊 = 谈心 = 倾诉
累 = 疲惫 = 疲劳 = 倦怠 = 撑不住
带孩子 = 托管 = 看孩子
老人 = 父母 = 爸妈 = 照护
家政 = 保洁 = 打扫 = 家务
假期营 = 夏令营 = 冬令营
焦虑 = 担心 = 紧张
情绪 = 心情
家长 = 家校
热线 = 电话 = 求助
放松 = 歇一歇 = 休息
价格 = 多少钱 = 费用
班主任 = 带班
新老师 = 新教师 = 新同事 = 新入职
倾听 = 听他说 = 听完
沉默 = 不说话 = 不想说话
异地 = 两地分居 = 两地
夫妻 = 分居 = 两口子
高考 = 高三 = 毕业班
群消息 = 家长群
手机 = 电话
嗓子 = 喉咙 = 声带
雨声 = 白噪音 = 海浪 = 声音
叛逆 = 青春期
腰酸 = 肩膀 = 脖子
心慌 = 呼吸 = 紧张
基金 = 项目 = 课题
投诉 = 发火 = 生气
分工 = 值班表
"""
MOST_LINES: Final = 100
LONGEST_WORD: Final = 12
MOST_VARIANTS: Final = 8
MOST_WAYS: Final = 12
"""Ways in which one query is asked at once."""


def groups_of(text: str) -> list[tuple[str, ...]]:
    """The groups of ``text``, folded; lines with fewer than two words are left out."""
    lines = [[fold_key(word).strip() for word in line.replace("＝", "=").split("=")] for line in text.splitlines()]
    return [
        tuple(dict.fromkeys(word for word in line if word))
        for line in lines
        if len([word for word in line if word]) > 1
    ]


def check_synonyms(text: str) -> None:
    """ValidationError for what an editor has typed and no search could use."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise ValidationError(_("At most %(most)s lines.") % {"most": MOST_LINES})
    for line in lines:
        words = [word.strip() for word in line.replace("＝", "=").split("=")]
        if len(words) < 2 or not all(words):
            raise ValidationError(_("“%(line)s” is no group: write words with = between them.") % {"line": line[:40]})
        if any(len(word) > LONGEST_WORD for word in words):
            raise ValidationError(
                _("“%(line)s” holds a word of more than %(most)s signs.") % {"line": line[:40], "most": LONGEST_WORD}
            )


_LOOSE: Final = 4
"""Of those, ways in which words that stand apart are exchanged."""
_STOPS: Final = re.compile(
    "怎么办|怎么样|怎么|怎样|如何|什么|为什么|哪里|可以|应该|需要|有没有|是不是|一下|一个|一位|一些|请问|的|了|吗|呢|吧|和|与|跟|在|我|你|您|要|想|太"
)
"""Words that say nothing of what is looked for."""
_CHINESE: Final = re.compile("[\u4e00-\u9fff]+")


def _by_twos(run: str) -> list[str]:
    """A run of Chinese as words of two signs, the usual length; of an odd run one sign at an end is let go."""
    if len(run) <= 2:
        return [run]
    starts = (0,) if len(run) % 2 == 0 else (0, 1)
    return [" ".join(run[at : at + 2] for at in range(start, len(run) - 1, 2)) for start in starts]


def loosened(query: str) -> list[str]:
    """``query`` as words that may stand apart: 高三压力 → 高三 压力, 怎么和家长说话 → 家长 说话. Empty where nothing changes."""
    bare = " ".join(_STOPS.sub(" ", query).split())
    if not bare:
        return []
    runs = bare.split()
    if all(_CHINESE.fullmatch(run) for run in runs) and any(len(run) > 2 for run in runs):
        firsts = [_by_twos(run)[0] for run in runs]
        lasts = [_by_twos(run)[-1] for run in runs]
        found = [bare, " ".join(firsts), " ".join(lasts)]
    else:
        found = [bare]
    return [words for words in dict.fromkeys(found) if words != query]


@lru_cache(256)
def _known(own: str) -> tuple[tuple[str, ...], ...]:
    return (*groups_of(own), *groups_of(USUAL))


def variants(query: str, own: str = "") -> list[str]:
    """``query`` first, then the same with one of its words exchanged; ``own``: the school's table. At most eight.

    The longest word of the query that stands in a group is exchanged, so that 睡不着 is not read as 睡.
    """
    asked = fold_key(query).strip()
    found = {query: None}
    groups = sorted(
        ((word, group) for group in _known(own) for word in group if word in asked), key=lambda row: -len(row[0])
    )
    taken = ""
    for word, group in groups:
        if word in taken and word != taken:
            continue
        taken = taken or word
        for other in group:
            if other != word:
                found.setdefault(asked.replace(word, other))
    return list(found)[:MOST_VARIANTS]


def ways_to_ask(query: str, own: str = "") -> list[str]:
    """``variants``, and behind them the same with words that may stand apart; at most twelve in all."""
    same = variants(query, own)
    loose = [words for one in loosened(query) for words in variants(one, own)[:_LOOSE]]
    return list(dict.fromkeys([*same, *loose]))[:MOST_WAYS]
