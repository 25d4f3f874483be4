"""``/my/``, ``/apply/``, ``/vouchers/`` and ``/v/<token>/``: what a member of the staff sees and does, and who cannot."""

import re
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from families.models import Child, Consent
from kernel.errors import Refused
from ledger.models import Transfer
from partners.models import Institution, Service
from referrals.models import Booking, Offer, Referral, Voucher
from referrals.workflow.answering import propose_times
from referrals.workflow.redeeming import prepare
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school
from tests.workflow.apply_steps import begin, hidden, send, step, times, walk_to_check
from tests.workflow.partner_facts import platform
from tests.workflow.staff_facts import Facts, confirmed, in_days, make_facts, sent_request

MAX_QUERIES = 15


@pytest.fixture(scope="module")
def planted(own_database: None) -> Facts:
    return make_facts(make_school())


@pytest.fixture
def facts(planted: Facts, db: None) -> Facts:
    return deepcopy(planted)


@pytest.fixture
def client(facts: Facts) -> Client:
    return signed_in(facts.person, facts.school.host)


def signed_in(member: Any, host: str) -> Client:
    client = Client(HTTP_HOST=host)
    client.force_login(member.user)
    return client


def text(response: Any) -> str:
    return response.content.decode()


def moved() -> tuple[int, int, int]:
    """What a refusal must leave alone."""
    return Referral.objects.count(), Transfer.objects.count(), Consent.objects.count()


class TestHome:
    def test_shows_what_is_left_the_prices_and_the_next_appointment(self, facts: Facts, client: Client) -> None:
        confirmed(facts, sent_request(facts))
        page = text(client.get("/my/"))
        assert "李老师" in page
        assert "¥210.00" in page
        assert "¥90.00" in page
        assert "¥600.00" in page
        with use_tenant(facts.school.id):
            assert f"/vouchers/{Voucher.objects.get().pk}/" in page

    def test_an_employee_of_another_school_and_a_stranger_get_nothing(self, facts: Facts, other_school: Any) -> None:
        assert Client(HTTP_HOST=facts.school.host).get("/my/").status_code == 302
        foreign = make_person(other_school, "staff")
        assert signed_in(foreign, facts.school.host).get("/my/").status_code == 302, (
            "a session of another host is nobody here"
        )


class TestApply:
    def test_prices_stand_before_any_field_and_the_list_can_be_narrowed(self, facts: Facts, client: Client) -> None:
        page = text(client.get("/apply/?kind=counselling"))
        assert page.index("¥210.00") > 0
        assert facts.counselling.name in page
        assert facts.childcare.name not in page
        assert facts.counselling.name not in text(client.get("/apply/", {"q": "没有这个词"}))
        names = (facts.counselling.name, facts.childcare.name, facts.home_help.name)
        whole = text(client.get("/apply/"))
        assert sorted(names, key=whole.index) == list(names), "in the order of the closed list, talking first"
        assert whole.count("按协议价") == 1, "a service without subsidy says so"
        first = text(client.get(begin(client, facts.counselling)))
        assert first.index("¥210.00") < first.index('name="units"')

    def test_four_steps_make_one_request_and_looking_makes_none(self, facts: Facts, client: Client) -> None:
        with use_tenant(facts.school.id):
            before = moved()
            check = walk_to_check(client, facts.counselling)
            assert moved() == before
            answer = send(client, check)
            assert answer.status_code == 302
            sent = Referral.objects.get()
            assert (sent.subsidy_fen, sent.self_fen, sent.note) == (21000, 9000, "")
            assert Consent.objects.get().referral_id == sent.pk
        done = text(client.get(answer["Location"]))
        assert sent.number in done
        assert "谢谢您愿意开口" in done
        assert f"/my/referrals/{sent.pk}/cancel/" in done

    def test_pressing_send_twice_asks_once(self, facts: Facts, client: Client) -> None:
        check = walk_to_check(client, facts.counselling)
        first, second = send(client, check), send(client, check)
        assert first["Location"] == second["Location"]
        with use_tenant(facts.school.id):
            assert Referral.objects.count() == 1

    def test_a_time_that_cannot_be_keeps_the_answers_and_moves_nothing(self, facts: Facts, client: Client) -> None:
        with use_tenant(facts.school.id):
            before = moved()
            answer = client.post(begin(client, facts.counselling), {"go": "times", "units": "2"}, follow=True)
            assert moved() == before
        page = text(answer)
        assert "请至少选一格" in page
        assert 'value="2"' in page

    def test_without_consent_nothing_goes_on(self, facts: Facts, client: Client) -> None:
        first = client.post(begin(client, facts.counselling), times(units="4"))
        answer = client.post(first["Location"], {"go": "consent", "note": "请读我", "note_to": "centre"}, follow=True)
        assert answer.redirect_chain[-1][0].endswith("/consent/?check=1")
        assert "请读我" in text(answer)
        assert 'aria-invalid="true"' in text(answer)
        past = client.get(step(first["Location"], "check"))
        assert past["Location"] == first["Location"], "the check cannot be reached around it"

    def test_a_changed_price_is_shown_and_asked_again(self, facts: Facts, client: Client) -> None:
        check = walk_to_check(client, facts.counselling)
        with use_tenant(facts.school.id):
            sent_request(facts, units=3)
            sent_request(facts, days=5)  # the quota of four sessions is used up by now
            before = moved()
            Referral.objects.update(submitted_at=in_days(-1))
            answer = send(client, check)
            assert answer["Location"].endswith("/check/?changed=quote_changed")
            assert moved() == before
            again = client.get(answer["Location"])
            assert "¥300.00" in text(again)
            assert send(client, again)["Location"].startswith("/apply/done/")

    def test_a_child_is_added_on_the_way(self, facts: Facts, client: Client) -> None:
        address = begin(client, facts.childcare)
        page = text(client.get(address))
        assert "box_workday" not in page, "the child comes first, so that no time is typed twice"
        way = re.search(r'href="(/my/family/children/new/[^"]+)"', page)[1].replace("&amp;", "&")  # type: ignore[index]
        back = client.post(way.partition("?")[0], {"name": "李小树", "born": "2018-05-01", "next": hidden(client.get(way), "next")})  # fmt: skip
        assert back["Location"] == address
        with use_tenant(facts.school.id):
            child = Child.objects.get()
        check = walk_to_check(client, facts.childcare, child=child.pk)
        assert "李小树" in text(check)
        sent = send(client, check)
        assert sent.status_code == 302
        assert "谢谢您愿意开口" not in text(client.get(sent["Location"])), "care for a child is asked without courage"
        assert "孩子的年龄段" in text(client.get(sent["Location"].replace("/apply/done/", "/my/referrals/")))
        home = text(client.get("/my/"))
        assert home.index("本学年还可使用") < home.index("李小树：本学年"), "one's own stands first"
        with use_tenant(facts.school.id):
            assert Referral.objects.get().child_id == child.pk
        assert "李小树" in text(client.get(address))  # offered as a choice the next time

    def test_a_service_without_agreement_is_not_there(self, facts: Facts, other_school: Any) -> None:
        stranger = signed_in(make_person(other_school, "staff"), other_school.host)
        assert stranger.get(f"/apply/{facts.counselling.pk}/").status_code == 404


class TestRequests:
    def test_list_is_filtered_and_exported(self, facts: Facts, client: Client) -> None:
        sent = sent_request(facts)
        assert sent.number in text(client.get("/my/referrals/?state=offered"))
        assert sent.number not in text(client.get("/my/referrals/?state=closed"))
        table = client.get("/my/referrals/export.csv")
        assert sent.number in table.content.decode("utf-8-sig")
        assert "records-" in table["Content-Disposition"]

    def test_a_colleague_cannot_open_move_or_cancel_it(self, facts: Facts) -> None:
        sent = sent_request(facts)
        colleague = signed_in(make_person(facts.school, "staff"), facts.school.host)
        assert colleague.get(f"/my/referrals/{sent.pk}/").status_code == 404
        assert colleague.get(f"/apply/done/{sent.pk}/").status_code == 404
        assert colleague.post(f"/my/referrals/{sent.pk}/cancel/").status_code == 404
        with use_tenant(facts.school.id):
            assert Referral.objects.get().state == "offered"

    def test_one_tap_takes_a_proposed_time(self, facts: Facts, client: Client) -> None:
        sent = sent_request(facts)
        with use_tenant(facts.school.id):
            offer = Offer.objects.get()
            (proposal,) = propose_times(
                actor=facts.counter, tenant=facts.school, offer_id=offer.pk, windows=[(in_days(6), in_days(6, 3))]
            )
        assert f"/my/referrals/{sent.pk}/#choose" in text(client.get("/my/"))
        Institution.objects.filter(pk=facts.partner.pk).update(name_en="Peace of Mind")
        Service.objects.filter(pk=facts.counselling.pk).update(name_en="Talking")
        english = text(client.get("/my/", headers={"accept-language": "en"}))
        assert "Peace of Mind proposes another time" in english
        assert "<span>Talking<br>" in english, "names in the reader's language, as on every other page"
        address = f"/my/referrals/{sent.pk}/proposals/{proposal.pk}/accept/"
        assert address in text(client.get(f"/my/referrals/{sent.pk}/"))
        assert client.get(address)["Location"] == f"/my/referrals/{sent.pk}/", "Back and a reload end on a page"
        assert client.post(address).status_code == 302
        with use_tenant(facts.school.id):
            assert Booking.objects.get().starts_at == in_days(6)
            assert Voucher.objects.count() == 1

    def test_cancelling_says_what_it_means_first(self, facts: Facts, client: Client) -> None:
        sent = sent_request(facts)
        confirmed(facts, sent)
        address = f"/my/referrals/{sent.pk}/cancel/"
        with use_tenant(facts.school.id):
            before = moved()
            assert client.get(address).status_code == 200
            assert moved() == before
            assert Referral.objects.get().state == "confirmed"
            assert client.post(address).status_code == 302
            assert Referral.objects.get().state == "cancelled"
            assert Voucher.objects.get().state == "void"
            again = client.post(address)
            assert again.status_code == 409


class TestWallet:
    @pytest.fixture
    def voucher(self, facts: Facts) -> Voucher:
        confirmed(facts, sent_request(facts))
        with use_tenant(facts.school.id):
            return Voucher.objects.get()

    def test_the_face_shows_the_code_and_who_has_looked(self, facts: Facts, client: Client, voucher: Voucher) -> None:
        with use_tenant(facts.school.id):
            code = voucher.code
        with pytest.raises(Refused, match="not_yet"):
            prepare(actor=facts.counter, text=code)
        answer = client.get(f"/vouchers/{voucher.pk}/")
        page = text(answer)
        assert f"{code[:4]} {code[4:8]} {code[8:]}" in page
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "strict-origin"
        assert page.count(facts.partner.name) >= 2
        title = re.search("<title>(.*?)</title>", page)
        assert title
        assert "咨询" not in title[1].split(" · ")[0]
        assert voucher.number in page

    def test_nobody_else_opens_it(self, facts: Facts, voucher: Voucher) -> None:
        colleague = signed_in(make_person(facts.school, "centre", "union", "admin"), facts.school.host)
        for tail in ("", "pdf/", "picture.png", "calendar.ics"):
            assert colleague.get(f"/vouchers/{voucher.pk}/{tail}").status_code == 404
            assert Client(HTTP_HOST=facts.school.host).get(f"/vouchers/{voucher.pk}/{tail}").status_code == 302

    def test_the_calendar_entry_is_neutral_and_grows_in_sequence(
        self, facts: Facts, client: Client, voucher: Voucher
    ) -> None:
        entry = client.get(f"/vouchers/{voucher.pk}/calendar.ics").content.decode()
        assert "SUMMARY:预约\r\n" in entry
        assert facts.counselling.name not in entry
        uid = re.search(r"UID:(.*)\r\n", entry)
        assert uid
        assert "SEQUENCE:0\r\n" in entry
        client.post(f"/my/referrals/{voucher.referral_id}/cancel/")
        later = client.get(f"/vouchers/{voucher.pk}/calendar.ics").content.decode()
        assert uid[0] in later
        assert "SEQUENCE:1\r\n" in later
        assert "STATUS:CANCELLED\r\n" in later

    def test_wallet_narrows_to_what_can_be_used(self, client: Client, voucher: Voucher) -> None:
        address = f"/vouchers/{voucher.pk}/"
        assert address in text(client.get("/vouchers/?show=live"))
        assert address not in text(client.get("/vouchers/?show=past"))

    def test_the_wallet_as_a_table_holds_the_money_and_no_code(self, client: Client, voucher: Voucher) -> None:
        assert "/vouchers/export.csv?show=live" in text(client.get("/vouchers/?show=live"))
        file = client.get("/vouchers/export.csv?show=live").content.decode("utf-8-sig")
        assert voucher.number in file
        assert f"{voucher.self_fen / 100:.2f}" in file
        assert voucher.code not in file
        assert len(client.get("/vouchers/export.csv?show=past").content.decode().strip().splitlines()) == 1


class TestCheckPage:
    def test_it_tells_nothing_and_every_token_looks_the_same(self, facts: Facts) -> None:
        confirmed(facts, sent_request(facts))
        with use_tenant(facts.school.id):
            token = Voucher.objects.get().token
        visitor = Client(HTTP_HOST=platform().host)
        real, made_up = visitor.get(f"/v/{token}/"), visitor.get(f"/v/{'A' * len(token)}/")
        assert real.status_code == made_up.status_code == 200
        shown, other = (re.search("<main.*</main>", text(page), re.DOTALL) for page in (real, made_up))
        assert shown
        assert other
        assert shown[0].replace(token, "") == other[0].replace("A" * len(token), "")
        assert facts.partner.name not in text(real)
        assert visitor.get("/v/short/").status_code == 404
        assert Client(HTTP_HOST=facts.school.host).get(f"/v/{token}/").status_code == 404


def test_every_page_keeps_its_budget_of_queries(facts: Facts, client: Client) -> None:
    sent = sent_request(facts)
    confirmed(facts, sent)
    sent_request(facts, days=8)
    with use_tenant(facts.school.id):
        voucher = Voucher.objects.get()
    addresses = [
        "/my/",
        "/apply/",
        begin(client, facts.counselling),
        begin(client, facts.childcare),
        f"/apply/done/{sent.pk}/",
        "/my/referrals/",
        f"/my/referrals/{sent.pk}/",
        f"/my/referrals/{sent.pk}/cancel/",
        "/vouchers/",
        f"/vouchers/{voucher.pk}/",
    ]
    for address in addresses:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(address).status_code == 200
        counted = [
            row["sql"] for row in seen if row["sql"].startswith(("SELECT", "UPDATE", "INSERT", "DELETE", "WITH"))
        ]
        assert len(counted) <= MAX_QUERIES, (address, counted)
        assert not [sql for sql in counted if not sql.startswith(("SELECT", "WITH"))], address
