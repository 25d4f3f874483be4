"""Attacks on the pages: what is refused leaves one row and no more, and nothing that was sent brings a page down (S1)."""

import logging
from typing import Any

import pytest
from django.conf import settings as configured
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.test.client import ClientHandler

from audit.models import AuditEntry
from families.workflow import ask_consent, register_relative
from kernel.redaction import QuietFormatter, quiet
from referrals.models import Offer, Proposal, Referral, ReferralDraft, SubsidyPolicy
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, soon
from tests.workflow.apply_steps import begin, send, step, times, walk_to_check
from ui.middleware import MAX_UPLOAD, ReadableRequestMiddleware

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True
FORM = "application/x-www-form-urlencoded"
MISSING = "0190a0a0-0000-7000-8000-000000000000"


def browser(host: str, user: Any, **more: Any) -> Client:
    client = Client(headers={"host": host}, **more)
    client.force_login(user)
    return client


def refusals(tenant: Any) -> list[tuple[str, str]]:
    with use_tenant(tenant.id):
        rows = AuditEntry.objects.filter(action__endswith=".refused").order_by("seq")
        return [(row.action, row.facts["code"]) for row in rows]


@pytest.fixture
def staff(journey: Journey) -> Client:
    return browser(journey.tenant.host, journey.members["staff"].user, enforce_csrf_checks=False)


@pytest.mark.parametrize(
    ("name", "sent", "code"),
    [
        ("when", {"units": "61", "box_workday_morning": "x"}, ""),  # a slip is no act
        ("consent", {"note": "x"}, ""),
        ("check", {"version": "0", "quote": "x"}, "draft_changed"),
        ("check", {"version": "3", "quote": "x"}, "quote_expired"),
    ],
)
def test_a_refused_form_leaves_one_row(
    journey: Journey, staff: Client, name: str, sent: dict[str, str], code: str
) -> None:
    when = begin(staff, journey.counselling)
    staff.post(when, times())
    staff.post(step(when, "consent"), {"consent": "on"})
    answer = staff.post(when if name == "when" else step(when, name), sent)
    assert answer.status_code == 302
    assert refusals(journey.tenant) == ([("page.apply_check.post.refused", code)] if code else [])
    assert staff.get(answer["Location"]).status_code == 200
    with use_tenant(journey.tenant.id):
        assert not Referral.objects.exists()
        assert not Offer.objects.exists()


def test_another_persons_record_is_a_missing_one_and_both_leave_a_row(journey: Journey, staff: Client) -> None:
    assert staff.get(f"/my/referrals/{MISSING}/").status_code == 404
    assert staff.post(f"/my/referrals/{MISSING}/cancel/").status_code == 404
    assert refusals(journey.tenant) == [
        ("page.staff_referral.get.refused", "not_found"),
        ("page.staff_referral_cancel.post.refused", "not_found"),
    ]


def test_a_mistyped_address_and_a_good_page_leave_none(journey: Journey, staff: Client) -> None:
    assert staff.get("/nothing/here/").status_code == 404
    assert staff.get("/my/").status_code == 200
    assert refusals(journey.tenant) == []


def test_the_counter_s_refusal_is_named(journey: Journey) -> None:
    counter = browser(journey.platform.host, journey.counter_user)
    assert counter.post("/partner/scan/look/", {"token": "A" * 30}).status_code == 404
    assert refusals(journey.platform) == [("page.partner_scan_look.post.refused", "unknown")]


def test_a_form_from_elsewhere_leaves_its_row(journey: Journey) -> None:
    client = browser(journey.tenant.host, journey.members["staff"].user, enforce_csrf_checks=True)
    assert client.post(begin(client, journey.counselling), {"go": "times"}).status_code == 403
    assert refusals(journey.tenant) == [("page.apply_when.post.refused", "csrf_failed")]
    with use_tenant(journey.tenant.id):
        assert not ReferralDraft.objects.exists()


def test_a_signed_in_reader_of_a_family_link_leaves_one_row_not_two(journey: Journey, staff: Client) -> None:
    with use_tenant(journey.tenant.id):
        actor = actor_of(make_person(journey.tenant, name="李明华"))
        relative = register_relative(actor=actor, relation="spouse", name="王小明", phone="13800138000")
        page = f"/family/{ask_consent(actor=actor, relative_id=relative.pk, purpose='emergency')}/"
    assert staff.post(page, {"answer": "agree"}).status_code == 303
    assert staff.post(page, {"answer": "agree"}).status_code == 409
    assert [action for action, _code in refusals(journey.tenant)] == ["consent.answer.refused"]


@pytest.mark.parametrize("charset", ["gbk", "utf-7", "utf-16"])
def test_a_form_in_another_alphabet_is_refused_and_not_an_error(journey: Journey, charset: str) -> None:
    client = browser(
        journey.tenant.host, journey.members["staff"].user, enforce_csrf_checks=True, raise_request_exception=False
    )
    answer = client.generic("POST", "/my/messages/read/", b"a=b", content_type=f"{FORM}; charset={charset}")
    assert answer.status_code == 415
    assert "什么都没有改变" in answer.content.decode()
    assert [code for _action, code in refusals(journey.tenant)] == ["unsupported_media_type"]


class Unread:
    """A body that must not be touched."""

    def read(self, *_size: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize(("kind", "length"), [(FORM, 10_000_000), ("multipart/form-data; boundary=x", MAX_UPLOAD + 1)])
def test_a_form_that_is_too_long_is_refused_unread(journey: Journey, kind: str, length: int) -> None:
    client = browser(journey.tenant.host, journey.members["staff"].user, enforce_csrf_checks=True)
    sent: dict[str, Any] = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(length), "wsgi.input": Unread()}
    answer = client.generic("POST", f"/apply/{journey.counselling.pk}/", **sent)
    assert answer.status_code == 413
    assert [code for _action, code in refusals(journey.tenant)] == ["too_large"]


@pytest.mark.parametrize("path", ["/my/", "/accounts/login/", "/api/v1/services/", "/"])
@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language"])
def test_nul_in_a_cookie_is_no_cookie(school: Any, path: str, name: str) -> None:
    client = Client(headers={"host": school.host, "cookie": f'{name}="{r"\000" * 12}"'})
    client.raise_request_exception = False
    assert client.get(path).status_code == Client(headers={"host": school.host}).get(path).status_code


@pytest.mark.parametrize("path", ["/media/a%00b", "/%00", "/family/%00/", "/documents/1/%00", "/apply/%00/"])
def test_nul_in_an_address_is_nowhere(school: Any, path: str) -> None:
    client = Client(headers={"host": school.host}, raise_request_exception=False)
    assert client.get(path).status_code == 404
    with pytest.raises(Http404):  # before any view, cache or file system is asked
        ReadableRequestMiddleware(lambda _request: HttpResponse())(RequestFactory().get(path))


def test_no_address_that_is_a_key_is_written_to_the_log(school: Any, caplog: pytest.LogCaptureFixture) -> None:
    setup: Any = configured.LOGGING
    handler = setup["handlers"]["console"]["formatter"]
    assert setup["formatters"][handler]["()"] == f"{QuietFormatter.__module__}.{QuietFormatter.__name__}"
    token, client = "Tk" + "a1B2" * 8, Client(headers={"host": school.host})
    with caplog.at_level(logging.WARNING):
        for path in (f"/v/{token}/", f"/family/{token}/", f"/a/{token}/", f"/verify/{token}/"):
            assert client.get(path).status_code == 404
    raw = [record.getMessage() for record in caplog.records]
    assert any(token in line for line in raw), "nothing was to be hidden: the test looks in the wrong place"
    formatter = QuietFormatter("{asctime} {levelname} {name} {message}")
    assert not [line for line in map(formatter.format, caplog.records) if token in line]


def test_what_hides_keeps_the_rest() -> None:
    assert quiet("Not Found: /my/referrals/0190a0a0/") == "Not Found: /my/referrals/0190a0a0/"
    assert quiet("Gone: /accounts/password/reset/key/1-c2/") == "Gone: /accounts/password/reset/key/…/"
    assert quiet("Gone: /accounts/invitation/abc:d-e/") == "Gone: /accounts/invitation/…/"
    assert quiet("x\nDETAIL:  Key (email)=(li@x.example) already exists.\ny") == "x\nDETAIL: …\ny"


class Down(BaseEmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError


ASKED = ("/accounts/password/reset/", "/accounts/login/code/")


@pytest.mark.parametrize("path", ASKED)
def test_a_mail_server_that_is_down_does_not_tell_who_is_known(journey: Journey, path: str, settings: Any) -> None:
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.Down"}}
    client = Client(headers={"host": journey.tenant.host}, raise_request_exception=False)
    known = client.post(path, {"email": journey.members["staff"].user.email})
    unknown = Client(headers={"host": journey.tenant.host}).post(path, {"email": "nobody@x.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


@pytest.mark.parametrize("path", ASKED)
def test_the_mail_is_written_after_the_answer_has_gone_out(journey: Journey, path: str) -> None:
    handler = ClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    request = RequestFactory().post(
        path, {"email": journey.members["staff"].user.email}, headers={"host": journey.tenant.host}
    )
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    answer: Any = handler.get_response(request)
    assert answer.status_code == 302
    assert mail.outbox == []
    for closer in answer._resource_closers:
        closer()
    assert [message.to for message in mail.outbox] == [[journey.members["staff"].user.email]]


DAYS = ("0001-01-01", "9999-12-31")


@pytest.mark.parametrize("day", DAYS)
def test_the_ends_of_the_calendar_bring_no_list_down(journey: Journey, day: str) -> None:
    office = browser(journey.platform.host, journey.partner_user)
    finance = browser(journey.tenant.host, journey.members["finance"].user)
    asked = {"day": day, "first": day, "last": day}
    for path in ("redemptions/", "redemptions/export.csv", "bookings/", "bookings/export.csv"):
        assert office.get(f"/partner/{path}", asked).status_code == 200, path
    for path in ("", "export.csv"):
        assert finance.get(f"/finance/ledger/{path}", asked).status_code == 200, path


@pytest.mark.parametrize("day", DAYS)
def test_nobody_proposes_or_asks_for_an_hour_at_the_end_of_the_calendar(
    journey: Journey, staff: Client, day: str
) -> None:
    start, end = soon(days=1)
    with use_tenant(journey.tenant.id):
        submit_referral(
            actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1,
            windows=[(start, end)], consent=["referral"],
        )  # fmt: skip
        offer = Offer.objects.get()
    office = browser(journey.platform.host, journey.partner_user)
    answer = office.post(f"/partner/offers/{offer.pk}/propose/", {"start": f"{day}T23:59:00+08:00"})
    assert answer.status_code == 422
    none = {"go": "times", "units": "1", "child": "x"}
    assert "请至少选一格" in staff.post(begin(staff, journey.counselling), none, follow=True).content.decode()
    with use_tenant(journey.tenant.id):
        assert not Proposal.objects.exists()
        assert Referral.objects.count() == 1


@pytest.mark.parametrize("share", ["1_0", "NaN", "1e400", "-1", "100.01"])
def test_a_share_is_a_number_as_people_write_it(journey: Journey, share: str) -> None:
    finance = browser(journey.tenant.host, journey.members["finance"].user)
    with use_tenant(journey.tenant.id):
        before = SubsidyPolicy.objects.count()
    sent = {"scheme": "camp", "share": share, "valid_from": "2027-09-01"}
    assert finance.post("/finance/policies/new/", sent).status_code == 422
    with use_tenant(journey.tenant.id):
        assert SubsidyPolicy.objects.count() == before
    assert refusals(journey.tenant) == []


def test_two_pages_with_other_times_are_two_requests_and_one_page_is_one(journey: Journey, staff: Client) -> None:
    pages = [walk_to_check(staff, journey.counselling, **times(days)) for days in (2, 3)]
    sent = [send(staff, page)["Location"] for page in (pages[0], pages[1], pages[0], pages[1])]
    assert sent[0] == sent[2] != sent[1] == sent[3]
    with use_tenant(journey.tenant.id):
        assert Referral.objects.count() == 2
