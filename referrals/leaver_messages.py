"""Texts of the messages to somebody who has left the school; which one is said instead of which: ``referrals.roads``."""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic

LEAVERS: Final[Mapping[str, Text]] = {
    "leaver_link": Text(
        Topic.ACCOUNT,
        (
            "离开学校后，还在进行的预约在这里",
            "您已经离开学校。还在进行的预约和卡券，在下面的链接里可以看、改时间、取消。链接只属于您，请不要转发；全部结束或者期限到了，它就关闭。",
        ),
        (
            "What still runs after you left the school",
            "You have left the school. The link below opens what is still booked, and its vouchers: look, ask for another time, "
            "cancel. It is yours alone, so please do not pass it on; it closes when all is over or the days have ended.",
        ),
    ),
    "leaver_asked": Text(
        Topic.ACCOUNT,
        (
            "离开学校之前的一项记录，请您看一看",
            "您离开学校之前预约的服务有了新的记录。请在 48 小时内打开下面的链接，看看对不对、说一声。链接只属于您，请不要转发。",
        ),
        (
            "Something of before you left waits for a look",
            "Something was noted about what you had booked before you left the school. Please open the link below within 48 hours "
            "and say whether it is right. It is yours alone, so please do not pass it on.",
        ),
    ),
    "leaver_news": Text(
        Topic.ACCOUNT,
        (
            "离开学校之前约好的事，请看一看",
            "您离开学校之前约好的事快到了，或者有了变化。时间和安排在下面的链接里看，来不了也在那里改时间或取消。链接只属于您，请不要转发。",
        ),
        (
            "News of something from before you left",
            "Something you had arranged before you left the school is near, or has changed. The link below shows when and what; if "
            "you cannot come, ask for another time or cancel there. It is yours alone, so please do not pass it on.",
        ),
    ),
    "leaver_off": Text(
        Topic.ACCOUNT,
        ("离开学校之前约好的事不再进行", "您离开学校之前约好的一件事不再进行，您不用承担任何费用，也不用做什么。"),
        (
            "Something from before you left does not take place",
            "Something you had arranged before you left the school does not take place. It costs you nothing, and there is nothing "
            "you need to do.",
        ),
    ),
    "leaver_upheld": Text(
        Topic.ACCOUNT,
        ("异议已有结论", "您离开学校之前提出的异议，学校已经核对：这次使用照旧有效。想知道原因，请联系学校。"),
        (
            "Your objection is decided",
            "The school has looked at what you objected to before you left: the use counts. If you would like to know why, please "
            "contact the school.",
        ),
    ),
    "leaver_decided": Text(
        Topic.ACCOUNT,
        ("学校有了结论", "您离开学校之前的一项记录，学校已经核对或更正。想知道结果和原因，请联系学校。"),
        (
            "The school has decided",
            "The school has looked at something of before you left, or corrected it. If you would like to know the result and why, "
            "please contact the school.",
        ),
    ),
}
