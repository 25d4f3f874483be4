"""The planted words: what each tells, of which object, and whose it is."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from disclosure.words import Facet
from kernel.clock import local_day
from referrals.emergency.workflow.moving import chain_now
from tests.disclosure.world import CEILING_FEN, READ, SHANGHAI, Person, World
from tests.disclosure.world_danger import CHANGED_IN, GRANT_AGO

REQUEST_OF: Final = {
    "talk": "request.centre",
    "next": "request.centre",
    "asked": "request.centre",
    "no": "request.centre",
    "care": "request.union",
    "asked_care": "request.union",
    "no_care": "request.union",
}
"""What a page may show of each request."""
ACCEPTED: Final = ("talk", "care", "next")
ASKED: Final = ("asked", "asked_care")

Pair = tuple[str, Facet]
ACTED: Final[tuple[Pair, ...]] = (("record", Facet.ACTED), ("message", Facet.ACTED))
"""When something was done stands in the record, without a name, and over the message about it."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A word, and what it tells where it stands: any of the ``pairs`` of object and facet.

    ``owner``: whose it is. ``stage``: ``asked`` while the agency has not accepted, ``never`` where none was asked, ``any`` where
    both fit.
    ``is_own`` is False for words that stand elsewhere too: they show that a promise is kept, and no leak.
    """

    pairs: frozenset[Pair]
    owner: str
    stage: str
    words: tuple[str, ...]
    found: re.Pattern[str]
    is_own: bool = True

    def stands_in(self, text: str) -> bool:
        """Whether one of the words does, not as a part of a longer number. Plain first: most pages hold none."""
        return any(word in text for word in self.words) and self.found.search(text) is not None


def markers_of(world: World) -> list[Marker]:
    """All of them. The school is open."""
    return [
        *_of_person("asking", world.asking, "accepted"),
        *_of_person("waiting", world.waiting, "asked"),
        *_of_requests(world),
        *_of_vouchers(world),
        *_of_all(),
        *_of_family(),
        *_of_danger(),
        *_of_file(),
        *_of_handed_on(),
        *_common(),
    ]


def _marker(
    facet: Facet,
    objects: str | Iterable[str],
    words: str,
    *,
    owner: str = "asking",
    stage: str = "accepted",
    also: Iterable[Pair] = (),
    is_own: bool = True,
) -> Marker:
    names = objects.split() if isinstance(objects, str) else objects
    pairs = frozenset({*((name, facet) for name in names), *also})
    found = tuple(words.split("|"))
    return Marker(pairs, owner, stage, found, re.compile("|".join(_bounded(word) for word in found)), is_own)


def _bounded(word: str) -> str:
    """A number is not a part of a longer one, nor of a key."""
    if word.isdecimal():
        return rf"(?<![\w.-]){word}(?![\w-])"
    before = r"(?<![\d.,:])" if word[0].isdecimal() else ""
    return before + re.escape(word) + (r"(?!\d)" if word[-1].isdecimal() else "")


_ALSO_NAMED: Final = " incident duties grant hardship mediation hand_on"
"""What else names the one who asks."""


def _of_person(owner: str, person: Person, stage: str) -> Iterator[Marker]:
    """What the school typed of somebody. Of the number a page may show the whole, or its end."""
    phone, requests = person.phone, "request.centre request.union"
    place = "member colleague" if owner == "asking" else "member"  # the head is of the same department
    for facet, objects, found in (
        (
            Facet.NAME,
            f"{place} account key {requests}{_ALSO_NAMED if owner == 'asking' else ''} sheet reading",
            person.name,
        ),
        (Facet.TITLE, f"member link rota {requests} reading openday_invitation", person.title),
        (
            Facet.PHONE,
            f"member sheet{' hand_on' if owner == 'asking' else ''}",
            f"{phone}|+86{phone}|{phone[:3]} {phone[3:7]} {phone[7:]}",
        ),
        (Facet.PHONE_END, f"member account sheet {requests}", phone[-4:]),
        (Facet.EMAIL, f"{place} account", person.email),
        (Facet.DEPARTMENT, f"{place} reading", person.department),
        (Facet.STAFF_NO, "member reading", person.staff_no),
    ):
        yield _marker(facet, objects, found, owner=owner, stage=stage)


def _yuan(fen: int) -> str:
    """As a page, a file or a call writes an amount."""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02d}|{whole}.{rest:02d}|{fen}"


def _minute(moment: datetime) -> str:
    """As a page, a file, a call or a calendar writes a time of day: the school's, and UTC."""
    return "|".join(f"{each:%H:%M}|T{each:%H%M}00" for each in (moment.astimezone(SHANGHAI), moment))


def _day(moment: datetime) -> str:
    day = local_day(moment)
    return f"{day.month}月{day.day}日|{day:%Y-%m-%d}|{day:%Y%m%d}"


WISHED = '请念给我听|"access":["sight"]'
"""A wish as a page and a call write it."""


def _of_requests(world: World) -> Iterator[Marker]:
    for name, referral in world.requests.items():
        request = REQUEST_OF[name]
        papers = f"{request} voucher" if name in ACCEPTED else request
        owner = "waiting" if name == "asked" else "asking"
        stage = "accepted" if name in ACCEPTED else "asked" if name in ASKED else "never"
        # The declined one is in the books too: what was set aside and given back.
        known = " price agreement" if name in ("talk", "next", "care") else ""
        for facet, objects, found in (
            (Facet.NUMBER, f"{papers} message", referral.number),
            (Facet.NOTE, request, referral.note),
            (Facet.WISHED, request, _minute(referral.windows.get().starts_at)),
        ):
            yield _marker(facet, objects, found, owner=owner, stage=stage)
        for fen in _amounts(referral):
            yield _marker(Facet.AMOUNT, f"{papers} line{known}", _yuan(fen), owner=owner, stage=stage)
            if name in ACCEPTED:
                yield _marker(Facet.SPLIT, request, _yuan(fen), owner=owner, stage=stage, is_own=False)
        if name in ("talk", "care"):
            yield _marker(Facet.DAY, papers, _day(referral.windows.get().starts_at), also=ACTED)
    sent = _minute(world.requests["asked"].submitted_at)
    yield _marker(Facet.SENT, "request.centre request.union", sent, owner="anybody", stage="any", also=ACTED)
    yield _marker(Facet.OUTCOME, "request.centre request.union", "问题解决了吗|Was it solved?", is_own=False)
    yield _marker(Facet.WISHES, "request.centre request.union", WISHED, owner="anybody", stage="any")
    yield _marker(Facet.REASON, "request.centre", "负责的老师想先和您谈谈", stage="never")
    yield _marker(Facet.REASON, "request.union", "学校的办法不包括这一项", stage="never")


def _amounts(referral: object) -> tuple[int, int, int]:
    return referral.fee_fen, referral.subsidy_fen, referral.self_fen  # type: ignore[attr-defined]


def _of_vouchers(world: World) -> Iterator[Marker]:
    for name, voucher in world.vouchers.items():
        papers, code = f"{REQUEST_OF[name]} voucher", voucher.code
        yield _marker(Facet.VOUCHER, f"{papers} line", voucher.number)
        yield _marker(Facet.TIME, papers, _minute(voucher.booking.starts_at))
        yield _marker(Facet.CODE, "voucher", _code(code, voucher.token))
    for name, redemption in world.redemptions.items():
        papers = f"{REQUEST_OF[name]} voucher"
        yield _marker(Facet.USED, papers, _minute(redemption.redeemed_at), also=ACTED)


def _code(code: str, token: str) -> str:
    parts = code[:4], code[4:8], code[8:]
    return "|".join([*(sign.join(parts) for sign in ("", " ", "-")), token])


def _of_all() -> Iterator[Marker]:
    """What the school and the agency make known of themselves, and what a request tells when it names it."""
    known = "price agreement institution draft voucher message"
    both = "request.centre request.union"
    for facet, objects, found in (
        (Facet.SERVICE, "request.centre", "听雨谈心|Rainlistening"),
        (Facet.SERVICE, "request.union", "蒲公英托管|Dandelion"),
        (Facet.AGENCY, f"{both} hand_on", "晴川心理|Clearbrook"),
        (Facet.PLACE, both, "鹿鸣巷"),
    ):
        yield _marker(facet, f"{objects} {known}", found, owner="anybody", stage="any", also=[("draft", Facet.DRAFTED)])


def _of_family() -> Iterator[Marker]:
    yield _marker(Facet.CHILD_NAME, "child", "柳小满")
    yield _marker(Facet.CHILD_BORN, "child", "2019-05-17|2019年5月17日|20190517")
    yield _marker(Facet.RELATIVE_NAME, "relative contact", "戚晚舟", also=[("consent", Facet.CONSENT)])
    yield _marker(Facet.RELATIVE_PHONE, "relative contact", "13624681357|136 2468 1357")
    yield _marker(Facet.RELATIVE_NAME, "openday_party", "端木女士")
    yield _marker(Facet.PLATE, "openday_party", "浙A9K3Q7|9K3Q7")
    yield _marker(Facet.NEVER, "never", "老邻居阿强|2583")
    yield _marker(Facet.STREET, "community", "听潮路")
    yield _marker(Facet.DRAFTED, "draft", "还没写完的话")
    yield _marker(Facet.KEY, "key", "家里的平板")
    yield _marker(Facet.PLACE_DAYS, "member", "2016-08-29|2016年8月29日")


def _of_file() -> Iterator[Marker]:
    """A hardship file: whose it is stands with the union alone."""
    yield _marker(Facet.SUM, "hardship", _yuan(CEILING_FEN))
    yield _marker(Facet.DAY, "hardship", "2027-06-23|6月23日|20270623")


def _of_handed_on() -> Iterator[Marker]:
    """A mediation is the centre's and the person's; a card is the institution's too, its answer is not."""
    sent = READ - timedelta(minutes=71)
    yield _marker(Facet.NOTE, "mediation", "想请人帮我们把话说开")
    yield _marker(Facet.TIME, "mediation", _minute(READ.replace(day=17, hour=16, minute=19)))
    yield _marker(Facet.HANDED, "hand_on", "请看看她夜里为什么惊醒")
    yield _marker(Facet.ANSWER, "hand_on", "晚自习先不要排给她")
    yield _marker(Facet.DAY, "hand_on", "2027-04-26|4月26日|20270426")
    yield _marker(Facet.SENT, "mediation hand_on", _minute(sent), owner="anybody", stage="any", also=ACTED)


def _of_danger() -> Iterator[Marker]:
    """What was seen and where stands with who leads it alone; the reporter reads that it was received."""
    yield _marker(Facet.NOTE, "incident", "她把钥匙都留在了讲台上")
    yield _marker(Facet.PLACE, "incident", "西门岗亭旁")
    yield _marker(Facet.NUMBER, "incident", "E31-7416")
    yield _marker(Facet.SENT, "incident", "您报过的|您的上报", is_own=False)
    yield _marker(Facet.DUTIES, "duties", "不担任班主任工作")
    yield _marker(Facet.DAY, "duties", _day(chain_now() + CHANGED_IN), is_own=False)
    yield _marker(Facet.DAY, "grant", _day(chain_now() - GRANT_AGO), is_own=False)


def _common() -> Iterator[Marker]:
    """Words that stand elsewhere too: that they are there shows that the promise is kept."""
    both = "request.centre request.union"
    for facet, objects, words in (
        (Facet.UNITS, f"{both} voucher", '1 次|2 次|3 次|1 个月|"units":'),
        (Facet.DISTRICT, both, "拱墅区"),
        (Facet.REASON, "request.centre", "想先和您聊一聊"),
        (Facet.REASON, "request.union", "不在学校的补贴范围内"),
        (Facet.AGE_BAND, "child", "7–9|6–8|6–12|岁"),
        (Facet.AGE_BAND, "openday_party", "6 到 13 岁"),
        (Facet.CONSENT, "openday_party", "拍照：|可以拍到你们吗？"),
        (Facet.SUM, "openday_party", "报名 3 位|一共报了"),
        (Facet.FOR_CHILD, "request.union", "本人的孩子|申请人的孩子"),
        (Facet.MONTH, "line", "2027-03|2027年3月"),
        (Facet.SUM, "pool", "可用|已用|已占用"),
        (Facet.RELATION, "relative contact", "配偶"),
        (Facet.CONSENT, "consent link", "紧急"),
        (Facet.CONSENT, "contact", "有生命危险时"),
        (Facet.COMMUNITY, "community", "栖霞社区"),
        (Facet.MESSAGE, "message", "申请已收到"),
        (Facet.ACTED, "message", "3月9日"),
        (Facet.GENDER, "member", 'value="female" selected'),
        (Facet.DAY, both, "3月17日|2027-03-17"),
        (Facet.SENT, both, "3月9日|2027-03-09"),
    ):
        yield _marker(facet, objects, words, owner="anybody", stage="any", is_own=False)
