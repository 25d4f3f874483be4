"""Heads who report over HTTP, as a browser does: a session, a form, one incident for each that was received."""

import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.test import Client

from accounts.models import User
from bench._chain import LiveSchool
from kernel.clock import now

_TOKEN = "b" * 32
"""Against forged forms: cookie and field alike, as a browser sends them."""


@dataclass
class Reports:
    """What came of them. ``received``: (school, mark) of each that was answered as received, in order."""

    received: list[tuple[UUID, str]] = field(default_factory=list)
    refused: int = 0
    seconds: list[float] = field(default_factory=list)


def report_all(schools: Sequence[LiveSchool], port: int, *, count: int, per_second: float, threads: int = 8) -> Reports:
    """``count`` reports of extreme danger about nobody named, evenly over schools and time. One that was not received is not sent again."""
    cookies = [_cookie(school) for school in schools]
    found, lock = Reports(), threading.Lock()
    began = time.monotonic()

    def run(first: int) -> None:
        for number in range(first, count, threads):
            pause = began + number / per_second - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            place = number % len(schools)
            mark = f"bench {number:06d}"
            asked = time.monotonic()
            is_received = _post(schools[place].host, port, cookies[place], mark)
            with lock:
                found.seconds.append(time.monotonic() - asked)
                if is_received:
                    found.received.append((schools[place].pk, mark))
                else:
                    found.refused += 1

    workers = [threading.Thread(target=run, args=(first,), daemon=True) for first in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return found


def _cookie(school: LiveSchool) -> str:
    client = Client(headers={"host": school.host})
    client.force_login(User.objects.get(pk=school.head), backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={_TOKEN}"


def _post(host: str, port: int, cookie: str, mark: str) -> bool:
    """Whether it was answered as received. A server that is away, busy or says no has received nothing."""
    form = {
        "csrfmiddlewaretoken": _TOKEN, "person": "", "grade": "extreme", "kind": "psychological", "signs": mark,
        "danger_now": "on", "found_at": now().astimezone().strftime("%Y-%m-%dT%H:%M"), "place": "school", "place_words": "",
        "company": "nobody", "home": "unknown", "can_be_asked": "",
    }  # fmt: skip
    headers = {"Host": host, "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", "/my/report/", urlencode(form), headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return answer.status == HTTPStatus.FOUND and answer.headers["Location"].endswith("/my/report/")
    finally:
        connection.close()
