"""Words that one reader stumbled over, each said once and rightly."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from families.workflow import register_relative
from kernel.clock import as_of
from ledger.keys import AccountKey, Balance, Book
from ledger.selectors import AccountBalance
from partners.models import Service
from referrals.models import Voucher
from referrals.offices.views_finance import pool_shown
from referrals.workflow.redeeming import redeem
from tests.fixtures_journey import Journey
from tests.tree import FOLDERS, ROOT
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db
RAW_NAME = re.compile(r"\{\{ [\w.]*(?:service|partner)\.name \}\}")


def browser(journey: Journey, role: str, language: str = "zh-hans") -> Client:
    client = Client(HTTP_HOST=journey.tenant.host, headers={"accept-language": language})
    client.force_login(journey.members[role].user)
    return client


def templates() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (ROOT / folder).rglob("*.html")


def test_a_list_of_ones_own_names_services_in_the_readers_language(journey: Journey) -> None:
    ask(journey)
    page = browser(journey, "staff", "en").get("/my/referrals/").content.decode()
    assert f'<span lang="zh-Hans">{journey.counselling.name}</span>' in page, "Chinese on an English page says so"
    Service.objects.filter(pk=journey.counselling.pk).update(name_en="Counselling, one to one")
    page = browser(journey, "staff", "en").get("/my/referrals/").content.decode()
    assert "Counselling, one to one" in page
    assert journey.counselling.name not in page
    assert journey.counselling.name in browser(journey, "staff").get("/my/referrals/").content.decode()


def test_a_name_is_escaped_in_both_languages(journey: Journey) -> None:
    service = journey.counselling
    service.name = "<b>谈话</b>"
    for language in ("en", "zh-hans"):
        with override(language):
            assert "<b>" not in Template("{% load ui %}{{ row|named }}").render(Context({"row": service}))


def test_no_page_of_a_request_prints_a_name_past_the_readers_language() -> None:
    strays = [str(path) for path in templates() if "referrals/" in str(path) and RAW_NAME.search(path.read_text())]
    assert strays == []


def test_a_used_voucher_is_not_held_out_any_more(journey: Journey) -> None:
    booking = answer(journey, ask(journey))
    voucher = Voucher.objects.get()
    client, address = browser(journey, "staff"), f"/vouchers/{voucher.pk}/"
    live = client.get(address).content.decode()
    assert all(words in live for words in ("到店后出示", "保存图片", "PDF"))
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    used = client.get(address).content.decode()
    assert not any(words in used for words in ("到店后出示", "保存图片", "PDF"))
    assert "不能再用" in used
    for page in (live, used, client.get(f"/my/referrals/{voucher.referral_id}/").content.decode()):
        assert page.count("谁看过") == 1, "the card is there; a link to it above says it twice"


def test_an_address_of_the_school_is_not_called_none(journey: Journey) -> None:
    client = browser(journey, "staff")
    assert journey.members["staff"].email in client.get("/accounts/profile/", follow=True).content.decode()
    page = client.get("/accounts/email/").content.decode()
    assert "还没有留邮箱" not in page
    assert "由学校填写的地址不能用来登录" in page


def test_what_a_relative_reads_is_quoted_where_somebody_else_reads_it(journey: Journey) -> None:
    relative = register_relative(actor=journey.staff, relation="spouse", name="王先生", phone="13800138000")
    page = browser(journey, "staff").get(reverse("relative", args=[relative.pk])).content.decode()
    said = "认为填写您的这位老师有危险的时候"
    assert said in page
    assert all(said in one for one in re.findall(r"<blockquote>.*?</blockquote>", page) if "有危险" in one)
    assert said not in re.sub(r"<blockquote>.*?</blockquote>", "", page, flags=re.S)
    assert "缩进的文字，是家人打开链接后读到的话。" in page


def test_a_share_to_glance_at_is_whole_and_has_its_noun(journey: Journey) -> None:
    ask(journey)
    page = browser(journey, "finance").get("/finance/").content.decode()
    shares = re.findall(r"已用拨款的 ([^<\s]+)", page.replace("&lt;", "<").replace("&gt;", ">")) or re.findall(
        r"已用拨款的 (\S+?)</span>", page
    )
    assert shares
    assert not re.search(r"\d\.\d+%", page.partition("<main")[2])


@pytest.mark.parametrize(("granted", "said"), [(0, "还没有拨款"), (90_000, "已用拨款的 0%")])
def test_a_pool_without_money_has_no_share_of_it(granted: int, said: str) -> None:
    key = AccountKey(Book.POOL, "home_help", 2026, "fen")
    shown = pool_shown(AccountBalance(key, Balance(granted=granted, available=granted)))
    with override("zh-hans"):
        page = render_to_string("referrals/office/pool_cards.html", {"pools": [shown]})
    assert said in page
    assert ("<svg" in page) == bool(granted)


@pytest.mark.parametrize(("bp", "said"), [(0, "0%"), (1, "<1%"), (82, "<1%"), (150, "2%"), (5000, "50%"), (9999, ">99%"), (10000, "100%")])  # fmt: skip
def test_a_little_is_never_nothing_and_nearly_all_never_all(bp: int, said: str) -> None:
    html = Template("{% load ui %}{{ bp|about_percent }}").render(Context({"bp": bp}))
    assert html == said.replace("<", "&lt;").replace(">", "&gt;")


def test_the_ledger_says_that_it_counts_in_months_and_what_it_searches(journey: Journey) -> None:
    page = browser(journey, "finance").get("/finance/ledger/").content.decode()
    assert all(words in page for words in ("从（整月）", "到（整月）", "按整月算", "卡券编号"))
    assert "业务编号" not in page.partition("<main")[2].partition("<table")[0]
