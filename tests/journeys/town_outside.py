"""People outside whom the chain has called, in every way that their link can stand."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from kernel.identifiers import uuid7
from referrals.emergency import secrets
from referrals.emergency.models import Incident, Leg, LegStep, Recipient
from referrals.emergency.workflow import holding, outside
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.outside import Said
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from vault import own_key

NUMBER = "+8657185550201"
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"
WORDS = "昨晚说过具体的办法，药在床头抽屉里。愿意和医生谈，不愿意家人在场。"


def outside_paths(journey: Journey) -> dict[str, str]:
    """Addresses of links by how they stand. The school is open; the rows are put there, the answers are given."""
    duty = actor_of(make_person(journey.tenant, "staff", "duty", name="沈值班"))
    links: dict[str, Recipient] = {}
    for number, name in enumerate(
        (
            "ask",
            "card",
            "there",
            "done",
            "family",
            "community",
            "prove",
            "rung",
            "taken",
            "held",
            "declined",
            "wrong",
            "past",
            "over",
        )
    ):
        kind = name if name in ("family", "community") else "medical"
        links[name] = _called(journey, number, kind)
        if name in ("card", "there", "done", "family", "community", "prove", "rung", "over"):
            outside.answer(recipient_id=links[name].pk, said=Said.TAKE, eta=15, name="李护士")
    holding.write_card_words(actor=duty, incident_id=links["card"].leg.incident_id, kind="medical", words=WORDS)
    outside.arrived(recipient_id=links["there"].pk)
    outside.done(recipient_id=links["done"].pk)
    outside.answer(recipient_id=_also(links["taken"]).pk, said=Said.TAKE)
    holding.hold(actor=duty, incident_id=links["held"].leg.incident_id, kind="medical", reason=REASON)
    outside.answer(recipient_id=links["declined"].pk, said=Said.DECLINE)
    outside.answer(recipient_id=links["wrong"].pk, said=Said.WRONG_NUMBER)
    Leg.objects.filter(pk=links["past"].leg_id).update(epoch=2)
    Leg.objects.filter(pk=links["over"].leg_id).update(state="closed", next_event="", next_at=None, since=chain_now())
    return {f"outside_{name}": f"/a/{secrets.token_of(row.pk)}/" for name, row in links.items()}


def _called(journey: Journey, number: int, kind: str) -> Recipient:
    moment = chain_now()
    person = make_person(journey.tenant, "staff", name=f"陈小{'一二三四五六七八九十甲乙丙丁'[number]}")
    incident = Incident(
        pk=uuid7(), number=f"T-{number:04d}", person=person, kind="psychological", suggested="extreme", grade="extreme",
        state="open", place="home", company="child", can_be_asked=True, found_at=moment, next_event="contact_due",
        next_at=moment + timedelta(hours=200),
    )  # fmt: skip
    incident.own_key = own_key.new_key(cast(UUID, incident.tenant_id), Incident._meta.db_table, incident.pk)
    incident.write_words("place", "翠苑一区 3 幢 2 单元 501，门反锁")
    if kind == "family":
        incident.write_words("meeting_place", "学校东门传达室，沈老师在那里等您")
    incident.save(force_insert=True)
    given: dict[str, Any] = {
        "incident": incident, "state": "paging", "grade": "extreme", "position": 0, "next_event": "step_due",
        "next_at": moment + timedelta(minutes=58),
    }  # fmt: skip
    Leg.objects.create(kind="school", owner=person, **(given | {"state": "acknowledged", "next_event": "engage_ask"}))
    leg = Leg.objects.create(kind=kind, **given)
    step = LegStep.objects.create(leg=leg, position=0, rule={}, channels=["sms"])
    return _recipient(leg, step, b"1" * 32)


def _recipient(leg: Leg, step: LegStep, target: bytes) -> Recipient:
    recipient = Recipient(pk=uuid7(), leg=leg, step=step, round=0, target_hash=target, role="partner")
    recipient.token_hash = secrets.token_hash(secrets.token_of(recipient.pk))
    recipient.code_hash = secrets.code_hash(secrets.code_of(recipient.pk))
    recipient.shown_number = secrets.shown_number_of(recipient.pk)
    recipient.address = NUMBER
    recipient.save(force_insert=True)
    return recipient


def _also(first: Recipient) -> Recipient:
    """Somebody else who was called on the same leg."""
    return _recipient(first.leg, first.step, b"2" * 32)
