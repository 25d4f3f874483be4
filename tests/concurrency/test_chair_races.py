"""Two words of the union in the same second, and two administrators who name in the same second (books §1, ADR 0049)."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kernel.clock import now
from kernel.errors import Forbidden, IllegalMove
from ledger.selectors import difference
from referrals.models import Offer, Referral, ReliefWord, UnionPost
from referrals.subsidies.accounting import units_difference
from referrals.who_signs import ONE_CASE_FEN
from referrals.workflow import union_posts
from referrals.workflow.second_word import gives_first
from referrals.workflow.union_posts import name_post
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.chair_steps import lead, relief, sign
from tests.workflow.several_steps import pay_for

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def journey(committed: None) -> Journey:
    made = make_journey(make_school())
    with use_tenant(made.tenant.pk):
        pay_for(made, "crisis_relief", share_bp=10_000, pool_fen=5_000_000)
        for who in ("chair", "one", "other"):
            made.members[who] = make_person(made.tenant, "union", "staff")
        lead(made, "chair")
    return made


def signing(journey: Journey, asked: Referral, *names: str) -> list[Callable[[], str]]:
    return [lambda who=who: sign(journey, asked, journey.members[who]) for who in names]


def stands(asked: Referral) -> tuple[str, list[str], int]:
    """How the request stands, its words, and how many agencies were asked; the books hold."""
    assert difference() == units_difference() == 0
    asked.refresh_from_db()
    return asked.state, [word.state for word in ReliefWord.objects.filter(referral=asked)], Offer.objects.count()


def test_chair_and_officer_in_the_same_second_are_first_and_second(journey: Journey) -> None:
    with use_tenant(journey.tenant.pk):
        asked = relief(journey, ONE_CASE_FEN + 1)
        said = at_once(journey.tenant, signing(journey, asked, "chair", "one"))
        assert sorted(said) == ["offered", "submitted"]
        assert stands(asked) == ("offered", ["seconded"], 1)


def test_two_officers_in_the_same_second_are_one_word_and_a_refusal(journey: Journey) -> None:
    with use_tenant(journey.tenant.pk):
        asked = relief(journey, 100)
        said = at_once(journey.tenant, signing(journey, asked, "one", "other"))
        assert [str(each) for each in said if isinstance(each, Forbidden)] == ["chair_signs"]
        assert stands(asked) == ("submitted", ["waiting"], 0)


def test_chair_alone_and_a_second_chair_word_ask_the_agency_once(journey: Journey) -> None:
    with use_tenant(journey.tenant.pk):
        asked = relief(journey, ONE_CASE_FEN)
        said = at_once(journey.tenant, signing(journey, asked, "chair", "chair"))
        assert sorted(type(each) for each in said if isinstance(each, Exception)) == [IllegalMove]
        assert stands(asked) == ("offered", [], 1)


def test_control_without_the_lock_both_words_are_first(journey: Journey, monkeypatch: Any) -> None:
    """What the request's lock is for: without it chair and officer both find no word, and the second of the two is lost."""
    with use_tenant(journey.tenant.pk):
        asked = relief(journey, ONE_CASE_FEN + 1)
    both_have_read = threading.Barrier(2)

    def unlocked(who: str) -> bool:
        with transaction.atomic():
            found = Referral.objects.select_related("policy").get(pk=asked.pk)
            nothing = not ReliefWord.objects.filter(referral=found, state="waiting").exists()
            both_have_read.wait(timeout=30)
            assert nothing
            return gives_first(actor_of(journey.members[who]), found, now())

    said = at_once(journey.tenant, [lambda: unlocked("chair"), lambda: unlocked("one")])
    assert True in said
    assert [type(each) for each in said if each is not True] != [], "one of the two words came to nothing"
    assert any(isinstance(each, IntegrityError) for each in said) or said.count(True) == 1


def naming(journey: Journey, second: Any) -> list[Callable[[], Any]]:
    """Two administrators, each somebody else as deputy."""
    admins = [actor_of(journey.members["admin"]), second]
    return [
        lambda admin=admin, who=who: name_post(
            actor=admin, tenant=journey.tenant, kind="deputy", person_id=journey.members[who].pk
        )
        for admin, who in zip(admins, ("one", "other"), strict=True)
    ]


def test_two_administrators_name_one_after_the_other(journey: Journey) -> None:
    with use_tenant(journey.tenant.pk):
        second = actor_of(make_person(journey.tenant, "admin", "staff"))
    said = at_once(journey.tenant, naming(journey, second))
    assert not [each for each in said if isinstance(each, Exception)], said
    with use_tenant(journey.tenant.pk):
        rows = UnionPost.objects.filter(kind="deputy")
        assert (rows.count(), rows.filter(until__isnull=True).count()) == (2, 1)


def test_control_without_the_lock_one_of_them_breaks_off(journey: Journey, monkeypatch: Any) -> None:
    """What the school's lock is for: without it both find the post vacant, and the database refuses one of them."""
    with use_tenant(journey.tenant.pk):
        second = actor_of(make_person(journey.tenant, "admin", "staff"))
    both_have_read = threading.Barrier(2)
    compares = union_posts.same_member

    def compared(one: Any, other: Any) -> bool:
        if other == journey.members["chair"].pk:  # the last that is read before it is written
            both_have_read.wait(timeout=30)
        return compares(one, other)

    class Unlocked:
        objects = Tenant.objects.none()

    monkeypatch.setattr(Unlocked.objects, "select_for_update", lambda **_: Tenant.objects, raising=False)
    monkeypatch.setattr(union_posts, "Tenant", Unlocked)
    monkeypatch.setattr(union_posts, "same_member", compared)
    said = at_once(journey.tenant, naming(journey, second))
    assert [type(each) for each in said if isinstance(each, Exception)] == [IntegrityError], said
