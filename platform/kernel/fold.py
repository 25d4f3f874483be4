"""Normalises names, numbers and codes to one spelling in which they are stored, and one by which they are compared.

Two spellings that look alike to a person are one identity: full-width and half-width, blanks of every width, signs
nobody sees, radicals that look like characters, the several middle dots. Every form, call and import folds what comes in before it is
stored, and folds what it looks for in the same way. Pure; needs Unicode 15 and, for domains, ``idna``.
"""

import re
import unicodedata
from typing import Final

import idna

_RADICALS: Final = str.maketrans(
    # Radicals and strokes that NFKC leaves alone, and the characters they look like
    # (Unicode Character Database, EquivalentUnifiedIdeograph.txt). PDF files and old input methods give them.
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾"
    "⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲㇆㇏㇐㇑㇒㇓㇔㇕"
    "㇖㇗㇘㇙㇚㇛㇜㇝㇞㇟㇠㇡",
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹"
    "艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀𠃌乀一丨丿丿丶𠃍"
    "乛𠃊𠃎𠄌亅𡿨𠃋乀𠃑乚乙𠄎",
)
_DOTS: Final = str.maketrans(dict.fromkeys("\u2022\u2027\u2219\u22c5\u2e31\u2e33\u30fb\ua78f\u16eb", "\u00b7"))
"""Middle dots of names as keyboards and fonts give them; NFKC makes U+0387 and U+FF65 one of these."""

_UNSEEN: Final = re.compile(
    # What leaves no trace on paper: category Cf, control signs but blanks, and what Unicode calls default ignorable.
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f"
    "\u0890-\u0891\u08e2\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_GBK_PRIVATE: Final = (
    # What GBK kept at private-use code points until Unicode had the characters: FE50–FEA0, U+E815 to U+E864, in order.
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱䎬⺻䏝䓖䙡䙌"
    "龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻"
)
_SETTLED: Final = str.maketrans(
    {0xE815 + place: sign for place, sign in enumerate(_GBK_PRIVATE)} | {0xE7C7: "\u1e3f", 0xE7C8: "\u01f9"}
)
_PRIVATE_USE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_HAN: Final = r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_SIGNS_OF_PROSE: Final = re.compile("([！（），：；？～…]+)")
"""What NFKC would make a sign of Latin script."""
WIDE_SIGNS: Final = "！（），：；？～"
NARROW_SIGNS: Final = "!(),:;?~"
"""The signs of names in both widths, in the same order."""
_SIGNS_OF_NAMES: Final = re.compile(f"([{WIDE_SIGNS}]+)")
_NARROW: Final = str.maketrans(WIDE_SIGNS, NARROW_SIGNS)
_WIDE: Final = str.maketrans(NARROW_SIGNS, WIDE_SIGNS)
_PADDING: Final = re.compile(rf"(?<={_HAN}) (?={_HAN})|(?<=\u00b7) | (?=\u00b7)")
_DOMAIN_MAX: Final = 253
DASHES: Final = "\u2010\u2012\u2013\u2014\u2015\u2212"
"""Signs that stand for ``-`` where two spellings are compared."""
_DASHES: Final = str.maketrans({**dict.fromkeys(DASHES, "-"), "\u2019": "'", "\u2018": "'", "\u02bc": "'"})


def fold_text(raw: str) -> str:
    """``raw`` as it is kept and shown: NFKC, no unseen sign, every run of blanks one space, none at the ends. Case stays.

    Never longer than eighteen times ``raw`` (one Arabic sign stands for a sentence); folding again changes nothing.
    """
    if raw.isascii() and raw.isprintable():
        return " ".join(raw.split())
    return _one_blank(_plain(raw))


def _plain(raw: str) -> str:
    settled = _UNSEEN.sub("", raw).translate(_SETTLED)
    return unicodedata.normalize("NFKC", settled).translate(_RADICALS).translate(_DOTS)


def _one_blank(plain: str) -> str:
    return " ".join(plain.replace("\u2800", " ").split())


def fold_prose(raw: str) -> str:
    """A sentence as it is kept and shown: ``fold_text``, but the signs between Chinese words stay as they were written.

    A name is one however its comma is typed; a report that comes back with the commas of another language is not what
    somebody wrote. Never longer than ``fold_text`` of the same; folding again changes nothing.
    """
    parts = _SIGNS_OF_PROSE.split(_UNSEEN.sub("", raw))
    return "".join(part if place % 2 else fold_text(part) for place, part in enumerate(parts))


def fold_lines(raw: str) -> str:
    """What somebody wrote in several lines, as it is kept and shown: each line as ``fold_prose``, one empty line at most
    between two, none before and behind. Folding again changes nothing.
    """
    kept: list[str] = []
    for line in map(fold_prose, raw.splitlines()):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).rstrip("\n")


def has_private_use(text: str) -> bool:
    """Whether ``text`` holds a code point that means something on one computer only, and is no known one of GBK's."""
    return _PRIVATE_USE.search(text.translate(_SETTLED)) is not None


def fold_key(raw: str) -> str:
    """``raw`` for comparing and indexing: ``fold_text`` without case, every dash ``-``, every apostrophe ``'``."""
    plain = fold_text(raw).translate(_DASHES)
    for _ in range(2):  # a sign without case may compose into one that has it (Unicode 15, D146)
        plain = fold_text(plain.casefold())
    return plain


def fold_name(raw: str) -> str:
    """A name as it is kept and shown: ``fold_text`` without the blanks that pad Chinese names, its signs as they were typed.

    ``王　一`` is ``王一``, set wide to stand below a name of three; ``Anna Li`` keeps its blank, and ``家政（两小时）`` its
    brackets. Two names are compared by ``name_key``, for which brackets of either width are one.
    """
    parts = _SIGNS_OF_NAMES.split(raw)
    kept = "".join(part if place % 2 else _plain(part) for place, part in enumerate(parts))
    return _PADDING.sub("", _one_blank(kept))


def narrow_signs(name: str) -> str:
    """``fold_name`` of something, its signs those of Latin script: what a name that is kept is looked for with."""
    return name.translate(_NARROW)


def wide_signs(name: str) -> str:
    """``fold_name`` of something, its signs those of a Chinese sentence: the other spelling in which it may be kept."""
    return name.translate(_WIDE)


def name_key(raw: str) -> str:
    """A name for comparing: ``fold_key`` of ``fold_name``."""
    return fold_name(fold_key(raw))


def fold_email(raw: str) -> str:
    """An address as it is kept and looked up: ``fold_text``, lower case, the full stop of a Chinese keyboard a point, the
    domain in the one form that mail servers know: ``王@育才.中国`` and ``王@xn--mpun09d.xn--fiqs8s`` are one mailbox.

    A domain that has no such form (Unicode's UTS 46) stays as it is; ``has_mail_domain`` refuses it.
    """
    text = fold_text(raw).lower().replace("\u3002", ".")
    name, at, domain = text.rpartition("@")
    if not at or domain.isascii() or len(domain) > _DOMAIN_MAX:
        return text
    try:
        return f"{name}@{idna.encode(domain, uts46=True).decode()}"
    except UnicodeError:
        return text


def has_mail_domain(address: str) -> bool:
    """Whether a folded address names a domain: ``wang@[127.0.0.1]`` names a machine, and one that everybody else calls
    theirs; ``王@育才_.中国`` nothing at all.
    """
    _name, _at, domain = address.rpartition("@")
    return domain.isascii() and not domain.startswith("[")
