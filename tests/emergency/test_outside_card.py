"""The card of an outside party: what it says, who may read it, what is done from it (chain §4, §6)."""

from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.test import Client

from audit.models import AuditEntry
from kernel.errors import Forbidden, Invalid, NotFound
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Card, Delivery, Leg, Recipient, Timeline
from referrals.emergency.rules.sending import PUT_OFF
from referrals.emergency.workflow import holding
from referrals.emergency.workflow.cards import body_of
from referrals.emergency.workflow.moving import words_of as timeline_words
from tenancy.constraints import PartnerRead
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import (
    HOSPITAL,
    STREET,
    browser,
    called,
    leg_of,
    link_of,
    press,
    recipient_of,
    words_of,
)
from tests.emergency.world import World, make_due

pytestmark = pytest.mark.django_db
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"
KINDS = ("family", "medical", "community")


@pytest.fixture
def incident(world: World) -> Any:
    return called(world, place="home", place_words="家里，反锁了门", can_be_asked=False, company="child")


@pytest.mark.parametrize("act", ["arrived", "done", "later", "cannot", "still", "colleague", "nonsense", ""])
def test_the_buttons_of_the_card_need_the_card(world: World, incident: Any, act: str) -> None:
    recipient = recipient_of(world, incident, "medical")
    for taken in (False, True):
        if taken:
            press(browser(), link_of(recipient), "take")
        before = leg_of(world, incident, "medical")
        page = browser().post(link_of(recipient), {"act": act, "eta": "15", "name": "某人"})
        assert page.status_code == 409
        assert world.members["person"].name not in page.content.decode()
        after = leg_of(world, incident, "medical")
        assert (after.state, after.next_at, after.epoch) == (before.state, before.next_at, before.epoch)
    with use_tenant(world.school.pk):
        refused = AuditEntry.objects.filter(action="incident.outside.refused")
        assert {(row.facts["code"], row.actor_kind) for row in refused} == {("not_yours_now", "outside")}


def test_a_cookie_of_one_leg_opens_no_other(world: World, incident: Any) -> None:
    client, family, medical = browser(), recipient_of(world, incident), recipient_of(world, incident, "medical")
    press(client, link_of(family), "take")
    press(browser(), link_of(medical), "take")
    assert world.members["person"].name not in client.get(link_of(medical)).content.decode()
    [(name, morsel)] = client.cookies.items()
    client.cookies[f"card_{medical.pk.hex[-12:]}"] = morsel.value
    assert world.members["person"].name not in client.get(link_of(medical)).content.decode(), (
        f"{name} under another name"
    )
    client.cookies[f"card_{medical.pk.hex[-12:]}"] = medical.pk.hex
    assert world.members["person"].name not in client.get(link_of(medical)).content.decode(), "unsigned"
    assert press(client, link_of(medical), "done").status_code == 409


def test_each_card_is_cut_to_what_its_party_may_know(world: World, incident: Any) -> None:
    """§6: the family gets no name, no place of the person; the hospital a summary; the community the address."""
    name, told = world.members["person"].name, {}
    with use_tenant(world.school.pk):
        holding.write_meeting_place(actor=world.actor("duty"), incident_id=incident.pk, words="学校东门传达室")
        holding.write_card_words(
            actor=world.actor("duty"), incident_id=incident.pk, kind="medical", words="昨晚说过具体的办法，药在抽屉里"
        )
    for kind in KINDS:
        client, recipient = browser(), recipient_of(world, incident, kind)
        told[kind] = words_of(press(client, link_of(recipient), "take"))
    with use_tenant(world.school.pk):
        on_cards = {card.purpose: set(body_of(card)) for card in Card.objects.all()}
    assert on_cards == {
        "family": {"meeting_place"},
        "medical": {"kind", "grade", "place", "where", "company", "can_be_asked", "words", "name"},
        "community": {"place", "where", "company", "words", "name"},
    }, "what is not told does not lie on the card either: an institution's wall reads the row"
    assert "学校东门传达室" in told["family"]
    for secret in (name, "反锁", STREET, "抽屉", "极端", "孩子"):
        assert secret not in told["family"], secret
    for shown in (name, "极端", "反锁", "孩子", "抽屉", "不能"):
        assert shown in told["medical"], shown
    assert "传达室" not in told["medical"] + told["community"]
    assert STREET in told["community"]
    assert name in told["community"]
    for secret in ("极端", "心理", "抽屉", "自杀"):
        assert secret not in told["community"], secret
    for text in told.values():
        assert "不想活" not in text, "what the head wrote is on no card"
        assert world.school.name not in text


def test_without_a_meeting_place_the_family_is_called_and_not_sent(world: World, incident: Any) -> None:
    client, recipient = browser(), recipient_of(world, incident)
    before = words_of(press(client, link_of(recipient), "take"))
    assert "打电话和您商量" in before
    assert "家里" not in before
    with use_tenant(world.school.pk):
        holding.write_meeting_place(actor=world.actor("duty"), incident_id=incident.pk, words="学校东门")
    assert "学校东门" in words_of(client.get(link_of(recipient))), "written later, it stands on the card that is out"


def test_words_for_a_party_are_written_by_who_is_on_duty_and_bounded(world: World, incident: Any) -> None:
    write = holding.write_card_words
    with use_tenant(world.school.pk):
        for post, error in (("head", Forbidden), ("moral", Forbidden), ("person", NotFound)):
            with pytest.raises(error):
                write(actor=world.actor(post), incident_id=incident.pk, kind="medical", words="x")
        for kind, words, code in (
            ("medical", " ", "words_missing"), ("medical", "长" * 501, "words_too_long"), ("family", "x", "not_in_list"),
        ):  # fmt: skip
            with pytest.raises(Invalid) as refused:
                write(actor=world.actor("duty"), incident_id=incident.pk, kind=kind, words=words)
            assert refused.value.reason == code
        assert not Timeline.objects.filter(code="card.words").exists()


def test_words_written_on_the_board_stand_on_the_card_that_is_out(world: World, incident: Any) -> None:
    client, path = browser(), link_of(recipient_of(world, incident, "medical"))
    press(client, path, "take")
    desk = Client(headers={"host": world.school.host})
    desk.force_login(world.members["duty"].user)
    board = f"/centre/emergency/{incident.pk}/"
    desk.post(f"{board}medical/words/", {"words": "愿意和女医生谈"})
    assert "愿意和女医生谈" in words_of(client.get(path))
    press(client, path, "colleague", name="李护士")
    page = words_of(desk.get(board))
    assert "由谁处理" in page
    for kind in ("family", "school"):
        answer = desk.post(f"{board}{kind}/words/", {"words": "不该有这一步"})
        assert answer.status_code == 422, kind
    with use_tenant(world.school.pk):
        assert Timeline.objects.filter(code="card.words").count() == 1


def test_the_whole_way_of_an_outside_party(world: World, incident: Any) -> None:
    client, recipient = browser(), recipient_of(world, incident, "medical")
    path = link_of(recipient)
    press(client, path, "take", eta="30")
    press(client, path, "colleague", name="李护士")
    assert "到了" in words_of(press(client, path, "arrived"))
    leg = leg_of(world, incident, "medical")
    assert (leg.state, leg.next_event) == ("engaged", "life_due")
    press(client, path, "arrived")
    press(client, path, "still")
    done = press(client, path, "done")
    assert "办完" in words_of(done)
    again = press(client, path, "done")
    assert again.status_code == 200
    leg = leg_of(world, incident, "medical")
    assert (leg.state, leg.next_event) == ("handed_over", "passed_due"), (
        "it waits for the school, and closes by nobody else"
    )
    with use_tenant(world.school.pk):
        codes = list(Timeline.objects.filter(leg=leg).order_by("at", "pk").values_list("code", flat=True))
        assert [code for code in codes if code not in ("leg.step_due", "opened")] == [
            "leg.acknowledge", "outside.colleague", "leg.engage", "leg.sign_of_life", "leg.report_done",
        ]  # fmt: skip
        row = Timeline.objects.get(code="outside.colleague")
        assert timeline_words(incident, row) == "李护士"


def test_a_colleague_without_a_name_is_asked_for_it(world: World, incident: Any) -> None:
    client, path = browser(), link_of(recipient_of(world, incident, "medical"))
    press(client, path, "take")
    page = press(client, path, "colleague", name=" \u200b ")
    assert page.status_code == 400
    with use_tenant(world.school.pk):
        refused = AuditEntry.objects.get(action="incident.outside.refused")
        assert refused.facts["code"] == "name_missing"
        assert not Timeline.objects.filter(code="outside.colleague").exists()


def test_done_at_once_is_arrived_and_done(world: World, incident: Any) -> None:
    client, path = browser(), link_of(recipient_of(world, incident, "community"))
    press(client, path, "take")
    press(client, path, "done", words="人很好，邻居陪着")
    leg = leg_of(world, incident, "community")
    assert leg.state == "handed_over"
    with use_tenant(world.school.pk):
        codes = set(Timeline.objects.filter(leg=leg).values_list("code", flat=True))
        assert {"leg.engage", "leg.report_done"} <= codes


def test_another_time_twice_and_then_by_telephone(world: World, incident: Any) -> None:
    client, path = browser(), link_of(recipient_of(world, incident, "medical"))
    press(client, path, "take", eta="15")
    for _ in range(2):
        assert press(client, path, "later", eta="60").status_code == 200
    before = leg_of(world, incident, "medical")
    refused = press(client, path, "later", eta="60")
    after = leg_of(world, incident, "medical")
    assert refused.status_code == 409
    assert "换过两次" in words_of(refused)
    assert (after.next_at, after.extensions) == (before.next_at, 2)
    with use_tenant(world.school.pk):
        assert AuditEntry.objects.filter(action="incident.outside.refused", facts__code="extended_twice").exists()
        assert Timeline.objects.filter(code="team.told_of_extensions").exists()
        assert Delivery.objects.filter(text=PUT_OFF, leg=after, recipient__role="team:centre_head").exists()


def test_whoever_cannot_come_lets_the_next_one_be_called(world: World, incident: Any) -> None:
    client, recipient = browser(), recipient_of(world, incident)
    press(client, link_of(recipient), "take")
    page = press(client, link_of(recipient), "cannot")
    leg = leg_of(world, incident)
    assert (leg.state, leg.taken_by_id) == ("paging", None)
    assert "已经在找下一位" in words_of(page)
    with use_tenant(world.school.pk):
        decide_school()
        assert Recipient.objects.filter(leg=leg).order_by("-paged_at").first().role == "contact:2"
        assert Card.objects.get(recipient=recipient).revoked_at is not None
        for _ in range(4):
            make_due(incident, "family")
            decide_school()
        roles = list(Recipient.objects.filter(leg=leg, role="contact:1").values_list("answer", flat=True))
    assert roles == ["declined"], "who cannot come is not called again"


def test_an_institution_reads_its_own_cards_and_nothing_else_of_an_incident(world: World, incident: Any) -> None:
    open_to_partners = {
        model.__name__
        for model in (Card, Leg, Recipient, Delivery, Timeline, type(incident))
        if any(isinstance(constraint, PartnerRead) for constraint in model._meta.constraints)
    }
    assert open_to_partners == {"Card"}
    press(browser(), link_of(recipient_of(world, incident, "medical")), "take")
    press(browser(), link_of(recipient_of(world, incident)), "take")
    with use_tenant(world.school.pk):
        cards = dict(Card.objects.values_list("purpose", "partner__contact_phone"))
        assert cards == {"medical": HOSPITAL, "family": None}
    with pytest.raises(FieldDoesNotExist):
        Card._meta.get_field("incident")
