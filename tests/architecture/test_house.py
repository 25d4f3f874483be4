"""The rules of the house that no linter knows (house §Tree, §Style)."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.tree import FOLDERS, ROOT, modules

OURS = modules()

SILENCED = 32


def _trees_with(words: str) -> Iterator[tuple[Path, ast.Module]]:
    """The modules in whose text the pattern ``words`` is found, read: to read all takes seconds."""
    for path in OURS:
        if re.search(words, text := path.read_text()):
            yield path, ast.parse(text)


def test_platform_is_no_package():
    """With an ``__init__.py`` it would hide the standard library's module, and Celery and pytest would die at start."""
    assert not (ROOT / "platform" / "__init__.py").exists()


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_file_outgrows_a_reader():
    long = {str(path.relative_to(ROOT)): n for path in OURS if (n := len(path.read_text().splitlines())) > 420}
    assert long == {}


def test_no_line_of_a_template_runs_out_of_sight():
    """At most 200 characters, but for a comment, a style sheet's rule and a tag that Django wants on one line."""
    one_tag = re.compile(r"\s*(\{#.*#\}|\{%[^%]*%\}|<script [^>]*>.*</script>)\s*")
    long = [
        f"{page.relative_to(ROOT)}:{number}"
        for folder in FOLDERS
        for page in sorted((ROOT / folder).rglob("templates/**/*.html"))
        for number, text in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
        if len(text) > 200 and not one_tag.fullmatch(text)
    ]
    assert not long, long


def test_no_drawer_for_everything():
    """No ``utils``, no ``helpers``: a name says what lives there (house §style 10)."""
    drawers = [p for p in OURS if p.stem in {"utils", "util", "helpers", "helper", "misc", "common", "base_models"}]
    assert drawers == []


def test_times_are_checked_against_the_agency_s_hours_in_one_place():
    """A writer that called ``check_windows`` with hours of its own would book at night."""
    callers = {str(path.relative_to(ROOT)) for path in OURS if re.search(r"\bSessionRule\(", path.read_text())}
    assert callers == {"referrals/workflow/times.py"}
    unchecked = {
        str(path.relative_to(ROOT))
        for path in OURS
        if "Proposal(" in path.read_text() or "save_booking(" in path.read_text()
    } - {"referrals/models/booking.py"}
    assert {name for name in unchecked if "checked_times(" not in (ROOT / name).read_text()} == set()


def test_no_signals_for_domain_flow():
    """Signals are for the schema (grants) and for framework glue, never for what the product does."""
    allowed = {"platform/tenancy/apps.py"}
    users = {
        str(path.relative_to(ROOT))
        for path in OURS
        if "django.db.models.signals" in path.read_text() or "django.dispatch" in path.read_text()
    }
    assert users - allowed == set()


def test_every_refusal_is_met_by_a_test():
    """A refusal that no test names by its code is one that nobody has ever seen."""
    kinds = {"NotFound", "Forbidden", "Conflict", "Refused", "Invalid", "TooMany", "IllegalMove"}
    codes = {
        call.args[0].value
        for _path, tree in _trees_with(rf"\b(?:{'|'.join(kinds)})\(")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in kinds
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(codes) > 60, "the search finds the code"
    assert {code for code in codes if f'"{code}"' not in tests} == set()


def test_one_form_shows_refusals_and_it_remembers_them():
    """Else the refused act leaves no row: to ``ui.refused`` it would look like a slip of the finger."""
    found = {}
    for path, tree in _trees_with(r"\bdef refuse\b"):
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.FunctionDef)
                and node.name == "refuse"
                and "self" in [a.arg for a in node.args.args]
            ):
                calls = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
                found[str(path.relative_to(ROOT))] = "remember" in [ast.unparse(func) for func in calls]
    assert found == {"platform/accounts/writer_form.py": True}


def test_who_acts_is_said_by_the_ways_in_alone():
    """``request.actor = …`` stands in the middleware and beside the keys, and both ask ``admit``."""
    found: dict[str, set[str]] = {}
    for path, tree in _trees_with(r"\.actor ="):
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "actor" and ast.unparse(target.value) != "self":
                    found.setdefault(str(path.relative_to(ROOT)), set()).add(ast.unparse(node.value))
    assert found == {
        "platform/accounts/middleware.py": {"None", "admit(tenant, request.user, came_in=signed_in_at(request))"},
        "platform/accounts/api_auth.py": {"actor"},
    }
    assert "actor = admit(" in (ROOT / "platform/accounts/api_auth.py").read_text()


IDENTITY = {
    "platform/accounts/": "sign-in, and one's own pages",
    "platform/notifications/channels.py": "a message to somebody who has taken the place goes to the address they proved",
    "schools/views/record.py": "the platform's own record names its operators",
    "demo/": "makes accounts and prints how to sign in with them",
}
"""Who may look into an account. Everybody else speaks of a place in the words of whoever typed it (ADR 0010)."""
_OF_AN_ACCOUNT = re.compile(
    r"\buser__(?!isnull|in\b|id\b)\w+|\b(?:user|account)\.(?:email|full_name|phone|phone_hash|last_login|password)\b"
    r"|\bfull_name\b|\bget_full_name\b|select_related\([^)]*[\"']user[\"']|\.has_usable_password"
)


def test_nobody_but_identity_looks_into_an_account():
    """A join from a place to its account passes both walls: an account has none."""
    templates = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.html")]
    found = [
        f"{name}: {hit[0]}"
        for path in [*OURS, *templates]
        if not (name := str(path.relative_to(ROOT))).startswith(tuple(IDENTITY))
        for hit in _OF_AN_ACCOUNT.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_place_is_given_to_an_account_by_its_acceptance_alone():
    """``place.user = …`` stands in one function; setups that bring accounts of their own are listed."""
    givers = {
        "platform/accounts/invitations.py": 1,
        "partners/workflow/people.py": 2,  # user_id of the demo, and the same person's next place
        "demo/setup.py": 1,
    }
    given = re.compile(
        r"\b(?:place|member|membership)\.user\b[^=\n.]*=[^=]|\buser_id=(?:user_id|before\.user_id)|\buser=user\b"
    )
    found = {
        str(path.relative_to(ROOT)): count
        for path in OURS
        if re.search(r"\bMembership\(|InstitutionMember\(|_join\(", text := path.read_text())
        and (count := len(given.findall(text)))
    }
    assert found == givers


def test_types_are_silenced_no_more_often():
    """What the type checker is told to overlook grows quietly: a number to lower, never to raise. A request's school is
    ``HostRequest`` or ``ActingRequest``, REST framework's ``host_request``.
    """
    product = [path for path in OURS if path.relative_to(ROOT).parts[0] not in ("tests", "bench")]
    silenced = Counter(re.findall(r"# type: ignore\[([\w,-]+)\]", "\n".join(path.read_text() for path in product)))
    assert silenced["attr-defined"] <= SILENCED, silenced
    asked = re.compile(r"request\.(tenant|on_platform|actor)\b.*# type: ignore")
    assert not [str(path.relative_to(ROOT)) for path in product if asked.search(path.read_text())]


def test_whether_somebody_has_left_is_asked_in_one_place():
    """A planned last day is no departure: ``left_on__isnull`` alone forgets whoever leaves in ninety days (``not_left``)."""
    found = {
        str(path.relative_to(ROOT)): count
        for path in OURS
        if (count := len(re.findall(r"left_on__isnull|left_on=None\b", path.read_text())))
    }
    assert found == {"platform/accounts/models.py": 1}, "only where the database says that a last day follows the first"
