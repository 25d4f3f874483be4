"""Texts of the messages about what is handed on: no name, no reason, no kind of help (rules §4–§5). Found by ``notifications.texts``."""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic

MESSAGES: Final[Mapping[str, Text]] = {
    "mediation_asked": Text(
        Topic.WORK,
        ("有一位同事想约您谈谈", "请在时限之前约一个时间。详情只在登录后的页面上显示。"),
        (
            "A colleague would like to talk",
            "Please name a time before its deadline. The details are shown after you sign in.",
        ),
    ),
    "mediation_invited": Text(
        Topic.APPOINTMENTS,
        ("时间约好了", "学校的老师给您约了一个时间，打开页面就能看到。时间不合适，请打电话换一个。"),
        (
            "A time is set",
            "Somebody at the school has set a time for you; its page shows it. If it does not suit you, please call.",
        ),
    ),
    "mediation_answer": Text(
        Topic.REQUESTS,
        ("您约的谈话有了下文", "请打开页面看看接下来可以怎么走，由您来决定。"),
        ("How it can go on", "Please open the page to see what could come next. It is your choice."),
    ),
    "mediation_ended": Text(
        Topic.WORK,
        ("一位同事有了答复", "您谈过的一位同事作了决定，打开页面就能看到。"),
        ("A colleague has answered", "Somebody you talked with has decided; its page shows how."),
    ),
    "mediation_lapsed": Text(
        Topic.REQUESTS,
        ("等您答复的时间到了", "没有向任何人发出任何内容。需要时随时可以重新开始。"),
        ("The time to answer is over", "Nothing was sent to anybody. You can begin again at any time."),
    ),
    "card_shown": Text(
        Topic.REQUESTS,
        ("有一份内容请您先看", "学校想替您转交一份内容，您不同意就不会发出。打开页面，逐项看过再决定。"),
        (
            "Something for you to read first",
            "The school would like to pass something on for you; without your yes nothing goes. Please read it item by item.",
        ),
    ),
    "card_changed": Text(
        Topic.REQUESTS,
        ("一份转交的内容有变化", "打开页面就能看到现在的情况。"),
        ("Something passed on has changed", "Its page shows how it stands now."),
    ),
    "card_opened": Text(
        Topic.REQUESTS,
        ("对方已经打开", "您同意转交的内容已经被打开。谁看过、何时看的，页面上都有。"),
        ("It has been opened", "What you agreed to pass on has been opened. Its page shows who looked, and when."),
    ),
    "card_report_mine": Text(
        Topic.REQUESTS,
        ("对方有了回复", "回复只有您和写给对方的老师能看，打开页面就能看到。"),
        ("There is an answer", "Only you and the school's centre can read it; please open its page."),
    ),
    "card_report": Text(
        Topic.WORK,
        ("一份转交有了回复", "请登录后打开页面查看。"),
        ("Something passed on has an answer", "Please sign in and open its page."),
    ),
    "card_answered": Text(
        Topic.WORK,
        ("一位同事有了答复", "您写的一份内容，本人已经决定，打开页面就能看到。"),
        ("A colleague has decided", "The person has decided about what you wrote; its page shows how."),
    ),
    "card_sent": Text(
        Topic.WORK,
        ("学校转来一份内容", "请由有权限的人员登录后打开。"),
        ("A school has passed something on", "Please sign in to open it; the office of your institution can."),
    ),
    "card_gone": Text(
        Topic.WORK,
        ("学校转来的一份内容已收回", "本人在打开之前收回了它，您不用做什么。"),
        ("Something passed on was taken back", "It was taken back before it was opened; there is nothing to do."),
    ),
}
