"""Weekly talks after an incident on pages: what the person reads and says, what psychologists write, how long it is kept."""

from datetime import timedelta

import pytest

from kernel.clock import now
from kernel.errors import Conflict, NotFound
from notifications.models import OutboxMessage
from referrals.emergency.models import FollowUp, FollowUpTalk, Incident, NeverContact, UnionGrant, WatchTask
from referrals.emergency.tasks import end_what_is_over
from referrals.emergency.workflow import following_up, tasks
from referrals.emergency.workflow.support import ask_grant
from tests.conftest import make_person
from tests.emergency.follow_up_steps import REASON, closed, of, talk, told
from tests.emergency.test_board import client, get, page_of
from tests.emergency.world import World, codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


class TestThePerson:
    def tell(self, world: World, incident: Incident) -> None:
        tasks.finish(
            actor=world.actor("centre"), task_id=WatchTask.objects.get(incident=incident, kind="tell", done_at=None).pk
        )

    def test_reads_only_that_somebody_rings_and_how_to_say_no(self, world: World) -> None:
        incident = closed(world)
        get(world, "person", "/my/calls/", 404)
        assert "/my/calls/" not in get(world, "person", "/my/")
        talk(world, of(incident), words="他说夜里还是睡不着")
        self.tell(world, incident)
        assert "/my/calls/" in get(world, "person", "/my/")
        text = get(world, "person", "/my/calls/")
        for hidden in ("夜里", incident.number, world.members["duty"].name, "支持"):
            assert hidden not in text
        for post in ("duty", "head", "centre"):
            get(world, post, "/my/calls/", 404)

    def test_says_no_and_yes_again_and_who_keeps_it_is_told(self, world: World) -> None:
        incident = closed(world)
        self.tell(world, incident)
        browser = client(world, "person")
        for wants, mode in (("no", "watch"), ("no", "watch"), ("yes", "talk")):
            assert browser.post("/my/calls/", {"wants": wants}).status_code == 302
            assert of(incident).mode == mode
        assert told("emergency_follow_up_word") == [world.members["duty"].user_id] * 2
        for word in OutboxMessage.objects.filter(template="emergency_follow_up_word"):
            assert world.members["person"].name not in str(word.link)

    def test_nobody_else_says_it_for_them(self, world: World) -> None:
        incident = closed(world)
        row = of(incident)
        for post in ("person", "duty", "centre"):
            with pytest.raises(NotFound):
                following_up.choose_for_oneself(actor=world.actor(post), follow_up_id=row.pk, wants=False)
        assert of(incident).mode == "talk"

    def test_after_the_end_nothing_is_said_any_more(self, world: World) -> None:
        incident = closed(world)
        self.tell(world, incident)
        FollowUp.objects.update(ended_at=now(), ended_why="recovered", due_at=None, next_at=None)
        with pytest.raises(Conflict) as over:
            following_up.choose_for_oneself(actor=world.actor("person"), follow_up_id=of(incident).pk, wants=False)
        assert over.value.reason == "follow_up_over"
        assert client(world, "person").post("/my/calls/", {"wants": "no"}).status_code == 302
        assert "/my/calls/" not in get(world, "person", "/my/")


class TestThePages:
    def test_written_on_its_page_and_the_button_again_is_calm(self, world: World) -> None:
        incident = closed(world)
        here = f"{page_of(incident)}follow-up/"
        assert here in get(world, "duty", page_of(incident))
        browser = client(world, "duty")
        said = {"went": "same", "words": "和上周一样", "seen": "0"}
        assert browser.post(here, {"seen": "0"}).status_code == 422
        assert browser.post(here, said).status_code == 302
        assert browser.post(here, said).status_code == 302
        assert FollowUpTalk.objects.count() == 1
        text = get(world, "centre", here)
        assert "和上周一样" in text and world.members["person"].name in text
        assert browser.post(f"{here}extend/", {"seen": "yesterday"}).status_code == 302
        assert browser.post(f"{here}nonsense/").status_code == 404
        assert browser.post(f"{here}go-on/").status_code == 302
        assert of(incident).goes_on_since is None

    def test_only_psychologists_who_may_know(self, world: World) -> None:
        incident = closed(world)
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        for post in ("moral", "principal", "head", "person", "second"):
            for tail in ("follow-up/", "follow-up/stop/", "ask-card/"):
                get(world, post, f"{page_of(incident)}{tail}", 404)
        text = get(world, "duty", "/centre/emergency/follow-ups/")
        assert incident.number in text and world.members["person"].name not in text
        assert incident.number not in get(world, "second", "/centre/emergency/follow-ups/")
        none = world.open(person_id=world.members["moral"].pk)
        get(world, "duty", f"{page_of(none)}follow-up/", 404)

    def test_stopped_on_its_page_once(self, world: World) -> None:
        incident = closed(world)
        browser = client(world, "duty")
        here = f"{page_of(incident)}follow-up/stop/"
        assert browser.post(here, {"why": "left", "reason": REASON}).status_code == 422
        assert browser.post(here, {"why": "died", "reason": REASON}).status_code == 302
        assert browser.post(here, {"why": "died", "reason": REASON}).status_code == 302
        assert codes(incident).count("follow_up.ended") == 1


class TestKeeping:
    def over(self, incident: Incident) -> None:
        """Its time is over, and nothing else of it is open."""
        Incident.objects.filter(pk=incident.pk).update(closed_at=now() - timedelta(days=4 * 366))
        WatchTask.objects.filter(incident=incident).update(
            done_at=now(), done_by=incident.person_id, next_at=None, asked_by=None
        )
        end_what_is_over()

    def test_what_is_open_keeps_the_incident_and_then_the_words_go(self, world: World) -> None:
        incident = closed(world)
        talk(world, of(incident), words="睡得好些了")
        for _twice in range(2):  # the addresses first, then the words
            self.over(incident)
        assert Incident.objects.get(pk=incident.pk).erased_at is None, "somebody still rings"
        grant = ask_grant_of(world, incident)
        FollowUp.objects.update(ended_at=now(), ended_why="recovered", due_at=None, next_at=None)
        self.over(incident)
        assert Incident.objects.get(pk=incident.pk).erased_at is None, "the union is still asked"
        UnionGrant.objects.filter(pk=grant.pk).update(
            state="given", decided_on=grant.asked_on, decided_by=world.members["union"]
        )
        self.over(incident)
        gone = Incident.objects.get(pk=incident.pk)
        assert gone.erased_at is not None
        assert FollowUpTalk.objects.get().words(gone.key) == "" and FollowUp.objects.get().ended_why == "recovered"
        assert not UnionGrant.objects.exists(), "it leads to the person"
        with pytest.raises(NotFound):
            talk(world, of(incident))


def ask_grant_of(world: World, incident: Incident) -> UnionGrant:
    world.members["union"] = make_person(world.school, "staff", "union", name="工会主席")
    return ask_grant(actor=world.actor("duty"), incident_id=incident.pk, agreed_how="今天当面说好")
