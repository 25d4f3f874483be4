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
}
