"""What the app below asks by name (``settings.FIRST_STEP``): whether the first step of a mediation is done."""

from referrals.liaison.workflow.mediation import is_open_to, take

__all__ = ["is_open_to", "take"]
