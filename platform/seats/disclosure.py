"""Nobody may read the table of slots; times go out through ``seats.places.busy``. Found by ``disclosure.table``."""

from typing import Final

from disclosure.table import columns

MODELS: Final = {"seats.SlotUse": columns("resource during seats capacity until")}
