"""The sounds of Chinese signs. Loaded by ``kernel.pinyin`` alone, for the first name of a process."""

import os

# Asked by the package when it is loaded: its dictionary of words takes 42 MB. ``WORDS`` has what we need.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, lazy_pinyin, load_phrases_dict

from kernel.pinyin import WORDS

load_phrases_dict({word: [[sound] for sound in sounds.split()] for word, sounds in WORDS.items()})


def sounds_of(text: str) -> list[str]:
    """One sound a sign; a sign without one stands for itself."""
    found = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors=lambda unread: list(unread))  # type: ignore[arg-type,return-value]
    return found if len(found) == len(text) else list(text)
