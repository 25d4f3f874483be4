"""Readiness as its page shows it: words, signs, and one button for whoever may press it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.actor import Actor
from notifications.models import ProviderAccount
from notifications.models.providers import ProviderName
from referrals.emergency.readiness_texts import AREA_TEXTS, DOORS, HOLDS_TEXTS, WHY_TEXTS
from referrals.emergency.rules.readiness import Level, Short, Tile, is_proven
from referrals.emergency.texts import CHANNEL_TEXTS, MENDER_TEXTS
from ui.states import BAD, OK, WAIT

_TONES = {Level.MISSING: BAD, Level.LOOK: WAIT, Level.HOLDS: OK}


@dataclass(frozen=True, slots=True)
class Shown:
    """A tile in words. ``url`` is empty where the reader cannot mend it; ``mends`` says who does."""

    title: Any
    level: str
    tone: str
    lines: Sequence[Any]
    mends: Any
    url: str
    label: Any


def shown(tile: Tile, actor: Actor) -> Shown:
    """The button is that of the worst thing."""
    title, tone = AREA_TEXTS[tile.area], _TONES[tile.level]
    if not tile.shorts:
        return Shown(title, tile.level.value, tone, [HOLDS_TEXTS[tile.area]], "", "", "")
    worst = tile.shorts[0]
    door = DOORS[worst.why]
    may = door is not None and actor.may(door.permission)
    return Shown(
        title=title,
        level=tile.level.value,
        tone=tone,
        lines=[_said(short) for short in tile.shorts],
        mends=MENDER_TEXTS[worst.means.mends],
        url=reverse(door.route) if door is not None and may else "",
        label=door.label if door is not None else "",
    )


def _said(short: Short) -> str:
    about = CHANNEL_TEXTS.get(short.about, short.about)
    return str(WHY_TEXTS[short.why]) % {"n": short.many, "about": about}


@dataclass(frozen=True, slots=True)
class Proven:
    """A way out of the school's own with the age of its proof."""

    provider: Any
    channel: Any
    level: str
    proven_at: datetime | None


def proven(accounts: Sequence[ProviderAccount], moment: datetime) -> list[Proven]:
    """Each, and when a test last arrived by it."""
    providers = dict(ProviderName.choices)
    return [
        Proven(
            providers[account.provider],
            CHANNEL_TEXTS[account.channel],
            (
                Level.HOLDS
                if is_proven(account.proven_at, moment)
                else Level.LOOK
                if account.proven_at
                else Level.MISSING
            ),
            account.proven_at,
        )
        for account in accounts
    ]
