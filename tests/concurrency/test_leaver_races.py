"""Two clicks on "send a new link" in the same second: one link, one letter (books §4)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Membership
from kernel.errors import TooMany
from notifications.models import OutboxMessage
from referrals.workflow import leaver_links
from referrals.workflow.leaver_links import send_link_again
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school

pytestmark = pytest.mark.usefixtures("committed")


def clicked(monkeypatch: pytest.MonkeyPatch | None = None) -> tuple[int, int]:
    """How many of four clicks were refused, and how many letters wait."""
    school = make_school()
    with use_tenant(school.id):
        admin, member = actor_of(make_person(school, "admin")), make_person(school)
        Membership.objects.filter(pk=member.pk).update(left_on=school.today() - timedelta(days=1))

    def send() -> Any:
        return send_link_again(actor=admin, tenant=school, membership_id=member.pk)

    said = at_once(school, [send] * 4)
    with use_tenant(school.id):
        letters = OutboxMessage.objects.filter(template="leaver_link").count()
    return sum(isinstance(one, TooMany) for one in said), letters


def test_one_of_four_clicks_sends() -> None:
    assert clicked() == (3, 1)


def test_control_without_the_lock_several_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaver_links, "_locked", lambda pk: Membership.objects.get(pk=pk))
    refused, letters = clicked()
    assert refused < 3 or letters > 1
