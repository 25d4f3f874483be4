"""The duty line with its clock: outside its hours no page offers it as the one to ring (a Saturday at 08:50 did)."""

from typing import Any

import pytest
from django.test import Client

from content.schools import create_school_site
from families.workflow import ask_consent, register_relative
from kernel.clock import as_of
from referrals.emergency.models import Chain, DutyLine
from referrals.emergency.public_acts import IN_SCHOOL
from referrals.emergency.school_line import forget as forget_line
from referrals.emergency.school_line import is_live
from schools.workflow import save_settings
from tenancy.hosts import forget
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, school_time
from workdays.selectors import forget as forget_days
from workdays.workflow import add_change

pytestmark = pytest.mark.django_db
FRIDAY, SATURDAY, NIGHT = "2026-11-27 08:50", "2026-11-28 08:50", "2026-11-27 20:00"


@pytest.fixture
def lined(school: Any) -> Tenant:
    Tenant.objects.filter(pk=school.pk).update(duty_phone="0571-5550101", duty_hours="工作日 8:00–20:00")
    forget()
    return Tenant.objects.get(pk=school.pk)


def page(tenant: Tenant, moment: str, path: str = "/help/") -> str:
    forget_days()
    with as_of(school_time(moment)):
        return Client(headers={"host": tenant.host}).get(path).content.decode()


def bar(text: str) -> str:
    return text.partition('<nav class="help"')[2].partition("</nav>")[0]


def test_within_its_hours_the_line_is_one_tap(lined: Tenant) -> None:
    told = page(lined, FRIDAY)
    assert 'href="tel:0571-5550101"' in bar(told)
    assert "无人接听" not in told


@pytest.mark.parametrize("moment", [SATURDAY, NIGHT, "2026-10-05 10:00"])
def test_outside_them_the_bar_and_the_help_page_say_so(lined: Tenant, moment: str) -> None:
    told = page(lined, moment)
    assert "tel:0571-5550101" not in bar(told)
    assert "值班已下班" in bar(told)
    assert "学校值班电话现在无人接听" in told
    assert told.index("tel:12356") < told.index("学校值班电话现在无人接听")
    assert "工作日 8:00–20:00" in told


def test_the_home_card_dials_the_line_that_is_open(lined: Tenant) -> None:
    create_school_site(tenant=lined, name=lined.name, host=lined.host, port=8000)
    by_day = page(lined, FRIDAY, "/").partition("<main")[2]
    assert 'href="tel:05715550101"' in by_day
    closed = page(lined, SATURDAY, "/").partition("<main")[2]
    assert "tel:05715550101" not in closed
    assert 'href="tel:12356"' in closed
    assert "请打 12356：学校值班电话现在无人接听（工作日 8:00–20:00）" in closed


def test_a_swapped_saturday_is_answered_and_a_day_off_of_the_school_is_not(lined: Tenant) -> None:
    assert "无人接听" not in page(lined, "2026-10-10 10:00")
    admin = make_person(lined, "admin")
    with use_tenant(lined.id), as_of(school_time(FRIDAY)):
        day = lined.today()
        add_change(actor=actor_of(admin), first_day=day, last_day=day, is_workday=False)
    assert "无人接听" in page(lined, FRIDAY)


def test_words_that_no_clock_reads_claim_nothing(lined: Tenant) -> None:
    admin = make_person(lined, "admin")
    with use_tenant(lined.id):
        save_settings(actor=actor_of(admin), duty_phone="0571-5550101", duty_hours="请先打办公室", rules={})
    forget()
    told = page(lined, SATURDAY)
    assert 'href="tel:0571-5550101"' in bar(told)
    assert "无人接听" not in told


def chained(tenant: Tenant, state: str) -> Chain:
    with use_tenant(tenant.id):
        line, _ = DutyLine.objects.get_or_create(
            number="+8657188880000", defaults={"name": "平台值守", "kind": "operator", "answers": "每天"}
        )
        two = [make_person(tenant, role) for role in ("centre", "principal")]
        Chain.objects.all().delete()
        chain = Chain.objects.create(state=state, operator_line=line, switched_by=two[0], agreed_by=two[1])
    forget_line()
    return chain


@pytest.mark.parametrize("moment", [SATURDAY, NIGHT])
def test_while_the_chain_is_live_the_line_is_answered_at_every_hour(lined: Tenant, moment: str) -> None:
    chained(lined, "live")
    told = page(lined, moment)
    assert 'href="tel:0571-5550101"' in bar(told)
    assert "值班已下班" not in bar(told) and "无人接听" not in told
    assert "昼夜有人" in told
    for state in ("rehearsal", "off"):
        chained(lined, state)
        assert "值班已下班" in bar(page(lined, moment))


def test_a_school_without_a_number_shows_the_line_behind_its_live_chain(lined: Tenant) -> None:
    Tenant.objects.filter(pk=lined.pk).update(duty_phone="", duty_hours="")
    forget()
    chained(lined, "off")
    assert "tel:057188880000" not in page(lined, NIGHT)
    chained(lined, "live")
    told = page(lined, NIGHT)
    assert 'href="tel:057188880000"' in bar(told) and "昼夜有人" in told


def test_switching_is_seen_by_who_asks_next(lined: Tenant) -> None:
    """What is remembered, and what is kept of public pages, ends with the switch."""
    assert {"chain.switch", "chain.line"} <= IN_SCHOOL
    chained(lined, "rehearsal")
    with use_tenant(lined.id):
        assert not is_live(lined)
        chained(lined, "live")
        assert is_live(lined)


def test_a_question_that_can_wait_reads_the_hours_that_the_school_wrote(lined: Tenant) -> None:
    """A live chain answers at every hour by waking somebody: that is for danger, not for asking about a form."""
    with use_tenant(lined.id):
        actor = actor_of(make_person(lined, title="李老师"))
        relative = register_relative(actor=actor, relation="spouse", name="王小明", phone="13800138000")
        token = ask_consent(actor=actor, relative_id=relative.pk, purpose="emergency")
    chained(lined, "live")
    for path in (f"/family/{token}/", "/family/nothing-of-this-name/"):
        told = page(lined, NIGHT, path).partition("<main")[2]
        assert 'href="tel:0571-5550101"' in told, path
        assert "工作日 8:00–20:00" in told and "昼夜有人" not in told, path
    Tenant.objects.filter(pk=lined.pk).update(duty_phone="", duty_hours="")
    forget()
    assert 'href="tel:057188880000"' in page(lined, NIGHT, f"/family/{token}/").partition("<main")[2]
