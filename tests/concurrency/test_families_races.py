"""Concurrent answers and entries: a family link acts once, a child is one row."""

import threading
from datetime import date

from django.db import connection

from families.models import Child, FamilyLink, Guardianship
from families.workflow import answer_consent, ask_consent, register_child, register_relative
from kernel.errors import DomainError
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school

PHONE = "13800138000"


def at_once(count, act):
    """Run ``act`` in ``count`` threads; returns results and errors."""
    start, outcomes = threading.Barrier(count), []

    def run():
        try:
            start.wait()
            outcomes.append(act())
        except DomainError as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_link_pressed_by_many_at_once_acts_once(committed):
    school = make_school()
    with use_tenant(school.id):
        actor = actor_of(make_person(school))
        mother = register_relative(actor=actor, relation="parent", name="王秀英", phone=PHONE)
        token = ask_consent(actor=actor, relative_id=mother.pk, purpose="tips")

    def press():
        with use_tenant(school.id):
            return answer_consent(token=token, answer="agree")

    outcomes = at_once(8, press)
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert {outcome.reason for outcome in outcomes if isinstance(outcome, Exception)} == {"link_used"}
    with use_tenant(school.id):
        assert FamilyLink.objects.filter(act="withdraw").count() == 1


def test_two_parents_who_press_at_once_have_one_child(committed):
    school = make_school()
    parents = [actor_of(make_person(school)) for _ in range(2)]
    waiting = list(parents)

    def press():
        with use_tenant(school.id):
            return register_child(actor=waiting.pop(), name="李小红", born=date(2019, 3, 4))

    one, two = at_once(2, press)
    assert one == two
    with use_tenant(school.id):
        assert Child.objects.count() == 1
        assert Guardianship.objects.count() == 2
