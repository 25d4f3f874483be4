"""Runs random walks through the journey: several people act under a clock that stands still, jumps and lags.

Ours is how many walks ended with every invariant whole, the floor how many were asked for. It is the suite's own machine
(``tests.workflow.walking``), in a database and on a connection as the suite has them: each walk is put back after it.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SHORT, LONG = 340, 10_000
ROOT = Path(__file__).resolve().parents[1]


def run(long: bool = False) -> dict[str, Any]:
    """340 walks of thirty steps in a few minutes, so 10 000 commands; 10 000 walks with ``long``. RuntimeError with the shortest broken walk's words on standard error."""
    walks = LONG if long else SHORT
    began = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/workflow/test_walks.py", "-q"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "settings.test", "WALKS": str(walks)},
        stdout=sys.stderr,
        check=False,
    )
    if told.returncode:
        raise RuntimeError("a walk broke what must hold")
    seconds = round(time.monotonic() - began)
    return {"ours": walks, "floor": walks, "ratio": 1.0, "unit": "whole walks", "n": walks, "seconds": seconds}
