"""The shapes that programs rely on: the schema, lists, who may call what."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Department, Membership
from jobs.models import Job
from kernel.clock import local_day, now
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, counter_of, office_of, request_body, staff_of
from tests.api.platform_client import Program
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey

pytestmark = pytest.mark.django_db

CALLS = {
    "services/": {"get"},
    "quotes/": {"post"},
    "referrals/": {"get", "post"},
    "referrals/{referral_id}/": {"get"},
    "referrals/{referral_id}/cancel/": {"post"},
    "referrals/{referral_id}/approve/": {"post"},
    "referrals/{referral_id}/decline/": {"post"},
    "referrals/{referral_id}/proposals/{proposal_id}/accept/": {"post"},
    "partner/offers/": {"get"},
    "partner/offers/{offer_id}/confirm/": {"post"},
    "partner/offers/{offer_id}/decline/": {"post"},
    "partner/offers/{offer_id}/propose/": {"post"},
    "partner/redemptions/": {"post"},
    "partner/redemptions/prepare/": {"post"},
    "partner/redemptions/{redemption_id}/reverse/": {"post"},
    "bookings/": {"get"},
    "vouchers/": {"get"},
    "vouchers/{voucher_id}/": {"get"},
    "vouchers/{voucher_id}/pdf/": {"get"},
    "policies/": {"get", "post"},
    "policies/{policy_id}/": {"get"},
    "agreements/": {"get", "post"},
    "agreements/{agreement_id}/": {"get"},
    "agreements/{agreement_id}/suspend/": {"post"},
    "agreements/{agreement_id}/resume/": {"post"},
    "agreements/{agreement_id}/terminate/": {"post"},
    "children/": {"get", "post"},
    "contacts/": {"get", "post"},
    "contacts/{contact_id}/": {"get"},
    "contacts/{contact_id}/invite/": {"post"},
    "incidents/": {"post"},
    "incidents/{incident_id}/": {"get"},
    "incidents/{incident_id}/tracks/{party}/acknowledge/": {"post"},
    "incidents/{incident_id}/tracks/{party}/engage/": {"post"},
    "incidents/{incident_id}/tracks/{party}/done/": {"post"},
    "incidents/{incident_id}/close/": {"post"},
    "incidents/{incident_id}/grade/": {"post"},
    "incidents/{incident_id}/false_alarm/": {"post"},
    "people/": {"get"},
    "jobs/{job_id}/": {"get"},
    "gateway/receipts/": {"post"},
    "reports/": {"post"},
    "mediation/": {"get", "post"},
    "mediation/{mediation_id}/agree/": {"post"},
    "centre/mediation/{mediation_id}/suggest/": {"post"},
    "cards/{case_id}/consent/": {"post"},
    "centre/cards/": {"get", "post"},
    "partner/cards/{card_id}/report/": {"post"},
    "waitlist/{entry_id}/accept/": {"post"},
    "referrals/{referral_id}/next/": {"get", "post"},
    "referrals/{referral_id}/instead/": {"post"},
    "referrals/{referral_id}/proposals/refuse/": {"post"},
    "referrals/{referral_id}/words/": {"get"},
    "paused/": {"get"},
}
ENUMS = {
    "ServiceKindEnum": "counselling",
    "PurposeEnum": "referral",
    "DeliveryEnum": "delivered",
    "ReferralStateEnum": "offered",
    "OfferStateEnum": "withdrawn",
    "BookingStateEnum": "no_show",
    "VoucherStateEnum": "used_up",
    "RedemptionStateEnum": "reversed",
    "PolicyStateEnum": "approved",
    "AgreementStateEnum": "renewal_due",
    "DeclineReasonEnum": "talk_first",
    "OfferDeclineReasonEnum": "no_capacity",
    "ReverseReasonEnum": "wrong_person",
    "WishedGenderEnum": "female",
    "WishedPlaceEnum": "on_site",
    "WishedAccessEnum": "step_free",
    "CutReasonEnum": "quota_used_up",
    "GradeEnum": "extreme",
    "NextOfKinEnum": "unknown",
    "RelationEnum": "spouse",
    "MediationStateEnum": "suggested",
    "CardStateEnum": "revoked",
    "CardFieldEnum": "medicines",
    "ReliefWordStateEnum": "waiting",
    "OfficeEnum": "union",
    "ContactStateEnum": "by_hand",
    "IncidentKindEnum": "medical",
    "IncidentStateEnum": "watch",
    "ReportStateEnum": "handled",
    "PartyEnum": "society",
    "LegEnum": "community",
    "LegStateEnum": "handed_over",
    "AttemptStateEnum": "dropped",
    "RecipientAnswerEnum": "also",
    "TeamSeatEnum": "moral",
    "ChannelEnum": "voice",
    "HomeEnum": "danger",
    "PlaceEnum": "elsewhere",
    "CompanyEnum": "frail",
    "OutcomeEnum": "unfounded",
    "ClosingOutcomeEnum": "died",
    "EtaEnum": 60,
}


def test_the_schema_names_every_call_and_list_without_a_warning(school: Any, capsys: Any) -> None:
    answer = Program(school).get(f"{API}schema/")
    printed = capsys.readouterr()
    assert answer.status_code == 200
    assert "Warning" not in printed.err, printed.err
    assert "Error" not in printed.err, printed.err
    schema = answer.json()
    for path, methods in CALLS.items():
        assert methods <= set(schema["paths"][API + path]), path
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            refused = operation["responses"]["404"]["content"]
            assert refused["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}, path
            names = [parameter["name"] for parameter in operation.get("parameters", [])]
            assert ("Idempotency-Key" in names) == (method == "post"), path
    parts = schema["components"]["schemas"]
    for name, value in ENUMS.items():
        assert value in parts[name]["enum"], name
    guessed = [name for name in parts if name.endswith("Enum") and any(digit in name for digit in "0123456789")]
    assert guessed == []


def test_nobody_comes_in_without_a_key(journey: Journey) -> None:
    for place in (journey.tenant, journey.platform):
        stranger = Program(place)
        for path in ("services/", "referrals/", "vouchers/", "partner/offers/", "people/", "children/", "policies/"):
            answer = stranger.get(API + path)
            assert (answer.status_code, answer["content-type"]) == (401, "application/problem+json"), path
    key = staff_of(journey).headers["authorization"]
    assert Program(make_school()).get(f"{API}services/", authorization=key).status_code == 401


def test_roles_are_kept_apart(journey: Journey) -> None:
    staff, counter = staff_of(journey), counter_of(journey)
    for path in ("people/?q=李", "policies/", "agreements/", "partner/offers/"):
        answer = staff.get(API + path)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
    for path in ("services/", "referrals/", "vouchers/", "children/"):
        assert counter.get(API + path).status_code == 403, path
    assert staff.post(f"{API}partner/redemptions/", {"code": "123456789012"}).status_code == 403
    assert counter.post(f"{API}referrals/", request_body(journey)).status_code == 403


def test_services_are_found_by_kind_word_and_day(journey: Journey) -> None:
    staff = staff_of(journey)
    assert {row["kind"] for row in staff.get(f"{API}services/").json()["results"]} == {"counselling", "childcare"}
    first = staff.get(f"{API}services/?limit=1").json()
    second = staff.get(first["next"]).json()
    assert (len(first["results"]), len(second["results"]), second["next"]) == (1, 1, None)
    assert [row["name"] for row in staff.get(f"{API}services/?q=托管").json()["results"]] == ["课后托管"]
    after = (local_day(now()) + timedelta(400)).isoformat()
    assert staff.get(f"{API}services/?date={after}").json() == {"results": [], "next": None}
    for query in ("kind=cure", "date=tomorrow", "date=2026-13-01"):
        assert staff.get(f"{API}services/?{query}").status_code == 400, query


def test_a_child_is_registered_and_childcare_is_priced_for_it(journey: Journey) -> None:
    staff = staff_of(journey)
    born = (local_day(now()) - timedelta(9 * 366)).isoformat()
    made = [staff.post(f"{API}children/", {"name": "朵朵", "born": born}, key="c") for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].content == made[1].content
    child = made[0].json()
    assert child == {"id": child["id"], "name": "朵朵", "born": born}
    assert staff.get(f"{API}children/").json()["results"] == [child]
    assert staff_of(journey, "staff2").get(f"{API}children/{child['id']}/").status_code == 404
    day = request_body(journey)["windows"][0]["starts_at"][:10]
    body = {"service": str(journey.childcare.pk), "units": 1, "service_date": day, "child": child["id"]}
    quoted = staff.post(f"{API}quotes/", body).json()
    assert (quoted["fee_fen"], quoted["subsidy_fen"], quoted["self_fen"]) == (120_000, 60_000, 60_000)
    assert quoted["quota"]["unit"] == "fen"
    without = staff.post(f"{API}quotes/", {**body, "child": None})
    assert (without.status_code, without.json()["errors"][0]["field"]) == (400, "child")
    asked = staff.post(f"{API}referrals/", {**request_body(journey), "service": body["service"], "child": child["id"]})
    assert (asked.status_code, asked.json()["child"], asked.json()["state"]) == (201, child["id"], "offered")


def test_policies_are_drafted_and_approved_by_two(journey: Journey) -> None:
    first, second = staff_of(journey, "finance"), staff_of(journey, "finance2")
    start = date(local_day(now()).year + 1, 9, 1).isoformat()
    body = {"scheme": "counselling", "share_bp": 8_000, "valid_from": start, "quota_amount": 10}
    made = [first.post(f"{API}policies/", body, key="p") for _ in range(2)]
    assert (made[0].status_code, made[0].content) == (201, made[1].content)
    policy = made[0].json()
    assert (policy["version"], policy["state"], policy["quota_unit"]) == (2, "draft", "session")
    one = f"{API}policies/{policy['id']}/"
    assert first.post(f"{one}approve/").json()["code"] == "same_person"
    assert second.post(f"{one}approve/").json()["state"] == "approved"
    assert second.get(one).json()["approved_at"]
    listed = staff_of(journey, "union").get(f"{API}policies/").json()["results"]
    assert [row["scheme"] for row in listed].count("counselling") == 2
    assert [row["valid_until"] for row in listed if row["version"] == 1 and row["scheme"] == "counselling"] == [start]


def test_agreements_are_read_by_role(journey: Journey) -> None:
    rows = staff_of(journey, "finance").get(f"{API}agreements/").json()["results"]
    assert [(row["id"], len(row["lines"])) for row in rows] == [(str(journey.agreement.pk), 2)]


def test_people_are_those_the_role_may_see(journey: Journey, other_school: Any) -> None:
    school = journey.tenant
    with use_tenant(school.id):
        ours, theirs = Department.objects.create(name="语文组"), Department.objects.create(name="数学组")
    head = make_person(school, "head", name="贺组长", department=ours)
    make_person(school, "staff", name="林同组", department=ours)
    make_person(school, "staff", name="林别组", department=theirs)
    make_person(school, "staff", name="林走了", department=ours, left_on=local_day(now()) - timedelta(1))
    make_person(other_school, "staff", name="林外人")
    found = Caller(school, actor_of(head)).get(f"{API}people/?q=林").json()["results"]
    assert [(row["name"], row["department"]) for row in found] == [("林同组", "语文组")]
    assert found[0]["email"].endswith(".example")
    centre = staff_of(journey, "centre").get(f"{API}people/?q=林&limit=1").json()
    assert centre["next"]
    with use_tenant(school.id):
        assert Membership.objects.filter(name__startswith="林").count() == 3


def test_a_job_is_its_owners(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        job = Job.objects.create(kind="test", owner_id=journey.staff.user_id, done=3, total=10)
    answer = staff_of(journey).get(f"{API}jobs/{job.pk}/")
    assert answer.json() == {
        "id": str(job.pk), "state": "queued", "done": 3, "total": 10, "result_url": None, "error": "",
    }  # fmt: skip
    assert staff_of(journey, "staff2").get(f"{API}jobs/{job.pk}/").status_code == 404


def test_moments_carry_an_offset_and_money_is_whole_fen(journey: Journey) -> None:
    referral = staff_of(journey).post(f"{API}referrals/", request_body(journey)).json()
    for text in (referral["deadline"], referral["submitted_at"], referral["windows"][0]["starts_at"]):
        assert text.endswith("+08:00"), text
    assert {type(referral["quote"][name]) for name in ("fee_fen", "subsidy_fen", "self_fen")} == {int}
    [offer] = office_of(journey).get(f"{API}partner/offers/").json()["results"]
    assert offer["windows"][0]["starts_at"][-6] in "+-"
