"""A school with tips, a relative who agreed to them, and the steps that a family takes."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client

from content.models import TipIndexPage, TipPage
from families.models import Consent
from families.workflow import answer_consent, ask_consent, register_relative
from tenancy.scope import use_tenant
from tests.conftest import actor_of, is_at_a_moment, living_in, make_person, planted_database
from tests.content.conftest import Side, build_side
from tips.models import Series
from tips.workflow.ordering import add_tip, make_series
from tips.workflow.sending import send_letter
from tips.workflow.wanting import ask_tips, confirm_tips

ZONE = ZoneInfo("Asia/Shanghai")
THURSDAY, FRIDAY, NEXT_FRIDAY = "2026-12-03 12:00", "2026-12-04 07:00", "2026-12-11 07:00"


def at(text: str) -> datetime:
    """A moment in the school's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass
class Home:
    """A school, its editor, who named whom, and that relative's link."""

    side: Side
    editor: Any
    member: Any
    actor: Any
    token: str
    consent: Consent
    series: Series
    pages: list[int]

    @property
    def tenant(self) -> Any:
        return self.side.tenant

    def client(self, user: Any = None) -> Client:
        client = Client(headers={"host": self.tenant.host})
        if user is not None:
            client.force_login(user)
        return client


def build_home(mark: str = "云杉") -> Home:
    side = build_side(mark)
    with use_tenant(side.tenant.id):
        index = TipIndexPage.objects.child_of(side.home).get()
        pages = [
            index.add_child(
                instance=TipPage(title=f"{mark}第{n}条", slug=f"t{n}", summary="一句话", body=[("heading", "题")])
            ).pk
            for n in range(1, 4)
        ]
        editor = actor_of(make_person(side.tenant, "editor", name="周编辑"))
        series = make_series(actor=editor, title="秋天", starts_on=at("2026-09-01 00:00").date(), every_days=7)
        for page in pages:
            add_tip(actor=editor, series_id=series.pk, page=page)
        member = make_person(side.tenant, name="李明华", title="李老师")
        token, consent = agreed(actor_of(member))
    return Home(side, editor, member, actor_of(member), token, consent, series, pages)


def agreed(actor: Any, purpose: str = "tips", relative: Any = None) -> tuple[str, Consent]:
    """The secret of a link that was agreed to, and the agreement."""
    relative = relative or register_relative(actor=actor, relation="spouse", name="王小明", phone="13800138000")
    token = ask_consent(actor=actor, relative_id=relative.pk, purpose=purpose)
    return token, answer_consent(token=token, answer="agree")


def subscribe(token: str, address: str = "wang@example.com", rhythm: str = "weekly") -> None:
    """Ask, read the mail, type the code."""
    letter = ask_tips(token=token, address=address, rhythm=rhythm)
    assert send_letter(letter_id=letter.pk)
    confirm_tips(token=token, code=code_in(mail.outbox[-1].body))


def code_in(body: str) -> str:
    found = re.search(r"\b\d{6}\b", body.replace("是", " "))
    assert found
    return found.group()


@pytest.fixture(scope="session")
def home_database(by_day: None, django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, Home]]:
    """One such school stands ready."""
    with django_db_blocker.unblock(), planted_database("home", build_home) as planted:
        yield planted


@pytest.fixture(scope="module")
def planted_home(home_database: tuple[str, Home], django_db_blocker: Any) -> Iterator[Home]:
    """That school, in whose database this module's tests live from now on."""
    name, planted = home_database
    with django_db_blocker.unblock(), living_in(name):
        yield planted


@pytest.fixture
def home(request: pytest.FixtureRequest, planted_home: Home, db: None) -> Iterator[Home]:
    """The school open, nothing sent yet. The test's own copy; at another moment a new one."""
    built = build_home() if is_at_a_moment(request) else deepcopy(planted_home)
    mail.outbox.clear()
    with use_tenant(built.tenant.id):
        yield built
