"""The message to somebody whose second factor was taken off. Found by ``notifications.texts``."""

from collections.abc import Mapping
from typing import Final

from notifications.texts import Text, Topic

MESSAGES: Final[Mapping[str, Text]] = {
    "second_factor_off": Text(
        Topic.ACCOUNT,
        (
            "您的两步登录已被取消",
            "平台运营方应请求取消了您账号的两步登录，密码、各处的登录和访问密钥也都停用了。请在登录页点“忘记密码”设一个新密码，"
            "再重新设置两步登录。如果不是您提出的，请马上告诉学校或平台运营方。",
        ),
        (
            "Your two-step sign-in was taken off",
            "The platform's operator was asked to take the second step off your account. Your password, every place where "
            "you were signed in, and your access keys ended with it. Set a new password by “Forgot your password?” on the "
            "sign-in page, then set up the second step anew. If you did not ask for this, tell your school or the operator "
            "at once.",
        ),
    ),
}
