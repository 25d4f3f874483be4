"""`bin/bench` fails where nothing may be lost, early or different and something is: no figure of wrong books passes as one."""

import json
from pathlib import Path

import pytest

import bench
from bench import __main__ as command

CASE = '''"""A case of a test."""

def run():
    return {"ours": %s, "floor": %s, "ratio": None, "unit": "faults", "n": 3, "lost": %s, "again": 0}
'''


@pytest.mark.parametrize(
    ("name", "ours", "floor", "lost", "status"),
    [
        ("toy", 0, 0, 0, 0),
        ("toy", 1, 0, 0, 1),
        ("toy", -1, 0, 0, 1),  # of a case that never looked
        ("toy", 0.5, 2, 0, 0),
        ("toy", 0.5, 2, 1, 0),  # a word of its own, of which nothing is promised
    ],
)
def test_what_must_be_none_fails_the_command_and_is_printed_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, ours: float,
    floor: float, lost: int, status: int,
) -> None:  # fmt: skip
    name = f"{name}_{abs(hash(tmp_path))}"  # a module of that name is read once
    (tmp_path / f"{name}.py").write_text(CASE % (ours, floor, lost), encoding="utf-8")
    monkeypatch.setattr(bench, "__path__", [*bench.__path__, str(tmp_path)])
    assert command.run_cases([name], set()) == status
    said = capsys.readouterr()
    assert json.loads(said.out)["ours"] == ours
    assert (f"{name}: must be 0: ours {ours}" in said.err) is bool(status)


@pytest.mark.parametrize(("lost", "again", "found"), [(0, 0, []), (2, 0, ["lost 2"]), (0, 3, ["again 3"])])
def test_a_rush_may_lose_no_leg_and_page_nobody_twice(lost: int, again: int, found: list[str]) -> None:
    assert command.not_none("rush", {"ours": 21.4, "floor": 60, "lost": lost, "again": again}) == found


def test_whatever_must_be_none_is_of_a_case_that_there_is() -> None:
    assert set(command.NONE_OF) <= set(bench.case_names())
