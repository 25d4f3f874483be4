"""One try to reach one recipient on one channel (chain §5, §10)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models import Channel
from referrals.emergency.models import sending_statements, statements
from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import values
from referrals.emergency.models.legs import ALIKE, Leg, Recipient
from referrals.emergency.rules.sending import DeliveryState
from tenancy.constraints import SchoolsUncounted, TenantFK
from tenancy.models import TenantModel


class Delivery(TenantModel):
    """A try. ``key`` (leg:step:round:recipient:channel:try) is what the provider is told: the same one is the same page.

    ``reference_hash``: by which an answer from outside
    finds it; the reference itself is made when it is sent. It is sent only while ``epoch`` is its leg's. ``rank``: the first page of every leg goes before other channels, and
    those before later steps. ``lease_until`` is when another sender may take it; ``claims`` fences off one that was slow.
    ``provider`` and ``template`` (the approved one, else our text) say by what it left or is leaving, ``tried_at`` since
    when: by them budgets are counted. ``folded_into``: with which message it is told, as long as it would go by itself if
    that one did not arrive; none for a folded one that is not to go any more. ``used_at``: when the code that a call read
    out opened its recipient's card (UTC). ``member_hash``: to which member of WeCom it went; nobody else's press counts.
    """

    recipient = models.ForeignKey(Recipient, models.PROTECT, db_constraint=False, related_name="deliveries")
    leg = models.ForeignKey(Leg, models.PROTECT, db_constraint=False, related_name="+")
    is_drill = models.BooleanField(default=False)
    key = models.CharField(max_length=160)
    reference_hash = models.BinaryField(max_length=32, null=True, editable=False)
    channel = models.CharField(max_length=8, choices=Channel)
    text = models.CharField(max_length=40)
    epoch = models.PositiveIntegerField()
    rank = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=values(DeliveryState), default=DeliveryState.QUEUED.value)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    claims = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=40, blank=True)
    provider_ref = models.CharField(max_length=100, blank=True)
    settled_at = models.DateTimeField(null=True)
    provider = models.CharField(max_length=8, blank=True, default="", db_default="")
    template = models.CharField(max_length=80, blank=True, default="", db_default="")
    tried_at = models.DateTimeField(null=True)
    folded_into = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    receipt = models.CharField(max_length=10, blank=True)
    receipt_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    member_hash = models.BinaryField(max_length=32, null=True, editable=False)
    created_at = models.DateTimeField(db_default=ChainNow(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("delivery")
        constraints = [
            *TenantModel.Meta.constraints,
            SchoolsUncounted(),
            TenantFK("recipient", also=ALIKE),
            TenantFK("leg", also=ALIKE),
            TenantFK("folded_into"),
            statements.ADVANCE,
            statements.FACTS,
            statements.RELEASED,
            statements.KNOWN,
            statements.LOOK,
            statements.FOLDED_GO,
            *sending_statements.ALL,
            models.UniqueConstraint(fields=["tenant", "key"], name="delivery_key_once"),
            models.UniqueConstraint(fields=["tenant", "reference_hash"], name="delivery_reference_once"),
            models.CheckConstraint(
                condition=models.Q(is_drill=False) | models.Q(channel=Channel.IN_APP),
                name="delivery_of_a_drill_stays_in",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=DeliveryState.CLAIMED.value) | models.Q(lease_until__isnull=False),
                name="delivery_claimed_has_lease",
            ),
            models.CheckConstraint(
                condition=models.Q(folded_into__isnull=True) | models.Q(state=DeliveryState.FOLDED.value),
                name="delivery_folded_into_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "rank", "due_at"],
                name="delivery_due",
                condition=models.Q(state__in=[DeliveryState.QUEUED.value, DeliveryState.CLAIMED.value]),
            ),
            models.Index(
                fields=["channel", "tenant", "rank", "due_at"],
                name="delivery_due_of_school",
                condition=models.Q(state__in=[DeliveryState.QUEUED.value, DeliveryState.CLAIMED.value]),
            ),
            models.Index(fields=["tenant", "leg"], name="delivery_of_leg"),
            models.Index(fields=["reference_hash"], name="delivery_by_reference"),
            models.Index(fields=["folded_into"], name="delivery_folded", condition=models.Q(folded_into__isnull=False)),
            models.Index(
                fields=["tenant", "channel", "tried_at"],
                name="delivery_tried",
                condition=models.Q(tried_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.key
