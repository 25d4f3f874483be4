"""Texts of the messages about papers of a school. No name, no kind of service. Found by ``notifications.texts``."""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic

MESSAGES: Final[Mapping[str, Text]] = {
    "agreement_drafted": Text(
        Topic.WORK,
        ("有一份协议等您批准", "同事起草了一份协议，请另一位同事看过后批准。详情只在登录后的页面上显示。"),
        (
            "An agreement waits for your approval",
            "A colleague has drafted it; a second person looks at it and approves. The details are shown after you sign in.",
        ),
    ),
}
