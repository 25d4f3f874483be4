"""Emergency contacts in the test town: each way one can stand, a list of never, and a community."""

from datetime import timedelta

from demo.worlds import agree
from families.models import Relative
from families.workflow import answer_consent, register_relative
from partners.workflow import add_service
from referrals.emergency.workflow.communities import set_community
from referrals.emergency.workflow.contacts import add_contact, ask_contact, mark_bounced
from referrals.emergency.workflow.never import bar_number
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey, make_partner

GRADES = ("major", "extreme")


def contact_paths(journey: Journey, spouse: Relative) -> dict[str, str]:
    """Addresses of the staff's contacts: ``spouse`` (asked already) and a grown friend who agreed; colleagues have others."""
    staff, other = journey.staff, journey.actors["staff2"]
    friend = register_relative(actor=staff, relation="other", name="吴若兰", phone="13900000031")
    agreed = add_contact(actor=staff, relative_id=friend.pk, grades=GRADES, is_of_age=True)
    answer_consent(token=ask_contact(actor=staff, contact_id=agreed.pk), answer="agree")
    asked = add_contact(actor=staff, relative_id=spouse.pk, grades=("extreme",), is_of_age=True, is_next_of_kin="yes")
    never = bar_number(actor=staff, phone="13900000032", label="以前的房东")
    _community(journey)
    mother = register_relative(actor=other, relation="parent", name="何桂芳", phone="0571-85550177")
    failing = add_contact(actor=other, relative_id=mother.pk, grades=GRADES, is_of_age=True, is_next_of_kin="yes")
    answer_consent(token=ask_contact(actor=other, contact_id=failing.pk), answer="agree")
    mark_bounced(failing.person_id, bytes(failing.number_hash))
    brother = register_relative(actor=other, relation="sibling", name="何承志", phone="+852 2345 6789")
    abroad = add_contact(actor=other, relative_id=brother.pk, grades=GRADES, is_of_age=True, is_next_of_kin="yes")
    answer_consent(token=ask_contact(actor=other, contact_id=abroad.pk), answer="agree")
    father = register_relative(actor=journey.actors["centre"], relation="parent", name="马德胜", phone="13900000033")
    return {
        "contact": f"/my/contacts/{asked.pk}/",
        "contact_agreed": f"/my/contacts/{agreed.pk}/",
        "contact_failing": f"/my/contacts/{failing.pk}/",
        "contact_abroad": f"/my/contacts/{abroad.pk}/",
        "contact_new": f"/my/contacts/new/{father.pk}/",
        "contact_ask": f"/my/family/relatives/{spouse.pk}/ask/emergency/?next=/my/contacts/{asked.pk}/",
        "never": f"/my/contacts/never/{never.pk}/",
    }


def _community(journey: Journey) -> None:
    with use_tenant(journey.platform.id):
        station = make_partner(journey.operator, journey.platform, kind="community")
        visit = add_service(
            actor=journey.operator, institution_id=station.pk, name="上门探访", kind="home_help", list_fee_fen=0,
            unit="session", minutes=60,
        )  # fmt: skip
    today = journey.tenant.today()
    agree(
        journey.actors["union"], journey.actors["finance"], station.pk, {visit.pk: 0},
        (today, today + timedelta(days=300)),
    )  # fmt: skip
    set_community(actor=journey.staff, community_id=station.pk, street="鹿鸣巷 77 号 2 单元 501")
