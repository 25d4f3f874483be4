"""Two-way referral by a derived card: least, consented item by item, revocable until read, answered on the same card (6.3, 16.8)."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from referrals.liaison.models import HandOn, HandOnCard, LetterCopy, ReturnReport
from referrals.liaison.tasks import end_what_is_over
from referrals.liaison.workflow.handing_on import consent, open_card, refuse, revoke, withdraw_card
from referrals.liaison.workflow.letters import copy_of, number_letter
from referrals.liaison.workflow.mediation import ask_mediation
from referrals.liaison.workflow.reporting import forget, report
from tenancy.scope import use_partner
from tests.fixtures_journey import Journey
from tests.workflow.card_steps import WORDS, card_of, hospital, opened, sent, written

pytestmark = pytest.mark.django_db


def answered(journey: Journey, case: HandOn, office: Any, **more: Any) -> ReturnReport:
    said = {"outcome": "seen", "goes_on": "both", "advice": "先减一点课，两周后再看（可以电话）", **more}
    return report(actor=office, tenant=journey.tenant, card_id=card_of(case).pk, **said)


def test_only_what_was_ticked_goes_and_nothing_before_the_yes(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    case = written(journey, there)
    with use_partner(there.pk):
        assert not HandOnCard.objects.exists()
    consent(actor=journey.staff, tenant=journey.tenant, case_id=case.pk, fields=["situation"])
    body = json.loads(opened(journey, case, office).body)
    assert body == {"ask": WORDS["ask"], "situation": WORDS["situation"]}, "what is asked goes always, no name unticked"
    case.refresh_from_db()
    assert (case.state, case.agreed) == ("read", ["ask", "situation"])


def test_the_institution_s_wall_shows_the_card_and_neither_case_nor_answer(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    case = sent(journey, there)
    opened(journey, case, office)
    answered(journey, case, office)
    with use_partner(there.pk):
        assert (HandOnCard.objects.count(), HandOn.objects.count(), ReturnReport.objects.count()) == (1, 0, 0)
    other, _user, _office = hospital(journey)
    with use_partner(other.pk):
        assert not HandOnCard.objects.exists()


def test_a_card_is_taken_back_until_it_is_read_and_never_after(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    first, second = sent(journey, there), sent(journey, there)
    revoke(actor=journey.staff, case_id=first.pk)
    first.refresh_from_db()
    gone = card_of(first)
    assert (first.state, first.words, bytes(gone.body_sealed)) == ("revoked", "", b"")
    with pytest.raises(NotFound):
        opened(journey, first, office)
    opened(journey, second, office)
    with pytest.raises(Refused, match="card_read"):
        revoke(actor=journey.staff, case_id=second.pk)
    assert card_of(second).body_sealed


def test_a_no_sends_nothing_and_forgets_the_words(journey: Journey) -> None:
    there, _user, _office = hospital(journey)
    case = written(journey, there)
    refuse(actor=journey.staff, case_id=case.pk)
    case.refresh_from_db()
    assert (case.state, bytes(case.words_sealed)) == ("refused", b"")
    assert not HandOnCard.objects.exists()
    with pytest.raises(IllegalMove):
        consent(actor=journey.staff, tenant=journey.tenant, case_id=case.pk, fields=[])


@pytest.mark.parametrize("purpose", ["assessment", "medicine", "admission"])
def test_only_a_medical_institution_assesses_and_treats(journey: Journey, purpose: str) -> None:
    agency, _user, _office = hospital(journey, "counselling_agency", "counselling")
    with pytest.raises(Refused, match="not_medical"):
        written(journey, agency, purpose=purpose)
    assert written(journey, agency, purpose="talks").state == "shown"
    with pytest.raises(Refused, match="not_its_work"):
        written(journey, agency, purpose="support")


def test_without_an_agreement_nothing_goes_not_even_after_the_card_was_written(journey: Journey) -> None:
    there, _user, _office = hospital(journey)
    case = written(journey, there)
    there.state = "suspended"
    there.save()
    with pytest.raises(Refused, match="no_agreement"), transaction.atomic():
        consent(actor=journey.staff, tenant=journey.tenant, case_id=case.pk, fields=[])
    with pytest.raises(Refused, match="no_agreement"), transaction.atomic():
        written(journey, there)


def test_the_dates_decide_for_the_person_and_for_the_institution(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    case = written(journey, there)
    with as_of(now() + timedelta(days=14)), pytest.raises(IllegalMove):
        consent(actor=journey.staff, tenant=journey.tenant, case_id=case.pk, fields=[])
    consent(actor=journey.staff, tenant=journey.tenant, case_id=case.pk, fields=[])
    with as_of(now() + timedelta(days=60)), pytest.raises(NotFound):
        opened(journey, case, office)
    opened(journey, case, office)
    with as_of(now() + timedelta(days=61)):
        with pytest.raises(NotFound):
            answered(journey, case, office)
        with pytest.raises(NotFound):
            opened(journey, case, office)


def test_the_sweep_empties_what_is_over_and_forgets_what_was_kept_long_enough(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    unread, read = sent(journey, there), sent(journey, there)
    opened(journey, read, office)
    answered(journey, read, office)
    with as_of(now() + timedelta(days=31)):
        assert end_what_is_over() == 1, "thirty days after its answer the card is the institution's no more"
        assert not card_of(read).body_sealed
        assert end_what_is_over() == 0
    with as_of(now() + timedelta(days=61)):
        assert end_what_is_over() == 1
    for row in (unread, read):
        row.refresh_from_db()
    assert (unread.state, unread.words, read.state) == ("lapsed", "", "answered")
    assert json.loads(read.words)["ask"] == WORDS["ask"], "the centre's own file stays"
    with as_of(now() + timedelta(days=3651)):
        assert not forget(case_id=read.pk)
    with as_of(now() + timedelta(days=3653)):
        assert end_what_is_over() == 1
    read.refresh_from_db()
    assert (read.words, ReturnReport.objects.get().advice) == ("", "")


def test_one_answer_on_a_card_that_was_read(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    case = sent(journey, there)
    with pytest.raises(Refused, match="card_unread"), transaction.atomic():
        answered(journey, case, office)
    opened(journey, case, office)
    for wrong in (
        {"outcome": "cured"},
        {"goes_on": ""},
        {"advice": "长" * 801},
        {"back_on": journey.tenant.today() - timedelta(1)},
    ):
        with pytest.raises(Invalid), transaction.atomic():
            answered(journey, case, office, **wrong)
    answered(journey, case, office)
    with pytest.raises(Refused, match="card_reported"), transaction.atomic():
        answered(journey, case, office)


def test_who_may_do_what(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    case = written(journey, there)
    for act in (refuse, revoke):
        with pytest.raises(NotFound):
            act(actor=journey.staff2, case_id=case.pk)
    for who in (journey.union, journey.finance, journey.staff2):
        with pytest.raises(Forbidden):
            written(journey, there, actor=who)
        with pytest.raises(Forbidden):
            withdraw_card(actor=who, case_id=case.pk)
    with pytest.raises(NotFound):
        written(journey, there, person_id=journey.members["centre"].pk)
    consent(actor=journey.staff, tenant=journey.tenant, case_id=case.pk, fields=[])
    _other, _user, stranger = hospital(journey)
    with pytest.raises(NotFound):
        open_card(actor=stranger, card_id=card_of(case).pk)
    with pytest.raises(Forbidden):
        open_card(actor=journey.partner_counter, card_id=card_of(case).pk)
    again = written(journey, there)
    for fields in (["diagnosis"], ["phone", "secret"]):
        with pytest.raises(Invalid):
            consent(actor=journey.staff, tenant=journey.tenant, case_id=again.pk, fields=fields)


def test_one_card_of_a_kind_waits_for_the_person_and_the_same_act_twice_is_once(journey: Journey) -> None:
    there, _user, _office = hospital(journey)
    case = written(journey, there)
    with pytest.raises(Conflict, match="card_open"), transaction.atomic():
        written(journey, there)
    with as_of(now() + timedelta(days=14)):
        assert written(journey, there).state == "shown", "one whose time is over is in nobody's way, sweep or no sweep"
        case.refresh_from_db()
        assert (case.state, case.words) == ("lapsed", "")
    other = written(journey, there, purpose="medicine")
    for _again in range(2):
        consent(actor=journey.staff, tenant=journey.tenant, case_id=other.pk, fields=["name"])
        revoke(actor=journey.staff, case_id=other.pk) if _again else None
    assert AuditEntry.objects.filter(action="card.consent").count() == HandOnCard.objects.count() == 1


def test_a_card_needs_what_is_asked_and_no_more_words_than_fit(journey: Journey) -> None:
    there, _user, _office = hospital(journey)
    for words in ({**WORDS, "ask": "  "}, {**WORDS, "tried": "长" * 501}):
        with pytest.raises(Invalid):
            written(journey, there, words=words)
    with pytest.raises(Invalid):
        written(journey, there, purpose="gossip")
    Membership.objects.filter(pk=journey.members["staff2"].pk).update(left_on=journey.tenant.today() - timedelta(1))
    with pytest.raises(NotFound):
        written(journey, there, person_id=journey.members["staff2"].pk)
    assert not HandOn.objects.exists()


def test_the_database_keeps_an_ended_card_empty_and_a_sent_one_agreed(journey: Journey) -> None:
    there, _user, _office = hospital(journey)
    case = sent(journey, there)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOnCard.objects.filter(hand_on=case).update(ended_at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOn.objects.filter(pk=case.pk).update(agreed=["name"])


def test_each_look_is_recorded_and_no_message_tells_a_word(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    case = sent(journey, there)
    opened(journey, case, office)
    opened(journey, case, office)
    answered(journey, case, office)
    acts = AuditEntry.objects.filter(action__startswith="card.").values_list("action", flat=True)
    assert sorted(acts) == sorted(
        ["card.write", "card.consent", "card.open", "card.partner_read", "card.partner_read", "card.report"]
    )
    for message in OutboxMessage.objects.filter(template__startswith="card"):
        assert message.context == {}
    told = {row.template for row in OutboxMessage.objects.filter(template__startswith="card")}
    assert told == {"card_shown", "card_sent", "card_answered", "card_opened", "card_report", "card_report_mine"}


def test_letters_are_numbered_and_their_code_says_whether_they_are_good(journey: Journey) -> None:
    there, _user, _office = hospital(journey)
    case = written(journey, there)
    with pytest.raises(Refused, match="no_letter"), transaction.atomic():
        number_letter(actor=journey.centre, case_id=case.pk)
    consent(actor=journey.staff, tenant=journey.tenant, case_id=case.pk, fields=["name"])
    first = number_letter(actor=journey.centre, case_id=case.pk)
    second = number_letter(actor=journey.staff, case_id=case.pk)
    assert [row.number for row in LetterCopy.objects.order_by("number")] == [1, 2]
    with pytest.raises(NotFound):
        number_letter(actor=journey.staff2, case_id=case.pk)
    assert first.token != second.token
    found = copy_of(first.token)
    assert found is not None and found.number == 1
    assert copy_of(first.token[:-1]) is None
    anybody = Client(headers={"host": journey.tenant.host})
    page = anybody.get(f"/letter/{first.token}/")
    assert page.status_code == 200 and f"{case.number}-1" in page.content.decode()
    person = Membership.objects.get(pk=journey.members["staff"].pk)
    assert person.name not in page.content.decode() and WORDS["ask"] not in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert anybody.get(f"/letter/{first.token[:-1]}x/").status_code == 404
    revoke(actor=journey.staff, case_id=case.pk)
    assert "notice bad" in anybody.get(f"/letter/{first.token}/").content.decode()


def test_no_page_of_a_card_or_a_mediation_asks_more_than_fifteen_questions(journey: Journey) -> None:
    there, user, office = hospital(journey)
    case = sent(journey, there)
    opened(journey, case, office)
    answered(journey, case, office)
    mediation = ask_mediation(actor=journey.staff, tenant=journey.tenant)
    seats = {
        "staff": ("/my/cards/", f"/my/cards/{case.pk}/", "/my/mediation/"),
        "centre": (
            "/centre/cards/", f"/centre/cards/{case.pk}/", f"/centre/cards/new/{journey.members['staff'].pk}/",
            "/centre/mediation/", f"/centre/mediation/{mediation.pk}/",
        ),
    }  # fmt: skip
    asked = [
        (client_of(journey.tenant.host, journey.members[who].user), path)
        for who, paths in seats.items()
        for path in paths
    ]
    them = client_of(journey.platform.host, user)
    asked += [(them, path) for path in ("/partner/cards/", f"/partner/cards/{card_of(case).pk}/")]
    many = {}
    for client, path in asked:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200, path
        if (count := sum(query["sql"] != "BEGIN" for query in queries)) > 15:
            many[path] = count
    assert many == {}


def client_of(host: str, user: Any) -> Client:
    client = Client(headers={"host": host})
    client.force_login(user)
    return client


def test_by_hand_from_the_centre_to_the_hospital_and_back(journey: Journey) -> None:
    there, user, _office = hospital(journey)
    school, platform = journey.tenant.host, journey.platform.host
    centre, person = (client_of(school, journey.members[role].user) for role in ("centre", "staff"))
    them = client_of(platform, user)
    new = f"/centre/cards/new/{journey.members['staff'].pk}/"
    assert centre.post(new, {"partner": str(there.pk), "purpose": "assessment", "ask": ""}).status_code == 422
    answer = centre.post(new, {"partner": str(there.pk), "purpose": "assessment", **WORDS})
    case = HandOn.objects.get()
    assert answer["Location"] == f"/centre/cards/{case.pk}/"
    mine = f"/my/cards/{case.pk}/"
    shown = person.get(mine).content.decode()
    assert all(words in shown for words in WORDS.values())
    assert re.search(r'name="send_phone"|name="send_name"', shown)
    person.post(mine, {"send_situation": "on"})
    card = card_of(case)
    assert card.number in them.get("/partner/cards/").content.decode()
    theirs = f"/partner/cards/{card.pk}/"
    before = them.get(theirs).content.decode()
    assert WORDS["ask"] not in before, "looking at the page opens nothing"
    assert card_of(case).read_at is None
    them.post(theirs)
    after = them.get(theirs).content.decode()
    assert WORDS["ask"] in after and WORDS["situation"] in after and WORDS["tried"] not in after
    assert them.post(f"{theirs}report/", {"outcome": "seen"}).status_code == 422
    them.post(f"{theirs}report/", {"outcome": "seen", "goes_on": "both", "advice": "先减一点课"})
    for reader, page in ((person, mine), (centre, f"/centre/cards/{case.pk}/")):
        assert "先减一点课" in reader.get(page).content.decode()
    assert "先减一点课" not in them.get(theirs).content.decode(), "nobody reads an answer back but centre and person"
    strangers = [client_of(school, journey.members[role].user) for role in ("staff2", "union", "finance")]
    assert {one.get(page).status_code for one in strangers for page in (mine, f"/centre/cards/{case.pk}/")} == {404}
    counter = client_of(platform, journey.partner_user)
    assert counter.get(theirs).status_code == 404


def test_the_letter_holds_what_was_agreed_and_no_more(journey: Journey) -> None:
    there, _user, _office = hospital(journey)
    case = sent(journey, there, ("situation",))
    person = client_of(journey.tenant.host, journey.members["staff"].user)
    answer = person.post(f"/my/cards/{case.pk}/letter/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-") and LetterCopy.objects.count() == 1


def test_a_file_that_was_looked_for_by_a_name_is_a_look_at_each_of_that_name(journey: Journey) -> None:
    """It has no names; but the name is in what was asked."""
    there, _user, _office = hospital(journey)
    Membership.objects.filter(pk=journey.members["staff"].pk).update(name="柳眉")
    case, talk = written(journey, there), ask_mediation(actor=journey.staff, tenant=journey.tenant)
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(journey.members["centre"].user)
    for path, action, key in (("cards", "card.list", case.pk), ("mediation", "mediation.list", talk.pk)):
        for q in ("", "无此人"):
            assert client.get(f"/centre/{path}/export.csv?q={q}").status_code == 200
        looks = AuditEntry.objects.filter(action=action)
        assert not looks.exists(), "nobody was asked for"
        assert client.get(f"/centre/{path}/export.csv?q=柳眉").status_code == 200
        assert [row.facts for row in looks] == [{"rows": 1, "requests": [str(key)]}]
