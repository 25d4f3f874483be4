"""Who sees what of an emergency; found by ``disclosure.table`` (docs/emergency.md, chain §6)."""

from typing import Final

from disclosure.table import columns

MODELS: Final = {"emergency.ChainClock": columns("ahead")}
