"""One school with a row of everything that a page could show, all of it marked with a word that is nowhere else."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.test import Client

from accounts.models import ApiToken, Department, Membership, RosterImport, User
from accounts.tokens import issue_token
from content.opendays.workflow.answering import answer
from content.opendays.workflow.days import plan_day, publish_day
from content.opendays.workflow.gate import open_gate
from content.opendays.workflow.inviting import invite
from content.opendays.workflow.surveying import ask_families
from families.workflow import answer_consent, ask_consent, register_child, register_relative
from jobs.models import Job
from kernel.clock import as_of, local_day, now
from kernel.identifiers import uuid7
from manual.models import QuizBest
from notifications.models import InboxMessage
from readings.workflow import issue_reading, note_handed, note_leave
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Chain, DutyLine
from referrals.emergency.workflow.contacts import add_contact
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.never import bar_number
from referrals.emergency.workflow.opening import open_incident
from referrals.liaison.models import HandOnCard
from referrals.liaison.workflow.handing_on import consent, open_card
from referrals.liaison.workflow.letters import number_letter
from referrals.liaison.workflow.mediation import ask_mediation
from referrals.liaison.workflow.reporting import report
from referrals.models import (
    Booking,
    ChildPlace,
    CorrectionSide,
    LeaverLink,
    Offer,
    PausedRequest,
    Referral,
    ReferralDraft,
    ReliefWord,
    TimeHold,
    UnionPost,
    Voucher,
    WaitingEntry,
)
from referrals.workflow.answering import confirm_offer, propose_times
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.claiming import claim_amount
from referrals.workflow.correcting import ask_correction
from referrals.workflow.drafting import keep_draft
from referrals.workflow.hardship import ask_hardship
from referrals.workflow.objecting import agree
from referrals.workflow.proxy import submit_proxy
from referrals.workflow.redeeming import redeem
from referrals.workflow.rescheduling import ask_reschedule
from referrals.workflow.submitting import submit_referral
from surveys.workflow import answer_survey
from tenancy.hosts import forget
from tenancy.models import Tenant, TenantModel
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.content.conftest import Side, build_side
from tests.fixtures_journey import Journey, make_journey, soon
from tests.opendays.world import family
from tests.opendays.world import plan as open_day_plan
from tests.workflow.card_steps import hospital, written
from tests.workflow.several_steps import agency_with, ask_several, pay_for
from tips.models import Given, Series
from tips.workflow.ordering import send_single
from tips.workflow.wanting import ask_tips

ROLES = (
    "staff",
    "admin",
    "editor",
    "centre",
    "union",
    "finance",
    "principal",
    "head",
    "duty",
    "moral",
    "doctor",
    "district",
)
_MODEL_OF = {
    "member": "membership",
    "import": "rosterimport",
    "message": "inboxmessage",
    "token": "apitoken",
    "policy": "subsidypolicy",
    "window": "referralwindow",
    "draft": "referraldraft",
    "never": "nevercontact",
    "entry": "waitingentry",
    "person": "membership",
    "place": "childplace",
    "case": "handon",
    "card": "handoncard",
}
"""Blanks whose name is not the model's."""


@dataclass
class Planted:
    """``users`` by role; ``words`` must never reach another school; ``ids`` are those of every tenant row."""

    mark: str
    side: Side
    journey: Journey
    users: dict[str, User]
    words: tuple[str, ...]
    ids: set[str] = field(default_factory=set)
    by_model: dict[str, str] = field(default_factory=dict)

    @property
    def tenant(self) -> Tenant:
        return self.side.tenant

    def values(self) -> "Values":
        """Something for every blank of an address: ids of this school's rows, its slugs, garbage for secrets."""
        return Values(self)

    def client(self, user: User | None, host: str | None = None) -> Client:
        """A browser on ``host`` (the school's own unless given) that reports an error as a response."""
        client = Client(headers={"host": host or self.tenant.host}, raise_request_exception=False)
        if user is not None:
            client.force_login(user)
        return client


class Values(dict[str, Any]):
    """Blank → value. ``referral_id`` is a Referral's id; an unknown ``…_id`` gets a Referral's, too."""

    def __init__(self, planted: Planted) -> None:
        side = planted.side
        super().__init__(
            document_id=side.document.pk,
            document_filename="plan.pdf",
            image_id=side.image.pk,
            pk=side.page.pk,
            page_id=side.page.pk,
            page_path=side.page.get_url_parts()[2].lstrip("/"),
            name=side.document.file.name,
            slug=planted.journey.institution.slug,
            school_id=planted.tenant.pk,
            service_id=planted.journey.counselling.pk,
            institution_id=planted.journey.institution.pk,
            event="suspend",
            screen="buttons",
            token="garbage-" * 4,
            key="garbage",
            uidb36="abc",
            scheme="counselling",
            purpose="emergency",
            number="1",
            kind="school",
            act="hold",
        )
        self.rows = planted.by_model

    def __missing__(self, blank: str) -> str:
        name = blank.removesuffix("_id").removesuffix("_pk").replace("_", "")
        return self.rows.get(_MODEL_OF.get(name, name), self.rows["referral"])


def plant(mark: str, code: str) -> Planted:
    """The whole school, through the writers where there are some."""
    side = build_side(mark)
    Tenant.objects.filter(pk=side.tenant.pk).update(code=code)
    side.tenant.refresh_from_db()
    forget()
    journey = make_journey(side.tenant)
    with use_tenant(side.tenant.id):
        people = _people(side, journey, mark)
        _families(journey, mark)
        _deciding(journey)
        _handed_on(journey, mark)
        _requests(journey, mark)
        secrets = _voucher(journey)
        _wish(journey)
        _hold(journey)
        _danger(journey, mark)
        _papers(side, journey, mark)
        _open_day(journey, mark)
        _given_out(side, journey, mark)
        by_model, ids = _rows()
    token = ApiToken.objects.get(tenant=side.tenant)
    by_model["apitoken"] = str(token.pk)
    words = (*side.words, f"{code}-20", *secrets)
    return Planted(mark, side, journey, people, words, ids | {str(token.pk)}, by_model)


def _people(side: Side, journey: Journey, mark: str) -> dict[str, User]:
    department = Department.objects.create(name=f"{mark}教研组")
    for role in ROLES:
        if role not in journey.members and role != "editor":
            make_person(side.tenant, role, "staff", name=f"{mark}{role}")
    users: dict[str, User] = {}
    for number, member in enumerate(Membership.objects.select_related("user").all()):
        member.name, member.title, member.staff_no = f"{mark}{number}号", f"{mark}老师", f"{mark}{number}"
        member.department = department
        member.save()
        User.objects.filter(pk=member.user_id).update(full_name=f"{mark}{number}号")
        users.setdefault(member.roles[0], User.objects.get(pk=member.user_id))
    return users


def _families(journey: Journey, mark: str) -> None:
    actor = journey.staff
    relative = register_relative(actor=actor, relation="spouse", name=f"{mark}家属", phone="13800138000")
    register_child(actor=actor, name=f"{mark}孩子", born=date(2020, 5, 1))
    ask_consent(actor=actor, relative_id=relative.pk, purpose="tips")
    add_contact(actor=actor, relative_id=relative.pk, grades=["extreme"], is_of_age=True)
    bar_number(actor=actor, phone="13900139000", label=f"{mark}邻居")


def _open_day(journey: Journey, mark: str) -> None:
    """A day with a line, a gate, and a family that said yes to a photograph."""
    organiser, tenant = journey.actors["union"], journey.tenant
    day = plan_day(
        actor=organiser, school=tenant, plan=open_day_plan(tenant, title=f"{mark}开放日", entrance=f"{mark}东门")
    )
    publish_day(actor=organiser, open_day_id=day.pk)
    invitation = invite(actor=journey.staff, open_day_id=day.pk)
    answer(token=invitation.token, form_key=mark, said=family(2, child=1, address=f"{mark}女士", plate="浙A6F2B1"))
    open_gate(actor=organiser, open_day_id=day.pk, gate=f"{mark}西门")
    survey = ask_families(actor=organiser, school=tenant, open_day_id=day.pk)
    with as_of(day.ends_at):
        answer_survey(token=survey.token, form_key="1", ratings={"whole": 5}, words={"liked": f"{mark}校园"})


def _ask(journey: Journey, days: int) -> tuple[Referral, Offer]:
    referral = submit_referral(
        actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1,
        windows=[soon(days=days, length=120)], consent=["referral"],
    )  # fmt: skip
    return referral, Offer.objects.get(referral=referral)


def _requests(journey: Journey, mark: str) -> None:
    """One confirmed, one that got other times, one asked of the agency, one for the centre, which reads its note."""
    _referral, offer = _ask(journey, 0)
    start, end = soon()
    confirm_offer(actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, starts_at=start, ends_at=end)
    _other, second = _ask(journey, 3)
    propose_times(
        actor=journey.partner_office, tenant=journey.tenant, offer_id=second.pk, windows=[soon(days=5), soon(days=6)]
    )
    _ask(journey, 8)
    submit_referral(
        actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=4,
        windows=[soon(days=4, length=120)], consent=["referral"], note=f"{mark}备注",
    )  # fmt: skip
    keep_draft(
        actor=journey.staff, tenant=journey.tenant, draft_id=uuid7(), service=journey.counselling,
        answers={"when": {"units": "1"}, "unit": journey.counselling.unit, "note": f"{mark}草稿"},
    )  # fmt: skip


def _deciding(journey: Journey) -> None:
    """A colleague's request by the union and one to two agencies, both taken back; a hardship file."""
    pay_for(journey, "home_help")
    services = [agency_with(journey, "home_help", fee)[0] for fee in (20_000, 21_000)]
    sent = submit_proxy(
        actor=journey.union, tenant=journey.tenant, person_id=journey.members["staff"].pk, service_id=services[0].pk,
        units=1, windows=[soon(days=9, length=120)], agreed_how="by_phone", agreed_on=journey.tenant.today(),
    )  # fmt: skip
    for referral in (sent, ask_several(journey, services)):
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    moment = now()
    ReliefWord.objects.create(
        referral=sent, case_fen=200_001, given_by_id=journey.union.user_id, given_at=moment,
        until=moment + timedelta(hours=72),
    )  # fmt: skip
    UnionPost.objects.create(
        kind="chair", holder=journey.members["union"], named_by_id=journey.union.user_id, since=moment
    )
    ChildPlace.objects.create(
        referral=sent, guardian=journey.members["staff2"], until=moment + timedelta(days=7)
    )  # fmt: skip
    LeaverLink.objects.create(membership=journey.members["staff2"], left_on=journey.tenant.today())
    PausedRequest.objects.create(referral=sent, since=moment, due_at=moment + timedelta(days=3))
    today = journey.tenant.today()
    ask_hardship(
        actor=journey.union, tenant=journey.tenant, person_id=journey.members["staff2"].pk, number="KN-1",
        ceiling_fen=50_000, first_day=today, last_day=today + timedelta(days=60),
    )  # fmt: skip


def _handed_on(journey: Journey, mark: str) -> None:
    """A mediation that waits for the centre; a card that was read and answered, one of its letters, one that waits for a yes."""
    ask_mediation(actor=journey.staff, tenant=journey.tenant, note=f"{mark}想谈谈")
    there, _user, office = hospital(journey)
    written(journey, there, purpose="medicine", words={"ask": f"{mark}请评估"})
    case = written(journey, there, words={"ask": f"{mark}请看看", "situation": f"{mark}睡不好"})
    consent(actor=journey.staff, tenant=journey.tenant, case_id=case.pk, fields=["situation"])
    number_letter(actor=journey.centre, case_id=case.pk)
    card = HandOnCard.objects.get(hand_on=case)
    open_card(actor=office, card_id=card.pk)
    report(
        actor=office, tenant=journey.tenant, card_id=card.pk, outcome="seen", goes_on="school", advice=f"{mark}多休息"
    )


def _danger(journey: Journey, mark: str) -> None:
    """An incident about somebody, opened by who is on duty; its words are the school's own."""
    members = {row.roles[0]: row for row in Membership.objects.filter(user__isnull=False).order_by("-pk")}
    line = DutyLine.objects.create(name=f"{mark}值守", number="+8657186130099", kind="operator", answers="全天")
    Chain.objects.update_or_create(
        defaults={
            "state": "live",
            "operator_line": line,
            "switched_by": members["duty"],
            "agreed_by": members["principal"],
        }
    )
    told = Opening(
        kind="psychological", grade="extreme", found_at=chain_now(), signs=f"{mark}征兆", home="safe",
        person_id=members["doctor"].pk, place_words=f"{mark}楼",
    )  # fmt: skip
    open_incident(actor=actor_of(members["duty"]), opening=told)
    decide_school()


def _voucher(journey: Journey) -> tuple[str, str]:
    # Its appointment is now: late in the evening it would be tomorrow's, and nothing is spent before its day.
    Booking.objects.update(starts_at=now(), ends_at=now() + timedelta(minutes=50))
    Voucher.objects.update(valid_from=local_day(now(), journey.tenant.time_zone))
    voucher = Voucher.objects.get()
    secrets = voucher.code, voucher.token
    [line] = redeem(actor=journey.partner_counter, text=voucher.code)
    agree(actor=journey.staff, redemption_id=line.pk)
    ask_correction(
        actor=journey.finance, redemption_id=line.pk, cause="price", side="agency", fee_fen=29_000, reason="价目"
    )
    claim_amount(
        actor=journey.staff, redemption_id=line.pk, side=CorrectionSide.PERSON, cause="price", reason="价目不对"
    )
    return secrets


def _wish(journey: Journey) -> None:
    """An appointment that the agency would like to have at another time."""
    offer = Offer.objects.get(state="open", proposals=None)
    start, end = soon(days=8)
    booking = confirm_offer(
        actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, starts_at=start, ends_at=end
    )
    ask_reschedule(
        actor=journey.partner_office, tenant=journey.tenant, booking_id=booking.pk,
        starts_at=start + timedelta(days=1), ends_at=end + timedelta(days=1),
    )  # fmt: skip


def _hold(journey: Journey) -> None:
    """A time that somebody has chosen and not sent."""
    draft = ReferralDraft.objects.get(referral=None)
    start, end = soon(days=9)
    TimeHold.objects.create(
        person_id=draft.person_id, kind=draft.service.kind, draft=draft, service=draft.service, starts_at=start,
        ends_at=end, until=start,
    )  # fmt: skip
    WaitingEntry.objects.create(
        person_id=draft.person_id, service=draft.service, resource=uuid7(), starts_at=start, ends_at=end
    )


def _papers(side: Side, journey: Journey, mark: str) -> None:
    member = journey.members["staff"]
    Job.objects.create(kind="roster", owner=member.user, result={"note": mark}, result_name=f"{mark}.csv", stage=mark)
    RosterImport.objects.create(uploaded_by=member, file_name=f"{mark}名册.csv", file_hash=b"x" * 32)
    InboxMessage.objects.create(
        membership=member, key=mark, template="referral_submitted", context={"number": f"{mark}1"}, link="/my/"
    )
    issue_token(actor=journey.staff, label=f"{mark}钥匙")


def _given_out(side: Side, journey: Journey, mark: str) -> None:
    """A document that everyone is to have, handed over on paper; a series of tips and somebody who wants them."""
    editor = actor_of(Membership.objects.filter(roles__contains=["editor"]).earliest("pk"))
    QuizBest.objects.create(person=journey.members["staff"], right=9, asked=10, reached_on=local_day(now()))
    reading = issue_reading(
        actor=editor, kind="page", ref=str(side.page.pk), due_on=local_day(now()) + timedelta(days=9), proof="read"
    )
    member = journey.members["staff"]
    note_handed(actor=editor, reading_id=reading.pk, person_id=member.pk)
    note_leave(
        actor=editor, person_id=member.pk, first_day=local_day(now()), last_day=local_day(now()) + timedelta(days=40)
    )
    series = send_single(actor=editor, page=side.tip.pk, starts_on=local_day(now()))
    Series.objects.filter(pk=series.pk).update(title=f"{mark}系列")
    relative = register_relative(actor=journey.staff, relation="parent", name=f"{mark}母亲", phone="13800138001")
    token = ask_consent(actor=journey.staff, relative_id=relative.pk, purpose="tips")
    answer_consent(token=token, answer="agree")
    letter = ask_tips(token=token, address="family@example.com", rhythm="weekly")
    Given.objects.create(letter=letter, series=series, address_index=letter.address_index, page=side.tip.pk, place=1)


def _rows() -> tuple[dict[str, str], set[str]]:
    """The newest row of every tenant model of the open school, and the ids of all."""
    newest, ids = {}, set()
    for model in apps.get_models():
        if issubclass(model, TenantModel):
            for pk in model.objects.order_by("pk").values_list("pk", flat=True):
                newest[model._meta.model_name or ""] = str(pk)
                ids.add(str(pk))
    # The booking and the request that a voucher came from tell more than the newest.
    booking = Booking.objects.earliest("starts_at")
    return {**newest, "booking": str(booking.pk), "referral": str(booking.referral_id)}, ids
