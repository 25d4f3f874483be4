"""Tables of referrals and their windows (times that suit the person)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from partners.kinds import ServiceKind
from referrals.models.wished import Wished, wishes_are_choices
from referrals.states import CHOOSE, NO_TAKER, ReferralState, ReviewReason
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed


class Referral(TenantModel, Wished):
    """One request by one person for one service. What was decided is kept with it and can be recomputed (rules §1).

    ``counsellor``: who the person would like to see; empty for anybody. It counts from the next appointment on.
    ``note``: the person's own words, only where an office decides and reads them; sealed.
    ``looked_again_at``: the person asked a human to look again at a no; once (rules §2).
    ``review_reason``: why an office looks first; empty where none does, and in what was sent before it was kept.
    ``instead_of``: the request that no agency took and that this one repeats at another; once for each.
    ``follows``: the request whose next sessions these are, asked for in one tap; one for each that is not let go.
    ``deadline``: until when somebody is to do the next step; of a completed one, to say whether it is solved.
    Amounts are whole fen over all ``units``. ``decision`` holds inputs, policy version, lines and splits per unit.
    """

    number = models.CharField(max_length=24)
    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    service = models.ForeignKey("partners.Service", models.PROTECT, related_name="+")
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=ServiceKind)
    units = models.PositiveIntegerField()
    service_date = models.DateField()
    counsellor = models.ForeignKey("partners.Resource", models.PROTECT, null=True, blank=True, related_name="+")
    child = models.ForeignKey(
        "families.Child", models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    note_sealed = models.BinaryField(default=b"", editable=False)
    note = Sealed("note_sealed")
    query_others = models.BooleanField(default=False)
    consent = ArrayField(models.CharField(max_length=12), default=list)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in ReferralState])
    deadline = models.DateTimeField(null=True, blank=True)
    needs_person = models.BooleanField(default=False)
    review_reason = models.CharField(max_length=12, choices=[(r.value, r.value) for r in ReviewReason], blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decline_reason = models.CharField(max_length=20, blank=True)
    looked_again_at = models.DateTimeField(null=True, blank=True)
    instead_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, db_constraint=False, related_name="made_instead"
    )
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, db_constraint=False, related_name="followed_by"
    )
    policy = models.ForeignKey(
        "referrals.SubsidyPolicy", models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    decision = models.JSONField(default=dict)
    decision_hash = models.CharField(max_length=64)
    fee_fen = models.BigIntegerField()
    subsidy_fen = models.BigIntegerField()
    self_fen = models.BigIntegerField()
    submitted_at = models.DateTimeField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            TenantFK("child"),
            TenantFK("policy"),
            TenantFK("instead_of"),
            TenantFK("follows"),
            *wishes_are_choices("referral"),
            models.UniqueConstraint(fields=["tenant", "number"], name="referral_number_once"),
            models.UniqueConstraint(fields=["tenant", "instead_of"], name="referral_instead_once"),
            models.UniqueConstraint(
                fields=["tenant", "follows"],
                condition=~Q(state__in=[ReferralState.CANCELLED.value, ReferralState.EXPIRED.value]),
                name="referral_follows_once",
            ),
            models.CheckConstraint(condition=Q(units__gte=1), name="referral_units_positive"),
            models.CheckConstraint(
                condition=Q(fee_fen=F("subsidy_fen") + F("self_fen")) & Q(subsidy_fen__gte=0) & Q(self_fen__gte=0),
                name="referral_split_sums_to_fee",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "person", "-id"], name="referral_of_person"),
            models.Index(fields=["tenant", "state", "deadline"], name="referral_due"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def shown_state(self) -> str:
        """The state in the person's words: ``no_taker`` when no agency took it, ``choose`` while other times wait.

        The latter only where the query has annotated ``proposed`` (``selectors.my_referrals``).
        """
        if self.state == ReferralState.EXPIRED and self.decline_reason:
            return NO_TAKER
        if self.state == ReferralState.OFFERED and getattr(self, "proposed", False):
            return CHOOSE
        return self.state


class ReferralWindow(TenantModel):
    """A stretch of time that suits the person: half-open ``[starts_at, ends_at)``, UTC."""

    referral = models.ForeignKey(Referral, models.CASCADE, db_constraint=False, related_name="windows")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["starts_at", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="window_ends_after_start"),
        ]
        indexes = [models.Index(fields=["tenant", "referral"], name="window_of_referral")]
