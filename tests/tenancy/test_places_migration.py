"""Rows of before: what a school typed moves into its own rows, shells become waiting places, unproved numbers go (ADR 0010)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Department, Membership, User, phone_index
from kernel.clock import now
from kernel.fold import name_key
from partners.models import Service
from tenancy.grants import grant_all
from tenancy.migrating import one_class_at_a_time
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import make_institution
from vault.keyring import GLOBAL_TENANT
from vault.sealed import seal

BEFORE = [("accounts", "0006_places_wait"), ("partners", "0004_places_wait")]
NUMBERS = {"shell": "+8613800138001", "used": "+8613800138002", "typed": "+8613800138003", "two": "+8613800138004"}


DEPARTMENTS = ["IB组", "ib组", "ＩＢ组", "IB组 (2)", "A" * 60, "Ａ" * 60]  # noqa: RUF001 - full width is meant
SERVICES = ["EAP咨询", "eap咨询", "ＥＡＰ咨询", "EAP 咨询", "EAP咨询 (2)", "A" * 120, "Ａ" * 120]  # noqa: RUF001 - full width is meant


@dataclass
class Moved:
    """Rows of before, brought to today's tables: two schools, accounts and places by word, members and services by old name."""

    owner: Any
    schools: list[Any]
    accounts: dict[str, Any]
    members: dict[str, Any]
    services: dict[str, Any]


@pytest.fixture(scope="module")
def moved(own_database: None, django_db_blocker: Any) -> Iterator[Moved]:
    """There and back once: a way through every migration of the house is dear. The owner goes it, as at an update."""
    with django_db_blocker.unblock():
        login = {**connections["default"].settings_dict, **settings.OWNER_DATABASE}
        login["NAME"] = connections["default"].settings_dict["NAME"]
        owner = DatabaseWrapper(login, "default")
        schools, homes = [make_school(), make_school()], [make_institution(), make_institution()]
        old = migrate(owner, BEFORE)
        accounts = make_rows(owner, old, schools)
        members, services = make_departments(old, schools), make_services(old, homes)
        migrate(owner)
        yield Moved(owner, schools, accounts, members, services)
        owner.close()


def migrate(owner: Any, targets: list[tuple[str, str]] | None = None) -> Any:
    """To ``targets``, or to the newest; the tables as they are then. The test's own connection makes way for the owner's."""
    tester = connections["default"]
    tester.close()
    connections["default"] = owner
    try:
        executor = MigrationExecutor(owner)
        newest = executor.loader.graph.leaf_nodes()
        with one_class_at_a_time():
            executor.migrate(targets or newest)
        if targets is None:
            grant_all()  # as at an update: a table that was made anew has lost what the roles may do
        targets = targets or newest
        return MigrationExecutor(owner).loader.project_state(targets).apps
    finally:
        connections["default"] = tester


def make_rows(owner: Any, old: Any, schools: list[Any]) -> dict[str, Any]:
    """Accounts as they were, by what became of them."""
    user_model, member_model = old.get_model("accounts", "User"), old.get_model("accounts", "Membership")
    made: dict[str, Any] = {}

    def person(word: str, *, opened: bool, places: int, **values: Any) -> None:
        pk = uuid4()
        number = NUMBERS.get(word, "")
        user = user_model(
            pk=pk, email=f"{word}@old.example", full_name=f"{word} account", password="argon2$x" if opened else "!x",
            last_login=now() - timedelta(days=3) if opened else None,
            phone_hash=phone_index(number) if number else None,
            phone_sealed=seal(GLOBAL_TENANT, "accounts_user", pk, "phone_sealed", number) if number else None, **values,
        )  # fmt: skip
        user.save(using="default", force_insert=True)
        made[word] = pk
        for school in schools[:places]:
            member_model(tenant_id=school.pk, user_id=pk, name=f"曾{word}", roles=["staff"]).save(force_insert=True)

    tester = connections["default"]
    connections["default"] = owner
    with owner.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_membership NO FORCE ROW LEVEL SECURITY")
        cursor.execute("ALTER TABLE vault_tenantkey NO FORCE ROW LEVEL SECURITY")
    try:
        person("shell", opened=False, places=1)
        person("used", opened=True, places=1)
        person("typed", opened=True, places=1, phone_typed=True)
        person("two", opened=True, places=2, phone_verified=True)
        person("twoshells", opened=False, places=2)
    finally:
        with owner.cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_membership FORCE ROW LEVEL SECURITY")
            cursor.execute("ALTER TABLE vault_tenantkey FORCE ROW LEVEL SECURITY")
        connections["default"] = tester
    return made


def make_departments(old: Any, schools: list[Any]) -> dict[str, Any]:
    """One person in each: who, by school and department."""
    department, member = old.get_model("accounts", "Department"), old.get_model("accounts", "Membership")
    made: dict[str, Any] = {}
    for place, school in enumerate(schools):
        with use_tenant(school.id):
            for name in DEPARTMENTS[: 6 - 5 * place]:
                row = department(tenant_id=school.pk, name=name)
                row.save(force_insert=True)
                user = old.get_model("accounts", "User")(
                    pk=uuid4(), email=f"{uuid4()}@old.example", password="argon2$x"
                )
                user.save(force_insert=True)
                person = member(
                    tenant_id=school.pk, user_id=user.pk, name="王芳", roles=["staff"], department_id=row.pk
                )
                person.save(force_insert=True)
                made[f"{place} {name}"] = person.pk
    return made


def make_services(old: Any, homes: list[Any]) -> dict[str, Any]:
    """By institution and name."""
    made: dict[str, Any] = {}
    for place, home in enumerate(homes):
        for name in SERVICES[: 7 - 6 * place]:
            row = old.get_model("partners", "Service")(
                institution_id=home.pk, name=name, kind="counselling", list_fee_fen=30_000
            )
            row.save(force_insert=True)
            made[f"{place} {name}"] = row.pk
    return made


def forced(owner: Any) -> set[tuple[str, bool]]:
    """Whether the walls stand again, also before the owner."""
    with owner.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relforcerowsecurity FROM pg_class"
            " WHERE relname IN ('accounts_membership', 'accounts_department', 'vault_tenantkey')"
        )
        return set(cursor.fetchall())


def test_rows_of_before_become_places_and_proved_accounts(db: None, moved: Moved) -> None:
    made = moved.accounts
    with use_tenant(moved.schools[0].id):
        rows = Membership.objects.filter(department=None)
        place = {member.name.removeprefix("曾"): member for member in rows}
        phones = {word: member.phone for word, member in place.items()}
    assert {word: (member.user_id, member.accepted_at is not None) for word, member in place.items()} == {
        "shell": (None, False), "twoshells": (None, False), "used": (made["used"], True), "typed": (made["typed"], True),
        "two": (made["two"], True),
    }  # fmt: skip
    assert {word: member.email for word, member in place.items()} == {
        "shell": "shell@old.example", "used": "used@old.example", "typed": "typed@old.example", "two": "", "twoshells": "",
    }, "of two schools, which one typed it is not known"  # fmt: skip
    assert phones == {"shell": NUMBERS["shell"], "used": NUMBERS["used"], "typed": "", "two": "", "twoshells": ""}
    assert place["two"].sort_key == "zeng1曾 two"
    assert forced(moved.owner) == {
        ("accounts_department", True),
        ("accounts_membership", True),
        ("vault_tenantkey", True),
    }
    account = {word: User.objects.get(pk=pk) for word, pk in made.items()}
    assert {word: user.phone for word, user in account.items() if user.phone} == {"two": NUMBERS["two"]}
    assert [(account[word].email, account[word].is_active) for word in ("shell", "twoshells")] == [(None, False)] * 2
    assert account["used"].email == "used@old.example"


def test_departments_that_look_alike_keep_their_people_and_the_later_one_gets_a_number(db: None, moved: Moved) -> None:
    found: dict[str, str] = {}
    for place, school in enumerate(moved.schools):
        with use_tenant(school.id):
            now_named = {
                row.pk: row.department.name
                for row in Membership.objects.exclude(department=None).select_related("department")
            }
            assert all(row.key == name_key(row.name) for row in Department.objects.all())
            found |= {was: now_named[pk] for was, pk in moved.members.items() if was.startswith(f"{place} ")}
    assert found == {
        "0 IB组": "IB组",
        "0 ib组": "ib组 (3)",
        f"0 {DEPARTMENTS[2]}": f"{DEPARTMENTS[2]} (4)",
        "0 IB组 (2)": "IB组 (2)",
        f"0 {DEPARTMENTS[4]}": DEPARTMENTS[4],
        f"0 {DEPARTMENTS[5]}": "Ａ" * 56 + " (2)",
        "1 IB组": "IB组",
    }
    assert forced(moved.owner) == {
        ("accounts_department", True),
        ("accounts_membership", True),
        ("vault_tenantkey", True),
    }


def test_services_that_look_alike_keep_their_agreements_and_the_later_one_gets_a_number(db: None, moved: Moved) -> None:
    rows = Service.objects.in_bulk(moved.services.values())
    assert all(row.key == name_key(row.name) for row in Service.objects.all())
    assert {was: rows[pk].name for was, pk in moved.services.items()} == {
        "0 EAP咨询": "EAP咨询",
        "0 eap咨询": "eap咨询 (3)",
        f"0 {SERVICES[2]}": f"{SERVICES[2]} (4)",
        "0 EAP 咨询": "EAP 咨询",
        "0 EAP咨询 (2)": "EAP咨询 (2)",
        f"0 {SERVICES[5]}": SERVICES[5],
        f"0 {SERVICES[6]}": "Ａ" * 116 + " (2)",
        "1 EAP咨询": "EAP咨询",
    }
