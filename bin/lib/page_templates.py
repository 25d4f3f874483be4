"""Which templates of ours each page is made of: asked on standard input, answered on standard output, both JSON.

Started by `pictures.py` with the environment of the running product, whose pages it asks for inside this process.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[2]


def templates_of(email: str, host: str, path: str) -> list[str]:
    """Files below the checkout, sorted. ``email`` is who looks; empty for who needs no account. RuntimeError unless the page opens."""
    from django.test import Client  # after `django.setup`

    from accounts.models import User

    client = Client(headers={"host": host})
    if email:
        client.force_login(User.objects.get(email=email))
    answer: Any = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{host}{path}: {answer.status_code}")
    used = {Path(template.origin.name) for template in answer.templates if template.origin}
    ours = (file for file in used if file.is_relative_to(ROOT) and not file.is_relative_to(ROOT / ".venv"))
    return sorted(str(file.relative_to(ROOT)) for file in ours)


def main() -> int:
    """Answer for every page that is asked for."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    django.setup()
    from django.test.utils import setup_test_environment  # after `django.setup`

    setup_test_environment(debug=False)
    asked = json.load(sys.stdin)
    json.dump({slug: templates_of(**page) for slug, page in asked.items()}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
