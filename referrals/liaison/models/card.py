"""Tables of what the school hands on about somebody to one institution, and of what comes back (6.3, 16.8; rules §5)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from referrals.liaison.card_states import CardField, CardPurpose, CardState, ReportNext, ReportOutcome
from tenancy.constraints import AppendOnly, PartnerRead, TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed

MAX_WORDS = 500
"""Of one field of a card."""
MAX_ADVICE = 800


def _values(
    kinds: type[CardState] | type[CardPurpose] | type[ReportOutcome] | type[ReportNext],
) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in kinds]


class HandOn(TenantModel):
    """One person, one institution, one purpose: what the centre would say, what the person agreed to, and how it stands.

    ``words`` is JSON by ``CardField``, of what the centre wrote; emptied when nothing of it was ever read outside. ``agreed``
    are the fields that the person ticked. ``until`` (UTC) ends the state it is in; ``kept_until`` is when everything is
    forgotten. No institution reads a row of this table: what it may read stands in ``HandOnCard``.
    """

    number = models.CharField(max_length=24)
    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+", db_index=False)
    purpose = models.CharField(max_length=12, choices=_values(CardPurpose))
    state = models.CharField(max_length=10, choices=_values(CardState), default=CardState.SHOWN)
    words_sealed = models.BinaryField(default=bytes, editable=False)
    agreed = ArrayField(models.CharField(max_length=12, choices=[(f.value, f.value) for f in CardField]), default=list)
    agreed_at = models.DateTimeField(null=True, blank=True)
    written_by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    written_at = models.DateTimeField(default=now, editable=False)
    until = models.DateTimeField()
    kept_until = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=now)

    words = Sealed("words_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("hand-over card")
        ordering = ["-written_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            TenantFK("written_by"),
            models.UniqueConstraint(fields=["tenant", "number"], name="hand_on_number_once"),
            models.UniqueConstraint(
                fields=["tenant", "person", "partner", "purpose"], condition=Q(state="shown"), name="hand_on_one_shown"
            ),
            models.CheckConstraint(condition=~Q(person=F("written_by")), name="hand_on_of_another"),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "read", "answered"])
                | (Q(agreed_at__isnull=False) & Q(agreed__contains=["ask"])),
                name="hand_on_agreed",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-written_at", "-id"], name="hand_on_newest"),
            models.Index(fields=["tenant", "person", "-id"], name="hand_on_of_person"),
            models.Index(fields=["state", "until"], name="hand_on_due"),
            models.Index(fields=["kept_until"], name="hand_on_kept"),
        ]

    def __str__(self) -> str:
        return self.number


class HandOnCard(TenantModel):
    """What one institution may read of it, from the person's yes on: the agreed fields and nothing beside them.

    The institution's wall lets it read every column, so nothing else stands here. ``body`` is JSON by ``CardField``, emptied
    with the right to read it. ``read_at`` is the first opening.
    """

    hand_on = models.ForeignKey(HandOn, models.PROTECT, db_constraint=False, related_name="cards", db_index=False)
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=24)
    purpose = models.CharField(max_length=12, choices=_values(CardPurpose))
    body_sealed = models.BinaryField(default=bytes, editable=False)
    sent_at = models.DateTimeField(default=now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField()

    body = Sealed("body_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("card for an institution")
        ordering = ["-sent_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("hand_on"),
            PartnerRead("partner"),
            models.UniqueConstraint(fields=["tenant", "hand_on"], name="hand_on_card_once"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(body_sealed=b""), name="hand_on_card_ended_is_empty"
            ),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True) | Q(read_at__isnull=False), name="hand_on_card_read_first"
            ),
        ]
        indexes = [models.Index(fields=["partner", "-sent_at", "-id"], name="hand_on_card_of_partner")]

    def __str__(self) -> str:
        return self.number


class ReturnReport(TenantModel):
    """What the institution answers on the card: read by the centre and by the person, and by nobody else.

    ``advice`` is what the school can do; ``back_on`` from when the person can be expected to work as before, where it is said.
    """

    hand_on = models.ForeignKey(HandOn, models.PROTECT, db_constraint=False, related_name="reports", db_index=False)
    outcome = models.CharField(max_length=10, choices=_values(ReportOutcome))
    goes_on = models.CharField(max_length=8, choices=_values(ReportNext))
    advice_sealed = models.BinaryField(default=bytes, editable=False)
    back_on = models.DateField(null=True, blank=True)
    written_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=now, editable=False)

    advice = Sealed("advice_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("return report")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("hand_on"),
            models.UniqueConstraint(fields=["tenant", "hand_on"], name="return_report_once"),
        ]

    def __str__(self) -> str:
        return self.outcome


class LetterCopy(TenantModel):
    """One print of the hand-over letter: ``number`` counts from 1 on each card, ``token_hash`` finds the copy by its QR code."""

    hand_on = models.ForeignKey(HandOn, models.PROTECT, db_constraint=False, related_name="copies")
    number = models.PositiveIntegerField()
    token_hash = models.BinaryField(max_length=32, editable=False)
    by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("copy of a hand-over letter")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("hand_on"),
            TenantFK("by"),
            models.UniqueConstraint(fields=["tenant", "hand_on", "number"], name="letter_copy_number_once"),
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="letter_copy_token_once"),
            AppendOnly(),
        ]

    def __str__(self) -> str:
        return str(self.number)
