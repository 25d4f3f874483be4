"""A card is taken back and opened in the same instant: whichever is first counts, and never both (6.3)."""

from typing import Any

import pytest

from accounts.actor import Actor
from kernel.errors import NotFound, Refused
from referrals.access import as_uuid
from referrals.liaison.models import HandOn, HandOnCard
from referrals.liaison.workflow import handing_on
from referrals.liaison.workflow.handing_on import open_card, revoke
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.card_steps import hospital, sent

pytestmark = pytest.mark.usefixtures("committed")


def planted() -> tuple[Journey, Actor, HandOn, HandOnCard]:
    journey = make_journey(make_school())
    there, _user, office = hospital(journey)
    with use_tenant(journey.tenant.id):
        case = sent(journey, there)
        return journey, office, case, HandOnCard.objects.get(hand_on=case)


def stands(journey: Journey, case: HandOn) -> tuple[HandOn, HandOnCard]:
    with use_tenant(journey.tenant.id):
        return HandOn.objects.get(pk=case.pk), HandOnCard.objects.get(hand_on=case)


def test_opened_or_taken_back_and_never_both() -> None:
    journey, office, case, card = planted()
    results = at_once(
        journey.tenant,
        [
            lambda: open_card(actor=office, card_id=card.pk),
            lambda: revoke(actor=journey.staff, case_id=case.pk),
        ],
    )
    refused = [one for one in results if isinstance(one, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], NotFound | Refused)
    case, card = stands(journey, case)
    if case.state == "read":
        assert card.read_at is not None and card.body_sealed
    else:
        assert (case.state, card.read_at, bytes(card.body_sealed)) == ("revoked", None, b"")


def test_control_without_the_lock_it_is_read_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    journey, office, case, card = planted()
    meanwhile: list[Any] = []

    def unlocked(case_id: Any) -> HandOn:
        found = HandOn.objects.get(pk=as_uuid(case_id))
        if not meanwhile:
            meanwhile.append(None)
            meanwhile.extend(at_once(journey.tenant, [lambda: open_card(actor=office, card_id=card.pk)]))
        return found

    monkeypatch.setattr(handing_on, "locked_case", unlocked)
    with use_tenant(journey.tenant.id):
        revoke(actor=journey.staff, case_id=case.pk)
    case, card = stands(journey, case)
    assert isinstance(meanwhile[1], HandOnCard)
    assert case.state == "revoked" and card.read_at is not None, "who read it is told that nobody did"
