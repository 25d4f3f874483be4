"""Measurements. A case is a module in this package with `run() -> dict`; both sides are measured in the same run.

Keys of the answer: `case, ours, floor, ratio, unit, n` (contract.md, Commands). A module whose name starts with `_` is no case.
"""

import pkgutil
from collections.abc import Iterator


def case_names() -> Iterator[str]:
    """Names of all cases, in the order of the alphabet."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        if not module.name.startswith("_"):
            yield module.name
