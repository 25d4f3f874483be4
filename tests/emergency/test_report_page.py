"""``/my/report/``: who can be called at once stands first, whatever was asked or answered, and the report goes on from there."""

import re

import pytest
from django.test import Client

from accounts.models import Department
from referrals.emergency.models import Incident
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
PAGE = "/my/report/"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def client(world: World, post: str = "head") -> Client:
    found = Client(headers={"host": world.school.host})
    user = world.members[post].user
    assert user is not None
    found.force_login(user)
    return found


def stands_first(text: str) -> bool:
    """Both numbers can be tapped, and stand before the search for a person and the form."""
    calls = [text.index(f'href="tel:{number}"') for number in ("120", "110")]
    return max(calls) < min(text.index('id="who"'), text.index('id="report"'))


def test_the_numbers_stand_first_and_are_never_hidden(world: World) -> None:
    head = client(world)
    person = world.members["person"]
    for query in ("", "?q=老师", "?q=nobody", f"?person={person.pk}", "?danger=1", "?page=9"):
        assert stands_first(head.get(f"{PAGE}{query}").content.decode()), query
    refused = head.post(PAGE, {"grade": "extreme"})
    assert refused.status_code == 422
    assert stands_first(refused.content.decode())


def test_reporting_goes_on_from_the_box_with_danger_now(world: World) -> None:
    head, person = client(world), world.members["person"]
    # Who it is stands first there too: without a name neither family nor hospital is called.
    assert f'href="{PAGE}?danger=1#who"' in head.get(PAGE).content.decode()
    text = head.get(f"{PAGE}?danger=1").content.decode()
    ticked = re.compile(r'<input[^>]*name="danger_now"[^>]*checked')
    assert ticked.search(text)
    assert re.search(r'<input type="radio" name="grade" value="extreme" required checked', text)
    assert not ticked.search(head.get(PAGE).content.decode())
    assert not ticked.search(head.get(f"{PAGE}?danger=yes").content.decode())
    found = head.get(f"{PAGE}?danger=1&q={person.name}").content.decode()
    assert '<input type="hidden" name="danger" value="1">' in found


def test_it_stays_so_while_a_name_is_looked_for(world: World) -> None:
    """The name that is found and "somebody else" keep it."""
    department = Department.objects.create(name="语文组")
    for post in ("person", "head"):
        world.members[post].department = department
        world.members[post].save(update_fields=["department"])
    head, person = client(world), world.members["person"]
    found = head.get(f"{PAGE}?danger=1&q={person.name}").content.decode()
    assert f'href="{PAGE}?person={person.pk}&amp;danger=1#report"' in found
    chosen = head.get(f"{PAGE}?danger=1&person={person.pk}").content.decode()
    assert re.search(r'<input[^>]*name="danger_now"[^>]*checked', chosen)
    assert f'href="{PAGE}?danger=1#who"' in chosen


def test_what_is_sent_from_there_is_danger_now(world: World) -> None:
    typed = {
        "danger_now": "on",
        "grade": "extreme",
        "kind": "psychological",
        "signs": "刚才在走廊里说不想活了",
        "found_at": _now_of(world),
        "company": "nobody",
        "home": "unknown",
    }
    assert client(world).post(PAGE, typed).status_code == 302
    incident = Incident.objects.get()
    assert incident.danger_now and incident.suggested == "extreme"


def _now_of(world: World) -> str:
    page = client(world).get(PAGE).content.decode()
    found = re.search(r'name="found_at"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="found_at"', page)
    assert found is not None
    return found[1] or found[2]


@pytest.mark.parametrize("query", ["", "?danger=1", "?danger=1&q=x"])
def test_the_search_leads_to_what_it_found_and_not_past_it(world: World, query: str) -> None:
    # A browser keeps the fragment of the page for a form that names no address: then "#report" hid the names above it.
    text = client(world).get(f"{PAGE}{query}").content.decode()
    search = text[text.rindex("<form", 0, text.index('name="q"')) : text.index('name="q"')]
    assert f'action="{PAGE}#who"' in search


def test_whom_a_head_cannot_find_is_written_below(world: World) -> None:
    assert "本部门没有找到" in client(world).get(f"{PAGE}?q=查无此人").content.decode()


def test_whoever_reports_in_another_way_is_led_there(world: World) -> None:
    """The public page offers "report signed in" to all: nobody who saw something ends at "not found"."""
    opens = client(world, "duty").get(PAGE)
    assert (opens.status_code, opens["Location"]) == (302, "/centre/emergency/new/")
    for post in ("moral", "person"):
        found = client(world, post).get(PAGE)
        assert (found.status_code, found["Location"]) == (302, "/report/")
        assert client(world, post).post(PAGE, {}).status_code == 404
