"""What a file of tests reached is written down when all of it has run, and it is all there (tests/reached.py)."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND = "tests/workflow/test_own_payment.py", "tests/workflow/test_staff_home.py"


def run(folder: Path, *arguments: str) -> dict[str, set[str]]:
    """What is noted after a run of its own, by file of tests."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT, env={**os.environ, "REACHED": str(folder), "TEST_DB_NAME": "test_reached"}, check=True, capture_output=True,
    )  # fmt: skip
    notes = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    return {note["test"]: {*note["reached"]} for note in notes}


def test_each_file_has_its_own_functions_pages_and_what_was_planted_before_it(tmp_path: Path) -> None:
    found = run(tmp_path, FIRST, SECOND)
    assert found.keys() == {FIRST, SECOND}
    for test in (FIRST, SECOND):
        assert {test, "tests/fixtures_journey.py", "platform/vault/keys.py"} <= found[test], test
        assert all((ROOT / path).exists() for path in found[test])
    assert "referrals/templates/referrals/my/home.html" in found[SECOND] - found[FIRST]


def test_a_part_of_a_file_leaves_what_is_known_of_the_whole(tmp_path: Path) -> None:
    assert run(tmp_path, "tests/unit/test_money.py", "-k", "fen") == {}
    assert "platform/kernel/money.py" in run(tmp_path, "tests/unit/test_money.py")["tests/unit/test_money.py"]
