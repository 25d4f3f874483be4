"""E1, the engine's part: its children are killed −9 all the time while incidents are opened, and no page is lost.

``ours`` is the number of legs without a page at the end, ``floor`` what the promise allows (0). A page may go out twice only
for a send that was under way at a kill, and then under the same key: ``again`` counts them beside the ``kills``.
"""

import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from bench._chain import Sink, make_live_school
from bench.first_page import SCHOOLS, start_engine
from bench.first_page import open_all as opened_over
from referrals.emergency.models import Leg
from tenancy.scope import use_tenant

CHILDREN = 3


def run(seconds: int = 15, *, long: bool = False) -> dict[str, Any]:
    """Twenty incidents a second for ``seconds`` (``long``: two minutes) while a child dies every 0.3–0.9 s."""
    lasts = 120 if long else seconds
    schools = [make_live_school(number, lasts) for number in range(SCHOOLS)]
    sink = Sink()
    engine = start_engine(sink, children=CHILDREN)
    killer = _Killer(engine)
    try:
        time.sleep(6)
        killer.start()
        opened = opened_over(schools, lasts)
        killer.stop()
        until = time.time() + 45
        while opened.keys() - sink.first.keys() and time.time() < until:
            time.sleep(0.2)
    finally:
        killer.stop()
        engine.send_signal(signal.SIGTERM)
        engine.wait(timeout=30)
        sink.shutdown()
    for school in schools:
        with use_tenant(school.pk):
            assert not Leg.objects.filter(next_at=None, state="paging").exists()
    again = sum(times - 1 for times in sink.keys.values())
    assert again <= killer.kills * 40, "more sends were repeated than can have been under way"
    return {
        "ours": len(opened.keys() - sink.first.keys()),
        "floor": 0,
        "ratio": None,
        "again": again,
        "kills": killer.kills,
        "unit": "legs lost",
        "n": len(opened),
    }


class _Killer:
    """Kills one child of the engine at a time, hard."""

    def __init__(self, engine: subprocess.Popen[bytes]) -> None:
        self.engine, self.kills = engine, 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """No more."""
        self._is_over.set()

    def _run(self) -> None:
        chance = random.Random(1)
        while not self._is_over.wait(chance.uniform(0.3, 0.9)):
            children = Path(f"/proc/{self.engine.pid}/task/{self.engine.pid}/children").read_text().split()
            if children:
                os.kill(int(chance.choice(children)), signal.SIGKILL)
                self.kills += 1
