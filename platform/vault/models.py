"""The keys of the schools, each wrapped by a key outside the database."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenancy.models import TenantModel


class TenantKey(TenantModel):
    """One version of a school's key. ``wrapped`` is a vault token; without ``settings.VAULT_KEYS`` it opens nothing."""

    class State(models.TextChoices):
        CURRENT = "current", _("seals and opens")
        RETIRED = "retired", _("opens only")
        DESTROYED = "destroyed", _("gone")

    version = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.CURRENT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "version"], name="vault_key_version_once"),
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(state="current"), name="vault_one_current_key"
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version} {self.state}"
