"""Readiness in the demo: kits with one thing past its date, experts, a vacation ahead; the sheet is still to be printed.

So the first school's page has red tiles: what is over in the kit, and the sheet that nobody has printed yet.
"""

from collections.abc import Mapping
from datetime import timedelta

from accounts.actor import Actor
from partners.kinds import InstitutionKind
from referrals.emergency.models import chain_moment
from referrals.emergency.plan_facts import agreements_on
from referrals.emergency.workflow.away import enter_away
from referrals.emergency.workflow.experts import add_expert
from referrals.emergency.workflow.kits import add_place, put_item
from tenancy.models import Tenant


def tell_readiness(school: Tenant, cast: Mapping[str, Actor]) -> None:
    """Inside the school's scope, at the chain's present."""
    today = school.day_of(chain_moment())
    centre, doctor = cast["centre"], cast["doctor"]
    assert centre.membership_id is not None
    assert doctor.membership_id is not None
    cupboard = add_place(
        actor=centre, name="心理中心 201 柜子", kind="centre", licence="", keeper_id=centre.membership_id
    )
    clinic = add_place(
        actor=centre, name="医务室急救箱", kind="clinic", licence="PDY330108001", keeper_id=doctor.membership_id
    )
    for place, kind, name, stock, least, days in (
        (cupboard, "calming", "减压球", 6, 4, None),
        (cupboard, "paper", "求助卡（中英文）", 120, 50, None),
        (cupboard, "first_aid", "口服补液盐", 4, 4, -9),
        (clinic, "first_aid", "无菌敷料", 30, 10, 21),
        (clinic, "medicine", "硝酸甘油片", 2, 1, 240),
    ):
        put_item(
            actor=centre,
            place_id=place.pk,
            kind=kind,
            name=name,
            stock=stock,
            least=least,
            expires_on=None if days is None else today + timedelta(days=days),
        )
    houses = {InstitutionKind.HOSPITAL, InstitutionKind.MENTAL_HEALTH_CENTRE}
    sends = next(
        (row.partner_id for row in agreements_on(today) if row.covers(today) and row.partner.kind in houses), None
    )
    for name, kind, reach, partner in (
        ("许静文", "psychiatrist", "district", sends),
        ("高远", "crisis", "school", None),
        ("罗佳", "psychologist", "online", None),
    ):
        add_expert(actor=centre, name=name, kind=kind, reach=reach, phone="", partner_id=partner)
    enter_away(actor=cast["duty"], first_day=today + timedelta(days=24), last_day=today + timedelta(days=28))
