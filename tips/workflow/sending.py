"""Letters: written when they are due, handed over once, ended with a word (books §6).

A letter is marked as taken, and that commits, before the mailer gets it; only a mailer that said no gives it back. So a
worker that dies in between costs this one letter, and nobody gets a tip twice: the opposite of the outbox, which loses
nothing and may send again. Locks: consent → subscription → letter.
"""

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from audit import record
from families import links
from families.models import Consent, FamilyLink
from families.purposes import Purpose
from families.states import ConsentState
from families.workflow import end_by_time
from kernel.clock import now
from notifications.providers.mail import Mail
from notifications.providers.ports import Failed, Page
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from tips import rules
from tips.letters import Written, code_letter, last_letter, tips_letter
from tips.models import MAIL, PAGE, Given, Letter, LetterKind, LetterState, Subscription
from tips.pages import titled, waiting
from tips.ways import mail_is_offered, send_code
from tips.workflow.wanting import close, code_index, new_code

LINK_LIFE: Final = timedelta(days=400)
"""Of the link in a letter: longer than the year after which letters end."""
_NO_MARK: Final = "no_mark"


class _Taken(NamedTuple):
    letter: Letter
    to: str
    written: Written


@transaction.atomic
def look_after(*, subscription_id: UUID) -> bool:
    """Do what the day asks of one subscription: end it, or write its next letter. True when something was written.

    Looks at dates and at the agreement itself, never at what an earlier round should have written.
    """
    found = Subscription.objects.filter(pk=subscription_id).first()
    if found is None:
        return False
    consent = Consent.objects.select_for_update(no_key=True).select_related("person").get(pk=found.consent_id)
    wanted = Subscription.objects.select_for_update(no_key=True).filter(pk=found.pk, ended_at__isnull=True).first()
    if wanted is None:
        return False
    school = Tenant.objects.get(pk=current_tenant_id())
    moment = now()
    local = rules.local_of(moment, school.time_zone)
    is_lapsed = wanted.confirmed_at is None and moment - wanted.seen_at >= rules.A_DAY
    if consent.state != ConsentState.GIVEN or is_lapsed:
        _close(wanted, rules.End.STOPPED, moment)
        return True
    if over := _why_over(wanted, consent, school, local.date()):
        return _end_with_a_word(wanted, consent, over, moment)
    can_come = wanted.channel == PAGE or mail_is_offered()
    wrote = wanted.confirmed_at is not None and can_come and _write_next(wanted, school, moment)
    Subscription.objects.filter(pk=wanted.pk).update(next_at=rules.next_opening(local))
    return wrote


def send_letter(*, letter_id: UUID) -> bool:
    """Hand one letter to the mailer, if it still should go and may go now. True when the mailer took it."""
    taken = _take(letter_id)
    if taken is None:
        return False
    if taken.letter.channel == PAGE:  # the one thing that goes to a number: the code, and nothing tells whether it left
        send_code(taken.to, taken.written.text)
        _settle(taken.letter, "")
        return True
    school = Tenant.objects.get(pk=current_tenant_id())
    outcome = Mail().send(
        Page(
            key=str(taken.letter.pk),
            channel=taken.letter.channel,
            to=taken.to,
            school=school.slug,
            kind="tips",
            subject=taken.written.subject,
            text=taken.written.text,
            headers=taken.written.headers,
            written_at=taken.letter.created_at,
        ),
        at=now(),
    )
    _settle(taken.letter, outcome.code if isinstance(outcome, Failed) else "")
    return not isinstance(outcome, Failed)


@transaction.atomic
def call_lost(*, letter_id: UUID) -> bool:
    """A worker died with this letter in hand: it may have gone out, so it is not sent again."""
    stale = Letter.objects.filter(pk=letter_id, state=LetterState.SENDING, taken_at__lte=now() - rules.IS_LOST)
    return bool(stale.update(state=LetterState.LOST))


def _why_over(wanted: Subscription, consent: Consent, school: Tenant, today: date) -> rules.End | None:
    return rules.why_over(
        seen=school.day_of(wanted.seen_at),
        left_on=consent.person.left_on,
        today=today,
        months=school.settings.tips_unread_months,
    )


def _end_with_a_word(wanted: Subscription, consent: Consent, why: rules.End, moment: datetime) -> bool:
    """The agreement to tips ends, no other; one last letter says so to an address that was proven."""
    end_by_time(consent_id=consent.pk, purpose=Purpose.TIPS)
    if wanted.confirmed_at is not None and wanted.channel == MAIL and mail_is_offered():
        Letter.objects.bulk_create(
            [Letter(subscription=wanted, kind=LetterKind.LAST, address_index=wanted.address_index)],
            ignore_conflicts=True,
        )
        _close(wanted, why, moment)
    else:
        _close(wanted, rules.End.STOPPED, moment)
    return True


def _close(wanted: Subscription, why: rules.End, moment: datetime) -> None:
    close(wanted, why, moment)
    record(actor=None, action="tips.end", obj=wanted, facts={"why": why.value})


def _write_next(wanted: Subscription, school: Tenant, moment: datetime) -> bool:
    local = rules.local_of(moment, school.time_zone)
    if not rules.is_letter_time(local):
        return False
    before = Letter.objects.filter(address_index=wanted.address_index, kind=LetterKind.TIPS)
    last = before.exclude(state__in=(LetterState.DROPPED, LetterState.GIVEN_UP)).aggregate(at=Max("created_at"))["at"]
    if not rules.is_time_between(last, moment, wanted.rhythm):
        return False
    today = local.date()
    had = Given.objects.filter(address_index=wanted.address_index)
    sent_on = had.exclude(series=None).values_list("series_id").annotate(at=Max("letter__created_at")).order_by()
    assert wanted.confirmed_at is not None
    tips = rules.chosen(
        waiting(today),
        had=set(had.values_list("page", flat=True)),
        sent_on={str(series): school.day_of(at) for series, at in sent_on},
        since=school.day_of(wanted.confirmed_at),
        today=today,
        rhythm=wanted.rhythm,
    )
    if not tips:
        return False
    letter = Letter(
        subscription=wanted, channel=wanted.channel, kind=LetterKind.TIPS, address_index=wanted.address_index,
        week=rules.week_of(today),
    )  # fmt: skip
    if wanted.channel == PAGE:  # it stands on the page from now on: nothing leaves
        letter.state, letter.taken_at = LetterState.SENT, moment
    Letter.objects.bulk_create([letter], ignore_conflicts=True)
    if not Letter.objects.filter(pk=letter.pk).exists():  # this address had its letter of the week
        return False
    Given.objects.bulk_create(
        Given(letter=letter, series_id=tip.series, address_index=letter.address_index, page=tip.page_id, place=place)
        for place, tip in enumerate(tips, 1)
    )
    return True


@transaction.atomic
def _take(letter_id: UUID) -> _Taken | None:
    """The letter in hand, marked as such; None when it may not go now, or no more."""
    found = Letter.objects.select_related("subscription").filter(pk=letter_id).first()
    if found is None:
        return None
    consent = (
        Consent.objects.select_for_update(no_key=True).select_related("person").get(pk=found.subscription.consent_id)
    )
    wanted = Subscription.objects.select_for_update(no_key=True).get(pk=found.subscription_id)
    letter = Letter.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=letter_id).first()
    moment = now()
    if letter is None or letter.state != LetterState.DUE or letter.next_at > moment:
        return None
    school = Tenant.objects.get(pk=current_tenant_id())
    local = rules.local_of(moment, school.time_zone)
    if letter.kind == LetterKind.CODE and letter.channel == PAGE and not rules.is_open(local):
        _drop(letter)  # nobody's telephone rings at night for a code that was asked hours ago
        return None
    if letter.kind != LetterKind.CODE and not rules.is_open(local):
        Letter.objects.filter(pk=letter.pk).update(next_at=rules.next_opening(local))
        return None
    written = _written(letter, wanted, consent, school, local)
    if written is None:
        _drop(letter)
        return None
    to = wanted.address
    letter.state, letter.taken_at, letter.sends = LetterState.SENDING, moment, letter.sends + 1
    letter.save(update_fields=["state", "taken_at", "sends"])
    return _Taken(letter, to, written)


def _written(letter: Letter, wanted: Subscription, consent: Consent, school: Tenant, local: datetime) -> Written | None:
    """What stands in the letter; None when it should not go any more, whatever was meant when it was written."""
    if not wanted.address:
        return None
    if letter.kind == LetterKind.LAST:
        return last_letter(school, why=rules.End(wanted.ended_why))
    if wanted.ended_at is not None or consent.state != ConsentState.GIVEN:
        return None
    if letter.kind == LetterKind.CODE:
        code = new_code()
        wanted.code_hash, wanted.code_tries = code_index(wanted.pk, code), 0
        wanted.code_until = now() + rules.CODE_LIVES
        wanted.save(update_fields=["code_hash", "code_tries", "code_until"])
        return Written("", code) if letter.channel == PAGE else code_letter(school, code)
    if not rules.is_letter_time(local) or letter.week != rules.week_of(local.date()):
        return None
    if _why_over(wanted, consent, school, local.date()):
        return None
    pages = titled(letter.tips.order_by("place").values_list("page", flat=True))
    tips = [pages[given.page] for given in letter.tips.order_by("place") if given.page in pages]
    if not tips:
        return None
    token = links.issue(consent, FamilyLink.Act.READ, LINK_LIFE)
    return tips_letter(school, tips, token=token)


def _drop(letter: Letter) -> None:
    """It never went: its tips may come in another one."""
    Given.objects.filter(letter=letter).delete()
    Letter.objects.filter(pk=letter.pk).update(state=LetterState.DROPPED)
    _forget_address(letter)


@transaction.atomic
def _settle(letter: Letter, trouble: str) -> None:
    """How it went, as this worker took it: what was called lost meanwhile stays lost."""
    mine = Letter.objects.filter(pk=letter.pk, state=LetterState.SENDING, sends=letter.sends)
    if not trouble:
        mine.update(state=LetterState.SENT, trouble="")
    elif trouble == _NO_MARK:  # nothing was tried: it waits for the mark
        mine.update(state=LetterState.DUE, trouble=trouble, sends=letter.sends - 1, next_at=now() + timedelta(hours=1))
        return
    elif letter.sends >= rules.MOST_SENDS:
        if mine.update(state=LetterState.GIVEN_UP, trouble=trouble):
            Given.objects.filter(letter=letter).delete()
    else:
        wait = timedelta(minutes=1 << letter.sends)
        mine.update(state=LetterState.DUE, trouble=trouble, next_at=now() + wait)
        return
    _forget_address(letter)


def _forget_address(letter: Letter) -> None:
    """After the last word nobody needs the address any more."""
    if letter.kind == LetterKind.LAST:
        Subscription.objects.filter(pk=letter.subscription_id).update(address_sealed=b"")
