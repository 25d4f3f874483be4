"""The operator's page of an institution: what is missing is said beforehand, what would hurt is shown before it is done."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.tokens import issue_token
from audit.models import AuditEntry
from kernel.clock import local_day, now
from partners.models import Institution, InstitutionMember, Licence, Service
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.partner_facts import make_institution, make_service, operator, platform
from ui.whole import whole

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True


@pytest.fixture(autouse=True)
def _plain_sign_in(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def browser(user: User) -> Client:
    client = Client(headers={"host": platform().host, "accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def desk(db: None) -> Client:
    return browser(User.objects.get(pk=operator().user_id))


def page_of(institution: Institution) -> str:
    return f"/operator/institutions/{institution.slug}/"


def text(client: Client, path: str) -> str:
    answered = client.get(path)
    assert answered.status_code == 200, path
    return answered.content.decode()


def test_a_move_without_papers_is_not_offered_and_the_page_says_why(desk: Client) -> None:
    institution = make_institution("childcare", listed=False, licences=["registration"])
    one = page_of(institution)
    shown = text(desk, one)
    assert "Not on file or not valid today: Childcare filing, Food permit" in shown
    assert "move/vet/" not in shown
    assert "move/reject/" in shown
    assert desk.get(f"{one}move/vet/")["Location"] == one, "an old link leads to the page that says what is missing"
    refused = desk.post(f"{one}move/vet/")
    assert refused.status_code == 422
    assert "Childcare filing, Food permit" in refused.content.decode()
    institution.refresh_from_db()
    assert institution.state == "prospect"
    with use_tenant(platform().id):
        assert not AuditEntry.objects.filter(action="institution.vet").exists()
        assert AuditEntry.objects.filter(action__endswith=".refused").count() == 1
    for kind in ("childcare", "food"):
        desk.post(f"{one}papers/new/", {"kind": kind, "number": "7", "valid_from": "2020-01-01"})
    assert "Not on file" not in text(desk, one)
    assert "Food permit" in text(desk, f"{one}move/vet/"), "the papers are named before they are confirmed"
    assert desk.post(f"{one}move/vet/").status_code == 302


def test_a_listed_institution_whose_paper_ran_out_stays_and_says_so(desk: Client) -> None:
    institution = make_institution()
    Licence.objects.filter(kind="registration").update(valid_until=local_day(now()))
    shown = text(desk, page_of(institution))
    assert "It stays listed." in shown
    assert "No longer valid" in shown
    assert "move/suspend/" in shown


def test_a_service_of_a_suspended_institution_is_not_called_open(desk: Client) -> None:
    institution = make_institution("childcare")
    make_service(institution, "childcare", 7_000)
    one = page_of(institution)
    assert "Open for booking" in text(desk, one)
    told = desk.post(f"{one}move/suspend/", follow=True).content.decode()
    assert "It is now: Suspended." in told
    assert "Open for booking" not in told and "Open once the institution is listed" in told


def test_a_paper_is_corrected_without_a_question_when_nothing_hangs_on_it(desk: Client) -> None:
    institution = make_institution()
    paper = institution.licences.get(kind="food")
    one = f"{page_of(institution)}papers/{paper.pk}/"
    assert 'value="2020-01-01"' in text(desk, one)
    until = (local_day(now()) + timedelta(30)).isoformat()
    wish = {"number": "F-2", "issuer": "滨江区市场监督管理局", "valid_from": "2020-01-01", "valid_until": until}
    assert desk.post(one, wish)["Location"] == page_of(institution)
    paper.refresh_from_db()
    assert (paper.number, paper.issuer) == ("F-2", "滨江区市场监督管理局")
    wrong = desk.post(one, {**wish, "valid_until": "2020-01-01"})
    assert wrong.status_code == 422
    assert "This day has to lie after the first one." in wrong.content.decode()


def test_an_end_before_open_appointments_warns_and_only_the_second_yes_moves_it(journey: Journey) -> None:
    desk = browser(User.objects.get(pk=journey.operator.user_id))
    with use_tenant(journey.tenant.id):
        booking = answer(journey, ask(journey, days=10))
    day = local_day(booking.starts_at, booking.zone)
    paper = journey.institution.licences.get(kind="registration")
    one = f"{page_of(journey.institution)}papers/{paper.pk}/"
    wish = {"number": paper.number, "issuer": "", "valid_from": "2020-01-01", "valid_until": day.isoformat()}
    for path, sent in ((f"{one}end/", {"on": day.isoformat()}), (one, wish)):
        asked = desk.post(path, sent)
        assert asked.status_code == 200
        shown = asked.content.decode()
        assert whole(f"Fewer than 5, the last one on {day.isoformat()}") in shown
        assert "decided one by one" in shown
        assert journey.counselling.name in shown
        paper.refresh_from_db()
        assert paper.valid_until is None
        with use_tenant(platform().id):
            assert not AuditEntry.objects.filter(action__in=("licence.end", "licence.change")).exists()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    assert hidden["confirmed"] == "1"
    hidden.pop("csrfmiddlewaretoken", None)
    assert desk.post(one, hidden).status_code == 302
    paper.refresh_from_db()
    assert paper.valid_until == day
    late = desk.post(f"{one}end/", {"on": day.isoformat(), "confirmed": "1"})
    assert late.status_code == 422
    assert desk.post(f"{one}end/", {"on": (day - timedelta(1)).isoformat(), "confirmed": "1"}).status_code == 302


def test_a_day_after_the_last_appointment_does_not_alarm(journey: Journey) -> None:
    desk = browser(User.objects.get(pk=journey.operator.user_id))
    with use_tenant(journey.tenant.id):
        booking = answer(journey, ask(journey, days=10))
    after = local_day(booking.starts_at, booking.zone) + timedelta(1)
    paper = journey.institution.licences.get(kind="registration")
    shown = desk.post(
        f"{page_of(journey.institution)}papers/{paper.pk}/end/", {"on": after.isoformat()}
    ).content.decode()
    assert "decided one by one" not in shown
    assert "confirmed" in shown


def test_a_service_under_agreement_shows_what_stays_and_changes_the_rest(journey: Journey) -> None:
    desk = browser(User.objects.get(pk=journey.operator.user_id))
    one = f"{page_of(journey.institution)}services/{journey.counselling.pk}/"
    shown = text(desk, one)
    assert "Schools with an agreement or a draft on this service: 1." in shown
    assert re.search(r"<input[^>]*name=\"minutes\"[^>]*disabled", shown)
    assert not re.search(r"<input[^>]*name=\"list_fee_fen\"[^>]*disabled", shown)
    wish = {"name": "别的", "name_en": "Talk", "unit": "hour", "minutes": "5", "list_fee_fen": "350.5", "online": "on"}
    assert desk.post(one, wish).status_code == 302
    service = Service.objects.get(pk=journey.counselling.pk)
    assert (service.name, service.unit, service.minutes) == ("个人心理咨询", "session", 50)
    assert (service.name_en, service.list_fee_fen, service.online, service.on_site) == ("Talk", 35_050, True, True)


def test_a_free_service_is_changed_as_a_whole(desk: Client) -> None:
    service = make_service(make_institution())
    one = f"{page_of(service.institution)}services/{service.pk}/"
    wish = {"name": "谈谈", "name_en": "", "unit": "hour", "minutes": "60", "list_fee_fen": "80", "online": "on"}
    assert desk.post(one, wish).status_code == 302
    service.refresh_from_db()
    assert (service.name, service.unit, service.minutes, service.on_site) == ("谈谈", "hour", 60, False)
    assert desk.post(one, {**wish, "online": ""}).status_code == 422, "given nowhere"


def test_shutting_a_service_is_asked_first_and_can_be_undone(journey: Journey) -> None:
    desk = browser(User.objects.get(pk=journey.operator.user_id))
    with use_tenant(journey.tenant.id):
        answer(journey, ask(journey, days=10))
    one = f"{page_of(journey.institution)}services/{journey.counselling.pk}/switch/"
    shown = text(desk, one)
    assert "Fewer than 5, the last one on" in shown
    assert Service.objects.get(pk=journey.counselling.pk).active
    for sent, active in (({"shut": "1"}, False), ({"open": "1"}, True)):
        assert desk.post(one, sent).status_code == 302
        assert Service.objects.get(pk=journey.counselling.pk).active is active


def test_who_is_taken_off_is_out_at_once_with_session_and_key(journey: Journey) -> None:
    desk = browser(User.objects.get(pk=journey.operator.user_id))
    counter = browser(journey.counter_user)
    with use_tenant(journey.platform.id):
        _token, raw = issue_token(actor=journey.partner_counter, label="kasse")
    program = Client(headers={"host": platform().host, "authorization": f"Token {raw}"})
    assert counter.get("/partner/").status_code == 200
    assert program.get("/api/v1/partner/offers/").status_code == 200
    member = InstitutionMember.objects.get(user=journey.counter_user)
    one = f"{page_of(journey.institution)}people/{member.pk}/end/"
    assert "loses access at once" in text(desk, one)
    assert counter.get("/partner/").status_code == 200, "asking changes nothing"
    assert desk.post(one).status_code == 302
    assert counter.get("/partner/").status_code == 302
    assert program.get("/api/v1/partner/offers/").status_code == 401
    assert "前台 1 号机" in text(desk, page_of(journey.institution)), "the place stays for what was redeemed"
    assert desk.get(one).status_code == desk.post(one).status_code == 404


def test_the_last_person_of_the_office_is_not_taken_off_unnoticed(journey: Journey) -> None:
    desk = browser(User.objects.get(pk=journey.operator.user_id))
    office = InstitutionMember.objects.get(user=journey.partner_user)
    counter = InstitutionMember.objects.get(user=journey.counter_user)
    alone = "Nobody would be left in the office"
    assert alone in text(desk, f"{page_of(journey.institution)}people/{office.pk}/end/")
    assert alone not in text(desk, f"{page_of(journey.institution)}people/{counter.pk}/end/")


def test_a_person_moves_from_counter_to_office(journey: Journey) -> None:
    desk = browser(User.objects.get(pk=journey.operator.user_id))
    member = InstitutionMember.objects.get(user=journey.counter_user)
    one = f"{page_of(journey.institution)}people/{member.pk}/"
    assert "前台 1 号机" in text(desk, one)
    assert desk.post(one, {"role": "partner_office", "counter": ""}).status_code == 302
    present = InstitutionMember.objects.get(user=journey.counter_user, valid_until__isnull=True)
    assert (present.role, present.counter) == ("partner_office", "")
    assert desk.post(one, {"role": "partner_counter", "counter": ""}).status_code == 404, "the old place is closed"


@pytest.mark.parametrize(
    "rest",
    [
        "papers/{paper}/",
        "papers/{paper}/end/",
        "services/{service}/",
        "services/{service}/switch/",
        "people/{member}/",
        "people/{member}/end/",
    ],
)
def test_what_belongs_to_another_institution_or_to_nobody_is_missing(journey: Journey, rest: str) -> None:
    desk = browser(User.objects.get(pk=journey.operator.user_id))
    paper = journey.institution.licences.first()
    member = journey.institution.members.first()
    assert paper is not None
    assert member is not None
    path = rest.format(paper=paper.pk, service=journey.counselling.pk, member=member.pk)
    other = make_institution()
    assert desk.get(page_of(journey.institution) + path).status_code == 200
    assert desk.get(page_of(other) + path).status_code == 404
    assert desk.post(page_of(other) + path, {"on": "2026-01-01", "confirmed": "1"}).status_code == 404
    stranger = browser(journey.partner_user)
    assert stranger.get(page_of(journey.institution) + path).status_code == 404
    assert stranger.post(page_of(journey.institution) + path, {"on": "2026-01-01"}).status_code == 404


def test_the_page_asks_few_questions_however_many_papers_and_people(
    journey: Journey, django_assert_max_num_queries: Any
) -> None:
    desk = browser(User.objects.get(pk=journey.operator.user_id))
    with django_assert_max_num_queries(15):
        text(desk, page_of(journey.institution))
