"""Texts of open days, to the member of the staff who invited. No name and no number of people. Found by ``notifications.texts``."""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic


def _text(zh: tuple[str, str], en: tuple[str, str]) -> Text:
    return Text(Topic.CONTACTS, zh, en)


MESSAGES: Final[Mapping[str, Text]] = {
    "openday_answer": _text(
        ("开放日有了新报名", "有家人用您发的链接报了名。打开看看；不是您的家人，可以移除。"),
        ("An answer about the open day", "Somebody answered by the link you passed on. Have a look; you can remove who is not your family."),
    ),
    "openday_offer": _text(
        ("开放日有位置空出来了", "排队的家人有位置了，位置会留一段时间。请让家人打开报名时的链接，确认来几位。"),
        ("Seats at the open day", "Seats are kept for your family for a while. Please let them open the link of their answer and say how many come."),
    ),
    "openday_reminder": _text(
        ("开放日快到了", "您邀请的家人报了名。请提醒家人带上入校码；来不了的话，打开报名链接取消，位置可以给别人。"),
        ("The open day is near", "Your family has answered. Please remind them of their code for the gate; if they cannot come, their link gives the seats to others."),
    ),
    "openday_changed": _text(
        ("开放日有变动", "时间或地点改了。请打开看看，告诉家人；日历也请重新添加一次。"),
        ("The open day has changed", "Its time or place is another. Please look, and tell your family; the calendar entry can be added anew."),
    ),
    "openday_called_off": _text(
        ("开放日取消了", "这一次不办了。请告诉报了名的家人；他们的车牌和称呼会按时删掉。"),
        ("The open day is called off", "It does not take place. Please tell your family; their number plate and form of address are deleted in time."),
    ),
}  # fmt: skip
