"""What a correction moves in the books: new split − old split of one unit, against what it was held under (books §2, §9)."""

from uuid import UUID

from accounts.actor import Actor, system_in
from kernel.errors import Refused
from ledger.keys import AccountKey, Book, Kind
from ledger.keys import Unit as CountedIn
from ledger.workflow import give_back, prepare_move, send_all
from referrals.models import Referral, Unit
from referrals.policy import UnitSplit
from referrals.states import UnitEvent, step
from referrals.subsidies.accounting import SPLIT, amounts_of, check_quota, is_closed, set_split, terms_of_referral
from tenancy.scope import current_tenant_id


def correct_unit(*, actor: Actor, referral: Referral, unit: Unit, new: UnitSplit, correction_id: UUID) -> None:
    """Book the difference and give the unit its right split. Accounts locked by the caller (``lock_accounts_of``).

    Less is refunded; of a closed year it leaves the books in the same act. More is spent of what is free. A unit that was
    not subsidised is reserved first, under its next attempt. Refused ``pool_used_up`` or ``quota_used_up`` when that is not
    there, ``year_closed`` when a closed year would have to pay more.
    """
    before, reference, holding = amounts_of(referral, unit), f"correction/{correction_id}", unit.quota
    was_held, old_subsidy = unit.is_in_books, unit.subsidy_fen
    scheme, year = terms_of_referral(referral).scheme, unit.budget_year
    closed = is_closed(scheme, year)
    if closed and new.subsidy_fen > old_subsidy:
        raise Refused("year_closed")
    unit.state = step(unit.state, UnitEvent.CORRECT)
    set_split(referral, unit, new)
    if unit.quota > holding:
        check_quota(referral, [unit], holding=holding)
    after = amounts_of(referral, unit)
    more = {key: after[key] - before.get(key, 0) for key in after if after[key] > before.get(key, 0)}
    less = {key: before[key] - after.get(key, 0) for key in before if before[key] > after.get(key, 0)}
    if more and not was_held:
        unit.attempt += 1
        unit.reservation = f"unit/{unit.referral_id}/{unit.index}/{unit.attempt}"
    plan: list[tuple[Kind, dict[AccountKey, int], str, str | None]] = []
    if less:
        plan.append((Kind.REFUND, less, "refund", unit.reservation))
    if more and was_held:
        plan.append((Kind.CORRECT, more, "more", unit.reservation))
    elif more:
        plan += [(Kind.RESERVE, more, "", None), (Kind.COMMIT, more, "commit", unit.reservation)]
    send_all(
        [
            prepare_move(
                actor=actor,
                kind=kind,
                amounts=amounts,
                reference=f"{reference}/{word}" if word else unit.reservation,
                against=against,
                service_date=unit.service_date,
            )
            for kind, amounts, word, against in plan
        ]
    )
    if closed and new.subsidy_fen < old_subsidy:
        give_back(
            actor=system_in(current_tenant_id()),
            account=AccountKey(Book.POOL, scheme, year, CountedIn.FEN),
            amount=old_subsidy - new.subsidy_fen,
            reference=f"{reference}/return",
            reason="closed",
        )
    unit.save(update_fields=["state", "attempt", "reservation", *SPLIT])
