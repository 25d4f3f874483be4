"""The next open day on a relative's own page: for who agreed to open days, and with nothing of who named them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from content.opendays.models import OpenDay, OpenDayPage
from families.links import issue
from families.models import Consent, FamilyLink, Relative
from families.workflow import answer_consent, ask_consent, register_relative, withdraw_by_link
from kernel.clock import now
from referrals.emergency.models import Chain, DutyLine
from referrals.emergency.school_line import forget as forget_line
from tenancy.hosts import forget
from tests.conftest import make_person
from tests.opendays.world import World

CARD = 'id="family-open-day"'


def named(world: World) -> Relative:
    return register_relative(actor=world.host, relation="parent", name="陈秀英", phone="13800138000")


def agreed(world: World, relative: Relative, purpose: str) -> str:
    token = ask_consent(actor=world.host, relative_id=relative.pk, purpose=purpose)
    answer_consent(token=token, answer="agree")
    return token


def page_of(world: World, token: str, language: str = "zh-hans") -> str:
    client = Client(headers={"host": world.school.host, "accept-language": language})
    answer: Any = client.get(f"/family/{token}/")
    assert answer.status_code == 200
    return str(answer.content.decode().split("<main")[1].split("</main")[0])


def card_of(world: World, token: str, language: str = "zh-hans") -> str:
    return page_of(world, token, language).split(CARD)[1].split("</section")[0]


def test_who_agreed_reads_the_next_day_how_to_come_and_whom_to_ask(world: World) -> None:
    world.school.duty_phone = "0571-5550101"
    world.school.save()
    whole = page_of(world, agreed(world, named(world), "open_day"))
    card = whole.split(CARD)[1].split("</section")[0]
    page = OpenDayPage.objects.get(pk=world.day.page_id)
    assert f'href="{page.href}"' in card and world.day.title in card and world.day.entrance in card
    assert world.day.way in card
    assert whole.count('href="tel:0571-5550101"') == 1, "whom to ask about anything here, and once"
    assert f"/open-day/{world.day.pk}.ics" in card
    assert "李明华" not in card and world.invitation.token not in card, "nothing of who named them, no invitation"
    assert "Open day" not in card


def test_the_day_names_the_school_s_own_hours_while_its_chain_is_live(world: World) -> None:
    """Whoever asks about a morning at school need not wake who is on duty."""
    world.school.duty_phone, world.school.duty_hours = "0571-5550101", "工作日 8:00–20:00"
    world.school.save()
    forget()
    line = DutyLine.objects.create(number="+8657188880000", name="平台值守", kind="operator", answers="每天")
    two = [make_person(world.school, role) for role in ("centre", "principal")]
    Chain.objects.create(state="live", operator_line=line, switched_by=two[0], agreed_by=two[1])
    forget_line()
    page = page_of(world, agreed(world, named(world), "open_day"))
    invitation = Client(headers={"host": world.school.host}).get(f"/open-day/i/{world.invitation.token}/")
    assert invitation.status_code == 200
    for told in (page, invitation.content.decode().partition("<main")[2]):
        assert "工作日 8:00–20:00" in told and "昼夜有人" not in told


def test_the_card_speaks_english(world: World) -> None:
    token = agreed(world, named(world), "open_day")
    card = card_of(world, token, "en")
    assert "The next open day" in card and "How to come" in card
    OpenDayPage.objects.get(pk=world.day.page_id).unpublish()
    assert "No open day is planned at the moment" in card_of(world, token, "en")


@pytest.mark.parametrize("how", ["called off", "over", "not published"])
def test_while_none_is_published_a_sentence_says_so(world: World, how: str) -> None:
    if how == "over":
        OpenDay.objects.update(answers_from="2020-01-01T00:00Z", answers_until="2020-01-02T00:00Z",
                               starts_at="2020-01-02T00:00Z", ends_at=now())  # fmt: skip
    elif how == "called off":
        OpenDay.objects.update(state="called_off")
    else:
        OpenDayPage.objects.get(pk=world.day.page_id).unpublish()
    card = card_of(world, agreed(world, named(world), "open_day"))
    assert "目前没有安排开放日" in card
    assert world.day.title not in card


@pytest.mark.parametrize("purpose", ["tips", "emergency"])
def test_an_agreement_to_something_else_brings_no_card(world: World, purpose: str) -> None:
    assert CARD not in page_of(world, agreed(world, named(world), purpose))


def test_a_question_that_is_not_answered_brings_no_card(world: World) -> None:
    token = ask_consent(actor=world.host, relative_id=named(world).pk, purpose="open_day")
    assert CARD not in page_of(world, token)


def test_it_stands_on_the_persons_other_link_until_they_withdraw(world: World) -> None:
    relative = named(world)
    tips = agreed(world, relative, "tips")
    agreed(world, relative, "open_day")
    assert CARD in page_of(world, tips)
    other = register_relative(actor=world.host, relation="spouse", name="王强", phone="13900139000")
    assert CARD not in page_of(world, agreed(world, other, "tips")), "another relative's agreement is theirs alone"
    withdraw_by_link(token=tips, purpose="open_day")
    assert CARD not in page_of(world, tips)


def test_the_link_of_a_letter_which_is_forwarded_tells_no_other_agreement(world: World) -> None:
    relative = named(world)
    agreed(world, relative, "tips")
    agreed(world, relative, "open_day")
    letter = issue(Consent.objects.get(relative=relative, purpose="tips"), FamilyLink.Act.READ, timedelta(days=1))
    assert CARD not in page_of(world, letter)
