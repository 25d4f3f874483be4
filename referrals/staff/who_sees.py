"""Before a request is sent: which agencies see what of it, each by its name, and what they learn of who pays (books §2)."""

from datetime import date
from typing import Any

from accounts.actor import Actor
from kernel.errors import DomainError
from partners.models import Service
from referrals import texts
from referrals.kinds import KINDS
from referrals.models import ReferralDraft
from referrals.staff.drafts import first_day, others_of
from referrals.staff.forms import TimesForm
from referrals.subsidies.quoting import quote
from tenancy.models import Tenant
from ui.names import named


def who_sees(actor: Actor, tenant: Tenant, draft: ReferralDraft, times: TimesForm) -> dict[str, Any]:
    """``see_rows`` and ``share_seen`` of the consent page; ``times`` are checked. Without a price nothing is said of it."""
    service, asked = draft.service, times.cleaned_data
    others = Service.objects.select_related("institution").filter(pk__in=others_of(tenant, service, draft.answers))
    return {
        "see_rows": texts.see_rows(
            service.kind,
            named(service.institution),
            others=[named(row.institution) for row in others],
            has_child=KINDS[service.kind].for_child,
        ),
        "share_seen": _share(actor, tenant, service, first_day(tenant, times), asked),
    }


def _share(actor: Actor, tenant: Tenant, service: Service, day: date, asked: dict[str, Any]) -> str:
    try:
        priced = quote(
            actor=actor,
            tenant=tenant,
            service_id=service.pk,
            units=asked["units"],
            service_date=day,
            child_id=asked.get("child"),
        )
    except DomainError:  # it says why where it is priced
        return ""
    return texts.share_seen(priced.decision.subsidy_fen, priced.decision.self_fen)
