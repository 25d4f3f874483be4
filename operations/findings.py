"""What a check of ``doctor`` says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``mend_zh`` and ``mend_en`` say what to do; empty when all is well.

    ``is_warning``: the installation works all the same, but somebody should know.
    """

    what: str
    well: bool
    seen: str
    mend_zh: str = ""
    mend_en: str = ""
    is_warning: bool = False
