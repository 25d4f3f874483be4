"""Deletes holds that ran out and stretches long past."""

from typing import Final

from celery import shared_task

from seats.sweeping import sweep

SWEEP_TASK: Final = "seats.sweep"


@shared_task(name=SWEEP_TASK, ignore_result=True)
def run_sweep() -> None:
    """One round; nothing depends on its being in time."""
    sweep()
