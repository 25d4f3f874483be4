"""Several acts that begin at the same moment, each on a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections

from tenancy.scope import use_tenant


def at_once(school: Any, acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each act, begun inside ``school``, returned or raised; in their order."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            with use_tenant(school.id):
                connection.ensure_connection()
                gate.wait(timeout=30)
                return act()
        except Exception as error:  # noqa: BLE001 - told to the test
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
