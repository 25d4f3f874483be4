"""The person's own pages about their contacts."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Department, User
from families.models import Relative
from families.workflow import answer_consent, ask_consent
from referrals.emergency.models import Contact, NeverContact
from referrals.emergency.workflow.contacts import mark_bounced, mark_wrong
from referrals.emergency.workflow.never import bar_number
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.contact_steps import MOTHER, SPOUSE, agreed, called, contact, named, somebody

pytestmark = pytest.mark.django_db


class Page:
    """A person of the school and their browser."""

    def __init__(self, school: Tenant, **values: Any) -> None:
        self.school = school
        with use_tenant(school.pk):
            self.actor = somebody(school, **values)
        self.client = Client(headers={"host": school.host}, raise_request_exception=False)
        self.client.force_login(User.objects.get(pk=self.actor.user_id))

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(f"/my/contacts/{path}")
        assert answer.status_code == status
        assert b'href=""' not in answer.content, "a way back that leads nowhere"
        return answer.content.decode()

    def post(self, path: str, **values: Any) -> Any:
        return self.client.post(f"/my/contacts/{path}", values)


@pytest.fixture
def page(school: Tenant) -> Page:
    return Page(school)


def test_from_nobody_to_somebody_who_is_called(page: Page, school: Tenant) -> None:
    assert "两分钟就好" in page.client.get("/my/").content.decode()
    assert "还没有联系人" in page.get("")
    assert "先联系谁？" in page.get("new/")
    entered = page.client.post(
        "/my/family/relatives/new/",
        {"relation": "spouse", "name": "王小明", "phone": SPOUSE, "next": "/my/contacts/new/"},
    )
    assert (entered.status_code, entered["location"]) == (302, "/my/contacts/new/")
    with use_tenant(school.pk):
        relative = Relative.objects.get()
    assert "王小明" in page.get("new/")
    assert "72 小时" in page.get(f"new/{relative.pk}/")
    saved = page.post(f"new/{relative.pk}/", grades=["major", "extreme"], is_of_age="on", is_next_of_kin="yes")
    with use_tenant(school.pk):
        made = Contact.objects.get()
    assert saved["location"] == f"/my/contacts/{made.pk}/"
    one = page.get(f"{made.pk}/")
    ask = f"/my/family/relatives/{relative.pk}/ask/emergency/?next=/my/contacts/{made.pk}/"
    assert ask in one
    reads = page.client.get(ask).content.decode()
    assert "唯一的例外" in reads
    assert f'href="/my/contacts/{made.pk}/"' in reads, "back leads to the contact"
    link = page.client.post(ask.partition("?")[0], {"next": f"/my/contacts/{made.pk}/"})
    token = link.context["address"].rstrip("/").rpartition("/")[2]
    shown = Client(headers={"host": school.host}).get(f"/family/{token}/").content.decode()
    for words in ("72 小时", "不作别的用途", "随时可以撤回", "会请您做什么", "多严重才会找您"):
        assert words in shown, words
    with use_tenant(school.pk):
        answer_consent(token=token, answer="agree")
    assert "可以联系" in page.get(f"{made.pk}/")
    assert "有 1 位可以联系" in page.client.get("/my/").content.decode()
    assert "有 1 位可以联系" in page.client.get("/my/family/").content.decode()


def test_who_agreed_and_stands_in_no_place_is_called_by_nobody_and_the_page_says_so(page: Page, school: Tenant) -> None:
    with use_tenant(school.pk):
        spouse = named(page.actor)
        answer_consent(token=ask_consent(actor=page.actor, relative_id=spouse.pk, purpose="emergency"), answer="agree")
        assert called(page.actor) == []
    assert "已经同意，但不在联系人里" in page.get("")
    page.post(f"new/{spouse.pk}/", grades=["extreme"], is_of_age="on", is_next_of_kin="yes")
    assert "已经同意，但不在联系人里" not in page.get("")
    with use_tenant(school.pk):
        assert len(called(page.actor)) == 1


def test_each_fault_of_the_form_stands_at_its_field(page: Page, school: Tenant) -> None:
    with use_tenant(school.pk):
        spouse = named(page.actor)
        son = named(
            page.actor, "13900139000", relation="child", name="王一", born=school.today().replace(year=2000, day=1)
        )
    empty = page.post(f"new/{spouse.pk}/", born="")
    assert empty.status_code == 422
    assert {"grades", "is_next_of_kin", "is_of_age"} == set(empty.context["form"].errors)
    young = page.post(
        f"new/{son.pk}/", grades=["extreme"], is_of_age="on", is_next_of_kin="yes",
        born=school.today().replace(year=school.today().year - 10, day=1).isoformat(),
    )  # fmt: skip
    assert (young.status_code, set(young.context["form"].errors)) == (422, {"born"})
    assert "born" not in page.client.get(f"/my/contacts/new/{spouse.pk}/").context["form"].fields
    with use_tenant(school.pk):
        assert not Contact.objects.exists()


def test_what_is_refused_is_said_with_the_next_step(page: Page, school: Tenant) -> None:
    with use_tenant(school.pk):
        bar_number(actor=page.actor, phone=SPOUSE)
        spouse = named(page.actor)
    answer = page.post(f"new/{spouse.pk}/", grades=["extreme"], is_of_age="on", is_next_of_kin="yes")
    assert answer.status_code == 422
    assert "您说过永远不联系这个号码" in answer.content.decode()


def test_a_contact_is_changed_put_first_and_taken_off(page: Page, school: Tenant) -> None:
    with use_tenant(school.pk):
        first = contact(page.actor)
        second = contact(page.actor, MOTHER, relation="parent")
    assert page.client.get("/my/contacts/new/")["location"] == "/my/contacts/", "two are enough"
    assert page.post(f"{second.pk}/change/", grades=["general"], is_next_of_kin="no").status_code == 302
    assert page.post(f"{second.pk}/first/").status_code == 302
    with use_tenant(school.pk):
        second.refresh_from_db()
        assert (second.rank, second.grades, second.is_next_of_kin) == (1, ["general"], "no")
    assert "去掉这位联系人？" in page.get(f"{first.pk}/remove/")
    assert page.post(f"{first.pk}/remove/").status_code == 302
    with use_tenant(school.pk):
        assert list(Contact.objects.values_list("pk", flat=True)) == [second.pk]


def test_another_persons_contact_is_not_there(page: Page, school: Tenant) -> None:
    with use_tenant(school.pk):
        made = contact(somebody(school))
        never = bar_number(actor=somebody(school), phone=SPOUSE)
    for path in ("", "change/", "remove/"):
        page.get(f"{made.pk}/{path}", 404)
        assert page.post(f"{made.pk}/{path}").status_code in (404, 405)
    for path in ("first/", "trust/"):
        assert page.post(f"{made.pk}/{path}").status_code == 404
    page.get(f"new/{made.relative_id}/", 404)
    page.get(f"never/{never.pk}/take-off/", 404)
    assert page.post(f"never/{never.pk}/take-off/").status_code == 404
    with use_tenant(school.pk):
        assert (Contact.objects.count(), NeverContact.objects.count()) == (1, 1)


def test_a_number_that_fails_can_be_said_to_be_right(page: Page, school: Tenant) -> None:
    with use_tenant(school.pk):
        made, _token = agreed(page.actor)
        mark_bounced(made.person_id, bytes(made.number_hash))
    assert "号码没有错" in page.get(f"{made.pk}/")
    assert "有一个号码打不通" in page.client.get("/my/").content.decode()
    assert page.post(f"{made.pk}/trust/").status_code == 302
    assert "号码没有错" not in page.get(f"{made.pk}/")
    with use_tenant(school.pk):
        made.refresh_from_db()
        mark_wrong(made.person_id, bytes(made.number_hash))
    text = page.get(f"{made.pk}/")
    assert "接这个号码的是别人" in text
    assert "号码没有错" not in text


def test_once_a_year_one_tap_says_yes(page: Page, school: Tenant) -> None:
    assert page.client.get("/my/contacts/still-right/").status_code == 302, "nobody to ask about"
    with use_tenant(school.pk):
        made = contact(page.actor)
        Contact.objects.update(confirmed_on=school.today().replace(year=school.today().year - 2, day=1))
    assert "/my/contacts/still-right/" in page.client.get("/my/").content.decode()
    assert "都还对" in page.get("")
    text = page.get("still-right/")
    assert all(word in text for word in ("都还对", "修改", "以后再说"))
    assert page.post("still-right/").status_code == 302
    with use_tenant(school.pk):
        made.refresh_from_db()
        assert made.confirmed_on == school.today()


def test_a_colleague_is_found_by_the_name_as_the_school_has_it(page: Page, school: Tenant) -> None:
    with use_tenant(school.pk):
        rows = [Department.objects.create(name=name) for name in ("语文组", "数学组")]
        for row in rows:
            somebody(school, name="张伟", department=row)
        somebody(school, name="李　四")
    nobody = page.post("never/colleague/", colleague="王五")
    assert (nobody.status_code, "这里没有叫这个名字的同事" in nobody.content.decode()) == (422, True)
    several = page.post("never/colleague/", colleague="张伟")
    assert (several.status_code, "有几位同事同名" in several.content.decode()) == (422, True)
    assert page.post("never/colleague/", colleague="张 伟", department="语文 组").status_code == 302
    assert page.post("never/colleague/", colleague="张伟", department="体艺组").status_code == 422
    assert "语文组" not in page.get("never/colleague/"), "nobody is shown who works where"
    assert page.post("never/colleague/", colleague="李四").status_code == 302
    again = page.post("never/colleague/", colleague="李四")
    assert (again.status_code, "已经在您的名单上" in again.content.decode()) == (422, True)
    text = page.get("never/")
    assert "张伟" in text
    with use_tenant(school.pk):
        rows_kept = list(NeverContact.objects.order_by("created_at"))
    assert [row.member_id is not None for row in rows_kept] == [True, True]
    assert page.post(f"never/{rows_kept[0].pk}/take-off/").status_code == 302


def test_a_number_never_to_be_called_is_shown_by_its_end(page: Page) -> None:
    assert page.post("never/number/", phone="110").status_code == 422
    assert page.post("never/number/", phone=SPOUSE, label="前同事").status_code == 302
    text = page.get("never/")
    assert "前同事 · …8000" in text
    assert "13800138000" not in text


def test_without_a_community_the_page_says_so(page: Page) -> None:
    assert "学校还没有与社区签约" in page.get("community/")
    assert page.post("community/", community="x").status_code == 422
    assert page.post("community/remove/").status_code == 302
