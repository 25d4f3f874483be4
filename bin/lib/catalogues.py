"""Compiles the message catalogues (`.po` → `.mo`) that are newer than their result. Needs no gettext on the machine.

Chinese is the first language of the product, so a machine without gettext must show it too.
"""

from __future__ import annotations

import ast
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

from places import CODE, ROOT

#: Folders with catalogues of our own; `.venv` has its packages' compiled ones.
SOURCES = (*CODE, "locale")


@dataclass
class _Entry:
    """One entry while it is read: the parts by keyword (`msgctxt`, `msgid`, `msgid_plural`, `msgstr[0]` …)."""

    parts: dict[str, str] = field(default_factory=dict)
    fuzzy: bool = False

    def pair(self) -> tuple[str, str] | None:
        """Key and translation as gettext stores them; None for one without a (trusted) translation."""
        translations = [text for keyword, text in sorted(self.parts.items()) if keyword.startswith("msgstr")]
        if "msgid" not in self.parts or self.fuzzy or not any(translations):
            return None
        key = self.parts["msgid"]
        if "msgctxt" in self.parts:
            key = f"{self.parts['msgctxt']}\x04{key}"
        if "msgid_plural" in self.parts:
            key = f"{key}\0{self.parts['msgid_plural']}"
        return key, "\0".join(translations)


def read_catalogue(text: str) -> dict[str, str]:
    """Messages of a `.po` file; the first of two equal keys wins. Raises `ValueError` with the line's number."""
    messages: dict[str, str] = {}
    entry, keyword = _Entry(), ""

    def finish() -> None:
        if pair := entry.pair():
            messages.setdefault(*pair)

    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if line.startswith("#"):
            # A comment opens the next entry, except between the parts of one.
            if keyword.startswith("msgstr"):
                finish()
                entry, keyword = _Entry(), ""
            if line.startswith("#,") and "fuzzy" in line:
                entry.fuzzy = True
            continue
        if not line:
            continue
        if not line.startswith('"'):
            keyword_now, _, line = line.partition(" ")
            if keyword_now in ("msgctxt", "msgid") and keyword.startswith("msgstr"):
                finish()
                entry = _Entry()
            keyword = keyword_now
            if not keyword.startswith("msg"):
                raise ValueError(f"line {number}: unknown keyword {keyword!r}")
            entry.parts[keyword] = ""
        if not keyword:
            raise ValueError(f"line {number}: text before a keyword")
        try:
            entry.parts[keyword] += ast.literal_eval(line.strip())
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"line {number}: not a quoted string") from error
    finish()
    return messages


def compiled(messages: dict[str, str]) -> bytes:
    """The bytes of a `.mo` file (GNU format, little endian, no hash table)."""
    rows = sorted((key.encode(), value.encode()) for key, value in messages.items())
    table = 7 * 4
    offset = table + 16 * len(rows)
    keys, values, texts = b"", b"", b""
    for column in (0, 1):
        for row in rows:
            part = struct.pack("<II", len(row[column]), offset + len(texts))
            texts += row[column] + b"\0"
            keys, values = (keys + part, values) if column == 0 else (keys, values + part)
    return (
        struct.pack("<IIIIIII", 0x950412DE, 0, len(rows), table, table + 8 * len(rows), 0, offset)
        + keys
        + values
        + texts
    )


def compile_stale(root: Path = ROOT) -> list[Path]:
    """Compile what is missing or older than its source; returns the files written."""
    written = []
    for folder in SOURCES:
        for source in sorted((root / folder).glob("**/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            try:
                target.write_bytes(compiled(read_catalogue(source.read_text(encoding="utf-8"))))
            except ValueError as error:
                raise SystemExit(f"{source}: {error}") from error
            written.append(target)
    return written


if __name__ == "__main__":
    for path in compile_stale():
        print(f"译文 / messages: {path.relative_to(ROOT)}", file=sys.stderr)
