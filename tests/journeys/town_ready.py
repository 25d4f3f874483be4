"""What the pages of readiness have to show: a kit with something over, an expert, a vacation that must be filled, channels."""

from datetime import timedelta
from uuid import UUID

from notifications.models import ProviderAccount
from partners.models import Agreement
from referrals.emergency.models import chain_moment
from referrals.emergency.workflow.away import enter_away
from referrals.emergency.workflow.experts import add_expert
from referrals.emergency.workflow.feeds import make_feed
from referrals.emergency.workflow.kits import add_place, put_item
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey


def ready_paths(journey: Journey) -> dict[str, str]:
    """Inside the school of the rota."""
    school = journey.tenant
    with use_tenant(school.pk):
        today = school.day_of(chain_moment())
        head = journey.members["centre"]
        centre = actor_of(head)
        doctor = make_person(school, "doctor", name="方明", title="方校医")
        cupboard = add_place(actor=centre, name="心理中心 201 柜子", kind="centre", licence="", keeper_id=head.pk)
        clinic = add_place(actor=centre, name="医务室", kind="clinic", licence="PDY330108001", keeper_id=doctor.pk)

        def put(place: UUID, kind: str, name: str, stock: int, days: int | None) -> UUID:
            until = None if days is None else today + timedelta(days=days)
            return put_item(
                actor=centre, place_id=place, kind=kind, name=name, stock=stock, least=4, expires_on=until
            ).pk

        item = put(cupboard.pk, "first_aid", "口服补液盐", 6, -3)
        put(cupboard.pk, "calming", "减压球", 2, None)
        put(clinic.pk, "first_aid", "无菌敷料", 30, 12)
        put(clinic.pk, "medicine", "硝酸甘油片", 5, 300)
        agreed = Agreement.objects.values_list("partner_id", flat=True).first()
        expert = add_expert(
            actor=centre, name="许静文", kind="psychiatrist", reach="district", phone="13800002001", partner_id=agreed
        )
        add_expert(actor=centre, name="高远", kind="crisis", reach="online", phone="", partner_id=None)
        first = today + timedelta(days=9)
        enter_away(actor=centre, first_day=first, last_day=first + timedelta(days=4))
        enter_away(actor=centre, first_day=first + timedelta(days=50), last_day=first + timedelta(days=53))
        make_feed(actor=centre)
        now = chain_moment()
        for provider, channel, days in (("aliyun", "sms", 20), ("aliyun", "voice", 101), ("wecom", "wecom", None)):
            proven = None if days is None else now - timedelta(days=days)
            ProviderAccount.objects.get_or_create(
                provider=provider,
                channel=channel,
                defaults={"credentials_sealed": b"x", "tested_at": proven, "proven_at": proven},
            )
    here = "/centre/emergency"
    return {
        "kit_place": f"{here}/kits/{clinic.pk}/",
        "kit_cupboard": f"{here}/kits/{cupboard.pk}/",
        "kit_item": f"{here}/kits/items/{item}/",
        "expert": f"{here}/experts/{expert.pk}/",
    }
