"""What a worker of the web takes after 500 requests: RSS in MB (experience §Budgets: ≤ 160).

One worker of the shipped server, asked by HTTP: public pages, a person's pages with a session, a program's call with a key.
``floor`` is a process that has only loaded Django; ``private``: what the worker shares with nobody.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.tokens import issue_token
from bench._vouchers import make_ground
from bench._web import Web
from content.demo import load_pages
from tenancy.hosts import forget
from tenancy.scope import use_tenant

_PORT: Final = 18_873
_MB: Final = 1024
_PUBLIC: Final = (
    "/",
    "/guidelines/",
    "/tips/",
    "/services/",
    "/help/",
    "/search/?q=%E6%B2%9F%E9%80%9A",
    "/accounts/login/",
)
_OWN: Final = ("/my/", "/my/referrals/", "/apply/", "/vouchers/", "/my/messages/", "/my/family/", "/accounts/profile/")
_CALLS: Final = ("/api/v1/services/", "/api/v1/vouchers/", "/api/v1/referrals/")


def run(n: int = 500) -> dict[str, Any]:
    """AssertionError when a request is not answered 200."""
    ground = make_ground(20)
    school, person_id = ground.school, ground.person.user_id
    assert person_id is not None
    load_pages(school, kind=school.kind, seed=1)
    forget()
    client = Client(headers={"host": school.host})
    client.force_login(User.objects.get(pk=person_id), backend=settings.AUTHENTICATION_BACKENDS[0])
    with use_tenant(school.id):
        _token, raw = issue_token(actor=ground.person, label="bench")
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}
    asked = [
        *((path, {}) for path in _PUBLIC),
        *((path, cookie) for path in _OWN),
        *((path, {"Authorization": f"Token {raw}"}) for path in _CALLS),
    ]
    with Web(_PORT) as web:
        fresh = _memory(web.worker)["Rss"]
        for number in range(n):
            path, headers = asked[number % len(asked)]
            status = web.get(school.host, path, headers)
            assert status == 200, (path, status)
        after = _memory(web.worker)
    return {
        "ours": after["Rss"],
        "floor": _of_django(),
        "ratio": round(after["Rss"] / _of_django(), 2),
        "unit": "MB",
        "n": n,
        "fresh": fresh,
        "proportional": after["Pss"],
        "private": after["Private_Clean"] + after["Private_Dirty"],
    }


def _memory(pid: int) -> dict[str, int]:
    """MB by the kernel's names."""
    rows = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return {row[0].rstrip(":"): int(row[1]) // _MB for row in rows}


def _of_django() -> int:
    told = "import django.core.handlers.wsgi, django.db.models\nprint(open('/proc/self/smaps_rollup').read())"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return next(int(line.split()[1]) // _MB for line in done.stdout.splitlines() if line.startswith("Rss:"))
