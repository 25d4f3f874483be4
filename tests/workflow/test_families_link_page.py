"""``/family/<token>/``: GET shows, POST acts once, a stranger gets 404."""

import pytest

from audit.models import AuditEntry
from families.models import Consent, FamilyLink
from families.workflow import ask_consent, register_relative
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
    assert response["Referrer-Policy"] == "no-referrer"
    client.get(page)
    client.head(page)
    assert state(school) == before


def test_agree_leads_to_the_page_where_to_withdraw(school, client, page):
    response = client.post(page, {"answer": "agree"})
    assert response.status_code == 303
    assert response["Location"] != page
    assert state(school)[0] == "given"
    assert 'value="withdraw"' in client.get(response["Location"]).content.decode()
    assert 'name="answer"' not in client.get(page).content.decode()
    after = client.post(response["Location"], {"answer": "withdraw"}, follow=True)
    assert after.status_code == 200
    assert state(school)[0] == "withdrawn"


def test_refuse_is_an_answer_too(school, client, page):
    assert client.post(page, {"answer": "refuse"}, follow=True).status_code == 200
    assert state(school)[0] == "refused"


def test_later_changes_nothing(school, client, page):
    before = state(school)
    assert client.post(page, {"answer": "later"}).status_code == 200
    assert state(school) == before


def test_a_second_press_moves_nothing_and_leaves_one_row_of_the_record(school, client, page):
    client.post(page, {"answer": "agree"})
    given = state(school)
    assert client.post(page, {"answer": "refuse"}).status_code == 409
    assert state(school) == (given[0], given[1], given[2] + 1)
    with use_tenant(school.id):
        assert AuditEntry.objects.order_by("-seq").first().action == "consent.answer.refused"


@pytest.mark.parametrize("answer", ["", "perhaps", "\0", "王"])
def test_another_word_is_bad_input(school, client, page, answer):
    before = state(school)
    assert client.post(page, {"answer": answer}).status_code == 400
    assert state(school)[:2] == before[:2]


def test_an_ended_link_says_so(school, client, page):
    with use_tenant(school.id):
        FamilyLink.objects.update(expires_at=now())
    response = client.get(page)
    assert response.status_code == 410
    assert 'name="answer"' not in response.content.decode()


def test_a_link_of_another_school_is_like_no_link(client, page, other_school):
    client.defaults["HTTP_HOST"] = other_school.host
    foreign, missing = client.get(page), client.get("/family/nothing/")
    assert foreign.status_code == missing.status_code == 404
    assert client.post(page, {"answer": "agree"}).status_code == 404


def test_other_methods_are_refused(client, page):
    assert client.put(page).status_code == 405
