"""Finds the product's modules, so that tests also look at an app that was added later."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("platform", "settings", *sorted(apps.parent.name for apps in ROOT.glob("*/apps.py")))
"""The platform, the composition root, and every app beside them."""


def modules(*, migrations: bool = False) -> list[Path]:
    """Every Python file of the product, in order."""
    return [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if migrations or "migrations" not in path.parts
    ]
