"""Tables of the outbox, of a person's inbox (消息), and of their choice of channels."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Membership
from kernel.clock import now
from notifications.texts import Topic
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed


class Channel(models.TextChoices):
    """Ways to a person (contract: closed list)."""

    IN_APP = "in_app", _("Messages here")
    EMAIL = "email", pgettext_lazy("channel", "E-mail")
    WECOM = "wecom", _("WeCom")
    SMS = "sms", _("Text message")
    VOICE = "voice", _("Call")
    GATEWAY = "gateway", _("School's message service")


class Priority(models.IntegerChoices):
    """Which messages are taken first, whatever waits before them."""

    URGENT = 1, _("urgent")
    USUAL = 5, _("usual")


class OutboxState(models.TextChoices):
    """``failed`` is waiting for its next try; ``dead`` has had its last."""

    QUEUED = "queued", _("queued")
    CLAIMED = "claimed", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("will be tried again")
    DEAD = "dead", _("given up")


class Delivery(models.TextChoices):
    """What the gateway says became of a message it took; nothing until it says something."""

    DELIVERED = "delivered", _("delivered")
    READ = "read", _("read")
    FAILED = "failed", _("not delivered")


OPEN_STATES = [OutboxState.QUEUED, OutboxState.FAILED, OutboxState.CLAIMED]


class OutboxMessage(TenantModel):
    """One message on one channel, written with the act it tells of.

    ``priority``: the lower is taken first, and among equals the longest due. ``next_at`` is when somebody may take it: while claimed it equals ``claimed_until``, so a dead worker's message
    comes up again by itself. ``attempts`` counts claims and fences off a worker that lost its lease. ``delivery`` is what
    a receipt of the gateway told, at the gateway's ``delivery_at``: sent is not delivered, and delivered is not read.
    An invitation goes to nobody's account: ``to_place`` of ``to_place_kind`` (``accounts.invitations``) holds the address.
    """

    key = models.CharField(max_length=160)
    template = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=Channel)
    to_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    to_place_kind = models.CharField(max_length=12, blank=True, default="", db_default="")
    to_place = models.UUIDField(null=True)
    to_address_sealed = models.BinaryField(null=True, editable=False)
    context = models.JSONField(default=dict)
    link = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=OutboxState, default=OutboxState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.USUAL, db_default=Priority.USUAL)
    next_at = models.DateTimeField(default=now)
    claimed_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=40, blank=True)
    delivery = models.CharField(max_length=9, choices=Delivery, blank=True, default="", db_default="")
    delivery_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)

    to_address = Sealed("to_address_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "key", "channel"], name="outbox_key_once"),
            models.CheckConstraint(name="outbox_state_known", condition=models.Q(state__in=OutboxState.values)),
            models.CheckConstraint(name="outbox_priority_known", condition=models.Q(priority__in=Priority.values)),
            models.CheckConstraint(name="outbox_channel_known", condition=models.Q(channel__in=Channel.values)),
            models.CheckConstraint(
                name="outbox_delivery_known",
                condition=models.Q(delivery="", delivery_at__isnull=True)
                | models.Q(delivery__in=Delivery.values, delivery_at__isnull=False),
            ),
            models.CheckConstraint(
                name="outbox_claimed_has_lease",
                condition=~models.Q(state=OutboxState.CLAIMED) | models.Q(claimed_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["priority", "next_at"],
                name="outbox_due",
                condition=models.Q(state__in=["queued", "failed", "claimed"]),
            )
        ]


class InboxMessage(TenantModel):
    """One row of a person's 消息. The text is made from the template when it is shown, in the reader's language."""

    membership = models.ForeignKey(Membership, models.CASCADE, db_constraint=False, related_name="+")
    key = models.CharField(max_length=160)
    template = models.CharField(max_length=40)
    context = models.JSONField(default=dict)
    link = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    read_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("membership"),
            models.UniqueConstraint(fields=["tenant", "membership", "key"], name="inbox_key_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "membership", "-created_at"], name="inbox_newest"),
            models.Index(
                fields=["tenant", "membership"], name="inbox_unread", condition=models.Q(read_at__isnull=True)
            ),
        ]


class Preference(TenantModel):
    """Channels a person added for one topic. Messages on these pages always arrive."""

    membership = models.ForeignKey(Membership, models.CASCADE, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=16, choices=[(topic.value, topic.value) for topic in Topic])
    channels = ArrayField(models.CharField(max_length=8, choices=Channel), default=list)

    class Meta(TenantModel.Meta):
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("membership"),
            models.UniqueConstraint(fields=["tenant", "membership", "kind"], name="preference_once"),
            models.CheckConstraint(
                name="preference_channels_known", condition=models.Q(channels__contained_by=Channel.values)
            ),
        ]
