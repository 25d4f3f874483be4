"""Public pages are kept for whoever is not signed in, and never show what was before, what is another's, or who looks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, get_page_models

from accounts.actor import Actor
from content.schools import create_school_site
from content.serving import KINDS
from kernel.clock import as_of, local_day, now
from partners.calendars.workflow import close
from partners.models import Agreement
from partners.states import InstitutionEvent
from partners.workflow.agreements import end_agreement
from partners.workflow.institutions import move_institution
from partners.workflow.pausing import suspend_agreement, terminate_agreement
from partners.workflow.services import change_service, set_service_active
from referrals.models import SubsidyPolicy
from referrals.workflow.policies import end_policy
from registry import contributions
from schools.record_texts import acts
from schools.workflow import save_settings
from settings.cache import LastingCache
from tenancy import editions, hosts
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.content.conftest import Side
from tests.content.pictures import png
from tests.workflow.partner_facts import operator, platform
from tests.workflow.staff_facts import Facts, make_facts
from ui.page_cache import LONGEST, keep, next_change
from workdays.workflow import add_change

PUBLIC = ("/", "/guidelines/", "/guidelines/guide/", "/tips/", "/tips/tip/", "/services/", "/help/")


@pytest.fixture(autouse=True)
def at_once(settings: Any) -> None:
    """A page may be kept right after a change; the pause has a test of its own."""
    settings.PAGES_REST_SECONDS = 0


def read(client: Client, address: str) -> tuple[str, int]:
    """The page, and how many questions it asked the database. The school of the host is known."""
    hosts.tenant_of(client.defaults["HTTP_HOST"])
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode(), len(queries)


def is_kept(client: Client, address: str) -> bool:
    read(client, address)
    return read(client, address)[1] == 0


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_is_kept_bears_no_secret_and_sets_no_cookie(ours: Side, address: str) -> None:
    client = ours.client()
    made = client.get(address)
    assert not made.cookies
    assert "csrfmiddlewaretoken" not in made.content.decode()
    assert "nonce" not in made.content.decode() + made["Content-Security-Policy"]
    with CaptureQueriesContext(connection) as queries:
        kept = client.get(address)
    assert len(queries) == 0, [q["sql"][:150] for q in queries]
    assert not kept.cookies
    assert kept.content == made.content
    same = ("Content-Type", "Content-Security-Policy", "X-Frame-Options", "Content-Language", "Vary")
    assert [kept.get(name) for name in same] == [made.get(name) for name in same]


def test_an_article_asks_at_most_two_questions(ours: Side, settings: Any) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "page_cache" not in name]
    client = ours.client()
    read(client, "/guidelines/guide/")
    with as_of(now()):
        editions.begin_new(ours.tenant.id)  # nothing is remembered of the page any more
        text, first = read(client, "/guidelines/guide/")
    assert "白鹭正文" in text
    assert first <= 2
    assert read(client, "/guidelines/guide/")[1] == 0


def test_every_kind_of_page_is_served() -> None:
    assert {model._meta.model_name for model in get_page_models() if model is not Page} == set(KINDS)


def test_each_school_and_each_language_has_its_own(ours: Side, theirs: Side) -> None:
    chinese, english = ours.client(), ours.client(headers={"host": ours.tenant.host, "accept-language": "en"})
    for address in PUBLIC:
        for _ in range(2):
            one, other = (side.client().get(address).content.decode() for side in (ours, theirs))
            assert "墨竹" not in one
            assert "白鹭" not in other
            assert '<html lang="zh-Hans"' in chinese.get(address).content.decode()
            assert '<html lang="en"' in english.get(address).content.decode()


def test_what_a_person_is_shown_is_neither_kept_nor_a_kept_page(ours: Side) -> None:
    person = make_person(ours.tenant, "staff", name="周青禾", title="周老师").user
    signed_in = ours.client(person)
    for address in PUBLIC:
        mine = signed_in.get(address)
        assert "Cookie" in mine["Vary"]
        for text in (ours.client().get(address).content.decode(), ours.client().get(address).content.decode()):
            assert "周老师" not in text
            assert "周青禾" not in text
            assert "/accounts/logout/" not in text
        again = signed_in.get(address).content.decode()
        assert "/accounts/logout/" in again


@pytest.mark.parametrize(
    "asked",
    [
        {"query_params": {"page": "2"}},
        {"headers": {"authorization": "Bearer x"}},
        {"headers": {"cookie": "sessionid=gone"}},
        {"headers": {"cookie": "messages=x"}},
    ],
    ids=["query", "token", "session", "message"],
)
def test_whatever_may_hang_on_who_asks_is_made_anew(ours: Side, asked: dict[str, Any], monkeypatch: Any) -> None:
    looked: list[Any] = []
    real = editions.look
    monkeypatch.setattr(editions, "look", lambda *keys: looked.append(keys) or real(*keys))
    ours.client().get("/guidelines/guide/", **asked)
    assert [keys for keys in looked if len(keys) > 1] == []
    ours.client().get("/guidelines/guide/")
    assert [keys for keys in looked if len(keys) > 1] != []  # the control: without it the middleware looks


@pytest.mark.parametrize("fault", ["cookie", "status", "silent", "none"])
def test_only_a_plain_answer_that_may_be_kept_is_kept(ours: Side, fault: str) -> None:
    from ui.page_cache import PageCacheMiddleware

    def view(request: Any) -> HttpResponse:
        answer = HttpResponse("x", status=404 if fault == "status" else 200)
        if fault == "cookie":
            answer.set_cookie("who", "me")
        return answer if fault == "silent" else keep(answer, ours.tenant)

    asked = []

    def counted(request: Any) -> HttpResponse:
        asked.append(request)
        return view(request)

    request = RequestFactory().get("/x/", headers={"host": ours.tenant.host})
    request.tenant = ours.tenant  # type: ignore[attr-defined]
    middleware = PageCacheMiddleware(counted)
    for _ in range(2):
        middleware(request)
    assert len(asked) == (1 if fault == "none" else 2)


def publish(side: Side, **changes: Any) -> None:
    page = side.page.__class__.objects.get(pk=side.page.pk)
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()


def exchange_picture(side: Side) -> None:
    side.image.file = SimpleUploadedFile("new.png", png("red"))
    side.image.save()


EDITS: dict[str, Callable[[Side], Any]] = {
    "published": lambda side: publish(side, summary="新的一句"),
    "unpublished": lambda side: side.page.__class__.objects.get(pk=side.page.pk).unpublish(),
    "another address": lambda side: publish(side, slug="moved"),
    "moved": lambda side: side.page.__class__.objects.get(pk=side.page.pk).move(side.index, pos="last-child"),
    "deleted": lambda side: side.page.__class__.objects.get(pk=side.page.pk).delete(),
    "picture exchanged": exchange_picture,
    "picture deleted": lambda side: side.image.delete(),
    "saved past the CMS": lambda side: side.tip.save(),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_an_editor_changes_is_read_at_once(ours: Side, theirs: Side, edit: str) -> None:
    assert is_kept(ours.client(), "/guidelines/")
    assert is_kept(theirs.client(), "/guidelines/")
    EDITS[edit](ours)
    assert read(ours.client(), "/guidelines/")[1] > 0
    assert read(theirs.client(), "/guidelines/")[1] == 0, "the other school's stand"


def test_a_new_text_is_read_and_an_old_page_is_gone(ours: Side) -> None:
    client = ours.client()
    assert is_kept(client, "/guidelines/guide/")
    publish(ours, summary="新的一句", body=[("paragraph", "<p>新的正文</p>")])
    text, _ = read(client, "/guidelines/guide/")
    assert "新的一句" in text
    assert "新的正文" in text
    assert "白鹭正文" not in text
    ours.page.__class__.objects.get(pk=ours.page.pk).unpublish()
    assert client.get("/guidelines/guide/").status_code == 404


@pytest.fixture
def facts(db: None) -> Facts:
    facts = make_facts(make_school(duty_phone="0571-1", duty_hours="工作日 8:00–20:00"))
    create_school_site(tenant=facts.school, name="校", host=facts.school.host, port=8000)
    return facts


def in_school(facts: Facts, act: Callable[[], Any]) -> None:
    with use_tenant(facts.school.id):
        act()


def on_platform(act: Callable[[], Any]) -> None:
    with use_tenant(platform().id):
        act()


def admin(facts: Facts) -> Actor:
    return actor_of(make_person(facts.school, "admin"))


ACTS: dict[str, Callable[[Facts], Any]] = {
    "an agency is suspended": lambda facts: on_platform(
        lambda: move_institution(actor=operator(), institution_id=facts.partner.pk, event=InstitutionEvent.SUSPEND)
    ),
    "an agency closes for a day": lambda facts: on_platform(
        lambda: close(actor=facts.counter, starts_at=now(), ends_at=now() + timedelta(days=1))
    ),
    "a service has another name": lambda facts: on_platform(
        lambda: change_service(actor=operator(), service_id=facts.counselling.pk, name_en="A talk")
    ),
    "a service is shut": lambda facts: on_platform(
        lambda: set_service_active(actor=operator(), service_id=facts.counselling.pk, active=False)
    ),
    "an agreement ends": lambda facts: in_school(
        facts,
        lambda: end_agreement(
            actor=facts.finance, agreement_id=Agreement.objects.earliest("pk").pk, on=local_day(now())
        ),
    ),
    "an agreement is suspended": lambda facts: in_school(
        facts,
        lambda: suspend_agreement(
            actor=facts.finance, agreement_id=Agreement.objects.earliest("pk").pk, reason="quality"
        ),
    ),
    "an agreement is terminated": lambda facts: in_school(
        facts,
        lambda: terminate_agreement(
            actor=facts.finance, agreement_id=Agreement.objects.earliest("pk").pk, reason="quality"
        ),
    ),
    "a policy ends": lambda facts: in_school(
        facts,
        lambda: end_policy(
            actor=facts.finance,
            policy_id=SubsidyPolicy.objects.get(scheme="counselling").pk,
            valid_until=local_day(now()) + timedelta(days=1),
            zone="Asia/Shanghai",
        ),
    ),
    "the line has other hours": lambda facts: in_school(
        facts, lambda: save_settings(actor=admin(facts), duty_phone="0571-2", duty_hours="每天 9:00-10:00", rules={})
    ),
    "a day is no workday": lambda facts: in_school(
        facts,
        lambda: add_change(actor=admin(facts), first_day=local_day(now()), last_day=local_day(now()), is_workday=False),
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_is_decided_is_read_at_once(facts: Facts, act: str) -> None:
    client = Client(headers={"host": facts.school.host})
    assert is_kept(client, "/services/")
    ACTS[act](facts)
    hosts.forget()
    assert read(client, "/services/")[1] > 0


QUIET = {
    "chain.ask", "chain.faults", "chain.sheet", "chain.withdraw",
    "agreement.draft", "agreement.sign", "agreement.discard", "agreement.fall_due", "institution.create",
    "institution.vet", "institution.member_add", "institution.member_change", "institution.member_end", "service.mode",
    "openday.plan", "openday.invite", "openday.remind", "openday.wipe", "openday.visitors",
    "openday.ask", "openday.close_questions", "openday.report",
    "policy.draft", "policy.edit", "policy.return", "policy.withdraw", "school.administrator", "school.invite",
}  # fmt: skip
"""Acts around agencies, papers, policies, schools and their chains that no public page shows."""
_AROUND = ("agreement", "chain", "openday", "institution", "licence", "service", "opening", "closure", "policy", "school", "setting", "workday")  # fmt: skip


def test_every_act_around_what_public_pages_show_says_whether_they_show_it() -> None:
    shown = {act for where in ("IN_SCHOOL", "EVERYWHERE") for _app, rows in contributions("public_acts", where) for act in rows}  # fmt: skip
    assert shown <= acts().keys()
    around = {act for act in acts() if act.partition(".")[0] in _AROUND and not act.endswith(".export")}
    assert around == shown | QUIET
    assert not shown & QUIET


def moment(text: str) -> datetime:
    """A moment in Shanghai as UTC."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("now_is", "ends"),
    [
        ("2026-12-01T10:00:00", "2026-12-01T10:01:00"),  # nothing ahead: a minute
        ("2026-12-01T19:59:40", "2026-12-01T20:00:00"),  # the line shuts
        ("2026-12-01T07:59:59", "2026-12-01T08:00:00"),  # it opens
        ("2026-12-31T23:59:30", "2027-01-01T00:00:00"),  # agreements, policies and reviews change with the day
    ],
)
def test_a_page_is_kept_until_the_next_moment_that_changes_it(facts: Facts, now_is: str, ends: str) -> None:
    assert next_change(facts.school, moment(now_is)) == moment(ends)
    assert moment(ends) - moment(now_is) <= LONGEST
    client = Client(headers={"host": facts.school.host})
    with as_of(moment(now_is)):
        assert is_kept(client, "/help/")
        cached = is_kept(client, "/services/")
        assert cached
    with as_of(moment(ends)):
        assert read(client, "/services/")[1] > 0


def test_a_page_made_while_something_changes_is_shown_to_nobody_after(ours: Side, monkeypatch: Any) -> None:
    client = ours.client()
    from content import serving

    real = serving._published

    def changed_meanwhile(*args: Any) -> Any:
        page = real(*args)
        monkeypatch.setattr(serving, "_published", real)
        publish(ours, summary="新的一句")
        return page

    monkeypatch.setattr(serving, "_published", changed_meanwhile)
    assert "新的一句" not in read(client, "/guidelines/guide/")[0]
    assert "新的一句" in read(client, "/guidelines/guide/")[0]


def test_nothing_is_kept_while_a_worker_may_remember_the_school_of_before(ours: Side, settings: Any) -> None:
    settings.PAGES_REST_SECONDS = 6.0
    editions.begin_new(ours.tenant.id)
    assert hosts._SECONDS < settings.PAGES_REST_SECONDS
    assert not is_kept(ours.client(), "/guidelines/")
    past = editions._new().split(" ")
    cache.set_many(dict.fromkeys(("edition:all", f"edition:{ours.tenant.id}"), f"{float(past[0]) - 7!r} {past[1]}"))
    assert is_kept(ours.client(), "/guidelines/")


def test_without_a_cache_that_all_share_nothing_is_kept_and_pages_come(ours: Side, monkeypatch: Any) -> None:
    alone = LastingCache("redis://127.0.0.1:1/0", {})
    monkeypatch.setattr(editions, "cache", alone)
    assert editions.current(ours.tenant.id) is None
    assert not alone.is_shared
    assert not is_kept(ours.client(), "/guidelines/guide/")
    assert "白鹭正文" in read(ours.client(), "/guidelines/guide/")[0]
    publish(ours, summary="新的一句")
    assert "新的一句" in read(ours.client(), "/guidelines/guide/")[0]


def test_a_school_that_is_shut_answers_no_more(ours: Side) -> None:
    assert is_kept(ours.client(), "/guidelines/")
    ours.tenant.is_active = False
    ours.tenant.save()
    hosts.forget()
    assert ours.client().get("/guidelines/").status_code == 404


def test_the_language_switch_needs_no_token_and_leads_nowhere_else(ours: Side) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": ours.tenant.host})
    answer = strict.post("/i18n/setlang/", {"language": "en", "next": "/guidelines/"})
    assert answer["Location"] == "/guidelines/"
    assert set(answer.cookies) == {"django_language"}
    away = strict.post("/i18n/setlang/", {"language": "en", "next": "https://elsewhere.example/"})
    assert "elsewhere" not in away.get("Location", "")
    assert strict.get("/i18n/setlang/").status_code in (302, 405)
