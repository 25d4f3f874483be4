"""What the operator's desk has to show: papers of every age, a prospect without any, somebody who has left."""

from datetime import date, timedelta

from kernel.clock import local_day, now
from partners.models import Institution, InstitutionMember
from partners.workflow import add_licence, add_member, change_member, create_institution
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.partner_facts import new_uscc


def institution_paths(journey: Journey) -> dict[str, str]:
    """Adds the rows and names the pages of the journey's institution and of a prospect."""
    institution, operator, today = journey.institution, journey.operator, local_day(now())
    with use_tenant(journey.platform.id):
        add_licence(
            actor=operator, institution_id=institution.pk, kind="food", number="JY33301080012345", issuer="滨江区市场监督管理局",
            valid_from=date(2023, 1, 1), valid_until=today - timedelta(3),
        )  # fmt: skip
        add_licence(
            actor=operator, institution_id=institution.pk, kind="food", number="JY33301080054321",
            valid_from=today + timedelta(5),
        )  # fmt: skip
        place = InstitutionMember.objects.get(user=journey.counter_user, valid_until__isnull=True)
        place = change_member(actor=operator, member_id=place.pk, role=place.role, counter="前台 2 号机")
        waiting = add_member(
            actor=operator, institution_id=institution.pk, name="许前台", role=place.role, counter="前台 3 号机",
            email=f"{institution.slug}@waits.example",
        )  # fmt: skip
        prospect, vettable = _prospect(journey, "new"), _prospect(journey, "next")
        for kind in ("registration", "childcare", "food"):
            add_licence(
                actor=operator, institution_id=vettable.pk, kind=kind, number=f"33010800{len(kind)}2026",
                valid_from=date(2024, 1, 1), valid_until=date(today.year + 3, 1, 1),
            )  # fmt: skip
    one = f"/operator/institutions/{institution.slug}/"
    registration = institution.licences.get(kind="registration")
    return {
        "vettable": f"/operator/institutions/{vettable.slug}/",
        "prospect": f"/operator/institutions/{prospect.slug}/",
        "paper": f"{one}papers/{registration.pk}/",
        "service": f"{one}services/{journey.counselling.pk}/",
        "place": f"{one}people/{place.pk}/",
        "waiting_place": f"{one}people/{waiting.pk}/",
    }


def _prospect(journey: Journey, word: str) -> Institution:
    return create_institution(
        actor=journey.operator, slug=f"{journey.institution.slug}-{word}", name=journey.institution.name, uscc=new_uscc(),
        kind="childcare", district="滨江区", address="滨江路 20 号", phone="0571-5550209", contact_name="李主任",
        contact_phone="0571-5550209",
    )  # fmt: skip
