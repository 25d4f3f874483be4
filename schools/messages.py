"""The messages to everybody who operates the platform when somebody else begins or ends to do so. Found by ``notifications.texts``."""

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
    "operator_removed": Text(
        Topic.ACCOUNT,
        (
            "平台少了一位运营人员",
            "有人在服务器上停用了一位运营人员的账号。如果没有人事先和您说过，请马上在平台的操作记录里核对，并联系管理服务器的人。",
        ),
        (
            "The platform has one operator less",
            "Somebody who has the server disabled the account of an operator. If nobody has told you of it, look at the "
            "platform's record at once and ask whoever keeps the server.",
        ),
    ),
}
