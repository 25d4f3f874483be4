"""Every text that leaves a page, in Chinese and English. Pure: no framework.

Rules §4–§5 and experience §6: no name, no reason, no kind of service, no illness. An appointment is 预约 and nothing
more. A test reads this table for forbidden words; carriers approve such texts one by one, so they hold no free text:
only ``number`` (a reference) and ``when`` (a time) may stand behind them, each on a line of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Topic(StrEnum):
    """What a person chooses channels for."""

    REQUESTS = "requests"
    APPOINTMENTS = "appointments"
    VOUCHERS = "vouchers"
    WORK = "work"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Text:
    """One message: subject and body in each language."""

    topic: Topic
    zh: tuple[str, str]
    en: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in one language, ready to be shown or sent."""

    subject: str
    body: str


_R, _A, _V, _W, _C = Topic.REQUESTS, Topic.APPOINTMENTS, Topic.VOUCHERS, Topic.WORK, Topic.ACCOUNT

TEXTS: Final[Mapping[str, Text]] = {
    "referral_submitted": Text(
        _R,
        ("申请已收到", "您的申请已经收到。下一步和时限写在申请页上，预约开始之前您都可以取消。"),
        (
            "We have your request",
            "Your request has arrived. Its page shows the next step and by when; you can cancel until an appointment begins.",
        ),
    ),
    "referral_needs_decision": Text(
        _W,
        ("有一份申请等您处理", "请在时限之前处理。详情只在登录后的页面上显示。"),
        ("A request waits for you", "Please decide before its deadline. The details are shown only after you sign in."),
    ),
    "referral_approved": Text(
        _R,
        ("申请已通过", "您的申请已经通过，我们正在联系服务方安排时间。"),
        ("Your request is approved", "Your request is approved; we are arranging a time."),
    ),
    "referral_declined": Text(
        _R,
        ("申请有了答复", "请打开申请页看答复，也可以请人再看一次。"),
        ("Your request has an answer", "Please open its page to read the answer. You can ask a person to look again."),
    ),
    "referral_declined_again": Text(
        _R,
        ("申请再次有了答复", "已经请人再看过一次，请打开申请页看答复。您可以重新申请。"),
        (
            "Your request was looked at again",
            "A person has looked at it again. Please open its page to read the answer; you can apply anew.",
        ),
    ),
    "referral_cancelled": Text(
        _R,
        ("申请已取消", "这份申请已经取消，占用的额度已经退回。"),
        ("Your request is cancelled", "The request is cancelled and what it held has been given back."),
    ),
    "referral_expired": Text(
        _R,
        ("申请已过期", "这份申请没有在时限内办成，占用的额度已经退回。您可以重新申请。"),
        (
            "Your request has expired",
            "It could not be arranged in time and what it held has been given back. You can apply again.",
        ),
    ),
    "offer_new": Text(
        _W,
        ("有新的预约请求", "请登录后答复：确认、另提时间或谢绝。答复时限写在页面上。"),
        (
            "A new appointment request",
            "Please sign in and answer: confirm, propose another time or decline. The page shows the deadline.",
        ),
    ),
    "offer_withdrawn": Text(
        _W,
        ("一份预约请求已撤回", "这份请求不再需要答复。"),
        ("An appointment request was withdrawn", "It needs no answer any more."),
    ),
    "offer_expired": Text(
        _W,
        ("一份预约请求已过时限", "这份请求不再需要答复，已经告知对方。"),
        ("An appointment request is past its time", "It needs no answer any more; the person has been told."),
    ),
    "proposal_new": Text(
        _A,
        ("有新的时间可选", "服务方提出了别的时间，请打开申请页选择。"),
        ("Other times to choose from", "Other times have been proposed. Please open your request and choose."),
    ),
    "booking_confirmed": Text(
        _A,
        ("预约已确认", "您的预约已经确认，时间和地点在预约页上。"),
        ("Your appointment is confirmed", "The page shows its time and place."),
    ),
    "booking_cancelled": Text(
        _A,
        ("预约已取消", "这次预约不再进行，时段已经空出。"),
        ("Your appointment is cancelled", "It will not take place; the time is free again."),
    ),
    "appointment_wanted": Text(
        _W,
        ("一次预约已取消，请另约时间", "这次预约不再进行，卡券仍然有效。请登录后录入下一次预约的时间。"),
        (
            "An appointment is off, another is wanted",
            "It will not take place; the voucher stays good. Please sign in and enter the next appointment.",
        ),
    ),
    "voucher_redeemed": Text(
        _V,
        ("卡券已使用", "您的卡券刚刚使用了一次。如果不是您本人，请尽快告诉学校。"),
        ("Your voucher was used", "It was used just now. If that was not you, please tell the school soon."),
    ),
    "voucher_reversed": Text(
        _V,
        ("卡券使用已撤销", "刚才的一次使用已经撤销，次数已退回。"),
        ("A use of your voucher was undone", "The unit is back on your voucher."),
    ),
    "voucher_value_returned": Text(
        _V,
        ("卡券使用已撤销", "刚才撤销了一次使用。卡券的最后一天已过，这次的补助退回学校，次数不再恢复。"),
        (
            "A use of your voucher was undone",
            "The voucher's last day is over: the subsidy has gone back to the school and the unit does not come back.",
        ),
    ),
    "voucher_expired": Text(
        _V,
        ("卡券已到期", "一张卡券已到期，没有用完的部分已退回。"),
        ("A voucher has ended", "What was not used has been given back."),
    ),
    "account_created": Text(
        _C,
        (
            "欢迎使用心桥",
            "学校为您开通了账号。请用下面的链接设置密码，链接只能用一次，过些日子会失效；"
            "失效后可在登录页点“忘记密码”。如果与您无关，不用理会这封邮件。",
        ),
        (
            "Welcome to Xinqiao",
            "Your school has opened an account for you. Please choose a password with the link below. It works once and "
            "ends after a while; then use “Forgot your password?” on the sign-in page. "
            "If this is not for you, you can leave it.",
        ),
    ),
}

_LINES: Final[Mapping[str, tuple[str, str]]] = {"number": ("编号：", "Reference: "), "when": ("时间：", "Time: ")}
"""The only facts a message may carry, and what stands before them."""

INVITATION: Final = "account_created"
"""The one message whose link is made when it is sent: the link opens an account."""

CONTEXT_KEYS: Final = frozenset(_LINES)


def render(template: str, context: Mapping[str, object], language: str) -> Rendered:
    """The message in ``language`` (Chinese unless it begins with ``en``). KeyError for an unknown template."""
    text = TEXTS[template]
    english = language.startswith("en")
    subject, body = text.en if english else text.zh
    lines = [f"{heads[english]}{context[key]}" for key, heads in _LINES.items() if context.get(key)]
    return Rendered(subject, "\n".join([body, *lines]))


def topic_of(template: str) -> Topic:
    """Which preference the template follows. KeyError for an unknown template."""
    return TEXTS[template].topic
