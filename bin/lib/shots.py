"""What the manual's pictures show, and the list that tells which templates each one was taken of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from places import ROOT

MANUAL: Final = ROOT / "platform" / "manual"
FOLDER: Final = MANUAL / "static" / "manual"
LIST: Final = MANUAL / "pictures.json"
"""Slug → the page's address, its templates, and a digest of them as they were when the picture was taken."""
LANGUAGES: Final = {"zh": "zh-hans", "en": "en"}
THEMES: Final = ("light", "dark")
MOST: Final = 1_500_000
"""Bytes of all pictures: they are kept in the repository, so every installation has them without a browser."""


@dataclass(frozen=True)
class Shot:
    """One page: the host's name before the platform's (empty for its own), who looks (empty: by a link), the address."""

    host: str
    email: str
    path: str


SHOTS: Final = {
    "staff": Shot("yucai", "staff@yucai.example", "/my/"),
    "head": Shot("yucai", "head@yucai.example", "/my/report/"),
    "centre": Shot("yucai", "centre@yucai.example", "/centre/"),
    "duty": Shot("yucai", "duty@yucai.example", "/centre/emergency/duty/"),
    "union": Shot("yucai", "union@yucai.example", "/union/"),
    "finance": Shot("yucai", "finance@yucai.example", "/finance/"),
    "principal": Shot("yucai", "principal@yucai.example", "/centre/readiness/"),
    "administrator": Shot("yucai", "admin@yucai.example", "/school/"),
    "editor": Shot("yucai", "editor@yucai.example", "/cms/"),
    "district": Shot("jiaoyuju", "district@jiaoyuju.example", "/district/"),
    "counter": Shot("", "partner2@anxin.example", "/partner/scan/"),
    "agency": Shot("", "partner@anxin.example", "/partner/"),
    "operator": Shot("", "operator@platform.example", "/operator/schools/"),
    "family": Shot("yucai", "", "/family/"),
}
"""Page of the manual → what its picture shows. The family's address goes on with the link that the demo prints."""


def names(slug: str) -> list[str]:
    """The files of one page's picture: a language and a theme each."""
    return [f"{slug}-{language}-{theme}.webp" for language in LANGUAGES for theme in THEMES]


def digest(files: list[str]) -> str:
    """Of the templates as they are now. One that is gone counts as empty."""
    whole = hashlib.sha256()
    for name in files:
        file = ROOT / name
        whole.update(name.encode() + b"\0" + (file.read_bytes() if file.is_file() else b"") + b"\0")
    return whole.hexdigest()[:16]


def listed() -> dict[str, dict[str, Any]]:
    """What the list tells; empty before pictures were ever taken."""
    return dict(json.loads(LIST.read_text(encoding="utf-8"))) if LIST.exists() else {}


def write_list_to(path: Path, templates: dict[str, list[str]]) -> None:
    """Tell of every picture what it was taken of, now."""
    told = {
        slug: {"address": SHOTS[slug].path, "templates": files, "digest": digest(files)}
        for slug, files in templates.items()
    }
    path.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def stale() -> dict[str, str]:
    """Slug → why its picture no longer shows its page: missing files, another address, changed templates."""
    told, found = listed(), {}
    for slug, shot in SHOTS.items():
        kept = told.get(slug)
        if kept is None or not all((FOLDER / name).is_file() for name in names(slug)):
            found[slug] = "没有图片 / no picture"
        elif kept["address"] != shot.path:
            found[slug] = "网址已变 / another address"
        elif kept["digest"] != digest(kept["templates"]):
            found[slug] = "模板已改 / its templates have changed"
    return found
