"""Messages about readings: no title, for a title may tell of what it is about. Found by ``notifications.texts``."""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic

MESSAGES: Final[Mapping[str, Text]] = {
    "reading_issued": Text(
        Topic.WORK,
        ("有一份材料请您读", "学校发了一份每位同事都要读的材料。打开链接就能看到是什么、什么时候前读完。"),
        (
            "Something for you to read",
            "Your school gives out a document that each colleague is to have. Open the link to see which, and until when.",
        ),
    ),
    "reading_soon": Text(
        Topic.WORK,
        ("还有几天，请读完一份材料", "有一份材料三天内到期，您还没有确认。打开链接就能读。"),
        (
            "A few days left to read something",
            "A document is due within three days and you have not confirmed it yet. Open the link to read it.",
        ),
    ),
    "reading_late": Text(
        Topic.WORK,
        ("有一份材料已过期限", "有一份材料过了期限，您还没有确认。现在读也来得及，打开链接即可。"),
        (
            "A document is past its day",
            "A document is past its day and you have not confirmed it. It is not too late: open the link.",
        ),
    ),
}
