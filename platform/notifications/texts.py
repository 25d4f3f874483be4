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
        ("申请已收到", "您的申请已经收到。下一步和时限写在申请页上，您随时可以取消。"),
        (
            "We have your request",
            "Your request has arrived. Its page shows the next step and by when; you can cancel at any time.",
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
    "referral_rerouted": Text(
        _R,
        ("正在为您另作安排", "原来的安排没有成功，请打开申请页看新的安排。"),
        (
            "We are arranging another way",
            "The first arrangement did not work out. Please open your request to see the new one.",
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
    "offer_expiring": Text(
        _W,
        ("一份预约请求快到时限", "请尽快登录答复，过时将自动转出。"),
        ("An appointment request is nearly due", "Please sign in and answer soon; it moves on when its time is up."),
    ),
    "offer_expired": Text(
        _W,
        ("一份预约请求已过时限", "这份请求已经转出，不再需要答复。"),
        ("An appointment request is past its time", "It has moved on and needs no answer any more."),
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
    "booking_changed": Text(
        _A,
        ("预约时间有变", "您的预约改了时间，请打开预约页查看。"),
        ("Your appointment has moved", "Please open its page for the new time."),
    ),
    "booking_cancelled": Text(
        _A,
        ("预约已取消", "这次预约已经取消，占用的额度按约定退回。"),
        ("Your appointment is cancelled", "What it held has been given back as agreed."),
    ),
    "booking_reminder": Text(
        _A,
        ("预约提醒", "您有一个预约快到了。"),
        ("A reminder of your appointment", "You have an appointment soon."),
    ),
    "booking_no_show": Text(
        _A,
        ("一次预约没有进行", "记录显示这次预约没有进行。如果不对，请在预约页上告诉我们。"),
        ("An appointment did not take place", "If that is not right, please tell us on its page."),
    ),
    "voucher_issued": Text(
        _V,
        ("卡券已生成", "您的卡券放在“卡券”页里，到时出示即可。"),
        ("Your voucher is ready", "It is in your wallet; show it when you are there."),
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
    "voucher_expiring": Text(
        _V,
        ("卡券快到期", "您有卡券快到期，请打开“卡券”页查看。"),
        ("A voucher ends soon", "Please open your wallet to see it."),
    ),
    "voucher_expired": Text(
        _V,
        ("卡券已到期", "一张卡券已到期，没有用完的部分已退回。"),
        ("A voucher has ended", "What was not used has been given back."),
    ),
    "voucher_void": Text(
        _V,
        ("卡券已作废", "一张卡券已作废，占用的额度已退回。"),
        ("A voucher is void", "What it held has been given back."),
    ),
    "rating_asked": Text(
        _A,
        ("这次还满意吗", "请用一分钟告诉我们这次是否解决了您的需要。"),
        ("How was it?", "Please take a minute to tell us whether it helped."),
    ),
    "dispute_opened": Text(
        _W,
        ("一笔记录有异议", "请登录后查看并答复。"),
        ("A record is disputed", "Please sign in to read and answer."),
    ),
    "dispute_settled": Text(
        _V,
        ("异议已有结果", "请打开卡券页查看结果。"),
        ("Your dispute has a result", "Please open the voucher to read it."),
    ),
    "settlement_ready": Text(
        _W,
        ("对账单已生成", "请登录后核对：接受，或逐行提出异议。"),
        ("A statement is ready", "Please sign in to check it: accept it, or dispute single lines."),
    ),
    "settlement_needs_approval": Text(
        _W,
        ("一份对账单等您复核", "制单人和复核人须是两个人，请登录后复核。"),
        ("A statement waits for your approval", "Maker and checker are two people. Please sign in to check it."),
    ),
    "agreement_needs_approval": Text(
        _W,
        ("一份协议等您审批", "请登录后审批。"),
        ("An agreement waits for your approval", "Please sign in to decide."),
    ),
    "agreement_expiring": Text(
        _W,
        ("协议快到期", "有协议或许可快到期，请及时办理续签。"),
        ("An agreement ends soon", "An agreement or licence ends soon. Please renew it in time."),
    ),
    "agreement_lapsed": Text(
        _W,
        ("协议已到期", "有协议或许可已到期，不再接受新的预约；已有的预约请逐个确认。"),
        ("An agreement has ended", "No new appointments are taken. Please decide on those that exist."),
    ),
    "hardship_needs_decision": Text(
        _W,
        ("有一份材料等您复核", "请登录后处理。"),
        ("A file waits for your check", "Please sign in to decide."),
    ),
    "consent_asked": Text(
        _R,
        ("请您确认一项授权", "有一项授权等您决定，同意、不同意都可以，以后也能撤回。"),
        ("Please decide on a consent", "You may agree or decline, and withdraw later."),
    ),
    "consent_answered": Text(
        _R,
        ("一项授权有了答复", "请登录后查看。"),
        ("A consent was answered", "Please sign in to see it."),
    ),
    "roster_done": Text(
        _W,
        ("人员名单已导入", "导入结果在名单页上。"),
        ("The staff list is in", "The result is on the list's page."),
    ),
    "job_done": Text(
        _W,
        ("任务已完成", "结果已经可以下载。"),
        ("Your task is done", "The result can be downloaded."),
    ),
    "job_failed": Text(
        _W,
        ("任务没有完成", "任务没有完成，数据没有改动。请打开任务页看下一步。"),
        ("Your task did not finish", "Nothing was changed. Its page shows the next step."),
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
    "password_reset": Text(
        _C,
        ("设置新密码", "请用下面的链接设置新密码。如果不是您本人操作，不用理会这封邮件。"),
        ("Set a new password", "Please use the link below. If you did not ask for this, you can leave it."),
    ),
    "password_changed": Text(
        _C,
        ("密码已修改", "您的密码刚刚修改。如果不是您本人，请马上联系学校管理员。"),
        ("Your password was changed", "If that was not you, please call your school's administrator at once."),
    ),
    "signin_new": Text(
        _C,
        ("新设备登录", "您的账号刚刚在一台新设备上登录。如果不是您本人，请修改密码。"),
        ("A new device signed in", "If that was not you, please change your password."),
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
