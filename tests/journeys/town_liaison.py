"""What the school hands on: mediations at their steps, cards to a hospital, its answer, a printed letter."""

from datetime import timedelta

from accounts.models import User
from kernel.clock import as_of, now
from partners.models import Service
from referrals.liaison.workflow.handing_on import consent, open_card
from referrals.liaison.workflow.letters import number_letter
from referrals.liaison.workflow.mediation import ask_mediation, invite, suggest
from referrals.liaison.workflow.reporting import report
from tenancy.scope import use_partner
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.card_steps import card_of, hospital, written
from tests.workflow.several_steps import agency_with, pay_for


def liaison_town(journey: Journey) -> tuple[dict[str, str], dict[str, User]]:
    """Inside the school."""
    pay_for(journey, "mediation", share_bp=10_000)
    room, _office = agency_with(journey, "mediation", 20_000)
    Service.objects.filter(pk=room.pk).update(name="家庭矛盾调解")
    there, user, office = hospital(journey)
    person = make_person(journey.tenant, "staff", name="贺知微")
    before = now() - timedelta(days=3)
    with as_of(before):
        first = ask_mediation(actor=actor_of(person), tenant=journey.tenant, note="想请老师帮我们坐下来谈一次")
        invite(actor=journey.centre, mediation_id=first.pk, talk_at=before + timedelta(days=1), place="centre")
    suggest(actor=journey.centre, tenant=journey.tenant, mediation_id=first.pk, sides="both")
    asked = ask_mediation(actor=journey.staff2, tenant=journey.tenant, note="最近总是为孩子的事吵")
    cards = []
    for _again in range(3):
        case = written(journey, there, person_id=person.pk)
        consent(actor=actor_of(person), tenant=journey.tenant, case_id=case.pk, fields=["name", "situation", "tried"])
        cards.append(case)
    shown = written(journey, there, person_id=person.pk)
    waiting, opened, done = cards
    letter = number_letter(actor=journey.centre, case_id=waiting.pk)
    for case in (opened, done):
        open_card(actor=office, card_id=card_of(case).pk)
    report(
        actor=office, tenant=journey.tenant, card_id=card_of(done).pk, outcome="seen", goes_on="both",
        advice="先减一点课，两周后再来一次。", back_on=journey.tenant.today() + timedelta(days=14),
    )  # fmt: skip
    with use_partner(there.pk):
        theirs = [f"/partner/cards/{card_of(case).pk}/" for case in cards]
    paths = {
        "mediation_mine": f"/my/mediation/{first.pk}/",
        "mediation_asked": f"/centre/mediation/{asked.pk}/",
        "mediation_talked": f"/centre/mediation/{first.pk}/",
        "card_new": f"/centre/cards/new/{person.pk}/",
        "card_shown": f"/my/cards/{shown.pk}/",
        "card_sent": f"/my/cards/{waiting.pk}/",
        "card_done": f"/my/cards/{done.pk}/",
        "card_centre": f"/centre/cards/{done.pk}/",
        "card_centre_shown": f"/centre/cards/{shown.pk}/",
        "card_waiting": theirs[0],
        "card_opened": theirs[1],
        "letter": f"/letter/{letter.token}/",
    }
    return paths, {"handed": person.user, "hospital": user}
