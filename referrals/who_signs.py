"""Whose yes is enough for money of a pool: one rule for everything that two people decide (books §1, ADR 0049). Pure."""

from enum import StrEnum
from typing import Final, NamedTuple

ONE_CASE_FEN: Final = 200_000
"""What one case of crisis relief may come to at the word of the union's chair or deputy alone (books §1). No setting of a school."""


class Act(StrEnum):
    """What is decided."""

    RELIEF = "relief"  # a request of crisis relief, by the union
    FILE = "file"  # a file of hardship or charity: the union asks, finance says yes
    POOL_ORDER = "pool_order"  # a grant, a return or the end of a pool's year, by finance
    CORRECTION = "correction"  # another split of one use, by finance


LED: Final = frozenset({Act.RELIEF})
"""What the union's chair or deputy has a part in. The rest is decided by finance, which reads no person, or with it."""


class Signs(NamedTuple):
    """``second``: another person has to say yes too. ``lead``: one of those who do is the union's chair or the deputy."""

    second: bool
    lead: bool


def who_signs(act: Act, *, amount_fen: int = 0, is_led: bool = False, gives_lead: bool = False) -> Signs:
    """What a yes still needs. ``amount_fen``: of the whole case; ``is_led``: the school's union has a chair or a deputy today;
    ``gives_lead``: whoever says yes is one of them.

    Where nobody leads the union, any two of it sign, whatever the sum.
    """
    if act not in LED or not is_led:
        return Signs(second=True, lead=False)
    return Signs(second=not gives_lead or amount_fen > ONE_CASE_FEN, lead=True)
