"""Which accounts a school may enter, what each needs, and how one becomes a provider."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.models import Channel, ProviderAccount, ProviderName
from notifications.providers.aliyun import AliyunKeys, AliyunSms, AliyunVoice
from notifications.providers.ports import Provider
from notifications.providers.tencent import TencentKeys, TencentSms
from notifications.providers.wecom import Wecom, WecomKeys
from notifications.providers.wecom_callback import CallbackKeys

Values = Mapping[str, str]
_PLAIN: Final = r"[!-~]{1,128}"
_SHORT: Final = r"[^\x00-\x1f\x7f]{1,20}"
_TEMPLATE: Final = r"[A-Za-z0-9_.\-]{1,80}"


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing that an account needs. ``is_secret``: it is never shown again. ``form``: how it is written, whole."""

    name: str
    label: Any
    is_secret: bool = False
    form: str = _PLAIN
    help: Any = ""
    is_required: bool = True

    def fits(self, value: str) -> bool:
        """Whether ``value`` may be this."""
        return bool(re.fullmatch(self.form, value)) if value else not self.is_required


@dataclass(frozen=True, slots=True)
class Entry:
    """A way out that a school may open: one provider, one channel."""

    provider: ProviderName
    channel: Channel
    credentials: tuple[Credential, ...]
    build: Callable[[Values], Provider]
    callback: str = ""
    """The name of the address that the provider calls, if it does."""

    @property
    def key(self) -> tuple[str, str]:
        """By which it stands in ``CATALOGUE``."""
        return self.provider.value, self.channel.value


_ALIYUN: Final = (
    Credential("key_id", "AccessKey ID"),
    Credential("key_secret", "AccessKey Secret", is_secret=True),
)


def _aliyun(values: Values) -> AliyunKeys:
    return AliyunKeys(values["key_id"], values["key_secret"], values["name"], values.get("reply_template", ""))


def _tencent(values: Values) -> Provider:
    return TencentSms(TencentKeys(values["secret_id"], values["secret_key"], values["app_id"], values["name"]))


def _wecom(values: Values) -> Provider:
    return Wecom(WecomKeys(values["corp_id"], values["secret"], values["agent_id"]))


_SIGN: Final = Credential(
    "name", _("Signature of the texts"), form=_SHORT, help=_("As the provider approved it, such as the school's name.")
)
_ENTRIES: Final = (
    Entry(
        ProviderName.WECOM,
        Channel.WECOM,
        (
            Credential("corp_id", _("Company ID (CorpID)")),
            Credential("agent_id", _("Application (AgentId)"), form=r"[0-9]{1,12}"),
            Credential("secret", _("Application's secret"), is_secret=True),
            Credential("callback_token", _("Token of the callback"), is_secret=True, is_required=False),
            Credential(
                "callback_key",
                _("Key of the callback (EncodingAESKey)"),
                is_secret=True,
                form=r"[A-Za-z0-9+/]{43}",
                help=_("43 letters and digits. Without token and key no button can be answered."),
                is_required=False,
            ),
        ),
        _wecom,
        "api-wecom-callback",
    ),
    Entry(ProviderName.ALIYUN, Channel.SMS, (*_ALIYUN, _SIGN), lambda values: AliyunSms(_aliyun(values))),
    Entry(
        ProviderName.ALIYUN,
        Channel.VOICE,
        (
            *_ALIYUN,
            Credential("name", _("Number that the call shows"), form=r"[0-9]{5,14}"),
            Credential(
                "reply_template",
                _("Template that is read after a key"),
                form=_TEMPLATE,
                help=_("Without it a call is read out and no key is heard."),
                is_required=False,
            ),
        ),
        lambda values: AliyunVoice(_aliyun(values)),
        "api-aliyun-callback",
    ),
    Entry(
        ProviderName.TENCENT,
        Channel.SMS,
        (
            Credential("secret_id", "SecretId"),
            Credential("secret_key", "SecretKey", is_secret=True),
            Credential("app_id", pgettext_lazy("provider", "Application (SdkAppId)"), form=r"[0-9]{5,20}"),
            _SIGN,
        ),
        _tencent,
    ),
)
CATALOGUE: Final[Mapping[tuple[str, str], Entry]] = MappingProxyType({entry.key: entry for entry in _ENTRIES})
"""(provider, channel) → what it is."""


def credentials_of(account: ProviderAccount) -> dict[str, str]:
    """What was entered, secrets too: for the provider, never for a page."""
    values: dict[str, str] = json.loads(account.credentials)
    return values


def provider_of(account: ProviderAccount) -> Provider:
    """The provider that an account opens."""
    return CATALOGUE[account.provider, account.channel].build(credentials_of(account))


def callback_keys(account: ProviderAccount) -> CallbackKeys:
    """With what WeCom's calls are opened; keys that open nothing while the school has entered none."""
    values = credentials_of(account)
    return CallbackKeys(values["corp_id"], values.get("callback_token", ""), values.get("callback_key", ""))
