"""One try to reach one recipient on one channel (chain §5, §10)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models import Channel
from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import values
from referrals.emergency.models.legs import ALIKE, Leg, Recipient
from referrals.emergency.rules.sending import DeliveryState
from tenancy.constraints import Statement, TenantFK
from tenancy.models import TenantModel

_ADVANCE: Final = Statement(
    name="emergency_advance",
    create="""
        CREATE OR REPLACE FUNCTION emergency_advance(act jsonb) RETURNS jsonb LANGUAGE plpgsql SECURITY INVOKER AS $$
        DECLARE
            school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
        BEGIN
            UPDATE emergency_leg AS leg
            SET state = x.state, epoch = x.epoch, round = x.round, "position" = x."position", ticks = x.ticks,
                owner_id = x.owner, taken_by_id = x.taken, since = x.since, next_event = x.next_event, next_at = x.next_at,
                asked_id = CASE WHEN x.state = 'engaged' AND x.owner = leg.owner_id THEN leg.asked_id END
            FROM jsonb_to_recordset(act->'legs') AS x(id uuid, state text, epoch integer, round smallint,
                "position" smallint, ticks smallint, owner uuid, taken uuid, since timestamptz, next_event text,
                next_at timestamptz)
            WHERE leg.tenant_id = school AND leg.id = x.id;
            INSERT INTO emergency_recipient (id, tenant_id, leg_id, step_id, is_drill, epoch, round, target_hash, role, member_id,
                partner_id, address_sealed, token_hash, code_hash, shown_number, answer)
            SELECT x.id, school, x.leg, x.step, x.drill, x.epoch, x.round, decode(x.target, 'base64'), x.role, x.member, x.partner,
                decode(x.address, 'base64'), decode(x.token, 'base64'), decode(x.code, 'base64'), x.shown, ''
            FROM jsonb_to_recordset(act->'recipients') AS x(id uuid, leg uuid, step uuid, drill boolean, epoch integer, round smallint,
                target text, role text, member uuid, partner uuid, address text, token text, code text, shown text);
            INSERT INTO emergency_delivery (id, tenant_id, recipient_id, leg_id, is_drill, key, reference_hash, channel, text, epoch,
                rank, state, due_at, claims, error, provider_ref, receipt)
            SELECT x.id, school, x.recipient, x.leg, x.drill, x.key, decode(x.reference, 'base64'), x.channel, x.text, x.epoch, x.rank, 'queued', x.due_at,
                0, '', '', ''
            FROM jsonb_to_recordset(act->'deliveries') AS x(id uuid, recipient uuid, leg uuid, drill boolean, key text,
                reference text, channel text, text text, epoch integer, rank smallint, due_at timestamptz)
            ON CONFLICT (tenant_id, key) DO NOTHING;
            INSERT INTO emergency_timeline (id, tenant_id, incident_id, leg_id, code, who, facts)
            SELECT x.id, school, x.incident, x.leg, x.code, 'engine', x.facts
            FROM jsonb_to_recordset(act->'timeline') AS x(id uuid, incident uuid, leg uuid, code text, facts jsonb);
            RETURN '{}'::jsonb;
        END $$;""",
    drop="DROP FUNCTION emergency_advance(jsonb)",
)
"""What one round of the engine writes for one school, in one message. Runs as whoever calls it, behind the wall."""


class Delivery(TenantModel):
    """A try. ``key`` (leg:step:round:recipient:channel:try) is what the provider is told: the same one is the same page.

    ``reference_hash``: by which an answer from outside
    finds it; the reference itself is made when it is sent. It is sent only while ``epoch`` is its leg's. ``rank``: the first page of every leg goes before other channels, and
    those before later steps. ``lease_until`` is when another sender may take it; ``claims`` fences off one that was slow.
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
    receipt = models.CharField(max_length=10, blank=True)
    receipt_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=ChainNow(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("delivery")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("recipient", also=ALIKE),
            TenantFK("leg", also=ALIKE),
            _ADVANCE,
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
        ]
        indexes = [
            models.Index(
                fields=["channel", "rank", "due_at"],
                name="delivery_due",
                condition=models.Q(state__in=[DeliveryState.QUEUED.value, DeliveryState.CLAIMED.value]),
            ),
            models.Index(fields=["tenant", "leg"], name="delivery_of_leg"),
            models.Index(fields=["reference_hash"], name="delivery_by_reference"),
        ]

    def __str__(self) -> str:
        return self.key
