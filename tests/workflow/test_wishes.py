"""A wish is a choice and goes to the agency; words of one's own are taken only where somebody will read them (rules §2)."""

import re
from copy import deepcopy

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.translation import override

from kernel.errors import Conflict, Invalid
from partners.kinds import ServiceKind
from partners.models import Service
from referrals.kinds import KINDS, Wish
from referrals.models import Offer, Referral
from referrals.staff.selectors import agencies_instead
from referrals.texts import see_rows
from referrals.wish_texts import ACCESS, GENDERS, PLACES, wish_rows
from referrals.wishes import Access, Gender, Place, Wishes, beyond, to_be_asked
from referrals.workflow.answering import decline_offer
from referrals.workflow.rerouting import ask_another
from referrals.workflow.submitting import approve_referral
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey
from tests.workflow.apply_steps import always_asks, begin, hidden, send, step, times, walk_to_check
from tests.workflow.journey_steps import ask, second_agency
from tests.workflow.staff_facts import Facts, make_facts
from tests.workflow.test_staff_screens import moved, signed_in, text

CHOSEN = {"wish_gender": "female", "wish_place": "online", "wish_access_step_free": "on"}
WISHES = Wishes(gender="female", place="online", access=("step_free",))
SHOWN = ("女性", "线上视频", "没有台阶")


@pytest.fixture(scope="module")
def planted(own_database: None) -> Facts:
    facts = make_facts(make_school())
    Service.objects.filter(pk=facts.counselling.pk).update(online=True)
    facts.counselling.online = True
    return facts


@pytest.fixture
def facts(planted: Facts, db: None) -> Facts:
    return deepcopy(planted)


@pytest.fixture
def client(facts: Facts) -> Client:
    return signed_in(facts.person, facts.school.host)


def test_every_wish_has_its_words_and_every_kind_its_wishes() -> None:
    assert (set(GENDERS), set(PLACES), set(ACCESS)) == (set(Gender), set(Place), set(Access))
    assert set(KINDS) == set(ServiceKind.values)
    for kind, known in KINDS.items():
        asked = to_be_asked(kind, on_site=True, online=True)
        assert asked == known.wishes
        assert Wish.PLACE not in to_be_asked(kind, on_site=True, online=False), "one place is no choice"
        assert not beyond(Wishes(), kind, on_site=True, online=False)
    assert beyond(WISHES, "counselling", on_site=True, online=False) == {Wish.PLACE}
    assert beyond(WISHES, "meals", on_site=True, online=True) == set(Wish)
    assert [str(label) for label, _values in wish_rows(Wishes())] == []


def test_a_wish_stands_in_the_draft_on_the_check_page_and_with_the_agency(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    assert 'name="wish_gender"' in text(client.get(when))
    client.post(when, times(**CHOSEN))
    again = text(client.get(step(when, "when")))
    assert re.search(r'value="female"[^>]*checked', again)
    assert re.search(r'name="wish_access_step_free"[^>]*checked', again)
    client.post(step(when, "consent"), {"go": "consent", "consent": "on"})
    check = client.get(step(when, "check"))
    assert all(words in text(check) for words in SHOWN)
    assert send(client, check)["Location"].startswith("/apply/done/")
    with use_tenant(facts.school.id):
        referral, offer = Referral.objects.get(), Offer.objects.get()
        assert referral.wishes == offer.wishes == WISHES
    assert all(words in text(client.get(f"/my/referrals/{referral.pk}/")) for words in SHOWN)


def test_a_service_asks_for_no_wish_it_cannot_keep(facts: Facts, client: Client) -> None:
    page = text(client.get(begin(client, facts.home_help)))
    assert ('name="wish_gender"' in page, 'name="wish_place"' in page, "wish_access" in page) == (True, False, False)
    page = text(client.get(begin(client, facts.childcare)))
    assert "wish_gender" not in page


def test_who_sees_what_names_the_wishes_for_every_kind_that_has_any() -> None:
    with override("zh-hans"):
        for kind, known in KINDS.items():
            assert not known.wishes or "偏好" in see_rows(kind, "安心")[0][1]


def test_words_are_asked_for_only_where_an_office_reads_them(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    client.post(when, times())
    assert 'name="note"' not in text(client.get(step(when, "consent")))
    client.post(when, times(units="4"))  # more than the first free ones: the centre looks
    page = text(client.get(step(when, "consent")))
    assert 'name="note"' in page
    assert "心理中心会读到，机构看不到" in page


@pytest.mark.parametrize("became", ["needed", "needless"])
def test_nobody_sends_before_having_read_who_looks_first(facts: Facts, client: Client, became: str) -> None:
    """The rules change between the check page and its button: what was read is not so any more, and nothing is sent."""
    always_asks(facts.school, became == "needless")
    check = walk_to_check(client, facts.counselling)
    assert ("晚上更方便" in text(check)) == (became == "needless")
    always_asks(facts.school, became == "needed")
    with use_tenant(facts.school.id):
        before = moved()
        answer = send(client, check)
        assert answer["Location"].endswith("?changed=review_changed")
        assert moved() == before
    again = client.get(answer["Location"])
    assert "先由谁来看，已经变了" in text(again)
    assert ("您写的话不会提交" in text(again)) == (became == "needless")
    consent = text(client.get(step(check.request["PATH_INFO"], "consent")))
    assert ('name="note"' in consent) == (became == "needed"), "there is a reader now, and a field"
    assert send(client, again)["Location"].startswith("/apply/done/")
    with use_tenant(facts.school.id):
        sent = Referral.objects.get()
        assert sent.needs_person == (became == "needed")
        assert sent.note == "", "what nobody reads is kept nowhere, and what was written to nobody goes to nobody"


def test_a_note_typed_while_one_read_it_is_not_kept_once_nobody_does(facts: Facts, client: Client) -> None:
    when = begin(client, facts.counselling)
    client.post(when, times(units="4"))
    client.post(step(when, "consent"), {"go": "consent", "consent": "on", "note": "晚上更方便", "note_to": "centre"})
    assert "晚上更方便" in text(client.get(step(when, "check")))
    client.post(when, times(units="1"))
    check = client.get(step(when, "check"))
    assert "您写的话不会提交" in text(check)
    assert "晚上更方便" not in text(check)
    send(client, check)
    with use_tenant(facts.school.id):
        assert Referral.objects.get().note == ""


@pytest.mark.django_db
def test_the_writer_takes_no_note_that_nobody_reads_and_no_wish_it_cannot_keep(journey: Journey) -> None:
    for wrong, code, field in (
        ({"note": "请安排女老师"}, "nobody_reads_it", "note"),
        ({"wishes": Wishes(place="online")}, "out_of_range", "wishes.place"),
    ):
        before = moved()
        with pytest.raises(Invalid) as caught:
            ask(journey, **wrong)
        fault = "not_for_service" if code == "out_of_range" else code
        assert (caught.value.reason, [row[:2] for row in caught.value.fields]) == (code, [(field, fault)])
        assert moved() == before
    before = moved()
    with pytest.raises(Conflict, match="review_changed"):
        ask(journey, review_seen="centre")
    assert moved() == before
    assert ask(journey, note="  ", review_seen="").note.strip() == ""


@pytest.mark.django_db
def test_the_database_keeps_choices_alone(journey: Journey) -> None:
    referral = ask(journey, wishes=Wishes(gender="female"))
    for table in (Referral.objects.filter(pk=referral.pk), Offer.objects.filter(referral=referral)):
        for words in ({"wish_gender": "x"}, {"wish_place": "x"}, {"wish_access": ["x"]}):
            with pytest.raises(IntegrityError, match="wishes_are_choices"), transaction.atomic():
                table.update(**words)


@pytest.mark.django_db
@pytest.mark.parametrize("online", [True, False])
def test_wishes_go_along_to_the_next_agency_as_far_as_it_can(journey: Journey, online: bool) -> None:
    Service.objects.filter(pk=journey.counselling.pk).update(online=True)
    other = second_agency(journey)
    Service.objects.filter(pk=other.pk).update(online=online)
    referral = ask(journey, wishes=WISHES)
    decline_offer(actor=journey.partner_office, offer_id=Offer.objects.get().pk, reason="no_capacity")
    client = signed_in(journey.members["staff"], journey.tenant.host)
    page = text(client.get(f"/my/referrals/{referral.pk}/"))
    assert ("“线上视频”这一条带不过去" in page) == (not online), "said before the press"
    referral.refresh_from_db()
    (quoted,) = agencies_instead(journey.staff, journey.tenant, referral)
    made = ask_another(
        actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk, service_id=other.pk,
        quote_token=quoted.token,
    )  # fmt: skip
    kept = WISHES if online else Wishes(gender="female", access=("step_free",))
    assert made.wishes == Offer.objects.get(referral=made).wishes == kept


@pytest.mark.django_db
def test_words_do_not_go_along_where_nobody_reads_them(journey: Journey) -> None:
    other = second_agency(journey)
    always_asks(journey.tenant)
    referral = ask(journey, note="想先聊聊")
    approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk)
    decline_offer(actor=journey.partner_office, offer_id=Offer.objects.get().pk, reason="no_capacity")
    always_asks(journey.tenant, False)
    client = signed_in(journey.members["staff"], journey.tenant.host)
    page = client.get(f"/my/referrals/{referral.pk}/")
    answer = client.post(
        f"/my/referrals/{referral.pk}/instead/{other.pk}/", {"quote": hidden(page, "quote")}, follow=True
    )
    assert "没有带过去" in text(answer)
    made = Referral.objects.get(instead_of=referral)
    assert (made.note, made.state) == ("", "offered")


@pytest.mark.django_db
def test_the_offer_shows_wishes_and_no_words(journey: Journey) -> None:
    Service.objects.filter(pk=journey.counselling.pk).update(online=True)
    always_asks(journey.tenant)
    referral = ask(journey, wishes=WISHES, note="想先聊聊")
    centre = signed_in(journey.members["centre"], journey.tenant.host)
    page = text(centre.get(f"/centre/referrals/{referral.pk}/"))
    assert all(words in page for words in (*SHOWN, "想先聊聊"))
    approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk)
    agency = Client(HTTP_HOST=journey.platform.host)
    agency.force_login(journey.partner_user)
    page = text(agency.get(f"/partner/offers/{Offer.objects.get().pk}/"))
    assert all(words in page for words in SHOWN)
    assert "想先聊聊" not in page
