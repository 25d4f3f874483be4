"""A school's accounts with providers, and what each may carry."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.models.messages import Channel
from notifications.providers.capability import Kind
from tenancy.models import TenantModel
from vault.sealed import Sealed

CALL_BACK: Final = r"^(0[0-9]{2,3}-?[0-9]{7,8}|400-?[0-9]{3}-?[0-9]{4}|95[0-9]{3,6})$"
"""Landline, 400 or 95: the only numbers that carriers let stand in a template."""


class ProviderName(models.TextChoices):
    """Who carries messages for an account of the school's own."""

    ALIYUN = "aliyun", _("Alibaba Cloud")
    TENCENT = "tencent", _("Tencent Cloud")
    WECOM = "wecom", pgettext_lazy("provider", "WeCom")


class MessageKind(models.TextChoices):
    """``capability.Kind`` in words."""

    CODE = Kind.CODE.value, _("Verification codes")
    PAGE = Kind.PAGE.value, _("Calls for help")
    OUTSIDE = Kind.OUTSIDE.value, _("Calls to family and institutions, with a code")
    STAND_DOWN = Kind.STAND_DOWN.value, _("Somebody has taken it")
    DUTY = Kind.DUTY.value, _("Duty and shifts")
    CONSENT = Kind.CONSENT.value, _("Questions to emergency contacts")
    APPOINTMENT = Kind.APPOINTMENT.value, _("Appointments")
    SURVEY = Kind.SURVEY.value, _("Surveys")
    ACTIVITY = Kind.ACTIVITY.value, _("Activities and training")
    TIPS = Kind.TIPS.value, _("Tips for families")


class ProviderAccount(TenantModel):
    """One way out of the school: a provider's account for one channel.

    ``credentials`` is a JSON object, sealed; a page shows of it only what is no secret (``catalogue``). ``proven_at`` is
    when the administrator last typed what a test had brought: until then the account is unproven. ``tested_at`` and
    ``test_result`` (a ``ports.Trouble``, empty when it was taken) tell of the last test, ``test_code`` what it brought,
    while it can be typed. Limits count messages; 0 is none of our own.
    """

    provider = models.CharField(max_length=8, choices=ProviderName)
    channel = models.CharField(max_length=8, choices=Channel)
    credentials_sealed = models.BinaryField(editable=False)
    credentials = Sealed("credentials_sealed")
    callback_number = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    per_minute = models.PositiveIntegerField(default=0)
    per_hour = models.PositiveIntegerField(default=0)
    per_day = models.PositiveIntegerField(default=0)
    tested_at = models.DateTimeField(null=True)
    test_result = models.CharField(max_length=20, blank=True)
    test_code_sealed = models.BinaryField(null=True, editable=False)
    test_code = Sealed("test_code_sealed")
    test_tries = models.PositiveSmallIntegerField(default=0)
    proven_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "channel", "provider"], name="provider_account_once"),
            models.CheckConstraint(
                name="provider_account_known",
                condition=models.Q(
                    provider__in=ProviderName.values, channel__in=[Channel.SMS, Channel.VOICE, Channel.WECOM]
                ),
            ),
            models.CheckConstraint(
                name="provider_call_back_is_a_line",
                condition=models.Q(callback_number="") | models.Q(callback_number__regex=CALL_BACK),
            ),
            models.CheckConstraint(
                name="provider_proven_by_a_test",
                condition=models.Q(proven_at__isnull=True) | models.Q(tested_at__isnull=False),
            ),
            models.CheckConstraint(name="provider_test_tries", condition=models.Q(test_tries__lte=5)),
        ]


class ChannelRule(TenantModel):
    """What one provider's channel may carry, and with which approved template; where none stands, ``capability.DEFAULTS``."""

    provider = models.CharField(max_length=8, choices=ProviderName)
    channel = models.CharField(max_length=8, choices=Channel)
    kind = models.CharField(max_length=12, choices=MessageKind)
    is_allowed = models.BooleanField()
    template_id = models.CharField(max_length=80, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("rule of a channel")
        verbose_name_plural = _("rules of channels")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "provider", "channel", "kind"], name="channel_rule_once"),
            models.CheckConstraint(
                name="channel_rule_known",
                condition=models.Q(
                    provider__in=ProviderName.values, channel__in=Channel.values, kind__in=MessageKind.values
                ),
            ),
        ]
