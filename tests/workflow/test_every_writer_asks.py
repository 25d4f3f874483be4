"""Every writer asks for its permission itself: an actor without it gets Forbidden and no row moves, whatever stood in front.

The writers are found, not listed: a new one is called here by itself. One that asks for no permission stands in ``NO_PERMISSION`` with
the reason.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connections

from accounts.actor import Actor
from audit.models import AuditEntry
from families.workflow import register_child, register_relative
from kernel.clock import local_day, now
from kernel.errors import Forbidden
from referrals.emergency.workflow.contacts import add_contact
from referrals.emergency.workflow.never import bar_number
from referrals.models import Offer, Voucher
from tenancy.models import TenantModel
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey, soon
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db

DECIDING = "referral.decide."
ASKS = re.compile(r'require\(\s*actor,\s*(?:"([a-z.0-9_]+)"|f"([a-z.]+)|([A-Z_]+))')
NO_PERMISSION = {
    "ended by time": (
        "expire_voucher", "expire_offer", "expire_pending", "advance_agreements", "delete_ended_draft", "ask_if_solved",
        "close_unanswered", "pass_paused", "tell_paused", "pass_word", "leave_school",
    ),
    "ended with its institution": ("leave_ended", "answer_for_ended"),
    "part of another act, whose writer asks": (
        "move", "reserve", "commit", "fee", "release", "refund", "start", "record", "record_read", "refuse", "end_voucher",
        "release_all", "note_consent", "end_without_taker", "enrol", "entry_of", "prepare_move", "prepare_spend", "raise_grade",
        "hold_units", "hold_again", "release_units", "give_back", "rekey", "carry_units", "follow_days", "let_go",
        "call_community", "join", "write_incident", "charge", "charge_unit", "waive_unit", "call_off", "take_back", "use_up",
        "follow_course", "own_institution", "book", "confirm_pending", "colleague_of", "submit_in_place",
        "approve_now", "reprice", "decline_in_their_name", "locked_relative", "person_of",
        "leave", "gives_first", "correct", "correct_unit", "go_on", "own_numbers",
    ),
    "by which side of the appointment somebody is (test_rescheduling)": (
        "ask_reschedule", "accept_reschedule", "decline_reschedule", "withdraw_reschedule",
        "say_took_place",  # ``test_missed``
    ),
    "by who plays in the drill or leads it (test_drills)": ("confirm_briefing", "abort", "change_done"),
    "a use of one's own voucher (test_objections)": ("agree", "dispute", "withdraw_dispute"),
    "one's own row, found by who acts": (
        "request_cancel", "ask_code", "remove_phone", "issue_token", "revoke_token", "mark_read", "mark_all_read", "set_preferences",
    ),
    "hands on to one that asks": ("upload_roster", "preview_roster", "send_test"),
    "part of a writer of one's own contacts": ("locked_person",),
    # Who somebody is to this leg decides, not a role: ``rules.moves`` names them, ``test_moves`` and ``test_answering`` hold it.
    "asked by the table of a leg's moves": (
        "acknowledge", "engage", "decline", "dialled", "extend", "pass_on", "received", "sign_of_life", "hold", "lift",
        "write_meeting_place", "write_card_words", "report_done",
        # beside the calls: ``test_handing_over``, ``test_replacing``, ``test_by_hand`` and ``test_never_of_duty`` hold them
        "ask_to_take_over", "accept", "undo", "replace", "refuse_leg", "call_by_hand", "bar_in_incident",
        "read_out",  # ``test_reading_out``
        "lift_bar_of_duty",  # the seat of the centre's head: ``test_never_lifted``
    ),
    # ``referrals.emergency.duties`` says whose they are to arrange today; ``test_duty_changes`` holds it.
    "what one has to arrange, found by who acts": ("receive_duties", "arrange_duties"),
    # ``told.own_follow_ups`` says which are the person's own and told to them; ``test_follow_ups`` holds it.
    # ``workflow.companions._own`` finds the actor's own shift; ``test_companions`` holds it.
    "a companion's own shift": ("accept_companion", "decline_companion", "report_companion", "leave_companion"),
    "by which side asks: person, agency or union (test_claims)": ("claim_amount", "withdraw_claim", "use_of"),
    "asked by time, of whom somebody's leaving concerns": ("send_first_link", "ask_guardians"),
    "what one was asked, found by who acts (test_passing_on)": ("offered",),
    "the person's own word on what is theirs": ("choose_for_oneself",),
    # ``test_kits``: else ``kit.keep``, which they ask for.
    "what one keeps, found by who acts": ("put_item", "check_item", "remove_item"),
    "by either of two permissions": ("end_agreement", "check_letter", "number_letter"),  # ``test_cards`` holds the letters
    "reads only": (
        "plan_of", "plan_next", "review_ahead", "find_voucher", "proved_phone_of", "must_know", "must_speak_for", "who_is", "opened",
        "number_for", "leads_duty", "must_be_nameable", "first_report", "lifts_bars", "own_companions", "grants_known_to",
        "led", "proposed",
    ),
}  # fmt: skip
"""Functions that write for an actor and ask for no permission themselves, by reason."""


def modules() -> Iterator[ModuleType]:
    """Every module of ours that may hold a writer."""
    for config in apps.get_app_configs():
        root = config.name
        if "site-packages" in config.path:
            continue
        package = importlib.import_module(root)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{root}."):
            if not re.search(r"\.(migrations|management|api|views|tests|locale)(\.|$)|\.views_", found.name):
                yield importlib.import_module(found.name)


def functions() -> dict[str, Callable[..., Any]]:
    """Every public function that takes an ``actor`` by name, once."""
    found = {}
    for module in modules():
        for name, function in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(function) or function.__module__ != module.__name__:
                continue
            if "actor" in inspect.signature(function).parameters:
                found[f"{module.__name__}.{name}"] = function
    return found


FUNCTIONS = functions()


def permission_of(function: Callable[..., Any]) -> str:
    """The permission that the function asks for, or what it begins with; empty for none."""
    source = inspect.getsource(function)
    if "_require_decider(" in source:
        return DECIDING
    match = ASKS.search(source)
    if match is None:
        return ""
    return match[1] or match[2] or str(getattr(inspect.getmodule(function), match[3]))


WRITERS = {name: permission for name, function in FUNCTIONS.items() if (permission := permission_of(function))}


def test_the_writers_are_found() -> None:
    assert len(WRITERS) > 50
    assert {name.rpartition(".")[2] for name in WRITERS} >= {
        "submit_referral", "confirm_offer", "propose_times", "redeem", "reverse", "approve_policy", "grant",
        "withdraw_consent", "remove_department", "enter_appointment", "look_again", "approve_referral",
    }  # fmt: skip


def test_a_writer_that_asks_for_no_permission_is_named_with_its_reason() -> None:
    excused = {name for names in NO_PERMISSION.values() for name in names}
    assert excused <= {name.rpartition(".")[2] for name in FUNCTIONS}, "the list names a writer that is gone"
    mute = {
        name
        for name, function in FUNCTIONS.items()
        if name not in WRITERS
        and ("@transaction.atomic" in inspect.getsource(function) or ".workflow" in name)
        and name.rpartition(".")[2] not in excused
        and "access_" not in name
    }
    assert mute == set()


Ground = tuple[Actor, dict[str, Any]]


@pytest.fixture(scope="module")
def planted(own_database: None) -> Ground:
    journey = make_journey(make_school())
    with use_tenant(journey.tenant.id):
        return ground_of(journey)


@pytest.fixture
def ground(planted: Ground, db: None) -> Iterator[Ground]:
    """An actor who is somebody everywhere and may nothing, and a real row behind each name of a parameter."""
    with use_tenant(planted[0].tenant_id):
        yield deepcopy(planted)


def ground_of(journey: Journey) -> Ground:
    """What ``ground`` is, planted in the open school."""
    booking = answer(journey, ask(journey))
    waiting = ask(journey, units=4, days=3)
    member = journey.members["staff"]
    actor = Actor(
        user_id=member.user_id,
        tenant_id=journey.tenant.id,
        membership_id=member.pk,
        institution_id=journey.institution.pk,
    )
    relative = register_relative(actor=journey.staff, relation="spouse", name="王秀英", phone="13800138000")
    child = register_child(actor=journey.staff, name="小满", born=date(2019, 3, 4))
    contact = add_contact(actor=journey.staff, relative_id=relative.pk, grades=["extreme"], is_of_age=True)
    never = bar_number(actor=journey.staff, phone="13900139000")
    start, end = soon(days=9)
    return actor, {
        "tenant": journey.tenant,
        "referral_id": waiting.pk,
        "offer_id": Offer.objects.get(referral=booking.referral_id).pk,
        "voucher_id": Voucher.objects.get().pk,
        "policy_id": journey.policies["counselling"].pk,
        "agreement_id": journey.agreement.pk,
        "institution_id": journey.institution.pk,
        "partner_id": journey.institution.pk,
        "service_id": journey.counselling.pk,
        "relative_id": relative.pk,
        "child_id": child.pk,
        "contact_id": contact.pk,
        "never_id": never.pk,
        "text": Voucher.objects.get().code,
        "starts_at": start,
        "ends_at": end,
        "windows": [(start, end)],
        "service_date": local_day(start),
        "valid_from": local_day(now()) + timedelta(days=40),
        "reason": "talk_first",
        "consent": ["referral"],
        "zone": journey.tenant.time_zone,
    }


def value_for(name: str, parameter: inspect.Parameter, known: dict[str, Any]) -> Any:
    """The row's own value, else something of the right shape."""
    if name in known:
        return known[name]
    shape = str(parameter.annotation)
    for word, value in (
        ("UUID", uuid4()), ("date", local_day(now())), ("bool", False), ("int", 1), ("Sequence", []),
        ("Iterable", []), ("Mapping", {}), ("dict", {}), ("list", []), ("str", "x"),
    ):  # fmt: skip
        if word in shape:
            return value
    return None


def rows() -> dict[str, int]:
    """How many rows there are of everything, by table, the record too; the refusal itself is written by the edge, not by the
    writer. One statement, for this is asked after each of hundreds.
    """
    tables = {
        model._meta.db_table
        for model in apps.get_models()
        if issubclass(model, TenantModel) or model.__module__.startswith(("partners", "accounts", "tenancy"))
    }
    counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in sorted(tables))
    with connections["default"].cursor() as cursor:
        cursor.execute(counts)
        return dict(cursor.fetchall())


@pytest.fixture(scope="module")
def before(planted: Ground) -> dict[str, int]:
    """What was planted; every test is undone."""
    with use_tenant(planted[0].tenant_id):
        return rows()


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_an_actor_without_the_permission_is_forbidden_and_no_row_moves(
    name: str, ground: Ground, before: dict[str, int]
) -> None:
    actor, known = ground
    if WRITERS[name] == DECIDING:  # one's own request is found, and decided by somebody else
        actor = replace(actor, roles=frozenset({"staff"}))
    function = FUNCTIONS[name]
    given = {
        key: actor if key == "actor" else value_for(key, parameter, known)
        for key, parameter in inspect.signature(function).parameters.items()
        if key == "actor"
        or (parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.VAR_KEYWORD)
    }
    positional = [
        given.pop(key)
        for key, parameter in inspect.signature(function).parameters.items()
        if key in given and parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    with pytest.raises(Forbidden) as refused:
        function(*positional, **given)
    assert str(refused.value.params.get("permission", "")).startswith(WRITERS[name])
    assert rows() == before
    assert before[AuditEntry._meta.db_table] > 0
