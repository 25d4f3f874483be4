"""``/family/<token>/``: GET shows, POST acts once, a stranger gets 404."""

import re
from datetime import timedelta

import pytest

from audit.models import AuditEntry
from families.models import Consent, FamilyLink
from families.workflow import ask_consent, register_relative, withdraw_consent
from kernel.clock import now
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person


@pytest.fixture
def page(school, client):
    """The address of a link that asks, on the school's host."""
    with use_tenant(school.id):
        actor = actor_of(make_person(school, name="李明华", title="李老师"))
        relative = register_relative(actor=actor, relation="spouse", name="王小明", phone="13800138000")
        token = ask_consent(actor=actor, relative_id=relative.pk, purpose="emergency")
    client.defaults["HTTP_HOST"] = school.host
    return f"/family/{token}/"


def state(school):
    with use_tenant(school.id):
        return (
            Consent.objects.get().state,
            FamilyLink.objects.filter(used_at__isnull=False).count(),
            AuditEntry.objects.count(),
        )


def test_get_tells_who_and_what_for_and_changes_nothing(school, client, page):
    before = state(school)
    response = client.get(page)
    text = response.content.decode()
    assert response.status_code == 200
    assert "李老师" in text
    assert school.name in text
    assert text.count('name="answer"') == 3
    assert "王小明" not in text
    assert "13800138000" not in text
    assert "李老师" not in text.split("</title>")[0]
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "strict-origin"
    client.get(page)
    client.head(page)
    assert state(school) == before


@pytest.mark.parametrize("answer", ["agree", "refuse", "later", "withdraw"])
def test_an_answer_in_the_address_is_not_one(school, client, page, answer):
    """Scanners of mail and previews of messengers open whatever address they find."""
    for stands in ("asked", "given"):
        before = state(school)
        assert before[0] == stands
        for look in (client.get, client.head, client.options):
            look(page, query_params={"answer": answer})
        assert state(school) == before
        with use_tenant(school.id):
            assert FamilyLink.objects.get().later_at is None
        client.post(page, {"answer": "agree"})


def test_two_guards_shut_a_link_whose_question_was_taken_back(school, client, page):
    """Each by itself: the link is ended, and a link of what is settled opens nothing."""
    with use_tenant(school.id):
        consent = Consent.objects.select_related("person").get()
        withdraw_consent(actor=actor_of(consent.person), consent_id=consent.pk)
        link = FamilyLink.objects.get()
        assert not link.is_live(now())
        link.expires_at = now() + timedelta(days=1)
        link.save()
    assert client.get(page).status_code == 404
    with use_tenant(school.id):
        Consent.objects.filter(pk=consent.pk).update(state="asked")
    assert client.get(page).status_code == 200, "the control: nothing else kept it shut"


def test_a_question_taken_back_closes_its_link(school, client, page):
    """Who asked is named on the page: nobody may read it there any longer."""
    with use_tenant(school.id):
        consent = Consent.objects.select_related("person").get()
        withdraw_consent(actor=actor_of(consent.person), consent_id=consent.pk)
    before = state(school)
    shut = client.get(page)
    assert shut.status_code == 404
    assert "李老师" not in shut.content.decode()
    assert client.post(page, {"answer": "agree"}).status_code == 404
    assert state(school) == before
    assert before[0] == "withdrawn"


def test_agree_turns_the_link_into_the_way_to_withdraw(school, client, page):
    response = client.post(page, {"answer": "agree"})
    assert (response.status_code, response["Location"]) == (303, page)
    assert state(school)[0] == "given"
    after = client.get(page).content.decode()
    assert 'value="withdraw"' in after
    assert 'value="agree"' not in after
    ended = client.post(page, {"answer": "withdraw"})
    assert (ended.status_code, ended["Location"]) == (303, "/family/thanks/")
    assert client.get(ended["Location"]).status_code == 200
    assert state(school)[0] == "withdrawn"


def test_refuse_is_an_answer_too_and_spends_the_link(school, client, page):
    ended = client.post(page, {"answer": "refuse"})
    assert ended["Location"] == "/family/thanks/"
    assert state(school)[0] == "refused"
    assert client.get(page).status_code == 404


def test_later_is_told_once_and_keeps_the_link(school, client, page):
    before = state(school)
    assert client.post(page, {"answer": "later"})["Location"] == page
    assert client.post(page, {"answer": "later"}).status_code == 303
    assert state(school) == (before[0], before[1], before[2] + 1)
    with use_tenant(school.id):
        assert AuditEntry.objects.order_by("-seq").first().action == "consent.later"
    assert client.get(page).content.decode().count('name="answer"') == 3


def test_a_second_press_moves_nothing_and_leaves_one_row_of_the_record(school, client, page):
    client.post(page, {"answer": "agree"})
    given = state(school)
    again = client.post(page, {"answer": "refuse"})
    assert again.status_code == 409
    assert 'value="withdraw"' in again.content.decode()
    assert state(school) == (given[0], given[1], given[2] + 1)
    with use_tenant(school.id):
        assert AuditEntry.objects.order_by("-seq").first().action == "consent.answer.refused"


def test_what_the_link_does_not_offer_moves_nothing(school, client, page):
    before = state(school)
    assert client.post(page, {"answer": "withdraw"}).status_code == 409
    assert state(school) == (*before[:2], before[2] + 1)


@pytest.mark.parametrize("answer", ["", "perhaps", "\0", "王"])
def test_another_word_is_bad_input(school, client, page, answer):
    before = state(school)
    assert client.post(page, {"answer": answer}).status_code == 400
    assert state(school)[:2] == before[:2]


def unnamed(response):
    """The answer without what differs from one request to the next."""
    return re.sub(rb'( data-answers|nonce|value)="[^"]*"', b"", response.content)


def test_ended_spent_foreign_and_unknown_are_one_answer(school, client, page, other_school):
    unknown = client.get("/family/nothing/")
    assert unknown.status_code == 404
    assert "14" in unknown.content.decode()
    with use_tenant(school.id):
        FamilyLink.objects.update(expires_at=now())
    ended = client.get(page)
    with use_tenant(school.id):
        FamilyLink.objects.update(expires_at=now() + timedelta(days=1), used_at=now())
    spent = client.get(page)
    here = {unnamed(unknown), unnamed(ended), unnamed(spent), unnamed(client.post(page, {"answer": "agree"}))}
    assert len(here) == 1
    assert {ended.status_code, spent.status_code} == {404}
    client.defaults["HTTP_HOST"] = other_school.host
    assert unnamed(client.get(page)) == unnamed(client.get("/family/nothing/"))
    assert client.post(page, {"answer": "agree"}).status_code == 404
    assert state(school)[0] == "asked"


def test_the_page_after_a_no_holds_nothing_of_the_link(client, page):
    thanks = client.get("/family/thanks/")
    assert "李老师" not in thanks.content.decode()
    assert client.post("/family/thanks/").status_code == 405


def test_other_methods_are_refused(client, page):
    assert client.put(page).status_code == 405
