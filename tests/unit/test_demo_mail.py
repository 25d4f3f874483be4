"""Whoever tries the demo reads an invitation in a file: nothing else brings it to them."""

from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from settings import dev


def test_a_mail_of_the_demo_can_be_read_as_it_lies(tmp_path: Path) -> None:
    link = "http://chunhui.localhost:8000/accounts/invitation/." + "eJwN" * 60 + "/"
    backend = import_string(dev.MAILERS["default"]["BACKEND"])(file_path=str(tmp_path))
    mail = EmailMessage(
        "欢迎使用心桥", f"请用下面的链接设置密码：\n\n{link}\n", settings.DEFAULT_FROM_EMAIL, ["wang@chunhui.example"]
    )
    assert backend.send_messages([mail]) == 1
    (written,) = tmp_path.iterdir()
    text = written.read_text(encoding="utf-8")
    assert "Subject: 欢迎使用心桥\n" in text
    assert f"\n{link}\n" in text
