"""The family's pages about tips: proved twice, GET shows, POST acts, one click stops (books §6, RFC 8058)."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client

from families.models import Consent, FamilyLink
from kernel.clock import as_of, now
from kernel.errors import Conflict, Invalid, NotFound, Refused, TooMany
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.tips.conftest import FRIDAY, THURSDAY, Home, agreed, at, code_in, subscribe
from tips.due import run_due
from tips.models import Letter, Subscription
from tips.workflow.sending import send_letter
from tips.workflow.wanting import ask_tips, confirm_tips
from ui.refusals import explain

pytestmark = pytest.mark.django_db


def everything() -> list[object]:
    return [
        list(Subscription.objects.values_list("ended_at", "confirmed_at", "seen_at", "code_tries")),
        list(Consent.objects.values_list("state", flat=True)),
        list(FamilyLink.objects.values_list("used_at", flat=True)),
        Letter.objects.count(),
    ]


def test_an_address_is_typed_proved_by_its_code_and_then_gets_tips(home: Home) -> None:
    client, page = home.client(), f"/family/{home.token}/"
    assert "用邮件接收" in client.get(page).content.decode()
    asked = client.post(f"{page}tips/", {"address": "Ｗang＠example.com", "rhythm": "weekly"})
    assert (asked.status_code, asked["Location"]) == (302, f"{page}tips/code/")
    assert mail.outbox[-1].to == ["wang@example.com"]
    with as_of(now() + timedelta(hours=1)):
        run_due()
    assert len(mail.outbox) == 1  # the code alone
    wrong = client.post(f"{page}tips/code/", {"code": "12"})
    assert wrong.status_code == 422
    assert Subscription.objects.get().code_tries == 1
    done = client.post(f"{page}tips/code/", {"code": code_in(mail.outbox[-1].body)})
    assert done["Location"] == page
    text = client.get(page).content.decode()
    assert "w•••@example.com" in text
    assert "wang@example.com" not in text


def test_a_code_holds_half_an_hour_and_five_tries(home: Home) -> None:
    client, page = home.client(), f"/family/{home.token}/tips/"
    client.post(page, {"address": "a@example.com", "rhythm": "weekly"})
    code = code_in(mail.outbox[-1].body)
    with as_of(now() + timedelta(minutes=31)):
        late = client.post(f"{page}code/", {"code": code})
    over, wrong = (str(explain(code).title) for code in ("tips_code_over", "tips_code_wrong"))
    assert over in late.content.decode()
    for _ in range(5):
        assert wrong in client.post(f"{page}code/", {"code": "x"}).content.decode()
    assert over in client.post(f"{page}code/", {"code": code}).content.decode()
    assert Subscription.objects.get().confirmed_at is None


def test_codes_are_few(home: Home) -> None:
    """Nobody floods a stranger's mailbox: one a minute, five a day."""
    start = now()
    for count in range(5):
        with as_of(start + timedelta(minutes=2 * count)):
            ask_tips(token=home.token, address="a@example.com", rhythm="weekly")
    with as_of(start + timedelta(minutes=30)), pytest.raises(TooMany, match="tips_code_soon"):
        ask_tips(token=home.token, address="a@example.com", rhythm="weekly")
    with as_of(start + timedelta(days=1, minutes=30)):
        ask_tips(token=home.token, address="a@example.com", rhythm="weekly")
        with pytest.raises(TooMany):
            ask_tips(token=home.token, address="a@example.com", rhythm="weekly")


def test_one_mailbox_is_told_once_however_many_ask(home: Home) -> None:
    subscribe(home.token)
    other, _consent = agreed(actor_of(make_person(home.tenant, name="赵磊")))
    letter = ask_tips(token=other, address="wang@example.com", rhythm="weekly")
    send_letter(letter_id=letter.pk)
    with pytest.raises(Conflict, match="tips_address_taken"):
        confirm_tips(token=other, code=code_in(mail.outbox[-1].body))


@pytest.mark.parametrize("bad", ["", "nobody", "a@b", "a@[1.2.3.4]", "a b@example.com", "a@example.com\nBcc: x@y.z"])
def test_what_is_no_address_is_said_and_nothing_is_sent(home: Home, bad: str) -> None:
    with pytest.raises(Invalid, match="tips_address_wrong"):
        ask_tips(token=home.token, address=bad, rhythm="weekly")
    with pytest.raises(Invalid, match="tips_rhythm_unknown"):
        ask_tips(token=home.token, address="a@example.com", rhythm="hourly")
    answer = home.client().post(f"/family/{home.token}/tips/", {"address": bad, "rhythm": "weekly"})
    assert answer.status_code == 422
    assert mail.outbox == []
    assert not Subscription.objects.exists()


def test_what_opens_links_changes_nothing(home: Home) -> None:
    """A scanner of mails follows every link by GET and HEAD, with whatever in the query."""
    with as_of(at(THURSDAY)):
        subscribe(home.token)
    with as_of(at(FRIDAY)):
        run_due()
    links = re.findall(r"http://[^/\s]+(/\S+)", mail.outbox[-1].body)
    assert len(links) == 3
    client, before = home.client(), everything()
    for link in [*links, f"/family/{home.token}/", f"/family/{home.token}/tips/off/", f"/family/{home.token}/tips/"]:
        for look in (client.get, client.head):
            answer = look(link, query_params={"List-Unsubscribe": "One-Click", "answer": "withdraw"})
            assert answer.status_code == 200, link
    assert client.get(f"/family/{home.token}/tips/seen/").status_code in (302, 405)
    assert everything() == before


def letter_link(home: Home) -> str:
    with as_of(at(THURSDAY)):
        subscribe(home.token)
    with as_of(at(FRIDAY)):
        run_due()
    found = re.search(r"http://[^/\s]+(/family/\S+/stop/)", mail.outbox[-1].body)
    assert found
    return found.group(1)


def test_a_mail_program_stops_by_one_post_without_a_cookie(home: Home) -> None:
    stop = letter_link(home)
    program = Client(headers={"host": home.tenant.host}, enforce_csrf_checks=True)
    answer = program.post(stop, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert Consent.objects.get(pk=home.consent.pk).state == "withdrawn"
    assert program.post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200  # sent again
    mail.outbox.clear()
    with as_of(at("2026-12-11 07:00")):
        run_due()
    assert mail.outbox == []


def test_a_person_stops_by_the_button_and_not_now_leads_back(home: Home) -> None:
    stop = letter_link(home)
    client = home.client()
    shown = client.get(stop).content.decode()
    assert stop.removesuffix("stop/") in shown
    done = client.post(stop)
    assert "已停止" in done.content.decode()
    assert client.get(stop).status_code == 404
    assert client.get(stop.removesuffix("stop/")).status_code == 404


def test_a_letter_s_link_shows_no_address_and_no_other_agreement(home: Home) -> None:
    """Letters are forwarded."""
    _other, emergency = agreed(home.actor, "emergency", home.consent.relative)
    area = letter_link(home).removesuffix("stop/")
    client = home.client()
    text = client.get(area).content.decode()
    assert "example.com" not in text
    assert "紧急联系" not in text
    refused = client.post(area, {"answer": "withdraw", "purpose": "emergency"})
    assert refused.status_code in (404, 409)
    assert Consent.objects.get(pk=emergency.pk).state == "given"


def test_the_area_shows_every_agreement_and_ends_each(home: Home) -> None:
    _other, emergency = agreed(home.actor, "emergency", home.consent.relative)
    client, page = home.client(), f"/family/{home.token}/"
    text = client.get(page).content.decode()
    assert "您还同意过的" in text
    assert "随时可以说做不到" in text  # what an emergency contact takes on (16.13)
    ended = client.post(page, {"answer": "withdraw", "purpose": "emergency"})
    assert (ended.status_code, ended["Location"]) == (303, page)
    assert Consent.objects.get(pk=emergency.pk).state == "withdrawn"
    assert Consent.objects.get(pk=home.consent.pk).state == "given"
    assert "您还同意过的" not in client.get(page).content.decode()


def test_a_touch_keeps_the_letters_coming(home: Home) -> None:
    with as_of(at(THURSDAY)):
        subscribe(home.token)
    with as_of(at("2027-11-20 12:00")):
        told = home.client().post(f"/family/{home.token}/tips/seen/", headers={"X-Requested-With": "seen"})
        assert told.status_code == 204
    with as_of(at("2027-12-10 12:00")):
        run_due()
    assert Subscription.objects.get().ended_at is None


def test_no_more_letters_keeps_the_agreement_and_erases_the_address(home: Home) -> None:
    subscribe(home.token)
    home.client().post(f"/family/{home.token}/tips/off/")
    ended = Subscription.objects.get()
    assert (ended.ended_why, bytes(ended.address_sealed)) == ("stopped", b"")
    assert Consent.objects.get(pk=home.consent.pk).state == "given"


def test_an_address_that_nobody_proved_is_erased_after_a_day(home: Home) -> None:
    with as_of(at(THURSDAY)):
        ask_tips(token=home.token, address="a@example.com", rhythm="weekly")
    with as_of(at("2026-12-04 12:30")):
        run_due()
    assert bytes(Subscription.objects.get().address_sealed) == b""


@pytest.mark.parametrize("end", ["", "tips/", "tips/code/", "tips/off/", "stop/"])
def test_every_address_that_opens_nothing_gives_the_same_page(home: Home, other_school: object, end: str) -> None:
    with use_tenant(other_school.id):  # type: ignore[attr-defined]
        foreign, _consent = agreed(actor_of(make_person(other_school, name="外校")))
    expired, _consent = agreed(home.actor)
    FamilyLink.objects.filter(consent=_consent).update(expires_at=now())
    emergency, _consent = agreed(home.actor, "emergency", home.consent.relative)
    client = home.client()
    wanted = client.get(f"/family/nothing/{end}")
    assert wanted.status_code == 404
    said = re.sub(r"[\s\S]*<main", "", wanted.content.decode())
    for token in (foreign, expired, "x" * 300, "令牌", *([] if end == "" else [emergency])):
        answer = client.get(f"/family/{token}/{end}")
        assert answer.status_code == 404
        assert re.sub(r"[\s\S]*<main", "", answer.content.decode()).replace(quote(token), "nothing") == said
        if end == "stop/":
            assert client.post(f"/family/{token}/{end}").status_code in (200, 404)
    assert Consent.objects.get(pk=home.consent.pk).state == "given"


def test_without_mail_the_page_offers_none(home: Home, settings: object) -> None:
    settings.MAIL_IS_SET = False  # type: ignore[attr-defined]
    assert "用邮件接收" not in home.client().get(f"/family/{home.token}/").content.decode()
    with pytest.raises(Refused, match="tips_no_mail"):
        ask_tips(token=home.token, address="a@example.com", rhythm="weekly")
    with pytest.raises(NotFound):
        confirm_tips(token=home.token, code="123456")
