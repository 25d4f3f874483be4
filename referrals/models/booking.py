"""Tables of offers, proposed times and bookings."""

from typing import Final

from django.db import models
from django.db.models import F, Q

from kernel.clock import now
from partners.kinds import ServiceMode
from referrals.kinds import KINDS
from referrals.missed import Said
from referrals.models.referral import Referral
from referrals.models.wished import Wished, wishes_are_choices
from referrals.rules import may_answer
from referrals.states import BookingState, OfferState
from tenancy.constraints import PartnerRead, TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed

_SAID: Final = [(said.value, said.value) for said in Said if said]


class Offer(TenantModel, Wished):
    """A referral laid before one partner: service, windows, wishes, district and age band. No name, no number (rules §2).

    ``fee_fen``: what it costs over all units. How school and person share it (``subsidy_fen``, ``self_fen``) is written when
    it is accepted, for every request alike: whoever pays nothing would be seen by it before (books §2).
    ``mode``: ``query`` where other agencies are asked at the same time.
    ``windows`` repeats the referral's times as ISO 8601 UTC, because the partner's role cannot read the referral.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, db_constraint=False, related_name="offers")
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+", db_index=False)
    service = models.ForeignKey("partners.Service", models.PROTECT, related_name="+")
    mode = models.CharField(
        max_length=8, choices=[(m.value, m.value) for m in ServiceMode], default="confirm", db_default="confirm"
    )
    units = models.PositiveIntegerField()
    windows = models.JSONField(default=list)
    district = models.CharField(max_length=40, blank=True)
    age_band = models.CharField(max_length=8, blank=True)
    fee_fen = models.BigIntegerField()
    subsidy_fen = models.BigIntegerField(null=True, blank=True)
    self_fen = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in OfferState], default=OfferState.OPEN)
    deadline = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["deadline", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            PartnerRead("partner"),
            *wishes_are_choices("offer"),
            models.UniqueConstraint(
                fields=["tenant", "referral", "partner"], condition=Q(state="open"), name="offer_one_open_per_partner"
            ),
            models.UniqueConstraint(
                fields=["tenant", "referral"], condition=Q(state="accepted"), name="offer_one_winner"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "state", "deadline"], name="offer_of_partner"),
            models.Index(fields=["partner", "-created_at", "-id"], name="offer_of_partner_newest"),
        ]

    @property
    def person_picks(self) -> bool:
        """Whether an answer is only one to choose from: of a talk the person picks the agency, whoever was first (books §2)."""
        return self.mode == ServiceMode.QUERY and KINDS[self.service.kind].is_talk

    @property
    def reference(self) -> str:
        """What the agency calls the request on the telephone: six signs of its own, not the person's number."""
        return self.pk.hex[-6:].upper()

    @property
    def shown_state(self) -> str:
        """The state as the dates have it: past its deadline it is expired, whether or not the sweep has been."""
        if self.state == OfferState.OPEN and not may_answer(self, now()):
            return OfferState.EXPIRED
        return self.state


class Proposal(TenantModel):
    """Another time that the partner suggests when no window fits. The person accepts one with one tap."""

    offer = models.ForeignKey(Offer, models.PROTECT, db_constraint=False, related_name="proposals")
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["starts_at", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("offer"),
            PartnerRead("partner"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="proposal_ends_after_start"),
        ]


class Booking(TenantModel):
    """The agreed time, half-open in UTC with the zone beside it. Carries the minimum card that the partner may see.

    ``resource`` is what it occupies, ``slot`` the key to that stretch in ``seats``; both empty where a place has several
    seats and guards none by itself. ``person_says``, ``agency_says``: whether it took place, when nobody scanned (books §3).
    ``due_at`` (UTC): when the clock next decides something about it, whether or not a sweep has been: the end of its day
    while it is confirmed, then the end of the 48 h in which both are asked, or in which "did not come" may be objected to;
    empty when nothing more follows by itself. ``remind_at``: when the person is next reminded.
    ``reassigned_at``: when the agency last gave it to another of its people; from then on it is let go without a fee.
    ``missed_fee_fen``: what the agreement lets the agency ask for missing it, ``missed_paid_fen``: what of it the school
    pays; the rest is a matter between the person and the agency.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, db_constraint=False, related_name="bookings")
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+", db_index=False)
    service = models.ForeignKey("partners.Service", models.PROTECT, related_name="+")
    resource = models.UUIDField(null=True, blank=True, editable=False)
    slot = models.UUIDField(null=True, blank=True, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in BookingState])
    person_says = models.CharField(max_length=8, choices=_SAID, blank=True, default="", db_default="")
    agency_says = models.CharField(max_length=8, choices=_SAID, blank=True, default="", db_default="")
    due_at = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    reassigned_at = models.DateTimeField(null=True, blank=True)
    missed_fee_fen = models.BigIntegerField(default=0, db_default=0)
    missed_paid_fen = models.BigIntegerField(default=0, db_default=0)
    sequence = models.PositiveIntegerField(default=0)
    card_sealed = models.BinaryField(default=b"", editable=False)
    card = Sealed("card_sealed")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["starts_at", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            PartnerRead("partner"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_start"),
            models.CheckConstraint(
                condition=Q(missed_paid_fen__gte=0) & Q(missed_fee_fen__gte=F("missed_paid_fen")),
                name="booking_fee_is_paid_once",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "starts_at"], name="booking_of_partner"),
            models.Index(fields=["tenant", "referral"], name="booking_of_referral"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="booking_due"),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="booking_reminder"),
        ]
