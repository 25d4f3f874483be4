"""A button pressed twice at once acts once, and both presses get the same answer (promise M3)."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.models import Department
from api.errors import IdempotencyMismatch
from api.once import Answer, once
from tenancy.scope import use_tenant
from tests.conftest import make_school

pytestmark = pytest.mark.usefixtures("committed")
PRESSES = 6


def press_together(keys: list[str]) -> tuple[list[Answer], int]:
    """One press per key, all at the same moment, each on a connection of its own; the answers and how often it acted."""
    school, person, mark = make_school(), uuid.uuid4(), uuid.uuid4().hex
    gate = threading.Barrier(len(keys))

    def act() -> tuple[int, Any]:
        made = Department.objects.create(name=f"{mark}{uuid.uuid4().hex}"[:60])
        return 201, {"made": str(made.pk)}

    def press(key: str) -> Answer:
        try:
            with use_tenant(school.id):
                connection.ensure_connection()
                gate.wait(timeout=30)
                return once(actor_id=person, key=key, call="press", sent={"units": 1}, act=act, wait=True)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(keys)) as pool:
        answers = list(pool.map(press, keys))
    with use_tenant(school.id):
        return answers, Department.objects.filter(name__startswith=mark).count()


def test_presses_with_one_key_act_once_and_hear_the_same() -> None:
    answers, acts = press_together([str(uuid.uuid4())] * PRESSES)
    assert acts == 1
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * (PRESSES - 1)


def test_presses_with_keys_of_their_own_act_each_time() -> None:
    """The control: without the shared key the same presses do act several times."""
    answers, acts = press_together([str(uuid.uuid4()) for _press in range(PRESSES)])
    assert acts == PRESSES
    assert len({answer.content for answer in answers}) == PRESSES


def test_the_same_key_for_something_else_is_refused_and_nothing_acts() -> None:
    school, person, key = make_school(), uuid.uuid4(), str(uuid.uuid4())
    with use_tenant(school.id):
        once(actor_id=person, key=key, call="press", sent={"units": 1}, act=lambda: (201, {}))
        for call, sent in (("press", {"units": 2}), ("other", {"units": 1})):
            with pytest.raises(IdempotencyMismatch):
                once(actor_id=person, key=key, call=call, sent=sent, act=_never)


def _never() -> tuple[int, Any]:
    raise AssertionError("it acted")
