"""What a family typed is lost by no step back, reload, language switch or "not yet", and is kept nowhere but in its browser (experience 9)."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from django.test import Client

from content.opendays.kept_form import COOKIE, LIVES
from content.opendays.models import Party
from kernel.clock import as_of, now
from tests.opendays.world import World, another_invitation

CHOICE = {"adult": "2", "teen": "0", "child": "1", "small": "0", "address": "王女士", "plate": "浙A12345", "key": "k"}


def typed(world: World) -> tuple[Client, str, Any]:
    """A browser in which the form was filled in, the address, and what answered."""
    client, address = Client(headers={"host": world.school.host}), f"/open-day/i/{world.invitation.token}/"
    return client, address, client.post(address, {**CHOICE, "sessions": [str(world.lesson.pk)]})


def stands(text: str, world: World) -> bool:
    """Whether the form shows all that was typed."""
    chosen = re.findall(r"<input[^>]*checked[^>]*>", text)
    values = {(name, value) for box in chosen for name, value in re.findall(r'name="(\w+)" value="([^"]+)"', box)}
    return 'value="王女士"' in text and 'value="浙A12345"' in text and {
        ("adult", "2"), ("child", "1"), ("sessions", str(world.lesson.pk)),
    } <= values  # fmt: skip


def test_the_check_has_an_address_of_its_own_that_is_read_again(world: World) -> None:
    client, address, answer = typed(world)
    assert (answer.status_code, answer["Location"]) == (303, f"{address}?check")
    for language, word in (("zh-hans", "这样对吗"), ("en", "Is it right so?")):
        shown = client.get(answer["Location"], headers={"accept-language": language}).content.decode()
        assert word in shown and "浙A12345" in shown and f'value="{world.lesson.pk}"' in shown
    assert Party.objects.count() == 0


def test_not_yet_and_back_show_what_was_typed(world: World) -> None:
    client, address, answer = typed(world)
    back = re.search(r'<a class="btn quiet" href="([^"]+)"', client.get(answer["Location"]).content.decode())
    assert back and back[1] == address
    assert stands(client.get(address).content.decode(), world)


def test_what_was_refused_stands_in_the_other_language_too(world: World) -> None:
    client, address = Client(headers={"host": world.school.host}), f"/open-day/i/{world.invitation.token}/"
    assert client.post(address, {**CHOICE, "adult": "9"}).status_code == 422
    text = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert 'value="王女士"' in text and "Grown-ups" in text


def test_the_browser_alone_holds_it_sealed_and_for_half_an_hour(world: World) -> None:
    client, address, _answer = typed(world)
    cookie = client.cookies[COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (address, True, "Lax", 1800)
    assert "王" not in urlsafe_b64decode(cookie.value).decode("utf-8", "ignore")
    with as_of(now() + LIVES):
        assert not stands(client.get(address).content.decode(), world)
        assert client.get(f"{address}?check").status_code == 200


def test_what_was_altered_or_comes_from_another_invitation_opens_nothing(world: World) -> None:
    client, address, _answer = typed(world)
    whole = urlsafe_b64decode(client.cookies[COOKIE].value)
    for odd in ("x", "", "é", urlsafe_b64encode(whole[:-1] + bytes([whole[-1] ^ 1])).decode(), urlsafe_b64encode(whole[:9]).decode(),
                urlsafe_b64encode(whole[:2] + b"\xff\xff\xff\xff" + whole[6:]).decode()):  # fmt: skip
        client.cookies[COOKIE] = odd
        shown = client.get(f"{address}?check")
        assert shown.status_code == 200 and 'value="王女士"' not in shown.content.decode(), odd
    other = f"/open-day/i/{another_invitation(world).token}/"
    client.cookies[COOKIE] = urlsafe_b64encode(whole).decode()
    assert 'value="王女士"' not in client.get(other).content.decode()


def test_what_was_sent_is_forgotten(world: World) -> None:
    client, address, _answer = typed(world)
    sent = client.post(address, {**CHOICE, "sure": "1", "sessions": [str(world.lesson.pk)]})
    assert sent.status_code == 303 and Party.objects.count() == 1
    assert client.cookies[COOKIE].value == "" and client.cookies[COOKIE]["path"] == address


@pytest.mark.parametrize("many", [2001, 50_000])
def test_what_no_answer_can_be_is_not_kept(world: World, many: int) -> None:
    client, address = Client(headers={"host": world.school.host}), f"/open-day/i/{world.invitation.token}/"
    answer = client.post(address, {**CHOICE, "address": "x" * many})
    assert answer.status_code in (303, 422) and COOKIE not in client.cookies
