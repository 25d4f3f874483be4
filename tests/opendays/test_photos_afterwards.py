"""A yes to photographs is taken back after forms of address are gone: pictures outlast the names, and so does that road (books §6)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from content.opendays.links import party_of
from content.opendays.models import Guest, Party
from content.opendays.pictures import pictures_until
from content.opendays.rules import Band
from content.opendays.tasks import run_round
from content.opendays.workflow.photos import say_photo, say_photo_as_guardian
from families.workflow import register_child
from kernel.clock import as_of
from kernel.errors import NotFound
from tests.conftest import actor_of, make_person
from tests.opendays.test_report import browser, published
from tests.opendays.world import World, come, family


@contextmanager
def when_names_are_gone(world: World) -> Iterator[None]:
    with as_of(world.day.ends_at + timedelta(days=8)):
        run_round()
        assert set(Party.objects.values_list("address_sealed", flat=True)) <= {b""}
        yield


def guest_of(token: str, band: Band = Band.ADULT) -> Guest:
    found: Guest = party_of(token).guests.filter(band=band).order_by("pk")[0]
    return found


def test_a_family_takes_its_yes_back_by_its_own_link(world: World) -> None:
    token = come(world, family(2, address="欧阳女士", plate="浙A9K3Q7"))
    one = guest_of(token)
    say_photo(token=token, guest_id=one.pk, yes=True)
    page = published(world)
    client, path = browser(world), f"/open-day/f/{token}/"
    assert "keep it as long as pictures stand" in client.get(path).content.decode()
    with when_names_are_gone(world):
        shown = client.get(path)
        text = shown.content.decode()
        assert shown.status_code == 200
        assert "within three working days" in text and text.count("/photo/") == 1
        assert "欧阳女士" not in text and "9K3Q7" not in text
        assert (shown["Referrer-Policy"], shown["X-Robots-Tag"]) == ("strict-origin", "noindex, nofollow")
        assert client.post(f"{path}photo/{one.pk}/", {"photo": "no"}).status_code == 303
        one.refresh_from_db()
        assert one.may_photograph is False and one.photo_ended_at is not None
        assert pictures_until(page.pk) is not None, "the pictures come down from here on"
        after = client.get(path).content.decode()
        assert "Taken back on" in after and "/photo/" not in after
        assert AuditEntry.objects.filter(action="guest.photo").count() == 2


def test_nothing_else_opens_and_nothing_becomes_a_yes(world: World) -> None:
    token = come(world, family(2))
    one, other = party_of(token).guests.order_by("pk")
    say_photo(token=token, guest_id=one.pk, yes=True)
    client, path = browser(world), f"/open-day/f/{token}/"
    with when_names_are_gone(world):
        for guest in (one, other):
            assert client.post(f"{path}photo/{guest.pk}/", {"photo": "yes"}).status_code == 404
            with pytest.raises(NotFound):
                say_photo(token=token, guest_id=guest.pk, yes=True)
        for further in ("change/", "leave/", f"offer/{world.lesson.pk}/"):
            way = client.post if further.startswith("offer") else client.get
            assert way(path + further, {"people": "1"}).status_code == 404, further
    other.refresh_from_db()
    assert not other.may_photograph


@pytest.mark.parametrize("how", ["nobody said yes", "removed", "called off"])
def test_the_link_of_who_is_in_no_picture_opens_nothing(world: World, how: str) -> None:
    token = come(world, family(1))
    party, guest = party_of(token), guest_of(token)
    if how != "nobody said yes":
        say_photo(token=token, guest_id=guest.pk, yes=True)
        Party.objects.filter(pk=party.pk).update(
            **({"was_removed": True} if how == "removed" else {"left_at": world.day.starts_at - timedelta(days=1)})
        )
    with when_names_are_gone(world):
        assert browser(world).get(f"/open-day/f/{token}/").status_code == 404
        with pytest.raises(NotFound):
            say_photo(token=token, guest_id=guest.pk, yes=False)


def test_a_guardian_takes_back_what_they_said_for_a_child_on_their_own_page(world: World) -> None:
    born = world.school.day_of(world.day.starts_at) - timedelta(days=365 * 9)
    register_child(actor=world.host, name="知夏", born=born)
    token = come(world, family(1, child=1))
    party, child = party_of(token), guest_of(token, Band.CHILD)
    say: Any = {"actor": world.host, "school": world.school, "party_id": party.pk, "guest_id": child.pk}
    say_photo_as_guardian(**say, yes=True)
    desk = browser(world, world.host)
    act = f"/my/open-days/families/{party.pk}/photo/{child.pk}/"
    assert "days that are over" not in desk.get("/my/open-days/").content.decode()
    with when_names_are_gone(world):
        text = desk.get("/my/open-days/").content.decode()
        assert "days that are over" in text and act in text and world.day.title in text
        colleague = browser(world, actor_of(make_person(world.school, "staff")))
        assert act not in colleague.get("/my/open-days/").content.decode()
        assert colleague.post(act, {"photo": "no"}).status_code == 404
        assert desk.post(act, {"photo": "no"}).status_code == 302
        child.refresh_from_db()
        assert child.may_photograph is False and child.photo_ended_at is not None
        assert "days that are over" not in desk.get("/my/open-days/").content.decode()
        assert desk.post(act, {"photo": "yes"}).status_code == 404, "a yes is said before the day, and on it"
        with pytest.raises(NotFound):
            say_photo_as_guardian(**say, yes=True)
