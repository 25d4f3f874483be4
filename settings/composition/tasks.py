"""Found by Celery; the work stands in ``chores``."""

from settings.composition.chores import BEAT, run_chores

__all__ = ["BEAT", "run_chores"]
