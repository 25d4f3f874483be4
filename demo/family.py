"""Relatives and children of the demo's people, with one open question and one given consent."""

from datetime import date, datetime, timedelta

from accounts.actor import Actor
from demo.persons import Names
from families.models import Relation
from families.workflow import answer_consent, ask_consent, register_child, register_relative
from kernel.clock import as_of

_BEFORE = timedelta(days=1)


def name_family(person: Actor, names: Names, *, number: int, today: datetime) -> str:
    """Name the family of ``person`` in the open school; returns the secret of the one open link (``emergency``).

    ``number`` tells the schools apart, 0 to 9. Asked yesterday, so that the page shows a question on its way.
    """
    # Like every number of the demo: 199 and a block that no carrier hands out.
    with as_of(today - _BEFORE):
        spouse = register_relative(
            actor=person, relation=Relation.SPOUSE, name=names.new(), phone=f"1990009{number}001"
        )
        mother = register_relative(
            actor=person, relation=Relation.PARENT, name=names.new(), phone=f"1990009{number}002"
        )
        register_child(actor=person, name=names.new(person.display_name[0]), born=date(today.year - 8, 5, 20))
        tips = ask_consent(actor=person, relative_id=mother.pk, purpose="tips")
        answer_consent(token=tips, answer="agree")
        return ask_consent(actor=person, relative_id=spouse.pk, purpose="emergency")
