"""Emergency kits: where they stand and what lies in them (row 14.9)."""

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from referrals.emergency.models.clock import ChainNow
from tenancy.constraints import Statement, TenantFK
from tenancy.models import TenantModel

NO_MEDICINE: Final = "medicines lie only in a licensed clinic"
"""What the database says; ``workflow.kits`` turns it into a refusal."""

_ONLY_IN_A_CLINIC: Final = Statement(
    name="kit_medicine_only_in_a_clinic",
    create=f"""
        CREATE OR REPLACE FUNCTION emergency_kit_medicine() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- The place is held, so that nobody takes its licence away between this look and the end.
            IF NEW.kind = 'medicine' THEN
                PERFORM FROM emergency_kitplace p WHERE p.tenant_id = NEW.tenant_id AND p.id = NEW.place_id
                    AND p.licence <> '' FOR NO KEY UPDATE;
                IF NOT FOUND THEN
                    RAISE EXCEPTION '{NO_MEDICINE}' USING ERRCODE = 'insufficient_privilege';
                END IF;
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER kit_medicine_only_in_a_clinic BEFORE INSERT OR UPDATE ON emergency_kititem
            FOR EACH ROW EXECUTE FUNCTION emergency_kit_medicine();""",
    drop="""
        DROP TRIGGER kit_medicine_only_in_a_clinic ON emergency_kititem;
        DROP FUNCTION emergency_kit_medicine();""",
)


class PlaceKind(models.TextChoices):
    """What the place is."""

    CLINIC = "clinic", _("School clinic")
    CENTRE = "centre", _("Centre")
    OTHER = "other", pgettext_lazy("kit", "Elsewhere")


class ItemKind(models.TextChoices):
    """What lies in a kit."""

    FIRST_AID = "first_aid", _("First aid")
    CALMING = "calming", _("To calm down with")
    PAPER = "paper", _("Papers and cards")
    MEDICINE = "medicine", _("Medicine")


class KitPlace(TenantModel):
    """Where a kit stands, and who keeps it. ``licence``: the number of a clinic's licence; empty: it is none."""

    name = models.CharField(_("place"), max_length=40)
    kind = models.CharField(max_length=6, choices=PlaceKind)
    licence = models.CharField(max_length=40, blank=True, default="")
    keeper = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    created_at = models.DateTimeField(db_default=ChainNow(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("place of an emergency kit")
        ordering = ["kind", "name", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("keeper"),
            models.UniqueConstraint(fields=["tenant", "name"], name="kit_place_once"),
            models.CheckConstraint(condition=Q(licence="") | Q(kind=PlaceKind.CLINIC), name="kit_licence_of_a_clinic"),
        ]

    def __str__(self) -> str:
        return self.name


class KitItem(TenantModel):
    """One thing in a kit: ``stock`` pieces of at least ``least``; ``expires_on`` is its last good day, None: it does not end.

    ``checked_on``: when somebody last looked. ``told_on``: when its keeper was told that it ends. Days of the school.
    """

    place = models.ForeignKey(KitPlace, models.PROTECT, db_constraint=False, related_name="items")
    kind = models.CharField(max_length=9, choices=ItemKind)
    name = models.CharField(_("thing"), max_length=60)
    stock = models.PositiveIntegerField()
    least = models.PositiveIntegerField(default=1)
    expires_on = models.DateField(null=True)
    checked_on = models.DateField()
    told_on = models.DateField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("thing in an emergency kit")
        ordering = ["name", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("place"),
            models.CheckConstraint(
                condition=~Q(kind=ItemKind.MEDICINE) | Q(expires_on__isnull=False), name="kit_medicine_expires"
            ),
            _ONLY_IN_A_CLINIC,
        ]
        indexes = [models.Index(fields=["tenant", "expires_on"], name="kit_item_ends")]

    def __str__(self) -> str:
        return self.name
