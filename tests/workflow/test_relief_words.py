"""What a yes to crisis relief means, as each of the union reads it: by page and by program, at every state of the two words (ADR 0049)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from audit.models import AuditEntry
from kernel.clock import as_of, now
from referrals.due import run_due
from referrals.models import Referral, ReliefWord
from referrals.offices.relief_shown import Words, words_on
from referrals.who_signs import ONE_CASE_FEN
from referrals.workflow.submitting import decline_referral
from tenancy.scope import use_tenant
from tests.api.journey_client import API, staff_of
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.chair_steps import lead, relief, sign
from tests.workflow.journey_steps import ask
from tests.workflow.several_steps import pay_for
from ui.templatetags.ui import school_time

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def union(journey: Journey) -> Iterator[Journey]:
    """A pool of relief and four of the union; nobody is named yet."""
    pay_for(journey, "crisis_relief", share_bp=10_000, pool_fen=5_000_000)
    for number, who in enumerate(("chair", "deputy", "one", "other")):
        journey.members[who] = make_person(journey.tenant, "union", "staff", name=f"工会{'甲乙丙丁'[number]}")
        journey.actors[who] = actor_of(journey.members[who])
    with override("en"):
        yield journey


def reads(journey: Journey, asked: Referral, who: str) -> Words:
    return words_on(journey.actors[who], Referral.objects.select_related("policy").get(pk=asked.pk))


def said(journey: Journey, asked: Referral, who: str) -> tuple[str, str, bool]:
    """The beginning of the notice, the button, and whether there is none."""
    found = reads(journey, asked, who)
    return str(found.notice)[:24], str(found.label), found.mine


FIRST, SECOND, ONLY = "Give the first word", "Sign as the second person", "Approve"


def test_before_the_first_word_each_reads_what_theirs_is(union: Journey) -> None:
    small, large = relief(union, 100), relief(union, ONE_CASE_FEN + 1, person="staff2")
    for asked in (small, large):
        assert said(union, asked, "one") == ("The school has named no ", FIRST, False)
    lead(union, "chair")
    assert said(union, small, "chair") == ("You are the chair or the", ONLY, False)
    assert said(union, small, "one") == ("Two of the union sign, o", FIRST, False)
    assert said(union, large, "chair") == ("This case comes to more ", FIRST, False)
    assert said(union, large, "one") == ("Two of the union sign, o", FIRST, False)
    assert reads(union, small, "one").rows == ()
    assert reads(union, small, "one").lead
    assert not reads(union, small, "chair").lead


def test_what_no_crisis_pays_says_nothing_of_words(union: Journey) -> None:
    lead(union, "chair")
    union.tenant.rules = {"automatic_approval": False}
    union.tenant.save()
    asked = ask(union)
    assert asked.state == "submitted"
    for who in ("one", "chair"):
        assert reads(union, asked, who) == Words(label=ONLY)


def test_while_a_first_word_waits(union: Journey) -> None:
    lead(union, "chair")
    asked, other = relief(union, 100), relief(union, 100, person="staff2")
    sign(union, asked, union.members["one"])
    assert said(union, asked, "one") == ("You gave the first word.", "", True)
    assert said(union, asked, "other") == ("A colleague gave the fir", "", True)
    assert "chair or the deputy signs second" in str(reads(union, asked, "other").notice)
    assert said(union, asked, "chair") == ("A colleague gave the fir", SECOND, False)
    assert said(union, other, "chair")[1] == ONLY, "the word of another request is not shown there"
    word = ReliefWord.objects.get()
    (first, second) = reads(union, asked, "chair").rows
    assert first == ("First word", f"工会丙 · {school_time(word.given_at)}")
    assert second[0] == "Second word" and "工会" not in second[1]
    lead(union)
    assert said(union, asked, "other")[1:] == (SECOND, False), "nobody leads: any two"
    lead(union, "one")
    assert said(union, asked, "one") == ("You may grant this alone", ONLY, False)


def test_a_chairs_first_word_is_seconded_by_any_officer(union: Journey) -> None:
    lead(union, "chair")
    asked = relief(union, ONE_CASE_FEN + 1)
    sign(union, asked, union.members["chair"])
    assert said(union, asked, "one")[1:] == (SECOND, False)
    assert said(union, asked, "chair")[2], "but not by the chair again"


@pytest.mark.parametrize("swept", [False, True])
def test_at_the_last_moment_and_after_it(union: Journey, *, swept: bool) -> None:
    lead(union, "chair")
    asked = relief(union, 100)
    sign(union, asked, union.members["one"])
    until = ReliefWord.objects.get().until
    with as_of(until - MOMENT):
        assert said(union, asked, "chair")[1] == SECOND
    with as_of(until):
        if swept:
            run_due()
        for who, label in (("one", FIRST), ("other", FIRST), ("chair", ONLY)):
            assert said(union, asked, who) == ("Nobody seconded the firs", label, False)
        rows = reads(union, asked, "chair").rows
        assert "工会丙" in rows[0][1] and "工会" not in rows[1][1]
        ReliefWord.objects.update(state="lapsed", answered_at=until)
        assert reads(union, asked, "chair").rows == rows, "as the dates have it, swept or not"


def test_what_is_decided_says_who_and_when_and_asks_nothing(union: Journey) -> None:
    lead(union, "chair")
    asked, declined = relief(union, 100), relief(union, 100, person="staff2")
    for row in (asked, declined):
        sign(union, row, union.members["one"])
    sign(union, asked, union.members["chair"])
    decline_referral(actor=union.actors["chair"], referral_id=declined.pk, reason="other_help_fits")
    word = ReliefWord.objects.get(referral=asked)
    found = reads(union, asked, "other")
    assert (found.notice, found.label, found.mine) == ("", ONLY, False)
    assert found.rows == (
        ("First word", f"工会丙 · {school_time(word.given_at)}"),
        ("Second word", f"工会甲 · {school_time(word.answered_at)}"),
    )
    ended = reads(union, declined, "other")
    assert (ended.notice, ended.mine) == ("", False)
    assert "工会" not in ended.rows[1][1]


# By program


def by_program(journey: Journey, asked: Referral, who: str, at: datetime | None = None) -> tuple[bool, bool, list[Any]]:
    caller = staff_of(journey, who)
    with as_of(at or now()):
        told = caller.get(f"{API}referrals/{asked.pk}/words/").json()
    return told["needs_second"], told["needs_lead"], [(row["state"], row["is_mine"]) for row in told["results"]]


def test_by_program_at_each_state(union: Journey) -> None:
    lead(union, "chair")
    asked, other = relief(union, 100), relief(union, 100, person="staff2")
    assert by_program(union, asked, "one") == (True, True, [])
    assert by_program(union, asked, "chair") == (False, False, [])
    sign(union, asked, union.members["one"])
    until = ReliefWord.objects.get().until
    assert by_program(union, asked, "one") == (False, True, [("waiting", True)])
    assert by_program(union, asked, "other") == (False, True, [("waiting", False)])
    assert by_program(union, asked, "chair") == (False, False, [("waiting", False)])
    assert by_program(union, other, "one") == (True, True, []), "another request's word is not there"
    assert by_program(union, asked, "one", until - MOMENT) == (False, True, [("waiting", True)])
    assert by_program(union, asked, "one", until) == (True, True, [("lapsed", True)])
    assert by_program(union, asked, "chair", until) == (False, False, [("lapsed", False)])
    with as_of(until):
        run_due()
    assert by_program(union, asked, "one", until) == (True, True, [("lapsed", True)])
    with as_of(until):
        sign(union, asked, union.members["chair"])
    assert by_program(union, asked, "one", until) == (False, False, [("lapsed", True)])


def test_by_program_of_a_word_that_needs_no_leader(union: Journey) -> None:
    lead(union, "chair")
    asked = relief(union, ONE_CASE_FEN + 1)
    assert by_program(union, asked, "chair") == (True, False, [])
    sign(union, asked, union.members["chair"])
    assert by_program(union, asked, "one") == (False, False, [("waiting", False)])
    sign(union, asked, union.members["one"])
    assert by_program(union, asked, "one") == (False, False, [("seconded", False)])


def test_each_look_is_recorded_and_the_person_reads_no_words(union: Journey) -> None:
    asked = relief(union, 100)
    before = AuditEntry.objects.filter(action="referral.read").count()
    by_program(union, asked, "one")
    assert AuditEntry.objects.filter(action="referral.read").count() == before + 1
    for who in ("staff", "centre", "finance"):
        assert staff_of(union, who).get(f"{API}referrals/{asked.pk}/words/").status_code in (403, 404), who
    assert staff_of(union, "staff").get(f"{API}referrals/{asked.pk}/").status_code == 200, "it is their own"


def test_the_page_of_a_post_shows_who_holds_it_and_says_that_it_was_saved(union: Journey) -> None:
    lead(union, "chair")
    client = Client(headers={"host": union.tenant.host, "accept-language": "en"})
    client.force_login(union.members["admin"].user)  # type: ignore[arg-type]
    page = client.get("/school/union/chair/")
    assert page.status_code == 200
    assert f'value="{union.members["chair"].pk}" selected' in page.content.decode()
    assert "errorlist" not in page.content.decode()
    vacant = client.get("/school/union/deputy/").content.decode()
    assert 'value="" selected' in vacant
    saved = client.post("/school/union/deputy/", {"person": str(union.members["one"].pk)}, follow=True)
    assert "It counts from now on" in saved.content.decode()
    with use_tenant(union.tenant.pk):
        assert client.post("/school/union/chair/", {"person": "x"}).status_code == 422
