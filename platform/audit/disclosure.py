"""What the record's columns hold: ids and numbers, and who acted when. Found by ``disclosure.table``."""

from typing import Final

from disclosure.table import columns
from disclosure.words import Facet

MODELS: Final = {
    "audit.AuditEntry": columns(
        "seq actor_kind action object_type object_id facts",
        hidden="prev_hash hash",
        at=Facet.ACTED,
        actor_id=Facet.NAME,
    ),
    "audit.AuditHead": columns("seq", hidden="hash mac"),
}
