"""Sounds to rest with, made here from arithmetic: no recording, no file of anybody else's, the same on every machine.

Each is a loop of thirty seconds without a seam: what is filtered runs round the loop twice, and the second round is kept; what
swells and falls does so a whole number of times. One channel, 16 000 samples a second, 16 bit: every browser plays it, also
with the screen locked. Pure.
"""

import math
import random
import wave
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

RATE: Final = 16_000
SECONDS: Final = 30
_COUNT: Final = RATE * SECONDS
_LOUD: Final = 0.5
"""Of what the format holds: nobody is startled."""
Samples = list[float]


@dataclass(frozen=True, slots=True)
class Sound:
    key: str
    name: str | Promise
    note: str | Promise
    icon: str

    @property
    def href(self) -> str:
        return f"/sounds/{self.key}.wav"


SOUNDS: Final = (
    Sound("rain", pgettext_lazy("sound", "Rain on leaves"), pgettext_lazy("sound", "Even and close, for reading"), "sound"),
    Sound("waves", pgettext_lazy("sound", "Waves"), pgettext_lazy("sound", "In and out, six times a minute"), "sound"),
    Sound("wind", pgettext_lazy("sound", "Wind in pines"), pgettext_lazy("sound", "Deep and soft, for falling asleep"), "sound"),
    Sound("white", pgettext_lazy("sound", "White noise"), pgettext_lazy("sound", "Covers the voices next door"), "sound"),
    Sound("bowl", pgettext_lazy("sound", "Singing bowl"), pgettext_lazy("sound", "One stroke every ten seconds"), "sound"),
    Sound("breath", pgettext_lazy("sound", "Breathe along"), pgettext_lazy("sound", "Four seconds in, six seconds out"), "sound"),
)  # fmt: skip


def _noise(seed: str) -> Samples:
    chance = random.Random(seed)  # noqa: S311 - a sound, no secret
    return [chance.uniform(-1, 1) for _ in range(_COUNT)]


def _low(samples: Sequence[float], share: float) -> Samples:
    """What changes slowly: each sample is so much of the new and the rest of the one before."""
    held, out = 0.0, list(samples)
    for _round in range(2):
        for at, sample in enumerate(samples):
            held += share * (sample - held)
            out[at] = held
    return out


def _swell(times: int, least: float) -> Samples:
    """From ``least`` to 1 and back, ``times`` times in the loop."""
    turn = 2 * math.pi * times / _COUNT
    return [least + (1 - least) * (0.5 - 0.5 * math.cos(turn * at)) ** 2 for at in range(_COUNT)]


def _rain() -> Samples:
    fine = _noise("rain")
    low = _low(fine, 0.18)
    out = [0.5 * (one - two) + 0.9 * two for one, two in zip(fine, low, strict=True)]
    chance = random.Random("drops")  # noqa: S311 - a sound, no secret
    for _drop in range(700):
        begin, pitch, loud = chance.randrange(_COUNT), chance.uniform(900, 2600), chance.uniform(0.1, 0.7)
        for step in range(320):
            out[(begin + step) % _COUNT] += loud * math.exp(-step / 60) * math.sin(2 * math.pi * pitch * step / RATE)
    return out


def _waves() -> Samples:
    deep, fine, swell = _low(_noise("waves"), 0.05), _low(_noise("foam"), 0.5), _swell(3, 0.12)
    return [rise * (3.2 * one + 0.5 * rise * two) for one, two, rise in zip(deep, fine, swell, strict=True)]


def _wind() -> Samples:
    slow, long = _low(_low(_noise("wind"), 0.03), 0.2), _swell(2, 0.45)
    quick = _swell(5, 0.8)
    return [one * rise * gust for one, rise, gust in zip(slow, long, quick, strict=True)]


def _white() -> Samples:
    return _low(_noise("white"), 0.75)


def _bowl() -> Samples:
    out = [0.0] * _COUNT
    parts = ((196.0, 1.0, 3.2), (196.9, 0.6, 3.0), (541.0, 0.35, 1.8), (1034.0, 0.12, 0.9))
    for stroke in range(3):
        for step in range(RATE * 12):
            second = step / RATE
            fade = min(1.0, second / 0.02)
            out[(stroke * RATE * 10 + step) % _COUNT] += fade * sum(
                loud * math.exp(-second / lasts) * math.sin(2 * math.pi * pitch * second)
                for pitch, loud, lasts in parts
            )
    return out


def _breath() -> Samples:
    """Air that rises for four seconds and falls for six, with a soft tone that goes up and down with it."""
    air, out = _low(_noise("breath"), 0.12), []
    turn = 0.0
    for at, sample in enumerate(air):
        second = (at / RATE) % 10
        share = second / 4 if second < 4 else (10 - second) / 6
        share = 0.5 - 0.5 * math.cos(math.pi * share)
        turn += 2 * math.pi * (174 + 46 * share) / RATE
        out.append(share * (1.4 * sample + 0.16 * math.sin(turn)))
    return out


_MAKERS: Final[dict[str, Callable[[], Samples]]] = {
    "rain": _rain, "waves": _waves, "wind": _wind, "white": _white, "bowl": _bowl, "breath": _breath,
}  # fmt: skip


def make(key: str) -> bytes:
    """The sound ``key`` as a WAV file of 960 KB; a second or two of work. KeyError for an unknown one."""
    samples = _MAKERS[key]()
    scale = _LOUD * 32767 / max(abs(sample) for sample in samples)
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array("h", (round(sample * scale) for sample in samples)).tobytes())
    return out.getvalue()
