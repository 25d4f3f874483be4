"""A school whose chain lacks nothing, through the writers: rota, seats, lines, agreements, plans."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

from accounts.actor import Actor
from accounts.models import Membership
from partners.models import Agreement, Institution
from referrals.emergency.models import DutyLine, chain_moment
from referrals.emergency.rules.grades import Grade, IncidentKind
from referrals.emergency.workflow.lines import add_line
from referrals.emergency.workflow.plans import draft_plan, put_in_use
from referrals.emergency.workflow.seats import appoint
from referrals.emergency.workflow.shifts import Draft, enter_shifts
from referrals.emergency.workflow.switching import set_operator_line
from tests.conftest import actor_of, make_person


@dataclass
class Ready:
    """Who is there. ``head`` holds the centre's seat, ``principal`` the principal's."""

    head: Membership
    principal: Membership
    duty: Membership
    line: DutyLine
    operator_line: DutyLine
    institutions: list[Institution]

    @property
    def centre(self) -> Actor:
        """The head of the centre acts."""
        actor: Actor = actor_of(self.head)
        return actor


_NUMBER = iter(range(10**6))


def agreed(school: Any, by: Membership, name: str, kind: str) -> Institution:
    """A listed institution with an agreement in force, its row alone: whoever signs it is another test's."""
    number = next(_NUMBER)
    institution = Institution.objects.create(
        slug=f"inst-{number}-{school.slug[-6:]}",
        name=name,
        uscc=f"91{number:016d}",
        kind=kind,
        state="listed",
        district="滨江区",
        address="健康大道 6 号",
        phone=f"0571-8{number:07d}",
        contact_name="王",
        contact_phone="0571-87654321",
    )
    today = school.day_of(chain_moment())
    Agreement.objects.create(
        partner=institution,
        number=f"A-{number}",
        state="active",
        valid_from=today - timedelta(days=30),
        valid_until=today + timedelta(days=300),
        data_part_valid_until=today + timedelta(days=300),
        drafted_by=by.user,
        approved_by=make_person(school, "finance").user,
    )
    return institution


def make_ready(school: Any, *, with_plans: bool = True) -> Ready:
    """Inside the open school. Everybody has a number, every seat a deputy, nobody is missing for thirty days."""
    people = {
        role: make_person(school, role, phone=f"138{number:04d}{next(_NUMBER):04d}")
        for number, role in enumerate(("centre", "principal", "duty", "moral", "doctor"))
    }
    deputies = {role: make_person(school, "staff", phone=f"139{next(_NUMBER):08d}") for role in people}
    second = make_person(school, "duty", phone=f"137{next(_NUMBER):08d}")
    centre: Actor = actor_of(people["centre"])
    line = add_line(actor=centre, name="市心理热线", number="0571-87650001", kind="hotline", answers="全天")
    last = add_line(actor=centre, name="平台值守", number="400-161-9995", kind="operator", answers="全天")
    now = chain_moment()
    today = school.day_of(now)
    for kind, role in {"centre_head": "centre", "principal": "principal", "moral": "moral", "doctor": "doctor"}.items():
        appoint(actor=centre, kind=kind, since=today, holder_id=people[role].pk, deputy_id=deputies[role].pk)
    month = now + timedelta(days=30)
    enter_shifts(
        actor=centre,
        shifts=[
            Draft(now, now + timedelta(hours=12), holder_id=people["duty"].pk),
            Draft(now + timedelta(hours=12), month, line_id=line.pk),
            Draft(now, now + timedelta(hours=12), holder_id=second.pk, layer=2),
        ],
    )
    institutions = [
        agreed(school, people["centre"], "仁爱精神卫生中心", "mental_health_centre"),
        agreed(school, people["centre"], "市立医院", "hospital"),
    ]
    set_operator_line(actor=centre, line_id=last.pk)
    for kind, grade in product(IncidentKind, Grade) if with_plans else ():
        put_in_use(actor=centre, plan_id=draft_plan(actor=centre, kind=kind, grade=grade).pk)
    return Ready(people["centre"], people["principal"], people["duty"], line, last, institutions)
