"""What a school's own settings and the operator's page of a school have to show: a school just born, and a request that waits for the union."""

from datetime import date, timedelta
from typing import Any

from accounts.models import Membership
from content.demo import load_library
from families.workflow import register_child
from kernel.clock import now
from notifications.models import ProviderAccount
from notifications.workflow import save_account, save_rules
from referrals.emergency.engine.ways import key_of
from referrals.emergency.models import Canary
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
        _open_ways_out(admin)
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


def _open_ways_out(admin: Membership) -> None:
    """Texts are proven, with a test on its way and two approved templates; calls failed their last test; WeCom is off."""
    assert admin.user is not None
    admin.user.keep_proved_phone("13900008888")
    admin.user.save()
    actor, limits = actor_of(admin), {"per_minute": 1, "per_hour": 5, "per_day": 10}
    keys = {"key_id": "LTAI5tExample", "key_secret": "kept", "name": "育才中学"}
    entered = {"callback_number": "0571-88886666", "limits": limits}
    sms = save_account(
        actor=actor, provider="aliyun", channel="sms", credentials=keys, is_active=True, **entered,
    )  # fmt: skip
    rules = {"code": (True, "SMS_154950001"), "page": (True, "SMS_154950002"), "duty": (False, "")}
    save_rules(actor=actor, provider="aliyun", channel="sms", rules=rules)
    sms.tested_at, sms.proven_at, sms.test_code = now(), now() - timedelta(days=3), "4821"
    sms.save()
    voice = save_account(
        actor=actor, provider="aliyun", channel="voice", credentials={**keys, "name": "057188886666"}, is_active=True, **entered,
    )  # fmt: skip
    voice.tested_at, voice.test_result = now(), "balance"
    voice.save()
    for what, result in ((":balance", "fen_123450"), (":sign", "sign_approved"), ("", "taken")):
        _answered(sms, what, result)
    _answered(voice, ":balance", "balance", failures=3)
    save_account(
        actor=actor, provider="wecom", channel="wecom", is_active=False, **entered,
        credentials={"corp_id": "ww8f1c3e", "agent_id": "1000002", "secret": "kept"},
    )  # fmt: skip


def _answered(account: ProviderAccount, what: str, result: str, failures: int = 0) -> None:
    """What a canary brought a moment ago."""
    Canary.objects.create(
        key=f"{key_of(account)}{what}", provider=account.provider, channel=account.channel, every_seconds=3600,
        asked_at=now(), well_at=None if failures else now(), result=result, failures=failures,
    )  # fmt: skip


def _ask(journey: Journey) -> Any:
    child = register_child(actor=journey.staff2, name="知夏", born=date(now().year - 8, 4, 2))
    start = (now() + timedelta(days=5)).replace(minute=0, second=0, microsecond=0)
    return submit_referral(
        actor=journey.staff2, tenant=journey.tenant, service_id=journey.childcare.pk, units=1,
        windows=[(start, start + timedelta(hours=3))], consent=["referral", "childcare"], child_id=child.pk,
        wishes=Wishes(access=("step_free", "hearing")),
    )  # fmt: skip
