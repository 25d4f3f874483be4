"""Emergency contacts of the demo's people: most agreed, some asked, some missing; one person keeps a list of never."""

from datetime import datetime, timedelta

from accounts.actor import Actor
from demo.persons import Names
from families.access import relatives_of
from families.models import Relation
from families.workflow import answer_consent, register_relative
from kernel.clock import as_of
from referrals.emergency.selectors import communities_on
from referrals.emergency.workflow.communities import set_community
from referrals.emergency.workflow.contacts import add_contact, ask_contact, call_first
from referrals.emergency.workflow.never import bar_number
from tenancy.models import Tenant

_SOME_TIME_AGO = timedelta(days=40)
_USUAL = ("major", "extreme")


def name_contacts(
    person: Actor, staff: list[Actor], names: Names, *, school: Tenant, number: int, today: datetime
) -> None:
    """Contacts in the open school, for ``person`` (whose family stands, ``demo.family``) and for most of ``staff``.

    Husband or wife comes first and has not answered yet: their link is the demo's open one. The mother agreed.
    """
    spouse, mother = relatives_of(person)
    with as_of(today - _SOME_TIME_AGO):
        agreed = add_contact(actor=person, relative_id=mother.pk, grades=_USUAL, is_of_age=True, is_next_of_kin="yes")
        answer_consent(token=ask_contact(actor=person, contact_id=agreed.pk), answer="agree")
        bar_number(actor=person, phone=f"1990008{number}900", label="以前的室友")
        for place, colleague in enumerate(staff):
            _name_one(colleague, names, place, number)
    asked = add_contact(actor=person, relative_id=spouse.pk, grades=_USUAL, is_of_age=True, is_next_of_kin="yes")
    call_first(actor=person, contact_id=asked.pk)
    station = communities_on(school.today()).first()
    if station is not None:
        set_community(actor=person, community_id=station.pk, street="和平里 12 幢 301")


def _name_one(colleague: Actor, names: Names, place: int, number: int) -> None:
    """Of five: three agreed, one is asked, one has nobody."""
    if place % 5 == 4:
        return
    relation = (Relation.SPOUSE, Relation.PARENT, Relation.SIBLING)[place % 3]
    # Like every number of the demo: 199 and a block that no carrier hands out.
    relative = register_relative(
        actor=colleague,
        relation=relation,
        name=names.new(),
        phone=f"1990008{number}{place:03d}",
    )
    contact = add_contact(actor=colleague, relative_id=relative.pk, grades=_USUAL, is_of_age=True, is_next_of_kin="yes")
    token = ask_contact(actor=colleague, contact_id=contact.pk)
    if place % 5 != 3:
        answer_consent(token=token, answer="agree")
