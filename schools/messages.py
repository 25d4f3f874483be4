"""The message to everybody who operates the platform when somebody else does so from now on. Found by ``notifications.texts``."""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic

MESSAGES: Final[Mapping[str, Text]] = {
    "operator_added": Text(
        Topic.ACCOUNT,
        (
            "平台多了一位运营人员",
            "有人在服务器上为平台添加了一位运营人员，这位运营人员可以开设学校、查看平台的操作记录。"
            "如果没有人事先和您说过，请马上在平台的操作记录里核对，并联系管理服务器的人。",
        ),
        (
            "The platform has one more operator",
            "Somebody who has the server added an operator to the platform: they may open schools and read the platform's "
            "record. If nobody has told you of it, look at the platform's record at once and ask whoever keeps the server.",
        ),
    ),
}
