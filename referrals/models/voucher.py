"""Tables of vouchers, redemptions (one a unit) and scans."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from referrals.models.booking import Booking
from referrals.models.referral import Referral
from referrals.models.statements import LOOK
from referrals.states import RedemptionKind, RedemptionState, VoucherState
from tenancy.constraints import PartnerRead, Statement, TenantFK
from tenancy.models import TenantModel
from tenancy.roles import APP
from vault.sealed import Sealed

LOCATE = f"""
CREATE OR REPLACE FUNCTION voucher_locate(secret bytea) RETURNS TABLE (tenant_id uuid, voucher_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT v.tenant_id, v.id FROM public.referrals_voucher v WHERE v.code_hash = secret OR v.token_hash = secret
$$;
REVOKE ALL ON FUNCTION voucher_locate(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION voucher_locate(bytea) TO {APP};
CREATE POLICY "referrals_voucher_locate" ON "referrals_voucher" FOR SELECT TO CURRENT_USER USING (true);
"""  # noqa: S608 - only the name of a database role is put in


_LIVE = (VoucherState.ISSUED.value, VoucherState.ACTIVE.value)


class Voucher(TenantModel):
    """A promise of the school to one partner for one service: ``units`` redemptions, each with its own split.

    ``number`` is drawn at random within school and year: it does not tell the order of issue.

    ``unit_splits`` holds ``[fee_fen, subsidy_fen, self_fen]`` per unit, in the order they are spent. Two secrets find
    it: a 12-digit code and a token of ≥ 128 bits; both are kept as keyed hashes, and sealed for the owner's wallet.
    ``valid_from`` and ``valid_until`` are days in the school's zone, both included. When its units are spent at
    appointments (``rules.is_by_appointment``), they go from the first appointment still to come to the last, and while
    none is, they are the days by which the next one must be. ``booking`` is the next appointment, else the latest.

    ``remind_at`` (UTC): when the round next looks whether its owner is to be reminded of ``remind_for``, the last day that it was
    worked out for; another last day has it worked out anew (``workflow.reminding``).
    """

    number = models.CharField(max_length=24)
    referral = models.ForeignKey(Referral, models.PROTECT, db_constraint=False, related_name="vouchers")
    booking = models.ForeignKey(
        Booking, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="vouchers"
    )
    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+", db_index=False)
    service = models.ForeignKey("partners.Service", models.PROTECT, related_name="+")
    code_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    token_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    code_sealed = models.BinaryField(default=b"", editable=False)
    token_sealed = models.BinaryField(default=b"", editable=False)
    code = Sealed("code_sealed")
    token = Sealed("token_sealed")
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in VoucherState])
    units = models.PositiveIntegerField()
    units_left = models.PositiveIntegerField()
    unit_splits = models.JSONField()
    fee_fen = models.BigIntegerField()
    subsidy_fen = models.BigIntegerField()
    self_fen = models.BigIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField()
    issued_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True, blank=True)
    remind_for = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            TenantFK("booking"),
            TenantFK("person"),
            PartnerRead("partner"),
            Statement(
                name="referrals_voucher_locate",
                create=LOCATE,
                drop='DROP FUNCTION voucher_locate(bytea); DROP POLICY "referrals_voucher_locate" ON "referrals_voucher"',
            ),
            LOOK,
            models.UniqueConstraint(fields=["tenant", "number"], name="voucher_number_once"),
            models.CheckConstraint(
                condition=Q(units_left__lte=F("units")) & Q(units__gte=1), name="voucher_units_left"
            ),
            models.CheckConstraint(
                condition=Q(fee_fen=F("subsidy_fen") + F("self_fen")) & Q(subsidy_fen__gte=0) & Q(self_fen__gte=0),
                name="voucher_split_sums_to_fee",
            ),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="voucher_ends_after_start"),
        ]
        indexes = [
            models.Index(fields=["tenant", "person", "-id"], name="voucher_of_person"),
            models.Index(fields=["tenant", "state", "valid_until"], name="voucher_due"),
            # An institution has few live vouchers among very many spent ones.
            models.Index(fields=["partner", "state", "valid_until"], name="voucher_of_partner"),
            models.Index(fields=["remind_at"], condition=Q(state__in=_LIVE), name="voucher_reminder"),
            models.Index(
                fields=["id"], condition=Q(state__in=_LIVE) & ~Q(remind_for=F("valid_until")), name="voucher_unplanned"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Redemption(TenantModel):
    """One unit spent. ``unit_index`` counts from 0 and is free again once the redemption is reversed.

    ``booking`` is the appointment at which it was spent: what is given back opens that one again, never another.
    ``kind``: a service that was had, or the fee for an appointment that was missed: then ``fee_fen`` is what the pool pays, and
    nothing is collected. ``service_date``: the day it is for, in the school's zone, also when it was said later.
    ``redeemed_by``: who marked it at the agency; empty when the person, an office or the clock did.
    ``due_at`` (UTC): until when the person may object while it is ``redeemed``; when a second decider takes over while it is
    ``disputed``. ``agreed_at``: the person's own yes. ``dispute_reason``: their objection, a word of a closed list.
    ``corrected_*``: the sum of what was corrected since, fen, below zero for less; the split itself stays as it was redeemed.
    ``own_share_due``: it was reversed, and the agency owes the person what it collected, until the person says "got it" at
    ``own_share_back_at``.
    """

    voucher = models.ForeignKey(Voucher, models.PROTECT, db_constraint=False, related_name="redemptions")
    booking = models.ForeignKey(
        Booking, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="redemptions"
    )
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+", db_index=False)
    unit_index = models.PositiveIntegerField()
    fee_fen = models.BigIntegerField()
    subsidy_fen = models.BigIntegerField()
    self_fen = models.BigIntegerField()
    corrected_subsidy_fen = models.BigIntegerField(default=0, db_default=0)
    corrected_self_fen = models.BigIntegerField(default=0, db_default=0)
    voucher_number = models.CharField(max_length=24)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in RedemptionState])
    redeemed_at = models.DateTimeField()
    redeemed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(
        max_length=8,
        choices=[(k.value, k.value) for k in RedemptionKind],
        default=RedemptionKind.SERVICE,
        db_default=RedemptionKind.SERVICE.value,
    )
    service_date = models.DateField()
    due_at = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    disputed_at = models.DateTimeField(null=True, blank=True)
    dispute_reason = models.CharField(max_length=20, blank=True, default="", db_default="")
    reversed_at = models.DateTimeField(null=True, blank=True)
    reverse_reason = models.CharField(max_length=20, blank=True)
    own_share_due = models.BooleanField(default=False)
    own_share_back_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["-redeemed_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("voucher"),
            TenantFK("booking"),
            PartnerRead("partner"),
            models.UniqueConstraint(
                fields=["tenant", "voucher", "unit_index"],
                condition=~Q(state="reversed"),
                name="redemption_one_per_unit",
            ),
            models.CheckConstraint(
                condition=Q(fee_fen=F("subsidy_fen") + F("self_fen")) & Q(subsidy_fen__gte=0) & Q(self_fen__gte=0),
                name="redemption_split_sums_to_fee",
            ),
            models.CheckConstraint(
                condition=Q(subsidy_fen__gte=-F("corrected_subsidy_fen")) & Q(self_fen__gte=-F("corrected_self_fen")),
                name="redemption_corrected_not_below_zero",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-redeemed_at"], name="redemption_of_partner"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="redemption_due"),
        ]

    @property
    def subsidy_now_fen(self) -> int:
        """What the payer owes for it, corrections included, fen."""
        return self.subsidy_fen + self.corrected_subsidy_fen

    @property
    def self_now_fen(self) -> int:
        """What falls to the person, corrections included, fen."""
        return self.self_fen + self.corrected_self_fen


class ScanLog(TenantModel):
    """Every look at a voucher by a partner, also the refused ones: what was found and what was answered."""

    voucher = models.ForeignKey(
        Voucher, models.PROTECT, null=True, blank=True, db_constraint=False, related_name="scans"
    )
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=20)

    class Meta(TenantModel.Meta):
        ordering = ["-at", "-id"]
        constraints = [*TenantModel.Meta.constraints, TenantFK("voucher"), PartnerRead("partner")]
        indexes = [models.Index(fields=["tenant", "voucher", "-at"], name="scan_of_voucher")]
