"""Texts of the messages to a person for whom a place waits, and of an administrator's test to themself.

No name, no reason, no kind of service (rules §4–§5): an appointment is 预约 and nothing more. Found by ``notifications.texts``.
"""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic

MESSAGES: Final[Mapping[str, Text]] = {
    "account_created": Text(
        Topic.ACCOUNT,
        (
            "邀请您加入心桥",
            "心桥上为您留了位置。请打开下面的链接，看清是哪个单位邀请您，再由您本人确认；第一次来的话，同时设一个密码。"
            "链接只能用一次，过些日子会失效；失效了，请让邀请您的单位再发一次。如果与您无关，不用理会这封邮件。",
        ),
        (
            "An invitation to Xinqiao",
            "A place on Xinqiao waits for you. Open the link below, see who invites you, and confirm it yourself; if you "
            "are new here, you also choose a password. The link works once and ends after a while; then ask whoever "
            "invites you to send it again. If this is not for you, you can leave it.",
        ),
    ),
    "sign_in_code": Text(
        Topic.ACCOUNT,
        ("心桥验证码", "验证码写在下面，十分钟内有效。请不要告诉任何人；如果不是您本人操作，不用理会。"),
        (
            "Xinqiao code",
            "The code stands below and is good for ten minutes. Tell nobody; if you did not ask for it, leave it.",
        ),
    ),
    "channel_test": Text(
        Topic.ACCOUNT,
        ("心桥测试", "这是您在心桥发起的通道测试，不是真的求助。请把下面的编号填回页面。"),
        (
            "Xinqiao test",
            "This is a test of a channel that you began in Xinqiao, not a call for help. "
            "Please type the reference below on the page.",
        ),
    ),
}
