"""How every state is shown: icon, text, colour (docs/architecture.md §States).

A state's text can differ by machine (an *active* voucher can be used, an *active* agreement is in force), so a row's key
is ``machine:state``. Each app brings the rows of its own machines in ``state_texts.SIGNS``; a test asks that none is missing.
"""

from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise

from registry import table

OK, WAIT, BAD, INFO, IDLE = "ok", "wait", "bad", "info", ""


@dataclass(frozen=True, slots=True)
class Sign:
    """``tone`` is a CSS class of ``.tag``; ``icon`` a name of ``ui.icons``; ``text`` what a person reads."""

    tone: str
    icon: str
    text: str | Promise


@cache
def signs() -> dict[str, Sign]:
    """Every app's rows, by ``machine:state``."""
    return table("state_texts", "SIGNS")


def sign_of(state: object, machine: str) -> Sign:
    """The sign of ``state`` (a string or a member of its enum) in ``machine`` (``voucher``, ``booking`` …).

    An unknown state shows its own name, plainly.
    """
    name = str(getattr(state, "value", state))
    return signs().get(f"{machine}:{name}") or Sign(IDLE, "ring", name)
