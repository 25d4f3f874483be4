"""What is owed about an incident as people read it: what, until when, whose word for a delay waits; the board's list of all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.same_person import same_member
from referrals.emergency.centre.incident_reading import Read
from referrals.emergency.centre.incident_shown import long_text, minutes, minutes_left
from referrals.emergency.incident_texts import Text
from referrals.emergency.models import WatchTask
from referrals.emergency.rules.tasks import NOT_PUT_OFF, TaskKind
from referrals.emergency.workflow.standing import known_to
from referrals.emergency.workflow.tasks import first_words

_TEXTS: Final[dict[str, Text]] = {
    TaskKind.WATCH: gettext_lazy("Look again how the person is"),
    TaskKind.TELL_BOTH: gettext_lazy("Tell the person, and the contact why they were called"),
    TaskKind.TELL: gettext_lazy("Tell the person who was told what"),
    TaskKind.PLAN: gettext_lazy("Write the agreed plan"),
    TaskKind.REVIEW: gettext_lazy("Write the review of the case"),
    TaskKind.COLLEAGUES: gettext_lazy("Offer help to colleagues who were close to it"),
}


def task_text(task: WatchTask) -> Text:
    """What is to be done."""
    return _TEXTS[task.kind]


@dataclass(frozen=True, slots=True)
class ShownTask:
    """One task. ``clock``: how long there is, or how long it is overdue. ``asked_by``: who wants it put off, ``""`` nobody."""

    task: WatchTask
    text: Text
    clock: str
    is_overdue: bool
    asked_by: str = ""
    may_agree: bool = False

    @property
    def may_be_put_off(self) -> bool:
        """Only what could hurt somebody now (``rules.tasks``)."""
        return self.task.kind not in NOT_PUT_OFF

    @property
    def is_plan(self) -> bool:
        """Done by writing it."""
        return self.task.kind == TaskKind.PLAN

    @property
    def is_review(self) -> bool:
        """Done by writing it."""
        return self.task.kind == TaskKind.REVIEW


def shown_task(task: WatchTask, moment: datetime, read: Read | None = None, asked_by: UUID | None = None) -> ShownTask:
    """In words, at ``moment`` of the chain's clock. ``asked_by``: whose word that it may wait counts now."""
    late = task.due_at <= moment
    left = long_text(minutes(moment - task.due_at) if late else minutes_left(task.due_at, moment))
    clock = (_("%(time)s overdue") if late else _("%(time)s left")) % {"time": left}
    if read is None:
        return ShownTask(task, task_text(task), clock, late)
    other = asked_by is not None and not same_member(asked_by, read.actor.membership_id)
    return ShownTask(task, task_text(task), clock, late, read.name(asked_by), other)


def tasks_of(read: Read) -> list[ShownTask]:
    """Of one incident, what falls due first on top."""
    words = first_words(read.incident, read.tasks, read.moment)
    return [shown_task(task, read.moment, read, words.get(task.pk)) for task in read.tasks]


def all_tasks(actor: Actor, moment: datetime, most: int = 100) -> list[ShownTask]:
    """Of every incident that the reader may know of, also of those that have ended; the most urgent first."""
    rows = WatchTask.objects.filter(done_at=None, incident__in=known_to(actor.membership_id))
    rows = rows.select_related("incident").order_by("due_at", "pk")
    return [shown_task(task, moment) for task in rows[:most]]
