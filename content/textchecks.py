"""What is looked for in a text before it goes out to readers who may be tired or in danger (rules §5, principle 10).

Pure but for texts and for where links lead (``content.targets``).

Nothing here forbids: an editor may have a reason. What must be checked by a psychologist is held by ``content.models.checked``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from bs4 import BeautifulSoup
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from content.targets import shut_links

LONGEST_SENTENCE: Final = 60
"""Signs up to a full stop: what is read on a telephone without beginning again."""
MOST_SAID: Final = 40
_CRISIS: Final = re.compile("自杀|自伤|自残|轻生|寻短见|不想活|结束生命|割腕|跳楼|过量服药|遗书|伤害自己")
_METHOD: Final = re.compile(
    r"割腕|上吊|跳楼|跳桥|烧炭|服毒|农药|过量服药|吞[下服]?.{0,3}(?:片|粒|药)|[一二三四五六七八九十百\d]+\s*(?:片|粒|毫克|mg).{0,6}(?:一次|吞|服下)"
)
_LABEL: Final = re.compile(
    "抑郁症患者|精神病人|神经病|疯子|心理变态|玻璃心|矫情|有病(?:的人)?|问题(?:学生|教师|家庭)|自杀成功|自杀未遂者"
)
_MEDICAL: Final = re.compile("抑郁症|焦虑症|双相|躁狂|精神分裂|安眠药|抗抑郁|药量|停药|副作用|处方")
_HELP: Final = re.compile("12356|求助电话|学校值班|心理中心|120|110")
_EMPTY_LINK: Final = re.compile("^(点击|这里|点这里|点击这里|链接|更多|查看|此处)+$")
_STOPS: Final = re.compile(r"[。！？!?；;\n]")


class Kind(StrEnum):
    """In the order in which they are shown, the most serious first."""

    METHOD = "method"
    NO_HELP = "no_help"
    UNTICKED = "unticked"
    LABEL = "label"
    LONG = "long"
    TARGET = "target"
    LINK = "link"
    ALT = "alt"


TEXTS: Final[dict[Kind, str | Promise]] = {
    Kind.METHOD: _("Names a way of harming oneself. Leave it out: who is in danger reads it as a direction."),
    Kind.NO_HELP: _("Speaks of a crisis and names no help line. Write 12356 and the school's own number beside it."),
    Kind.UNTICKED: _(
        "Speaks of a crisis, an illness or medicine. Tick the box below, so that a psychologist checks it."
    ),
    Kind.LABEL: _("Calls somebody by a label. Say what was seen or felt instead."),
    Kind.LONG: _("A sentence of more than 60 signs. Make two of it."),
    Kind.TARGET: _(
        "This link cannot be opened: the page or file is gone, not published, or not for everybody. Choose another, or take the link out."
    ),
    Kind.LINK: _("A link that does not say where it leads. Name the page."),
    Kind.ALT: _("The picture has no description. Who cannot see it learns nothing of it."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """``said``: the words that it is about, at most forty signs; empty where something is missing."""

    kind: Kind
    said: str

    @property
    def text(self) -> str | Promise:
        return TEXTS[self.kind]


def _whole(words: list[str]) -> str:
    return "\n".join(words)


def findings_of(page: Any) -> list[Finding]:
    """Of an article as it stands, each once, the most serious first."""
    body = [
        str(child.block.get_prep_value(child.value)) if isinstance(child.value, str) else _html(child)
        for child in page.body
    ]
    html = [page.title, page.summary, *body]
    plain = [BeautifulSoup(piece, "html.parser").get_text("\n") for piece in html]
    found = [*_of_words(_whole(plain), is_sensitive=page.is_sensitive), *_of_links(body)]
    found += [Finding(Kind.TARGET, words[:MOST_SAID]) for words in shut_links(page, body)]
    if page.picture_id and not page.picture.description.strip():
        found.append(Finding(Kind.ALT, ""))
    order = list(Kind)
    return sorted(dict.fromkeys(found), key=lambda finding: order.index(finding.kind))


def _html(child: Any) -> str:
    """The words of a block, rich text with its links."""
    raw = child.block.get_prep_value(child.value)
    return "\n".join(value for value in raw.values() if isinstance(value, str)) if isinstance(raw, dict) else str(raw)


def _of_words(text: str, *, is_sensitive: bool) -> Iterator[Finding]:
    for match in _METHOD.finditer(text):
        yield Finding(Kind.METHOD, match[0])
    crisis = _CRISIS.search(text)
    if crisis and not _HELP.search(text):
        yield Finding(Kind.NO_HELP, crisis[0])
    if not is_sensitive and (grave := crisis or _MEDICAL.search(text)):
        yield Finding(Kind.UNTICKED, grave[0])
    for match in _LABEL.finditer(text):
        yield Finding(Kind.LABEL, match[0])
    for sentence in _STOPS.split(text):
        if len(sentence.strip()) > LONGEST_SENTENCE and re.search("[\u4e00-\u9fff]", sentence):
            yield Finding(Kind.LONG, f"{sentence.strip()[:24]}…")


def _of_links(pieces: list[str]) -> Iterator[Finding]:
    for piece in pieces:
        for link in BeautifulSoup(piece, "html.parser").find_all("a"):
            words = link.get_text().strip()
            if not words or _EMPTY_LINK.match(words):
                yield Finding(Kind.LINK, words)
