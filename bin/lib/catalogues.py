"""Compiles the message catalogues (`.po` → `.mo`) that are newer than their result. Needs no gettext on the machine.

Chinese is the first language of the product, so a machine without gettext must show it too. It runs in `.venv`, where
polib is; nothing needs a catalogue before that stands.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import polib
from places import CODE, ROOT

#: Folders with catalogues of our own; `.venv` has its packages' compiled ones.
SOURCES = (*CODE, "locale")


def read_catalogue(text: str) -> polib.POFile:
    """The entries of a `.po` file. Raises `ValueError` for what is no catalogue, and for a message that stands twice."""
    for number, line in enumerate(text.splitlines(), start=1):
        # polib would take the last letter for the quote that is missing.
        if (
            line.strip()
            and not line.lstrip().startswith("#")
            and not (line.count('"') > 1 and line.rstrip()[-1] == '"')
        ):
            raise ValueError(f"line {number}: not a quoted text")
    try:
        return polib.pofile(text, check_for_duplicates=True)
    except OSError as error:  # polib's word for a fault of syntax, with the line's number
        raise ValueError(str(error)) from error


def compiled(catalogue: polib.POFile) -> bytes:
    """The bytes of a `.mo` file: what is translated, without guesses (fuzzy) and leftovers (obsolete)."""
    return bytes(catalogue.to_binary())


def compile_stale(root: Path = ROOT) -> list[Path]:
    """Compile what is missing or older than its source; returns the files written."""
    written = []
    for folder in SOURCES:
        for source in sorted((root / folder).glob("**/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            try:
                replace(target, compiled(read_catalogue(source.read_text(encoding="utf-8"))))
            except ValueError as error:
                raise SystemExit(f"{source}: {error}") from error
            written.append(target)
    return written


def replace(target: Path, data: bytes) -> None:
    """In one step: what runs beside this never reads half a catalogue."""
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    Path(draft).chmod(0o644)
    os.replace(draft, target)


if __name__ == "__main__":
    for path in compile_stale():
        print(f"译文 / messages: {path.relative_to(ROOT)}", file=sys.stderr)
