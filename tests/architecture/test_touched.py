"""`bin/test --quick` takes those of the workflow's tests that a change touches (bin/lib/touched.py)."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin" / "lib"))

import touched  # noqa: E402

SOURCES = {
    "referrals/rules.py": "LAST_DAY = 30\n",
    "referrals/booking.py": "from referrals import rules\n\ndef book():\n    return rules.LAST_DAY\n",
    "referrals/desk/__init__.py": "from .views import page\n",
    "referrals/desk/views.py": "def page(): ...\n",
    "referrals/desk/urls.py": "from referrals.desk import page\n",
    "referrals/refusals.py": "ROWS = {}\n",
    "platform/kernel/money.py": "def yuan(): ...\n",
    "partners/letters.py": "from kernel.money import yuan\n\ndef letter(): ...\n",
    "partners/new.py": "def new(): ...\n",
    "tests/workflow/steps.py": "def step(): ...\n",
}
REACHED = {
    "tests/workflow/test_booking.py": {"tests/workflow/test_booking.py", "referrals/booking.py"},
    "tests/workflow/test_desk.py": {
        *("tests/workflow/test_desk.py", "tests/workflow/steps.py", "referrals/desk/views.py"),
        "referrals/templates/desk/page.html",
    },
    "tests/workflow/test_letters.py": {
        "tests/workflow/test_letters.py",
        "partners/letters.py",
        "platform/kernel/money.py",
    },
    "tests/api/test_api.py": {"partners/api.py"},
}
TESTS = [test for test in REACHED if test.startswith("tests/workflow/")]


def files(*paths: str) -> list[str] | None:
    """Their short names; None for all."""
    found = touched.touched(paths, TESTS, REACHED, SOURCES)
    return None if found is None else [Path(test).stem.removeprefix("test_") for test in found]


@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("referrals/booking.py", ["booking"]),  # its functions ran
        ("referrals/rules.py", ["booking"]),  # nothing of it ran, and who imports it did
        ("platform/kernel/money.py", ["letters"]),
        ("referrals/desk/views.py", ["desk"]),
        ("referrals/templates/desk/page.html", ["desk"]),
        ("tests/workflow/steps.py", ["desk"]),
        ("tests/workflow/test_booking.py", ["booking"]),
        ("partners/api.py", []),  # reached by another folder's tests alone
        ("referrals/refusals.py", ["booking", "desk"]),  # what an app brings: whoever runs anything of this app
        ("partners/locale/zh_Hans/LC_MESSAGES/django.po", ["letters"]),
        ("tests/journeys/test_back.py", []),
        ("docs/money.md", []),
        ("platform/ui/static/ui/app.css", []),
    ],
)  # fmt: skip
def test_a_change_chooses_the_tests_that_reach_it(path: str, chosen: list[str]) -> None:
    assert files(path) == chosen


@pytest.mark.parametrize(
    "path",
    [
        *("partners/new.py", "partners/templates/new.html", "data/holidays.json"),  # no test is known to reach it
        *("referrals/migrations/0001_first.py", "settings/base.py", "tests/conftest.py", "requirements.txt"),
        *("bin/lib/suite.py", "pyproject.toml", "referrals/desk/urls.py"),
    ],
)
def test_what_is_not_known_chooses_every_test(path: str) -> None:
    assert files(path) is None
    assert files("docs/money.md", path) is None


def test_a_package_that_only_hands_names_on_is_looked_through() -> None:
    sources = {**SOURCES, "referrals/desk/caller.py": "from referrals.desk import page\n\ndef call(): ...\n"}
    reached = {"tests/workflow/test_caller.py": {"referrals/desk/caller.py"}}
    assert touched.touched(["referrals/desk/views.py"], reached, reached, sources) == [*reached]


def test_a_test_that_never_ran_and_one_that_starts_a_program_are_always_taken() -> None:
    reached = {**REACHED, "tests/workflow/test_booking.py": {touched.STARTS_ANOTHER}}
    tests = [*TESTS, "tests/workflow/test_new.py"]
    found = touched.touched(["partners/letters.py"], tests, reached, SOURCES)
    assert found == [f"tests/workflow/test_{name}.py" for name in ("booking", "letters", "new")]


def test_nothing_changed_chooses_nothing_and_nothing_known_everything() -> None:
    assert files() == []
    assert touched.touched(["partners/letters.py"], TESTS, {}, SOURCES) in (None, sorted(TESTS))


def test_changed_is_what_differs_from_the_shared_branch_committed_or_not(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        names = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *names, *words], cwd=tmp_path, check=True, capture_output=True)

    def write(name: str, text: str) -> None:
        (tmp_path / name).write_text(text)

    assert touched.changed(tmp_path) is None
    git("init", "-b", "main")
    for name in ("old.py", "kept.py", "gone.py", "moved.py"):
        write(name, f"{name} = 1\n")
    git("add", ".")
    git("commit", "-m", "first")
    assert touched.changed(tmp_path) == set()
    git("checkout", "-b", "work")
    write("committed.py", "x = 1\n")
    git("mv", "moved.py", "to.py")
    git("add", ".")
    git("commit", "-m", "second")
    write("old.py", "x = 2\n")
    write("新.py", "x = 3\n")
    (tmp_path / "gone.py").unlink()
    assert touched.changed(tmp_path) == {"committed.py", "old.py", "新.py", "gone.py", "moved.py", "to.py"}


def test_the_tables_that_an_app_brings_are_those_of_the_guide() -> None:
    guide = (ROOT / "docs/contributing.md").read_text(encoding="utf-8")
    assert [name for name in touched.BROUGHT if f"`{name}.py`" not in guide] == []
    assert [start for start in touched.FOR_ALL if not any(ROOT.glob(f"{start.rstrip('/')}*"))] == []
