"""How it goes on, for a party outside that still helps (chain §3, §6): its own link, for two weeks, with the person's yes."""

from datetime import timedelta
from typing import Any

import pytest

from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from referrals.emergency.models import Card, Incident, Leg, NeverContact
from referrals.emergency.workflow import answering, ending
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.progress import helps, write_progress
from tenancy.scope import use_tenant
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.outside_steps import HOSPITAL, browser, called, leg_of, link_of, press, recipient_of, words_of
from tests.emergency.test_board import client, page_of
from tests.emergency.world import World, codes

pytestmark = pytest.mark.django_db
YES = "今天下午当面说好，可以告诉医院"
WORDS = "下周二上午来复诊，请安排同一位医生"


@pytest.fixture
def incident(world: World) -> Incident:
    """The hospital took it; it has ended."""
    found = called(world, place="home", place_words="家里")
    press(browser(), link_of(recipient_of(world, found, "medical")), "take")
    with use_tenant(world.school.pk):
        answering.acknowledge(actor=world.actor("duty"), incident_id=found.pk, kind="school")
        for leg in found.legs.exclude(kind__in=["school", "medical"]):
            type(leg).objects.filter(pk=leg.pk).update(state="not_required", next_event="", next_at=None)
        for post in ("centre", "deputy"):
            ending.close(actor=world.actor(post), incident_id=found.pk, outcome="in_treatment")
    return found


def write(world: World, incident: Incident, by: str = "duty", **said: Any) -> Card:
    given = {"kind": "medical", "words": WORDS, "agreed_how": YES} | said
    with use_tenant(world.school.pk):
        return write_progress(actor=world.actor(by), incident_id=incident.pk, **given)


def test_is_read_behind_the_link_that_they_had_and_ends(world: World, incident: Incident) -> None:
    link = link_of(recipient_of(world, incident, "medical"))
    with chain_ahead(timedelta(hours=2)):
        assert browser().get(link).status_code == 404, "an hour after the end"
        card = write(world, incident)
        assert card.until is not None and card.until - chain_now() <= timedelta(days=14)
        person = browser()
        assert WORDS not in words_of(person.get(link)), "the last four digits first"
        page = person.post(link, {"act": "prove", "digits": HOSPITAL[-4:]}, follow=True)
        text = words_of(page)
        assert WORDS in text and world.members["person"].name not in text and "家里" not in text and YES not in text
        assert person.post(link, {"act": "arrived"}).status_code == 409
        assert leg_of(world, incident, "medical").state == "closed"
    with chain_ahead(timedelta(days=15)):
        assert browser().get(link).status_code == 404


def test_opened_again_it_is_taken_back(world: World, incident: Incident) -> None:
    link = link_of(recipient_of(world, incident, "medical"))
    with chain_ahead(timedelta(hours=2)):
        write(world, incident)
        assert browser().get(link).status_code == 200
        with use_tenant(world.school.pk):
            ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
            assert Card.objects.get(purpose="progress").revoked_at is not None
        assert browser().get(link).status_code == 404


def test_refused_and_nothing_is_kept(world: World, incident: Incident) -> None:
    for post in ("principal", "moral", "head"):
        with pytest.raises(Forbidden):
            write(world, incident, by=post)
    for said, code in (
        ({"words": " "}, "words_missing"), ({"words": "长" * 301}, "words_too_long"), ({"agreed_how": " "}, "progress_agreement"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as invalid:
            write(world, incident, **said)
        assert invalid.value.reason == code
    for kind in ("family", "school", "nothing"):
        with pytest.raises(Conflict) as nobody:
            write(world, incident, kind=kind)
        assert nobody.value.reason == "progress_nobody"
    with use_tenant(world.school.pk):
        assert [leg.kind for leg in helps(incident.__class__.objects.get(pk=incident.pk))] == ["medical"]
        Incident.objects.filter(pk=incident.pk).update(addresses_gone_at=chain_now())
    with pytest.raises(Conflict):
        write(world, incident)
    with use_tenant(world.school.pk):
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
    with pytest.raises(NotFound):
        write(world, incident, by="second")
    with use_tenant(world.school.pk):
        assert not Card.objects.filter(purpose="progress").exists()
        assert "card.progress" not in codes(incident)


def test_while_it_goes_on_no_party_that_has_done_is_written_to(world: World) -> None:
    """What they had has ended, the incident has not: what is said of it now is said on the line itself."""
    found = called(world, place="home", place_words="家里")
    press(browser(), link_of(recipient_of(world, found, "medical")), "take")
    with use_tenant(world.school.pk):
        Leg.objects.filter(incident=found, kind="medical").update(state="closed", next_event="", next_at=None)
        assert helps(Incident.objects.get(pk=found.pk)) == []
    assert client(world, "duty").get(f"{page_of(found)}progress/medical/").status_code == 404
    with pytest.raises(Conflict):
        write(world, found)


def test_on_its_page_and_in_what_the_person_is_told(world: World, incident: Incident) -> None:
    browser_ = client(world, "duty")
    here = f"{page_of(incident)}progress/medical/"
    assert here in browser_.get(f"{page_of(incident)}support/").content.decode()
    assert browser_.get(f"{page_of(incident)}progress/family/").status_code == 404
    assert browser_.post(here, {"words": "", "agreed_how": YES}).status_code == 422
    assert browser_.post(here, {"words": WORDS, "agreed_how": YES}).status_code == 302
    assert "事后还有近况" in browser_.get(f"{page_of(incident)}told/").content.decode()
