"""Guards of open days that no other test would miss: what is told and written down of an offer, and how a report begins."""

from datetime import timedelta

from audit.models import AuditEntry
from content.opendays.models import OpenDay
from content.opendays.tasks import run_round
from content.opendays.workflow.answering import answer_offer, call_off_answer
from content.opendays.workflow.keeping import begin_report, move_up
from kernel.clock import as_of, now
from tenancy.models import Setback
from tests.opendays.test_guards_told import told
from tests.opendays.test_report import begun
from tests.opendays.world import World, another_invitation, claim_of, come, family


def offered(world: World, wants: int = 2) -> str:
    """A family to whom the seats of a lesson are offered that another one gave back."""
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    waits = come(world, family(wants, sessions=(world.lesson.pk,), may_wait=True))
    call_off_answer(token=full)
    assert claim_of(waits, world.lesson).offered == wants
    return waits


def test_a_yes_to_an_offer_and_a_no_are_two_acts(world: World) -> None:
    answer_offer(token=offered(world), session_id=world.lesson.pk, people=2, rest_waits=False)
    acts = AuditEntry.objects.filter(action__in=("party.accept", "party.decline")).order_by("seq")
    assert [(row.action, row.facts) for row in acts] == [("party.accept", {"people": 2})]
    full = come(world, family(4, sessions=(world.lesson.pk,)))
    waits = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True))
    call_off_answer(token=full)
    answer_offer(token=waits, session_id=world.lesson.pk, people=0, rest_waits=True)
    assert [row.action for row in acts.all()] == ["party.accept", "party.decline"]
    claim = claim_of(waits, world.lesson)
    assert (claim.seats, claim.wants, claim.offered) == (0, 0, 0), "who takes none does not wait on"


def test_when_an_offer_is_answered_whoever_invited_the_next_in_line_is_told(world: World) -> None:
    first = offered(world, wants=6)
    other = another_invitation(world)
    second = come(world, family(3, sessions=(world.lesson.pk,), may_wait=True), invitation=other)
    before = told("openday_offer")
    answer_offer(token=first, session_id=world.lesson.pk, people=3, rest_waits=False)
    assert claim_of(second, world.lesson).offered == 3
    assert [to for _key, to in told("openday_offer")[len(before) :]] == [other.person.user_id]


def test_a_sweep_says_how_many_were_asked(world: World) -> None:
    first = offered(world, wants=6)
    come(world, family(3, sessions=(world.lesson.pk,), may_wait=True))
    come(world, family(2, sessions=(world.lesson.pk,), may_wait=True))
    until = claim_of(first, world.lesson).offer_until
    assert until is not None
    with as_of(until):
        assert move_up(day=world.day) == 2
        assert move_up(day=world.day) == 0


def test_a_report_begins_as_a_draft_with_a_version_that_editors_go_on_with(world: World) -> None:
    page = begun(world)
    assert (page.live, page.has_unpublished_changes) == (False, True)
    assert page.latest_revision is not None
    assert page.get_latest_revision_as_object().of_open_day is True


def test_a_day_that_was_set_back_is_left_alone_until_its_time(world: World) -> None:
    """What failed costs those behind it nothing, and is not tried at every round."""
    failed = Setback.objects.create(loop="opendays.report", row=world.day.pk, tries=1, error="ValueError",
                                    next_at=world.day.ends_at + timedelta(hours=2))  # fmt: skip
    with as_of(world.day.ends_at + timedelta(hours=1)):
        run_round()
        assert OpenDay.objects.get(pk=world.day.pk).report_begun_at is None
    with as_of(failed.next_at):
        run_round()
        assert OpenDay.objects.get(pk=world.day.pk).report_begun_at == now()
        assert not begin_report(day=world.day)
        assert not Setback.objects.filter(loop="opendays.report").exists(), "what went well stands back no more"
