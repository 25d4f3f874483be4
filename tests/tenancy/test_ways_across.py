"""The few ways through the walls, each with its reason: a new one is a decision, never an accident (house §Tenancy)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef

from partners.models import Agreement, AgreementLine, Institution, Service
from tenancy.scope import NoTenant, use_tenant
from tests.tree import ROOT, modules
from tests.workflow.partner_facts import make_agreement, make_institution, make_service

MOST = 20

ACROSS = {
    "platform/jobs/workflow.py": "finds due jobs; each then runs in its own school",
    "platform/notifications/drain.py": "finds due messages; each is sent in its own school",
    "platform/accounts/elsewhere.py": "finds the schools of one account: for its owner's page what stands at each one's door; to tell each that its number is another",
    "platform/people/lost_factor.py": "finds the schools in which one account is told; the message is written in each",
    "content/opendays/tasks.py": "finds open days whose reminder, offer or wiping is due; each is done in its own school",
    "platform/readings/due.py": "finds documents of which somebody is to be reminded; each is told in its own school",
    "platform/surveys/tasks.py": "finds surveys whose time is up; each is closed in its own school",
    "tips/due.py": "finds letters that are due; each is sent in its own school",
    "operations/doctor.py": "counts due rows that wait for a mend; reads nothing of them",
    "referrals/emergency/engine/due.py": "finds pages that are due; each is claimed and sent in its own school",
    "referrals/emergency/engine/known.py": "how many due legs and incidents only newer code knows; one number",
    "referrals/emergency/engine/rounds.py": "finds schools in which a clock has run out, and legs of who has left; each is opened by itself",
    "referrals/emergency/engine/signs.py": "how late the latest leg is and how many pages wait; numbers alone",
    "referrals/emergency/outside/finding.py": "finds whose a secret from outside is; what it opens is read in its school",
    "referrals/emergency/workflow/duty_notices.py": "finds shifts that begin soon; who holds them is told in their school",
    "referrals/emergency/workflow/releasing.py": "finds incidents that a copy holds back; each is released in its own school",
    "referrals/liaison/tasks.py": "finds cards and talks whose time is over; each is ended in its own school",
    "referrals/due.py": "finds offers and vouchers whose time is over; each is moved in its own school",
}
"""Where every school is opened for reading, and why."""

RAW = {
    "platform/tenancy/": "the walls themselves",
    "operations/doctor.py": "asks the server for its version, roles and migrations; reads no row of a school",
    "operations/doctor_chain.py": "asks the server how many connections are left; touches no table",
    "referrals/emergency/engine/": "claims and settles set by set, by the chain's clock; always inside a scope",
    "referrals/emergency/workflow/moving.py": "asks the chain's clock; touches no table of a school",
    "referrals/emergency/workflow/in_drill.py": "takes the lock between drills and what is real; touches no table",
    "referrals/emergency/workflow/withdrawing.py": "lets queued pages die set by set, by the chain's clock; inside a scope",
    "referrals/emergency/workflow/releasing.py": "drops what piled up in a copy, set by set, by the chain's clock; inside a scope",
    "platform/notifications/providers/mark.py": "asks whose mark the database bears; reads no row of a school",
    "platform/notifications/providers/clock.py": "asks the database for the time; touches no table",
    "demo/chain_time.py": "sets the chain's clock as the owner, while the demo is loaded; touches no table of a school",
    "operations/health.py": "asks whether the database answers; touches no table",
}
"""Where SQL is written by hand, and why. Tables' triggers stand in their Meta.constraints and are not meant here."""

_RAW_SQL = re.compile(r"\.cursor\(\)|\bRawSQL\b|\.raw\(|\.extra\(|\bRunSQL\b|psycopg\.connect")


def sources() -> Iterator[tuple[str, str]]:
    """Path and text of every module of ours that can run in production."""
    for path in modules(migrations=True):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def test_every_way_across_schools_is_listed_with_a_reason() -> None:
    uses = {
        path: len(re.findall(r"\bacross_tenants\(", text))
        for path, text in sources()
        if path != "platform/tenancy/scope.py"
    }
    found = {path: count for path, count in uses.items() if count}
    assert sorted(found) == sorted(ACROSS)
    assert sum(found.values()) <= MOST


def test_a_way_across_says_why_in_words() -> None:
    for path, text in sources():
        for reason in re.findall(r"with across_tenants\((.*?)\):", text):
            assert re.fullmatch(r'"[a-z][^"]{10,}"', reason), (path, reason)


def test_no_sql_is_written_by_hand_outside_the_walls() -> None:
    found = {path for path, text in sources() if _RAW_SQL.search(text) and "/migrations/" not in path}
    assert {path for path in found if not path.startswith(tuple(RAW))} == set()
    assert all(any(path.startswith(place) for path in found) for place in RAW), "the list names a place that is gone"


def test_the_named_hole_a_join_from_a_global_table_meets_the_second_wall(school: Any, other_school: Any) -> None:
    """``Institution`` has no school, so a join from it does not pass the tenant's manager: only the database narrows it."""
    institution = make_institution()
    service = make_service(institution)
    make_agreement(school, service)
    make_agreement(other_school, service)
    for tenant, mine in ((school, 1), (other_school, 1)):
        with use_tenant(tenant.id):
            assert Agreement.objects.filter(partner=institution).count() == mine
            counted = _count_by_join(institution)
            assert counted == mine, "the first wall is not in the way here; the second must be"
            has = Exists(AgreementLine.objects.filter(service=OuterRef("pk")))
            assert Service.objects.annotate(agreed=has).get(pk=service.pk).agreed
    with pytest.raises(NoTenant):
        Service.objects.annotate(agreed=Exists(AgreementLine.objects.filter(service=OuterRef("pk")))).first()


def _count_by_join(institution: Institution) -> int:
    """The join as SQL has it; no reverse accessor exists, so that nobody writes it by accident."""
    assert not [relation for relation in Institution._meta.related_objects if relation.related_model is Agreement]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(a.id) FROM partners_institution i LEFT JOIN partners_agreement a ON a.partner_id = i.id"
            " WHERE i.id = %s",
            [institution.pk],
        )
        return int(cursor.fetchone()[0])
