"""What tests need that a machine may lack: said in the first line, instead of a hundred tracebacks.

A run from which tests had to be left out never passes: its status says so, and so does its first line.
"""

from __future__ import annotations

import ctypes.util
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from places import ROOT


@dataclass(frozen=True)
class Need:
    """One thing of the system, its Debian package, and the files and folders of tests that cannot run without it."""

    what: str
    package: str
    is_there: Callable[[], bool]
    tests: tuple[str, ...]


def chromium() -> str | None:
    """A browser that tests can start: no snap wrapper. Debian's shell first: the same Chromium without its own windows around a
    page, which take a fifth of what a page costs.
    """
    for name in ("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return None


def _libraries() -> bool:
    return all(map(ctypes.util.find_library, ("gobject-2.0", "pango-1.0", "pangoft2-1.0", "harfbuzz-subset")))


def _fonts() -> bool:
    return Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists()


_PRINTING = (
    "tests/unit/test_voucher_pdf.py",
    "tests/api/test_journey_by_program.py",
    "tests/faults/test_no_pdf_engine.py",
    "tests/tenancy/test_no_page_crosses.py",
    "tests/emergency/test_contact_sheet.py",
)
NEEDS: tuple[Need, ...] = (
    Need("Pango", "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0", _libraries, _PRINTING),
    Need("Noto Sans CJK", "fonts-noto-cjk", _fonts, (*_PRINTING, "tests/journeys", "tests/workflow/test_doctor.py")),
    Need(
        "poppler",
        "poppler-utils",
        lambda: bool(shutil.which("pdftotext") and shutil.which("pdfinfo") and shutil.which("pdftoppm")),
        (
            "tests/unit/test_voucher_pdf.py",
            "tests/tenancy/test_no_page_crosses.py",
            "tests/emergency/test_contact_sheet.py",
        ),
    ),
    Need("Chromium", "chromium-headless-shell", lambda: chromium() is not None, ("tests/journeys",)),
    Need("fontconfig", "fontconfig", lambda: shutil.which("fc-list") is not None, ("tests/workflow/test_doctor.py",)),
)


def _asked(arguments: Sequence[str]) -> list[Path]:
    """The files and folders of a command line; the whole suite when none is named."""
    named = [(ROOT / word.partition("::")[0]).resolve() for word in arguments if not word.startswith("-")]
    return [path for path in named if path.exists()] or [ROOT / "tests"]


def lacking(arguments: Sequence[str], needs: Sequence[Need] = NEEDS) -> dict[str, list[Need]]:
    """Tests that were asked for and cannot run here, each with what it lacks."""
    asked = _asked(arguments)
    out: dict[str, list[Need]] = {}
    for need in (need for need in needs if not need.is_there()):
        for test in need.tests:
            if any((ROOT / test).is_relative_to(path) or path.is_relative_to(ROOT / test) for path in asked):
                out.setdefault(test, []).append(need)
    return out


def sentence(left_out: dict[str, list[Need]]) -> str:
    """What is missing, what cannot run for it, and the mend; Chinese first, then English."""
    needs = {need.what: need for missing in left_out.values() for need in missing}
    names, packages = "、".join(needs), " ".join(need.package for need in needs.values())
    tests = " ".join(sorted(left_out))
    return (
        f"✗ 这台机器缺少 {names}，下列测试不能运行，所以这次不算通过：{tests}\n"
        f"✗ {names} missing here: these tests cannot run, so this run does not pass: {tests}\n"
        f"  apt-get install --no-install-recommends {packages}"
    )


def remaining(arguments: Sequence[str], left_out: dict[str, list[Need]]) -> list[str] | None:
    """The command line without what cannot run; None when nothing of it is left."""
    gone = [ROOT / test for test in left_out]

    def is_gone(word: str) -> bool:
        path = (ROOT / word.partition("::")[0]).resolve()
        return not word.startswith("-") and any(path.is_relative_to(test) for test in gone)

    kept = [word for word in arguments if not is_gone(word)]
    if len(kept) < len(arguments) and not any((ROOT / word.partition("::")[0]).exists() for word in kept):
        return None
    return [*kept, *(f"--ignore={test}" for test in sorted(left_out))]
