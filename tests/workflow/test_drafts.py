"""A request that is being written (rules §2): nothing typed is lost, nobody else sees it, it is sent once, it ends by its date."""

import re
from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, NotFound, Refused
from partners.calendars.workflow import close
from referrals.due import run_due
from referrals.models import Referral, ReferralDraft
from referrals.workflow.drafting import MOST_DRAFTS, keep_draft, send_draft, throw_away_draft
from tenancy.hosts import forget
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import BOXES
from tests.workflow.apply_steps import always_asks, begin, draft_of, hidden, send, step, times, walk_to_check
from tests.workflow.partner_facts import platform
from tests.workflow.staff_facts import Facts, make_facts, sent_request
from tests.workflow.test_staff_screens import moved, signed_in, text

STEPS = ("when", "consent", "check", "throw-away")


@pytest.fixture(scope="module")
def planted(own_database: None) -> Facts:
    return make_facts(make_school())


@pytest.fixture
def facts(planted: Facts, db: None) -> Facts:
    return deepcopy(planted)


@pytest.fixture
def client(facts: Facts) -> Client:
    return signed_in(facts.person, facts.school.host)


def ticked(page: str) -> set[str]:
    """The boxes that are ticked on the page."""
    return {found[1] for found in re.finditer(r'name="(box_\w+)"[^>]* checked', page)}


def drafts(facts: Facts) -> list[ReferralDraft]:
    with use_tenant(facts.school.id):
        return list(ReferralDraft.objects.all())


def test_looking_writes_nothing_and_every_step_can_be_asked_for_again(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    for _ in range(2):
        assert client.get(when).status_code == 200
    assert drafts(facts) == []
    client.post(when, times(units="4"))
    client.post(step(when, "consent"), {"consent": "on", "note": "晚上更方便", "note_to": "centre"})
    (kept,) = drafts(facts)
    for address in (when, step(when, "when"), step(when, "consent"), step(when, "check")):
        for _ in range(2):
            assert client.get(address).status_code == 200
    assert [row.version for row in drafts(facts)] == [kept.version]
    assert ticked(text(client.get(when))) == set(BOXES), "Back to the first address shows it too"
    assert "晚上更方便" in text(client.get(step(when, "consent")))


@pytest.mark.parametrize("name", ["when", "consent", "check"])
def test_the_language_switch_comes_back_to_the_step_with_everything(facts: Facts, client: Client, name: str) -> None:
    always_asks(facts.school)
    check = walk_to_check(client, facts.counselling)
    address = step(check.request["PATH_INFO"], name)
    page = text(client.get(address))
    assert f'name="next" value="{address}"' in page
    answer = client.post("/i18n/setlang/", {"next": address, "language": "en"})
    assert answer["Location"] == address
    english = text(client.get(address))
    assert "Step" in english
    assert ("晚上更方便" in english) == (name != "when")
    assert ticked(english) == (set(BOXES) if name == "when" else set())


def test_the_language_switch_of_a_first_step_keeps_the_service(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    assert f'name="next" value="{when}"' in text(client.get(when))


def test_what_was_begun_waits_on_both_pages_and_is_thrown_away_after_a_question(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    later = client.post(when, {**times(), "go": "later"})
    assert later["Location"] == "/my/"
    away = step(when, "throw-away")
    for page in ("/my/", "/apply/"):
        shown = text(client.get(page))
        assert "您有一份没写完的申请" in shown
        assert step(when, "when") in shown
        assert away in shown
    assert client.get(away).status_code == 200
    assert len(drafts(facts)) == 1
    assert client.post(away)["Location"] == "/apply/"
    assert drafts(facts) == []
    assert client.get(step(when, "check")).status_code == 404
    assert "没写完" not in text(client.get("/my/"))


def test_a_draft_of_somebody_else_is_a_missing_one(facts: Facts, client: Client, other_school: Any) -> None:
    check = walk_to_check(client, facts.counselling)
    address = check.request["PATH_INFO"]
    (before,) = drafts(facts)
    colleague = signed_in(make_person(facts.school, "staff"), facts.school.host)
    foreign = signed_in(make_person(other_school, "staff"), other_school.host)
    for other in (colleague, foreign):
        for name in STEPS:
            assert other.get(step(address, name)).status_code == 404
            assert other.post(step(address, name), {"go": "send", "version": before.version}).status_code == 404
        assert "没写完" not in text(other.get("/apply/"))
    taken = f"{step(address, 'when')}?service={facts.counselling.pk}"
    assert colleague.post(taken, times(units="2")).status_code == 404, "its key is taken"
    (after,) = drafts(facts)
    assert (after.person_id, after.words, after.version) == (before.person_id, before.words, before.version)


def test_the_key_of_another_school_s_draft_is_taken_too(facts: Facts, client: Client) -> None:
    check = walk_to_check(client, facts.counselling)
    elsewhere = make_facts(make_school())
    other = signed_in(elsewhere.person, elsewhere.school.host)
    address = f"{step(check.request['PATH_INFO'], 'when')}?service={elsewhere.counselling.pk}"
    assert other.post(address, times()).status_code == 404
    assert drafts(elsewhere) == []


def test_its_words_are_sealed_and_no_row_of_the_record_tells_of_it(facts: Facts, client: Client) -> None:
    with use_tenant(facts.school.id):
        rows = AuditEntry.objects.count()
        walk_to_check(client, facts.counselling)
        (draft,) = ReferralDraft.objects.all()
        assert "晚上".encode() not in bytes(draft.words_sealed)
        assert draft.answers["note"] == "晚上更方便"
        assert AuditEntry.objects.count() == rows


def test_the_date_ends_it_and_the_sweep_only_writes_it_down(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    client.post(when, times(20))
    (draft,) = drafts(facts)
    assert draft.expires_at - draft.changed_at == timedelta(days=facts.school.settings.draft_days) == timedelta(14)
    with as_of(draft.expires_at - timedelta(seconds=1)):
        run_due()
        assert client.get(step(when, "consent")).status_code == 200
    with as_of(draft.expires_at), use_tenant(facts.school.id):
        before = moved()
        assert client.get(step(when, "consent")).status_code == 404, "the sweep has not been"
        assert "没写完" not in text(client.get("/my/"))
        with pytest.raises(NotFound):
            send_draft(
                actor=actor_of(facts.person), tenant=facts.school, draft_id=draft.pk, version=draft.version,
                quote_token="x", review_seen="", read=lambda _draft: pytest.fail("its words are read"),
            )  # fmt: skip
        assert moved() == before
    with as_of(draft.expires_at):
        run_due()
    assert drafts(facts) == []


def test_an_ended_key_begins_anew(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    client.post(when, times())
    (old,) = drafts(facts)
    with as_of(old.expires_at):
        client.force_login(facts.person.user)  # type: ignore[arg-type]
        client.post(when, times(units="2"))
        (draft,) = drafts(facts)
        assert draft.answers["when"]["units"] == "2"


def test_two_tabs_are_two_drafts_and_more_than_twenty_are_not_kept(facts: Facts, client: Client) -> None:
    first, second = begin(client, facts.counselling), begin(client, facts.counselling)
    client.post(first, times(2))
    client.post(second, times(4))
    assert len(drafts(facts)) == 2
    assert ticked(text(client.get(first))) == set(list(BOXES)[:2])
    assert ticked(text(client.get(second))) == set(list(BOXES)[:4])
    for _ in range(MOST_DRAFTS - 2):
        client.post(begin(client, facts.counselling), times())
    over = client.post(begin(client, facts.counselling), times())
    assert over.status_code == 422
    assert "没写完的申请太多了" in text(over)
    assert len(drafts(facts)) == MOST_DRAFTS
    with use_tenant(facts.school.id), pytest.raises(Refused, match="drafts_full"):
        keep_draft(
            actor=actor_of(facts.person), tenant=facts.school, draft_id=uuid4(), service=facts.counselling, answers={}
        )
    assert client.post(first, times(5)).status_code == 302, "what is there can still be changed"


def test_a_sent_one_leads_to_its_request_and_takes_nothing_more(facts: Facts, client: Client) -> None:
    check = walk_to_check(client, facts.counselling)
    address = check.request["PATH_INFO"]
    done = send(client, check)["Location"]
    for name in STEPS:
        assert client.get(step(address, name))["Location"] == done
        assert client.post(step(address, name), {"go": "send"})["Location"] == done
    (draft,) = drafts(facts)
    assert draft.words == "", "what was said stands in the request alone"
    with use_tenant(facts.school.id):
        with pytest.raises(Conflict, match="already_sent"):
            keep_draft(
                actor=actor_of(facts.person), tenant=facts.school, draft_id=draft.pk, service=facts.counselling,
                answers={"note": "x"},
            )  # fmt: skip
        with pytest.raises(NotFound):
            throw_away_draft(actor=actor_of(facts.person), draft_id=draft.pk)
        assert Referral.objects.count() == 1
    assert "没写完" not in text(client.get("/my/"))


def test_nobody_sends_what_another_tab_has_changed(facts: Facts, client: Client) -> None:
    check = walk_to_check(client, facts.counselling)
    address = check.request["PATH_INFO"]
    client.post(step(address, "when"), times(5))
    with use_tenant(facts.school.id):
        before = moved()
        answer = send(client, check)
        assert answer["Location"].endswith("?changed=draft_changed")
        assert moved() == before
    again = client.get(answer["Location"])
    assert "您的填写已经变了" in text(again)
    assert send(client, again)["Location"].startswith("/apply/done/")


def test_what_a_page_keeps_late_changes_nothing_once_it_was_left(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    client.post(when, times(units="4") | {"page": hidden(client.get(when), "page"), "go": "times"})
    consent = step(when, "consent")
    key = hidden(client.get(consent), "page")
    half = {"note": "晚上更方便", "note_to": "centre", "go": "keep", "page": key}
    client.post(consent, half)  # while it stands: kept
    (kept,) = drafts(facts)
    assert (kept.answers["note"], kept.answers["consent"]) == ("晚上更方便", False)
    go_on = client.post(consent, {**half, "consent": "on", "go": "consent"})
    assert go_on["Location"] == step(when, "check")
    before = drafts(facts)[0]
    late = client.post(consent, half, headers={"HX-Request": "true"})  # sent first, arrived last
    assert late.status_code == 204
    after = drafts(facts)[0]
    assert (after.answers, after.version) == (before.answers, before.version)
    assert after.answers["consent"] is True
    assert client.get(step(when, "check")).status_code == 200
    again = hidden(client.get(consent), "page")  # Back: another showing, which keeps again
    client.post(consent, {"note": "早上", "go": "keep", "page": again})
    assert drafts(facts)[0].answers["note"] == "早上"


def test_what_the_times_keep_late_changes_nothing_once_they_were_left(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    key = hidden(client.get(when), "page")
    client.post(when, times(units="4") | {"page": key, "go": "times"})
    before = drafts(facts)[0]
    late = client.post(when, times(units="2") | {"page": key, "go": "keep"}, headers={"HX-Request": "true"})
    assert late.status_code == 200
    after = drafts(facts)[0]
    assert (after.answers, after.version) == (before.answers, before.version)
    assert after.answers["when"]["units"] == "4"


def test_an_agency_that_closes_meanwhile_leads_back_to_the_times_and_sends_nothing(
    facts: Facts, client: Client
) -> None:
    check = walk_to_check(client, facts.counselling)
    with use_tenant(platform().id):
        close(actor=facts.counter, starts_at=now(), ends_at=now() + timedelta(days=60))
    with use_tenant(facts.school.id):
        before = moved()
        assert send(client, check)["Location"].endswith("?changed=draft_changed")
        assert moved() == before
        back = client.get(check.request["PATH_INFO"])
        assert back["Location"].endswith("/when/?check=1")
        assert "请至少选一格" in text(client.get(back["Location"])) or "不营业" in text(client.get(back["Location"]))


def test_another_service_keeps_what_fits_and_asks_for_consent_anew(facts: Facts, client: Client) -> None:
    always_asks(facts.school)
    check = walk_to_check(client, facts.counselling, units="2")
    address = check.request["PATH_INFO"]
    chosen = f"{step(address, 'when')}?service={facts.home_help.pk}"
    assert chosen in text(client.get(f"/apply/?draft={draft_of(address)}")).replace("&amp;", "&")
    page = text(client.get(chosen))
    assert ticked(page) == set(BOXES)
    assert drafts(facts)[0].service_id == facts.counselling.pk, "looking changes nothing"
    answer = client.post(chosen, times(units="3"))
    assert answer["Location"] == step(address, "consent")
    shown = text(client.get(answer["Location"]))
    assert "工会会读到" in shown
    assert "晚上更方便" not in shown, "words to the centre are none to the union"
    assert 'name="consent" id="id_consent" checked' not in shown
    assert client.get(step(address, "check"))["Location"] == step(address, "consent"), (
        "a word to one agency is none to another"
    )
    (draft,) = drafts(facts)
    assert draft.service_id == facts.home_help.pk


@pytest.mark.parametrize("units", [1, 3, 4, 5])
@pytest.mark.parametrize("had", [0, 2])
def test_what_is_announced_is_what_happens(facts: Facts, client: Client, units: int, had: int) -> None:
    if had:
        sent_request(facts, units=had, days=9)
    when = begin(client, facts.counselling)
    htmx = {"HX-Request": "true"}
    part = text(client.post(when, {"go": "keep", "units": str(units)}, headers=htmx))
    assert "<html" not in part
    check = walk_to_check(client, facts.counselling, units=str(units))
    waits = had + units > facts.school.settings.self_referral_sessions
    for page in (part, text(check)):
        assert ("先由心理中心看" in page) == waits
        assert ("看到您的姓名" in page) == waits
        assert ("不用等学校审核" in page) != waits
    send(client, check)
    with use_tenant(facts.school.id):
        assert Referral.objects.order_by("-submitted_at").first().needs_person == waits  # type: ignore[union-attr]


def test_a_school_that_always_asks_says_so_before(facts: Facts, client: Client) -> None:
    facts.school.rules = {"automatic_approval": False}
    facts.school.save()
    forget()
    page = text(client.get(begin(client, facts.home_help)))
    assert "先由工会看" in page


def test_the_number_of_sessions_works_the_price_out_anew(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    shown = text(client.post(when, {"go": "keep", "units": "8"}, headers={"HX-Request": "true"}))
    assert "¥840.00" in shown  # four of eight are subsidised: 4 × 210
    assert "¥1,560.00" in shown
    assert "第一次的时间" in shown
    plain = client.post(when, {"go": "keep", "units": "8"})
    assert plain["Location"] == step(when, "when")
    assert "¥1,560.00" in text(client.get(plain["Location"]))
    for odd in ("", "0", "99999999999999999999", "１２", "-1", "x"):
        part = client.post(when, {"go": "keep", "units": odd}, headers={"HX-Request": "true"})
        assert part.status_code == 200


def test_a_person_of_another_role_keeps_sends_and_throws_nothing(facts: Facts, client: Client) -> None:
    walk_to_check(client, facts.counselling)
    (draft,) = drafts(facts)
    office = actor_of(make_person(facts.school, "district"))
    with use_tenant(facts.school.id):
        for act in (
            lambda: keep_draft(actor=office, tenant=facts.school, draft_id=uuid4(), service=facts.counselling, answers={}),
            lambda: throw_away_draft(actor=office, draft_id=draft.pk),
            lambda: send_draft(
                actor=office, tenant=facts.school, draft_id=draft.pk, version=draft.version, quote_token="x",
                review_seen="", read=lambda _draft: pytest.fail("its words are read"),
            ),
        ):  # fmt: skip
            with pytest.raises(Forbidden):
                act()
    assert [row.version for row in drafts(facts)] == [draft.version]
