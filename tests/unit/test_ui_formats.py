"""Filters and tags of the design system: what a person reads."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation
from django.utils.html import format_html

from accounts.actor import Actor
from kernel import clock
from ui.context import build_shell
from ui.icons import ICONS
from ui.states import sign_of, signs
from ui.templatetags import ui
from ui.whole import kept, whole

THURSDAY = datetime(2026, 12, 3, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _november_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 24, tzinfo=UTC))


def render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_money_is_written_in_yuan_and_an_unknown_amount_is_not_zero():
    assert ui.yuan(1234567) == "¥12,345.67"
    assert ui.yuan(0) == "¥0.00"
    assert ui.yuan(None) == ""


def test_a_share_has_no_needless_decimals():
    assert (ui.percent(7000), ui.percent(6667), ui.percent(50)) == ("70%", "66.67%", "0.5%")


def test_how_many_there_are_has_its_unit():
    with translation.override("zh-hans"):
        assert (ui.entries(0), ui.entries("37"), ui.entries("1000+")) == ("0 条", "37 条", "1000+ 条")
    with translation.override("en"):
        assert (ui.entries(1), ui.entries("1000+")) == ("1 entry", "1000+ entries")


def test_a_moment_is_shown_in_the_schools_zone_in_both_languages():
    with translation.override("zh-hans"):
        assert ui.school_time(THURSDAY) == "12月3日 周四 16:30"
    with translation.override("en"):
        assert ui.school_time(THURSDAY) == "Thu 3 Dec 16:30"


def test_any_offset_gives_the_same_text():
    elsewhere = THURSDAY.astimezone(timezone(timedelta(hours=-7)))
    with translation.override("zh-hans"):
        assert ui.school_time(elsewhere) == "12月3日 周四 16:30"


def test_a_far_day_carries_its_year():
    with translation.override("zh-hans"):
        assert ui.school_day(datetime(2025, 3, 1, 4, tzinfo=UTC)) == "2025年3月1日 周六"


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="naive"):
        ui.school_time(datetime(2026, 12, 3, 16, 30))


def test_a_code_stands_in_fours():
    assert ui.code444("482109375564") == "4821 0937 5564"


@pytest.mark.parametrize(
    ("subsidy", "own", "width", "cut"),
    [(21000, 9000, 7000, True), (30000, 0, 10000, False), (1, 2, 3333, True)],
)
def test_the_split_is_drawn_in_its_true_proportion(subsidy: int, own: int, width: int, cut: bool):
    html = render("{% split a b %}", a=subsidy, b=own)
    assert f'<rect class="share" width="{width}"' in html
    assert f'<rect class="rest" x="{width}" width="{10000 - width}"' in html
    assert ('class="cut"' in html) is cut
    assert "style=" not in html


@pytest.mark.parametrize("own", [12000, 0])
def test_where_the_school_pays_nothing_no_bar_is_drawn(own: int):
    html = render("{% split a b %}", a=0, b=own)
    assert "<svg" not in html
    assert "0%" not in html


def test_every_state_has_a_sign_a_text_and_an_icon_that_exists():
    for key, sign in signs().items():
        assert sign.icon in ICONS, key
        assert str(sign.text), key
        assert sign.tone in {"ok", "wait", "bad", "info", ""}, key


def test_the_machine_picks_the_text_and_an_unknown_state_shows_itself():
    assert sign_of("active", "voucher").text != sign_of("active", "agreement").text
    assert sign_of("never_heard_of", "voucher").text == "never_heard_of"


def test_a_texts_markup_is_escaped():
    assert "<b>" not in render('{% tag "ok" "dot" word %}', word="<b>x</b>")


def test_a_qr_code_is_black_on_white_with_a_name_and_no_style():
    html = render('{% qr "http://localhost/v/abc/" "卡券二维码" %}')
    assert 'role="img" aria-label="卡券二维码"' in html
    assert "viewBox" in html
    assert "style=" not in html


def _request(path: str, *, roles: set[str] | None = None, kind: str = "middle", **actor: object) -> SimpleNamespace:
    tenant = SimpleNamespace(name="育才中学", name_en="", slug="yucai", kind=kind, duty_phone="0571", duty_hours="")
    who = None
    if roles is not None:
        who = replace(Actor(user_id=None, tenant_id=None, roles=frozenset(roles), display_name="李老师"), **actor)
    return SimpleNamespace(path=path, tenant=tenant, actor=who, get_full_path=lambda: path)


def test_the_frame_of_a_visitor_has_no_links():
    shell = build_shell(_request("/"))
    assert (shell.tabs, shell.offices, shell.signed_in) == ((), (), False)


def test_the_longest_address_is_the_current_tab():
    shell = build_shell(_request("/my/messages/3/", roles={"staff"}))
    assert [item.url for item in shell.tabs if item.current] == ["/my/messages/"]


@pytest.mark.parametrize(
    ("role", "offices"),
    [
        ("staff", []),
        ("centre", ["/centre/", "/centre/emergency/", "/school/to-read/"]),
        ("duty", ["/centre/", "/centre/emergency/"]),
        ("union", ["/union/", "/finance/"]),
        ("finance", ["/finance/"]),
        ("principal", ["/centre/emergency/duty/", "/finance/"]),
        ("admin", ["/centre/emergency/duty/", "/school/", "/school/to-read/"]),
        ("editor", ["/cms/", "/school/tips/", "/school/to-read/"]),
    ],
)
def test_a_link_is_shown_to_whoever_may_open_it(role: str, offices: list[str]):
    shell = build_shell(_request("/my/", roles={"staff", role}))
    assert [item.url for item in shell.offices] == offices


def test_the_education_bureau_has_no_page_of_a_persons_own():
    assert build_shell(_request("/", roles={"district"})).tabs == ()


def test_a_partner_and_the_operator_see_their_own_links_only():
    partner = build_shell(
        _request("/partner/scan/", kind="platform", roles={"partner_counter"}, institution_id=uuid4())
    )
    operator = build_shell(_request("/operator/", kind="platform", roles={"operator"}, is_operator=True))
    assert [item.url for item in partner.tabs] == [
        "/partner/", "/partner/offers/", "/partner/bookings/", "/partner/scan/", "/partner/redemptions/",
    ]  # fmt: skip
    assert [item.url for item in operator.tabs] == [
        "/operator/schools/", "/operator/institutions/", "/operator/library/",
    ]  # fmt: skip
    assert partner.school is None


def test_the_frame_stands_without_tenant_and_actor():
    assert build_shell(SimpleNamespace(path="/lost/", get_full_path=lambda: "/lost/")).school is None


def test_an_amount_a_date_and_a_number_stay_whole_in_a_sentence() -> None:
    said = str(whole("最晚 11月30日 周一，¥1,234.50，编号 YC-2026-R00049，2026-12-03 <b>"))
    assert [part.split("</span>")[0] for part in said.split('<span class="whole">')[1:]] == [
        "11月30日", "¥1,234.50", "YC-2026-R00049", "2026-12-03",
    ]  # fmt: skip
    assert said.endswith("&lt;b&gt;"), "what is no HTML of ours is escaped"
    linked = format_html('<a href="/vouchers/{}/">{}</a>', "YC-2026-00001", "YC-2026-00001")
    assert str(whole(linked)) == '<a href="/vouchers/YC-2026-00001/"><span class="whole">YC-2026-00001</span></a>'


def test_a_form_of_address_stays_whole_and_a_long_name_may_wrap() -> None:
    assert kept("李老师 · 尾号 1002") == '<span class="whole">李老师</span> · <span class="whole">尾号 1002</span>'
    assert kept("Alexandra Montgomery-Smith") == "Alexandra Montgomery-Smith"
    assert kept("") == ""
    assert kept("<b>") == '<span class="whole">&lt;b&gt;</span>'


@pytest.mark.parametrize(("language", "label", "said"), [
    ("en", "How many?", "How many: Please write a whole number."),
    ("en", "I agree.", "I agree: Please write a whole number."),
    ("zh-hans", "要几次？", "要几次：请填一个整数。"),
])  # fmt: skip
def test_an_error_stands_behind_its_label_in_the_signs_of_the_language(language: str, label: str, said: str):
    class Asked(forms.Form):
        many = forms.IntegerField(label=label)

    with translation.override(language):
        html = render('{% include "ui/components/error_summary.html" %}', form=Asked({"many": "a hundred"}))
    assert said in re.sub(r"<[^>]+>", "", html)
