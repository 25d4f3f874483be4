"""A school's keys are shown to nobody. Found by ``disclosure.table``."""

from typing import Final

from disclosure.table import columns

MODELS: Final = {"vault.TenantKey": columns("version state created_at", hidden="wrapped")}
