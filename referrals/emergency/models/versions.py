"""Words of an incident that are kept by versions: the newest counts, none is ever changed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db import models

from referrals.emergency.models.clock import ChainNow
from tenancy.models import TenantModel
from vault import own_key


class VersionedWords(TenantModel):
    """One version. ``words`` are JSON by part (``PARTS``), sealed by the incident's key, so that they end with it.

    A subclass names the incident, and in its constraints both keys, each version once, and ``AppendOnly``.
    """

    PARTS: ClassVar[Sequence[str]]

    version = models.PositiveSmallIntegerField()
    by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    written_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    words_sealed = models.BinaryField(editable=False)

    class Meta(TenantModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return str(self.version)

    @property
    def _row(self) -> tuple[UUID, str, UUID, str]:
        return cast(UUID, self.tenant_id), self._meta.db_table, self.pk, "words_sealed"

    def seal(self, key: bytes, words: Mapping[str, str]) -> None:
        """Put the words in, under the incident's key."""
        self.words_sealed = own_key.seal_words(key, *self._row, json.dumps(dict(words), ensure_ascii=False))

    def words(self, key: bytes | None) -> dict[str, Any]:
        """By part; all empty once the key is gone."""
        said = own_key.read_words(key, *self._row, self.words_sealed)
        return dict.fromkeys(self.PARTS, "") | (json.loads(said) if said else {})
