"""What a school's own settings and the operator's page of a school have to show: a school just born, and a request that waits for the union."""

from datetime import date, timedelta
from typing import Any

from accounts.models import Membership
from content.demo import load_library
from families.workflow import register_child
from kernel.clock import now
from referrals.wishes import Wishes
from referrals.workflow.submitting import submit_referral
from schools.workflow import create_school, save_settings
from tenancy.scope import use_tenant
from tests.conftest import actor_of
from tests.fixtures_journey import Journey


def school_paths(journey: Journey, admin: Membership) -> dict[str, str]:
    """The school begins to ask its union about childcare; another school is born beside it. Names their pages."""
    tenant = journey.tenant
    with use_tenant(tenant.id):
        save_settings(
            actor=actor_of(admin),
            duty_phone=tenant.duty_phone,
            duty_hours=tenant.duty_hours,
            rules={"asked_kinds": ["childcare"]},
        )
        tenant.refresh_from_db()
        asked = _ask(journey)
    with use_tenant(journey.platform.id):
        load_library(journey.platform)
        fresh = create_school(
            actor=journey.operator, slug=f"{tenant.slug}b", name="新安实验中学", kind="middle", code="XA",
            administrator=("顾校办", f"{tenant.slug}b@invited.example"), takes_library=True,
        )  # fmt: skip
    return {
        "union_decision": f"/union/referrals/{asked.pk}/",
        "asked_union": f"/my/referrals/{asked.pk}/",
        "school_born": f"/operator/schools/{fresh.pk}/",
        "school_own": f"/operator/schools/{tenant.pk}/",
    }


def _ask(journey: Journey) -> Any:
    child = register_child(actor=journey.staff2, name="知夏", born=date(now().year - 8, 4, 2))
    start = (now() + timedelta(days=5)).replace(minute=0, second=0, microsecond=0)
    return submit_referral(
        actor=journey.staff2, tenant=journey.tenant, service_id=journey.childcare.pk, units=1,
        windows=[(start, start + timedelta(hours=3))], consent=["referral", "childcare"], child_id=child.pk,
        wishes=Wishes(access=("step_free", "hearing")),
    )  # fmt: skip
